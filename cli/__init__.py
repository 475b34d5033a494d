"""The command line: one file per command, and nothing imported before the chosen command asks for it."""
