"""What was found, for people and for other programs: terminal, JSON, JUnit, SARIF, HTML.

Each report is a pure function of the plain result of a sweep, or of the object of `kmodrun run --json`: the same data
give the same text, and no time of day, duration or colour is in it that the caller did not ask for.
"""
