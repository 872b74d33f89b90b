"""Raw rows written: what is new by COPY, other versions of known rows in their place.

The caller holds the stream's lock, so that what was not there when it was looked for is not there when it is written.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import orjson

from tongmai.link.raw_ready import ReadyRow
from tongmai.link.raw_shelves import NO_MONTH, ends_at, month_of
from tongmai.link.source import Shelf
from tongmai.store import Workspace, WriteTx, make_raw_months

_COLUMNS = ("key", "version", "body", "deleted", "at", "month", "seq", "source", "stream", "came_at", "shelf")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# PostgreSQL takes a document of up to 256 MB.
_MOST_BYTES = 8 * 1024 * 1024
_LINES = 500


class _Known(NamedTuple):
    version: bytes
    month: date


class _Placed(NamedTuple):
    """A row with the month it lies in, as PostgreSQL reads it, and its ``seq``."""

    row: ReadyRow
    month: str
    seq: int = 0


@dataclass(frozen=True, slots=True)
class RawWriting:
    """Of one stream, in the caller's transaction."""

    tx: WriteTx
    workspace: Workspace
    source: str
    stream: str
    shelf: Shelf
    now: datetime

    async def put(self, rows: Sequence[ReadyRow]) -> tuple[int, int]:
        """Writes the rows that are new and the other versions of those known; how many of each. No key comes twice."""
        months = [month_of(self.shelf, row.at, self.now) for row in rows]
        if self.shelf != "standing":
            wanted = {month for month in months if month is not None}
            await make_raw_months(self.tx, self.workspace.quoted_schema, self.shelf, wanted)
        placed = [_Placed(row, str(month or NO_MONTH)) for row, month in zip(rows, months, strict=True)]
        known = await self._known(placed)
        fresh = [
            each for each in placed if each.row.key not in known or known[each.row.key].version != each.row.version
        ]
        placed = [each._replace(seq=seq) for each, seq in zip(fresh, await self._drawn(len(fresh)), strict=True)]
        new = [each for each in placed if each.row.key not in known]
        if new:
            await self.tx.copy_text(self.workspace.schema, "_raw", _COLUMNS, self._lines(new))
        await self._change([each for each in placed if each.row.key in known], known)
        if placed:
            await ends_at(self.tx, self.workspace.quoted_schema, self.source, self.stream, placed[-1].seq)
        return len(new), len(placed) - len(new)

    async def _known(self, placed: Sequence[_Placed]) -> Mapping[str, _Known]:
        """Those of the rows that are there. What passes may be in any month that is; all others are in theirs."""
        wanted = {each.row.key: each.month for each in placed}
        months = None if self.shelf == "passing" else sorted(set(wanted.values()))
        # All keys in one walk along the index; the months it may open are known when it is planned.
        of_months = "$5::text[] IS NULL" if months is None else "r.month = ANY($5::text[]::date[])"
        rows = await self.tx.fetch(
            f"SELECT r.key, r.version, r.month, r.month::text AS written FROM {self._raw} AS r"
            f" WHERE r.source = $1 AND r.stream = $2 AND r.shelf = $3 AND r.key = ANY($4) AND {of_months}",
            self.source, self.stream, self.shelf, list(wanted), months,
        )  # fmt: skip
        return {
            row["key"]: _Known(row["version"], row["month"])
            for row in rows
            if months is None or wanted[row["key"]] == row["written"]
        }

    async def _drawn(self, count: int) -> list[int]:
        """So many numbers of the order in which rows came."""
        rows = await self.tx.fetch(f"SELECT nextval('{self._raw}_seq') FROM generate_series(1, $1)", count)
        return [row[0] for row in rows]

    async def _lines(self, new: Sequence[_Placed]) -> AsyncIterator[bytes]:
        """COPY's text."""
        names = "\t".join(each.translate(_ESCAPES) for each in (self.source, self.stream))
        tail = f"\t{names}\t{self.now.isoformat()}\t{self.shelf}\n".encode()
        for start in range(0, len(new), _LINES):
            yield b"".join(_line(each) + tail for each in new[start : start + _LINES])

    async def _change(self, changed: Sequence[_Placed], known: Mapping[str, _Known]) -> None:
        document: list[dict[str, object]] = []
        size = 0
        for row, month, seq in changed:
            if size + len(row.body) > _MOST_BYTES:
                await self._change_part(document)
                document, size = [], 0
            was = known[row.key].month
            document.append(
                {
                    "key": row.key, "version": row.version.hex(), "body": orjson.Fragment(row.body), "seq": seq,
                    "deleted": row.deleted, "at": row.at, "month": month, "was": NO_MONTH if was == date.min else was,
                }
            )  # fmt: skip
            size += len(row.body)
        await self._change_part(document)

    async def _change_part(self, document: Sequence[Mapping[str, object]]) -> None:
        if not document:
            return
        await self.tx.execute(
            f"UPDATE {self._raw} AS r SET seq = g.seq, version = g.version, body = g.body, deleted = g.deleted,"
            "  at = g.at, came_at = $5, month = g.month"
            " FROM (SELECT key, decode(version, 'hex') AS version, body, seq, deleted, at, month, was"
            "  FROM jsonb_to_recordset($4::text::jsonb) AS c(key text, version text, body jsonb, seq bigint,"
            "   deleted boolean, at timestamptz, month date, was date)) AS g"
            " WHERE r.source = $1 AND r.stream = $2 AND r.shelf = $3 AND r.key = g.key AND r.month = g.was",
            self.source, self.stream, self.shelf, orjson.dumps(document).decode(), self.now,
        )  # fmt: skip

    @property
    def _raw(self) -> str:
        return f"{self.workspace.quoted_schema}._raw"


def _line(placed: _Placed) -> bytes:
    row, month, seq = placed
    # JSON has no control characters of its own: the backslash alone is to be escaped.
    body = row.body.replace(b"\\", b"\\\\")
    at = b"\\N" if row.at is None else row.at.isoformat().encode()
    key = row.key.translate(_ESCAPES).encode()
    return b"%b\t\\\\x%b\t%b\t%b\t%b\t%b\t%d" % (
        key, row.version.hex().encode(), body, b"t" if row.deleted else b"f", at, month.encode(), seq,
    )  # fmt: skip
