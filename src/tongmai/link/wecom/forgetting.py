"""Consent withdrawn: the text of what was said goes from the raw rows, from the records made of them, and from history.

A record that was made of a message is purged through the gateway (its history keeps the hashes and no value), and made
anew by its mapping from the row without text. What rules made of it goes as well, where it repeats the words
(``copies``). What was withheld for want of consent never had any text to remove.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock
from tongmai.link.looking_again import hold_still
from tongmai.link.raw import RawRows
from tongmai.link.runs import Runs
from tongmai.link.source import RawRow, SetAside
from tongmai.link.understanding import SIGNALS_MARK, TALKS_MARK
from tongmai.link.wecom.consent import ConsentEntry, ConsentLedger
from tongmai.link.wecom.copies import WITHDRAWN, Copies, Words, purge_unlinked
from tongmai.link.wecom.message_rows import CONTENT_NAMES
from tongmai.model import Catalogue
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, ReadTx, Record, Workspace, WriteTx

_KIND = "wecom"
_MARK = "_consent"
_SPEAKING = ("consents", "messages")
_BATCH = 200
# What is set aside of what rules made stands under this key.
_COPIES = "copies"


class Forgetting:
    """Looks at what came of consent since the last time. Done twice at once it does the same."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway, clock: Clock) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._copies = Copies(gateway)
        self._raw = RawRows(clock)
        self._runs = Runs(clock)

    async def advance(self, workspace: Workspace) -> int:
        """How many messages lost their text."""
        catalogue = await self._catalogues.get(workspace)
        forgotten = 0
        for source in (each.key for each in catalogue.sources if each.kind == _KIND):
            async with self._database.read() as tx:
                heard, withdrawn = await self._withdrawn(tx, workspace, source)
            for customer, other in withdrawn:
                while batch := await self._forget(workspace, catalogue, source, customer, other):
                    forgotten += batch
            if heard:
                async with self._database.write() as tx:
                    for stream, seq in heard.items():
                        await _move(tx, workspace, f"{_MARK}:{source}:{stream}", seq)
        return forgotten

    async def _withdrawn(
        self, tx: ReadTx, workspace: Workspace, source: str
    ) -> tuple[dict[str, int], list[tuple[str, str]]]:
        """How far each stream was heard, and the pairs of whom something new was said and whose last word is no."""
        fresh: list[ConsentEntry] = []
        heard: dict[str, int] = {}
        for stream in _SPEAKING:
            after = await tx.fetch_value(
                f"SELECT seq FROM {workspace.quoted_schema}._mapping_state WHERE mapping = $1",
                f"{_MARK}:{source}:{stream}",
            )
            # The marks are apart, as ``seq`` rises by stream. All messages move theirs, also those that say nothing of
            # consent: else they were gone through again each time.
            last = await self._raw.last_seq(tx, workspace, source, stream)
            if last > (after or 0):
                heard[stream] = last
                rows = await self._said(tx, workspace, source, stream, after or 0, last)
                fresh += [_entry(stream, orjson.loads(row["body"])) for row in rows]
        if not fresh:
            return heard, []
        said = await tx.fetch(
            f"SELECT stream, body FROM {workspace.quoted_schema}._raw WHERE source = $1 AND stream = ANY($2)"
            " AND (stream = 'consents' OR body->>'kind' IN ('agree', 'disagree')) AND body->>'customer' = ANY($3)",
            source,
            list(_SPEAKING),
            sorted({each.customer for each in fresh}),
        )
        ledger = ConsentLedger.of(_entry(row["stream"], orjson.loads(row["body"])) for row in said)
        pairs = {(each.customer, each.member or each.room) for each in fresh}
        return heard, sorted(pair for pair in pairs if ledger.state(*pair) == "disagree")

    async def _said(
        self, tx: ReadTx, workspace: Workspace, source: str, stream: str, after: int, last: int
    ) -> list[Record]:
        """What was said of consent in these rows."""
        return await tx.fetch(
            f"SELECT body FROM {workspace.quoted_schema}._raw WHERE source = $1 AND stream = $2 AND seq > $3"
            " AND seq <= $4 AND ($2 = 'consents' OR body->>'kind' IN ('agree', 'disagree')) ORDER BY seq",
            source, stream, after, last,
        )  # fmt: skip

    async def _forget(self, workspace: Workspace, catalogue: Catalogue, source: str, customer: str, other: str) -> int:
        async with self._database.write() as tx:
            mappings = catalogue.mappings_of(source, "messages")
            # Who reads words has a text in hand too, and what he tells of it bears the word.
            await hold_still(tx, workspace, [*mappings, f"{SIGNALS_MARK}:{source}", f"{TALKS_MARK}:{source}"])
            rows = await tx.fetch(
                f"SELECT key, body, at FROM {workspace.quoted_schema}._raw WHERE source = $1 AND stream = 'messages'"
                " AND body ? 'text' AND (body->>'room' = $3 OR (body->>'customer' = $2 AND body->>'member' = $3"
                " AND coalesce(body->>'room', '') = '')) ORDER BY key LIMIT $4",
                source, customer, other, _BATCH,
            )  # fmt: skip
            if not rows:
                return 0
            bodies = {row["key"]: orjson.loads(row["body"]) for row in rows}
            await self._purge(tx, workspace, mappings, source, bodies)
            keys = list(bodies)
            bare = [RawRow(row["key"], _without_content(bodies[row["key"]]), row["at"]) for row in rows]
            await self._raw.put(tx, workspace, source, "messages", bare)
            await self._raw.announce(tx, workspace)
            await self._scrub(tx, workspace, source, keys)
            return len(rows)

    async def _purge(
        self,
        tx: WriteTx,
        workspace: Workspace,
        mappings: list[str],
        source: str,
        bodies: Mapping[str, Mapping[str, JsonValue]],
    ) -> None:
        """The records made of these rows; the rows' lineage goes, so that their mappings make them anew."""
        found = await tx.fetch(
            f"DELETE FROM {workspace.quoted_schema}._lineage WHERE mapping = ANY($1) AND key = ANY($2)"
            " RETURNING key, object, record_id",
            mappings,
            list(bodies),
        )
        said = {row["record_id"]: Words.of(_content(bodies[row["key"]])) for row in found}
        left = await self._copies.forget(tx, workspace, said)
        aside = {_COPIES: tuple(left)} if left else {}
        for row in found:
            # What holds the record a person must look at: the source's page says so.
            if held := await purge_unlinked(self._gateway, tx, workspace, row["object"], row["record_id"]):
                aside[row["key"]] = held
        refused = [SetAside(key, faults) for key, faults in aside.items()]
        await self._runs.refuse(tx, workspace, source, "messages", refused, mapping=_MARK)

    async def _scrub(self, tx: WriteTx, workspace: Workspace, source: str, keys: list[str]) -> None:
        """The word that was found in a message, and what of it was set aside."""
        schema = workspace.quoted_schema
        await tx.execute(
            f"UPDATE {schema}._event SET body = body - 'keyword' - 'span'"
            " WHERE body->>'source' = $1 AND body->>'message' = ANY($2)",
            source,
            keys,
        )
        await tx.execute(
            f"UPDATE {schema}._refusal SET body = NULL WHERE source = $1 AND stream = 'messages' AND key = ANY($2)",
            source,
            keys,
        )


async def _move(tx: WriteTx, workspace: Workspace, mark: str, seq: int) -> None:
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._mapping_state (mapping, seq, fingerprint) VALUES ($1, $2, '')"
        " ON CONFLICT (mapping) DO UPDATE SET seq = greatest(_mapping_state.seq, excluded.seq)",
        mark,
        seq,
    )


def _content(body: Mapping[str, JsonValue]) -> list[JsonValue]:
    return [body.get(name) for name in CONTENT_NAMES]


def _without_content(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in body.items() if name not in CONTENT_NAMES} | {"withheld": WITHDRAWN}


def _entry(stream: str, body: Mapping[str, JsonValue]) -> ConsentEntry:
    """An entry of the ledger, or what an archived message of agreement says."""
    if stream == "consents":
        return ConsentEntry.read(body)
    said = {**body, "answer": body.get("kind"), "told_by": "archive"}
    return ConsentEntry.read(said if not body.get("room") else {**said, "member": ""})
