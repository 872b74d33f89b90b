"""Consent withdrawn: the text of what was said goes from the raw rows, from the records made of them, and from history.

A record that was made of a message stays without what was said, and so does its history, which attests what is left.
What rules made of it goes as well, where it repeats the words (found by ``copies``, taken away by ``removal``), and
what was taken out of those records in files (``taken_out``). What was withheld for want of consent never had any text.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock
from tongmai.link.looking_again import hold_still
from tongmai.link.raw import RawRows
from tongmai.link.raw_shelves import OF_STREAM
from tongmai.link.source import RawRow
from tongmai.link.understanding import SIGNALS_MARK, TALKS_MARK
from tongmai.link.wecom.agreement_rows import SPEAKING, withdrawn
from tongmai.link.wecom.all_records import AllRecords
from tongmai.link.wecom.copies import Trail, Where
from tongmai.link.wecom.message_rows import CONTENT_NAMES
from tongmai.link.wecom.reach import Spoken
from tongmai.link.wecom.removal import WITHDRAWN, Removal
from tongmai.link.wecom.repeating import Repeating
from tongmai.link.wecom.taken_out import forget_taken_out
from tongmai.model import SYSTEM_KEYS, Catalogue
from tongmai.records import FileStore, Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, ReadTx, Workspace, WriteTx

_KIND = "wecom"
_MESSAGES = "messages"
_MARK = "_consent"
_BATCH = 200


class Forgetting:
    """Looks at what came of consent since the last time. Done twice at once it does the same."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, gateway: Gateway, files: FileStore, clock: Clock
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._files = files
        self._clock = clock
        self._raw = RawRows(clock)

    async def advance(self, workspace: Workspace) -> int:
        """How many messages lost their text."""
        catalogue = await self._catalogues.get(workspace)
        forgotten = 0
        for source in (each.key for each in catalogue.sources if each.kind == _KIND):
            async with self._database.read() as tx:
                heard = await self._heard(tx, workspace, source)
                pairs = await withdrawn(tx, workspace, source, heard) if heard else []
            after = 0
            while pairs:
                after, keys = await self._said_by(workspace, source, pairs, after)
                if not keys:
                    break
                for start in range(0, len(keys), _BATCH):
                    forgotten += await self._forget(workspace, catalogue, source, keys[start : start + _BATCH])
            if heard:
                async with self._database.write() as tx:
                    for stream, (_, last) in heard.items():
                        await _move(tx, workspace, f"{_MARK}:{source}:{stream}", last)
        return forgotten

    async def _heard(self, tx: ReadTx, workspace: Workspace, source: str) -> dict[str, tuple[int, int]]:
        """From where to where the streams go on in which something may be said."""
        heard: dict[str, tuple[int, int]] = {}
        for stream in SPEAKING:
            after = await tx.fetch_value(
                f"SELECT seq FROM {workspace.quoted_schema}._mapping_state WHERE mapping = $1",
                f"{_MARK}:{source}:{stream}",
            )
            # The marks are apart, as ``seq`` rises by stream. All messages move theirs, also those that say nothing of
            # consent: else they were gone through again each time.
            last = await self._raw.last_seq(tx, workspace, source, stream)
            if last > (after or 0):
                heard[stream] = (after or 0, last)
        return heard

    async def _said_by(
        self, workspace: Workspace, source: str, pairs: Sequence[tuple[str, str]], after: int
    ) -> tuple[int, list[str]]:
        """The messages of these pairs behind ``after`` that still say something, and where the messages end: all are
        gone through once, however many pairs there are, and then only what came meanwhile. Of a room what all in it
        said goes: nobody can tell there who was answered."""
        schema = workspace.quoted_schema
        async with self._database.snapshot() as tx:
            await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
            last = await self._raw.last_seq(tx, workspace, source, _MESSAGES)
            rows = await tx.fetch(
                f"SELECT key FROM {schema}._raw WHERE {OF_STREAM.format(schema=schema)} AND seq > $3 AND body ? 'text'"
                " AND (body->>'room' = ANY($4) OR (coalesce(body->>'room', '') = ''"
                "  AND (body->>'customer') || ' ' || (body->>'member') = ANY($5))) ORDER BY key",
                source, _MESSAGES, after, sorted({other for _, other in pairs}),
                [f"{one} {other}" for one, other in pairs],
            )  # fmt: skip
        return last, [row["key"] for row in rows]

    async def _forget(self, workspace: Workspace, catalogue: Catalogue, source: str, keys: Sequence[str]) -> int:
        async with self._database.write() as tx:
            mappings = catalogue.mappings_of(source, _MESSAGES)
            # Who reads words has a text in hand too, and what he tells of it bears the word.
            await hold_still(tx, workspace, [*mappings, f"{SIGNALS_MARK}:{source}", f"{TALKS_MARK}:{source}"])
            rows = await tx.fetch(
                f"SELECT key, body, at FROM {workspace.quoted_schema}._raw"
                f" WHERE {OF_STREAM.format(schema=workspace.quoted_schema)} AND key = ANY($3) AND body ? 'text'",
                source, _MESSAGES, list(keys),
            )  # fmt: skip
            if not rows:
                return 0
            bare = [RawRow(row["key"], _without_content(orjson.loads(row["body"])), row["at"]) for row in rows]
            await self._blot_out(tx, workspace, catalogue, source, [each.key for each in bare])
            await self._raw.put(tx, workspace, source, _MESSAGES, bare)
            await self._raw.announce(tx, workspace)
            await self._scrub(tx, workspace, source, [each.key for each in bare])
            return len(rows)

    async def _blot_out(
        self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, source: str, keys: Sequence[str]
    ) -> None:
        """What was said goes from the records made of these rows; also of mappings that are there no more."""
        names = await tx.fetch(f"SELECT mapping FROM {workspace.quoted_schema}._mapping_state")
        gone = [row["mapping"] for row in names if row["mapping"] not in catalogue.mapping_by_key]
        rows = await tx.fetch(
            f"SELECT DISTINCT object, record_id FROM {workspace.quoted_schema}._lineage"
            " WHERE mapping = ANY($1) AND key = ANY($2) ORDER BY object, record_id",
            [*catalogue.mappings_of(source, _MESSAGES), *gone], list(keys),
        )  # fmt: skip
        repeating, listing = Repeating(catalogue), AllRecords(self._gateway, workspace, catalogue)
        entries = await self._told_by(tx, workspace, repeating, source, [row["record_id"] for row in rows])
        spoken = [Spoken(where[0], frozenset(found), where[1]) for where, found in entries.items()]
        copies = await Trail(tx, workspace, listing, repeating).follow(spoken)
        removal = Removal(tx, workspace, self._gateway, listing)
        await removal.remove(copies)
        for where, found in entries.items():
            await removal.redact(where, found)
        await removal.forget_noted(spoken, copies)
        await forget_taken_out(tx, workspace, self._files, catalogue, [*spoken, *copies.spoken], self._clock)

    async def _told_by(
        self, tx: ReadTx, workspace: Workspace, repeating: Repeating, source: str, records: Sequence[UUID]
    ) -> dict[Where, dict[str, set[int]]]:
        """The entries of history that gave these records what was said, by field. All that came of messages counts, but
        what their mappings make of the rest of one; of a record that was made of a message, a person's own words in
        such a field too, as they are his reading of it."""
        rows = await tx.fetch(
            "SELECT object, record_id, seq, action, cause IS NOT NULL AND starts_with(cause, $2) AS is_theirs,"
            f" ARRAY(SELECT jsonb_object_keys(after)) AS keys FROM {workspace.quoted_schema}._history"
            " WHERE record_id = ANY($1) AND jsonb_typeof(after) = 'object' AND action IN ('create', 'update')"
            " ORDER BY seq",
            list(records), f"source:{source}:{_MESSAGES}:",
        )  # fmt: skip
        said, rest = repeating.mapped(source, _MESSAGES)
        found: dict[Where, dict[str, set[int]]] = {}
        made = {row["record_id"] for row in rows if row["is_theirs"] and row["action"] == "create"}
        for row in rows:
            where = (row["object"], row["record_id"])
            for key in row["keys"]:
                field = (row["object"], key)
                if key in SYSTEM_KEYS or field in rest:
                    continue
                if row["is_theirs"] or (row["record_id"] in made and field in said):
                    found.setdefault(where, {}).setdefault(key, set()).add(row["seq"])
        return found

    async def _scrub(self, tx: WriteTx, workspace: Workspace, source: str, keys: Sequence[str]) -> None:
        """The word that was found in a message, and what of it was set aside."""
        schema = workspace.quoted_schema
        await tx.execute(
            f"UPDATE {schema}._event SET body = body - 'keyword' - 'span'"
            " WHERE body->>'source' = $1 AND body->>'message' = ANY($2)",
            source,
            keys,
        )
        await tx.execute(
            f"UPDATE {schema}._refusal SET body = NULL WHERE source = $1 AND stream = $2 AND key = ANY($3)",
            source,
            _MESSAGES,
            keys,
        )


async def _move(tx: WriteTx, workspace: Workspace, mark: str, seq: int) -> None:
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._mapping_state (mapping, seq, fingerprint) VALUES ($1, $2, '')"
        " ON CONFLICT (mapping) DO UPDATE SET seq = greatest(_mapping_state.seq, excluded.seq)",
        mark,
        seq,
    )


def _without_content(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in body.items() if name not in CONTENT_NAMES} | {"withheld": WITHDRAWN}
