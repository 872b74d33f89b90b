"""Blotting values out of the past of a record that stays: they leave its row and its history, all else of both stays.

The entry ``redact`` names each entry that says less since, with the hash of what that one says now, under a key that no
field can have. It is sealed like any other: history stays verifiable, and a value gone without such an entry is found.
"""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.records.entry import COLUMNS, entry_sql
from tongmai.records.idempotency import forget_answers
from tongmai.records.place import Place
from tongmai.records.preparing import tokens_of
from tongmai.records.refusals import denied_action, not_found
from tongmai.records.runtime import Runtime
from tongmai.records.searching import searchable_fields
from tongmai.store import Record, WriteTx, quote_ident

ATTESTED = "#"
"""In the ``after`` of a ``redact``: the hash, in hex, of what each entry says since, by its ``seq``."""


class Redactor:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def redact(
        self,
        place: Place,
        object_key: str,
        record_id: UUID,
        written: Mapping[str, Collection[int]],
        tx: WriteTx,
        *,
        cause: str | None,
    ) -> bool:
        """Takes out of a record, in the bin or not, the values that ``written`` tells: by field, the ``seq`` of the
        entries that wrote them. They go from those entries, from where a later change tells what was there before it,
        from wherever the same value was written into the field again, and from the row where they stand still.

        Whether anything went. What the model asks of such a record (a required field) does not keep a value. Raises
        ``NotFound``, and ``Denied`` for an actor who may not purge.
        """
        place.structure.definition(object_key)
        if not place.policy(object_key).may("purge"):
            raise denied_action(place, object_key, "purge")
        epoch = await tx.fetch_value(f"SELECT {place.schema}._open_change($1)", place.structure.catalogue.version)
        version = await tx.fetch_value(
            f"SELECT version FROM {place.table(object_key)} WHERE id = $1 FOR UPDATE", record_id
        )
        if version is None:
            raise not_found(object_key)
        entries = await tx.fetch(
            f"SELECT seq, before::text, after::text FROM {place.schema}._history WHERE record_id = $1 AND object = $2"
            " AND (before ?| $3 OR after ?| $3) ORDER BY seq",
            record_id, object_key, sorted(written),
        )  # fmt: skip
        found = _Walk(entries, written)
        if not found.told:
            return False
        attested = await _blot_out(place, record_id, found.told, tx)
        emptied = sorted(found.standing & set(place.structure.fields(object_key)))
        await self._empty(place, object_key, record_id, emptied, tx)
        await _empty_retired(place, object_key, record_id, sorted(written), tx)
        after: dict[str, JsonValue] = {**dict.fromkeys(emptied), ATTESTED: attested}
        now = self._runtime.clock.now()
        entry = (
            "SELECT $1::bigint AS epoch, $2::timestamptz AS at, $3::text AS object, $4::uuid AS record_id,"
            " $5::integer AS version, 'redact' AS action, $6::uuid AS actor, $7::text AS via, $8::text AS cause,"
            " jsonb_build_object('version', $5::integer - 1) AS before, $9::text::jsonb AS after"
        )
        await tx.execute(
            entry_sql(place.schema, entry), epoch, now, object_key, record_id, version + 1, place.actor.id,
            place.actor.via, cause, orjson.dumps(after).decode(),
        )  # fmt: skip
        await forget_answers(tx, place.schema, record_id)
        return True

    async def _empty(self, place: Place, object_key: str, record_id: UUID, keys: Sequence[str], tx: WriteTx) -> None:
        """The row without these values, found by them no more. Who changed it last, and when, stays as it was."""
        fields, table = place.structure.fields(object_key), place.table(object_key)
        columns = "".join(f", {quote_ident(fields[key].column_name)} = NULL" for key in keys)
        await tx.execute(f"UPDATE {table} SET version = version + 1{columns} WHERE id = $1", record_id)
        # What was in them is given up, and removed by the files' own sweeping.
        await tx.execute(
            f"UPDATE {place.schema}._file SET object = NULL, field = NULL, record_id = NULL, created_by = NULL"
            " WHERE record_id = $1 AND field = ANY($2)",
            record_id, keys,
        )  # fmt: skip
        searched = searchable_fields(place.structure.definition(object_key))
        if set(keys).isdisjoint(searched):
            return
        names = ", ".join(quote_ident(fields[key].column_name) for key in searched)
        row = await tx.fetch_row(f"SELECT {names} FROM {table} WHERE id = $1", record_id)
        assert row is not None
        words = tokens_of(place, object_key, {key: row[fields[key].column_name] for key in searched})
        await tx.execute(f"UPDATE {table} SET _search = $2 WHERE id = $1", record_id, words)


