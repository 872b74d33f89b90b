"""One thing that a vendor told when it was asked, on its way to a raw row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tongmai.link.source import RawRow
from tongmai.link.vendors.json_objects import JsonObject


@dataclass(frozen=True, slots=True)
class Reading:
    """``key`` stays the same when it is told again; ``body`` is the vendor's own JSON, ``at`` the moment it speaks
    of."""

    stream: str
    key: str
    body: JsonObject
    at: datetime | None = None

    def row(self) -> RawRow:
        """The moment stands among what it says, for mappings to name."""
        body = self.body if self.at is None else self.body | {"at": self.at.isoformat()}
        return RawRow(self.key, body, self.at)
