"""Raw rows written: what is new by COPY, other versions of known rows in their place.

The caller holds the stream's lock, so that what was not there when it was looked for is not there when it is written.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeAlias

from tongmai.link.raw_ready import ReadyRow
from tongmai.link.raw_shelves import NO_MONTH, ends_at, months_of
from tongmai.link.source import Shelf
from tongmai.store import Workspace, WriteTx, analyze_unknown, make_raw_months

_COLUMNS = ("key", "version", "body", "deleted", "at", "month", "seq", "source", "stream", "came_at", "shelf")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# Of bodies in one statement.
_MOST_BYTES = 8 * 1024 * 1024
_LINES = 500
# So many new rows may be the first of their month.
_MANY = 1000


class _Known(NamedTuple):
    version: bytes
    month: date


# A row, the month it lies in as PostgreSQL reads it, and its ``seq``.
_Placed: TypeAlias = tuple[ReadyRow, str, int]


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
        months = months_of(self.shelf, [row.at for row in rows], self.now)
        if self.shelf != "standing":
            wanted = {month for month in months if month is not None}
            await make_raw_months(self.tx, self.workspace.quoted_schema, self.shelf, wanted)
        written = {month: str(month or NO_MONTH) for month in set(months)}
        lies = [written[month] for month in months]
        known = await self._known(rows, lies)
        if known:
            fresh = [at for at, row in enumerate(rows) if row.key not in known or known[row.key].version != row.version]
            rows, lies = [rows[at] for at in fresh], [lies[at] for at in fresh]
        numbered = list(zip(rows, lies, await self._drawn(len(rows)), strict=True))
        new = [each for each in numbered if each[0].key not in known] if known else numbered
        if new:
            await self.tx.copy_text(self.workspace.schema, "_raw", _COLUMNS, self._lines(new))
        if len(new) >= _MANY:
            await analyze_unknown(self.tx, self._raw)
        if known:
            await self._change([each for each in numbered if each[0].key in known], known)
        if numbered:
            await ends_at(self.tx, self.workspace.quoted_schema, self.source, self.stream, numbered[-1][2])
        return len(new), len(numbered) - len(new)

    async def _known(self, rows: Sequence[ReadyRow], lies: Sequence[str]) -> Mapping[str, _Known]:
        """Those of the rows that are there. What passes may be in any month that is; all others are in theirs."""
        keys = [row.key for row in rows]
        months = None if self.shelf == "passing" else sorted(set(lies))
        # All keys in one walk along the index; the months it may open are known when it is planned.
        of_months = "$5::text[] IS NULL" if months is None else "r.month = ANY($5::text[]::date[])"
        found = await self.tx.fetch(
            f"SELECT r.key, r.version, r.month, r.month::text AS written FROM {self._raw} AS r"
            f" WHERE r.source = $1 AND r.stream = $2 AND r.shelf = $3 AND r.key = ANY($4) AND {of_months}",
            self.source, self.stream, self.shelf, keys, months,
        )  # fmt: skip
        wanted = dict(zip(keys, lies, strict=True)) if found else {}
        return {
            row["key"]: _Known(row["version"], row["month"])
            for row in found
            if months is None or wanted[row["key"]] == row["written"]
        }

    async def _drawn(self, count: int) -> list[int]:
        """So many numbers of the order in which rows came."""
        if not count:
            return []
        drawn: list[int] = await self.tx.fetch_value(
            f"SELECT array_agg(nextval('{self._raw}_seq')) FROM generate_series(1, $1)", count
        )
        return drawn

    async def _lines(self, new: Sequence[_Placed]) -> AsyncIterator[bytes]:
        """COPY's text."""
        names = "\t".join(each.translate(_ESCAPES) for each in (self.source, self.stream))
        tail = f"\t{names}\t{self.now.isoformat()}\t{self.shelf}\n".encode()
        for start in range(0, len(new), _LINES):
            yield b"".join(_line(each) + tail for each in new[start : start + _LINES])

    async def _change(self, changed: Sequence[_Placed], known: Mapping[str, _Known]) -> None:
        part: list[_Placed] = []
        size = 0
        for each in changed:
            body = len(each[0].body)
            if size + body > _MOST_BYTES:
                await self._change_part(part, known)
                part, size = [], 0
            part.append(each)
            size += body
        await self._change_part(part, known)

    async def _change_part(self, part: Sequence[_Placed], known: Mapping[str, _Known]) -> None:
        if not part:
            return
        rows, months, seqs = zip(*part, strict=True)
        before = [known[row.key].month for row in rows]
        await self.tx.execute(
            f"UPDATE {self._raw} AS r SET seq = g.seq, version = g.version, body = g.body, deleted = g.deleted,"
            "  at = g.at, came_at = $4, month = g.month::date"
            " FROM unnest($5::text[], $6::bytea[], $7::jsonb[], $8::bigint[], $9::boolean[], $10::timestamptz[],"
            "  $11::text[], $12::date[]) AS g(key, version, body, seq, deleted, at, month, was)"
            " WHERE r.source = $1 AND r.stream = $2 AND r.shelf = $3 AND r.key = g.key AND r.month = g.was",
            self.source, self.stream, self.shelf, self.now,
            [row.key for row in rows], [row.version for row in rows], [row.body.decode() for row in rows],
            list(seqs), [row.deleted for row in rows], [row.at for row in rows], list(months), before,
        )  # fmt: skip

    @property
    def _raw(self) -> str:
        return f"{self.workspace.quoted_schema}._raw"


def _line(placed: _Placed) -> bytes:
    (key, version, body, deleted, at), month, seq = placed
    if "\\" in key or not key.isprintable():
        key = key.translate(_ESCAPES)
    # JSON has no control characters of its own: the backslash alone is to be escaped.
    return b"%b\t\\\\x%b\t%b\t%b\t%b\t%b\t%d" % (
        key.encode(), version.hex().encode(), body.replace(b"\\", b"\\\\"), b"t" if deleted else b"f",
        b"\\N" if at is None else at.isoformat().encode(), month.encode(), seq,
    )  # fmt: skip
