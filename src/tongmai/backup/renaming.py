"""A dump's SQL for a schema of another name: statements are rewritten, rows are passed on as they are.

A schema's name stands in its functions' bodies and in defaults too, so that renaming it afterwards would leave those
behind. It is a key of ours, ``w_`` and lower-case letters, digits and underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_COPY = re.compile(rb"^COPY .* FROM stdin;\r?\n?$")
_END = b"\\."


class SchemaRenamer:
    """Takes the lines of a dump one after the other."""

    def __init__(self, old: str, new: str) -> None:
        self._name = re.compile(rb'(?<![A-Za-z0-9_$.])"?' + re.escape(old.encode()) + rb'"?(?![A-Za-z0-9_$])')
        self._new = new.encode()
        self._same = old == new
        self._in_rows = False

    def line(self, line: bytes) -> bytes:
        """The line as it is to be run."""
        if self._in_rows:
            self._in_rows = line.rstrip(b"\r\n") != _END
            return line
        renamed = line if self._same else self._name.sub(self._new, line)
        self._in_rows = _COPY.match(renamed) is not None
        return renamed

    def lines(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        return map(self.line, lines)
