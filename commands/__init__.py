"""The command line: one module a command. Each prints what it found, or ends with one line and exit status 2."""