class _Walk:
    """Where the values stand, gone through from the first entry to the last: ``told`` has, by ``seq``, the fields whose
    value goes from ``before`` and from ``after``; ``standing`` the fields that still have it at the end."""

    def __init__(self, entries: Sequence[Record], written: Mapping[str, Collection[int]]) -> None:
        self.told: dict[int, tuple[set[str], set[str]]] = {}
        self.standing: set[str] = set()
        self._gone: dict[str, list[JsonValue]] = {key: [] for key in written}
        for entry in entries:
            before, after = (_read(entry[side]) for side in ("before", "after"))
            for key, writers in written.items():
                self._take(key, entry["seq"], before, after, is_writer=entry["seq"] in writers)

    def _take(
        self, key: str, seq: int, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], *, is_writer: bool
    ) -> None:
        if key in self.standing and before.get(key) is not None:
            self._tell(seq)[0].add(key)
        if key not in after:
            return
        value = after[key]
        if value is not None and (is_writer or value in self._gone[key]):
            self._gone[key].append(value)
            self._tell(seq)[1].add(key)
            self.standing.add(key)
        else:
            self.standing.discard(key)

    def _tell(self, seq: int) -> tuple[set[str], set[str]]:
        return self.told.setdefault(seq, (set(), set()))


async def _empty_retired(place: Place, object_key: str, record_id: UUID, keys: Sequence[str], tx: WriteTx) -> None:
    """Columns that a change of the model took out of use are kept for a while, with what they held."""
    rows = await tx.fetch(
        f"SELECT DISTINCT r.column_name FROM {place.schema}._retired AS r CROSS JOIN unnest($2::text[]) AS k(key)"
        " WHERE r.object = $1 AND (r.column_name = k.key OR r.column_name ~ ('^' || k.key || '__[0-9]+$'))",
        object_key, keys,
    )  # fmt: skip
    if rows:
        columns = ", ".join(f"{quote_ident(row['column_name'])} = NULL" for row in rows)
        await tx.execute(f"UPDATE {place.table(object_key)} SET {columns} WHERE id = $1", record_id)


async def _blot_out(
    place: Place, record_id: UUID, told: Mapping[int, tuple[set[str], set[str]]], tx: WriteTx
) -> dict[str, JsonValue]:
    """The values of these entries become null; the hash of what each says now, by its ``seq``."""
    said = f"{place.schema}._history_hash({', '.join(f'h.{each}' for each in COLUMNS.split(', '))})"
    rows = await tx.fetch(
        f"UPDATE {place.schema}._history AS h SET before = h.before || g.before, after = h.after || g.after"
        " FROM unnest($2::bigint[], $3::jsonb[], $4::jsonb[]) AS g(seq, before, after)"
        f" WHERE h.record_id = $1 AND h.seq = g.seq RETURNING h.seq, encode({said}, 'hex') AS hash",
        record_id, list(told), [_nulls(before) for before, _ in told.values()],
        [_nulls(after) for _, after in told.values()],
    )  # fmt: skip
    return {str(row["seq"]): row["hash"] for row in rows}


def _nulls(keys: set[str]) -> str:
    return orjson.dumps(dict.fromkeys(sorted(keys))).decode()


def _read(document: str | None) -> Mapping[str, JsonValue]:
    found: Mapping[str, JsonValue] = {} if document is None else orjson.loads(document)
    return found
