"""The command line: what an operator does without a browser, in the reader's language, fit for scripts.

Invariants: results go to stdout and everything else to stderr; ``--json`` prints one document; the exit code tells
done (0), refused (1), wrong usage (2) and a fault of the machine (3); no password is ever an argument.
"""

from tongmai.cli.main import build, main

__all__ = ["build", "main"]
