"""Moments that no calendar has: PostgreSQL's ``infinity`` and years before Christ, MySQL's 0000-00-00.

They are kept as the text that the database writes, so that it can be asked with them again, and mean no date.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format


class NoMoment(str):
    """A database's text of a moment that is none."""

    __slots__ = ()

    @property
    def is_ahead(self) -> bool:
        """Beyond the last year that Python has; otherwise before the first, or of year, month or day nought."""
        return not self.startswith(("-", "0")) and not self.endswith("BC") and "-00" not in self


def read_moments_beyond(connection: Connection[Any], _record: object) -> None:
    """Lets a connection of psycopg's read what it would refuse a whole page for."""
    for name in ("date", "timestamp", "timestamptz"):
        known = connection.adapters.get_loader(connection.adapters.types[name].oid, Format.TEXT)
        assert known is not None
        connection.adapters.register_loader(name, _forgiving(known))


def _forgiving(known: type[Any]) -> type[Loader]:
    class Forgiving(Loader):
        """Reads as the driver does, and leaves as text what Python has no moment for."""

        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._known = known(oid, context)

        def load(self, data: Buffer) -> object:
            try:
                found: object = self._known.load(data)
            except DataError:
                return NoMoment(bytes(data).decode())
            return found

    return Forgiving
