"""Fault injection: a plan says when, for whom and where an allocation, or a function that may fail, fails."""
