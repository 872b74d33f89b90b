"""Reads archived messages as they come: words become events, the order of turns becomes a row about the talk.

Two passes over the raw rows of the stream ``messages``, each with its own mark in ``_mapping_state``: signals are read
anew when the dictionary changes (events are keyed, nothing is told twice), talks are folded once. What is read, what it
told and the mark are kept in one transaction.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock, Fault, Text
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.runs import Runs
from tongmai.link.source import RawRow, SetAside
from tongmai.link.understanding.events import RecordEvent, tell_events
from tongmai.link.understanding.matcher import MOBILE, Hit, SignalMatcher
from tongmai.link.understanding.talk import Fact, Talk
from tongmai.link.understanding.turns import Turn
from tongmai.model import Catalogue
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

MESSAGES, CUSTOMERS, TALKS = "messages", "customers", "talks"
SIGNALS_MARK, TALKS_MARK = "_signals", "_talks"
_PAGE = 5000
_NEARBY = timedelta(minutes=30)
_LOOK_BACK = 5000
_FOLDING = b"talk 1"


@dataclass(frozen=True, slots=True)
class Understood:
    """What one advance did."""

    read: int = 0
    told: int = 0
    talks: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    row: StoredRow
    customer: str
    hit: Hit


class ChatReader:
    """For all workspaces; the rows of a mark are its lock, so that one process reads a source at a time."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, clock: Clock, matcher: SignalMatcher, *, page: int = _PAGE
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._raw = RawRows(clock)
        self._runs = Runs(clock)
        self._matcher = matcher
        self._page = page

    async def advance(self, workspace: Workspace) -> Understood:
        """Reads all that waits, of all sources."""
        catalogue = await self._catalogues.get(workspace)
        read = told = talks = 0
        for source in (each.key for each in catalogue.sources):
            while True:
                async with self._database.write() as tx:
                    rows, count = await self._signals(tx, workspace, catalogue, source)
                read, told = read + rows, told + count
                if rows < self._page:
                    break
            while True:
                async with self._database.write() as tx:
                    rows, count, facts = await self._talks(tx, workspace, catalogue, source)
                talks, told = talks + count, told + facts
                if rows < self._page:
                    break
        return Understood(read, told, talks)

    async def _signals(self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, source: str) -> tuple[int, int]:
        mark = f"{SIGNALS_MARK}:{source}"
        after = await _begin(tx, workspace, mark, self._matcher.dictionary.fingerprint)
        rows = await self._raw.after(tx, workspace, source, MESSAGES, after, self._page)
        found = await self._hits(tx, workspace, source, rows)
        known = await _records_of(tx, workspace, catalogue, source, {each.customer for each in found})
        told = await tell_events(
            tx,
            workspace.quoted_schema,
            [_signal(source, each, *known[each.customer]) for each in found if each.customer in known],
        )
        unknown = [each for each in found if each.customer not in known]
        aside = [SetAside(each.row.key, (_unknown_customer(each),)) for each in unknown]
        await self._runs.refuse(tx, workspace, source, MESSAGES, aside, mapping=SIGNALS_MARK)
        told += await self._again(tx, workspace, catalogue, source)
        if rows:
            await _move(tx, workspace, mark, rows[-1].seq)
        return len(rows), told

    async def _hits(self, tx: WriteTx, workspace: Workspace, source: str, rows: Sequence[StoredRow]) -> list[_Found]:
        found: list[_Found] = []
        for row in rows:
            text = row.body.get("text")
            if not isinstance(text, str) or row.deleted:
                continue
            direction, customer = row.body.get("direction"), str(row.body.get("customer") or "")
            if direction == "internal" or not customer:
                continue
            speaker = "customer" if direction == "in" else "member"
            found += [_Found(row, customer, hit) for hit in self._meant(text, speaker)]
            if direction == "in" and MOBILE.search(text):
                found += await self._completed(tx, workspace, source, row, customer)
        return found

    def _meant(self, text: str, speaker: str, *, has_mobile: bool = False) -> list[Hit]:
        kinds = self._matcher.dictionary.by_key
        hits = self._matcher.find(text, has_mobile=has_mobile)
        return [each for each in hits if kinds[each.kind].said_by in (speaker, "anybody")]

    async def _completed(
        self, tx: WriteTx, workspace: Workspace, source: str, numbered: StoredRow, customer: str
    ) -> list[_Found]:
        """What this mobile number makes whole: hits of the same customer's messages of the last half hour."""
        rows = await tx.fetch(
            f"SELECT seq, key, version, body, deleted, at FROM {workspace.quoted_schema}._raw"
            " WHERE source = $1 AND stream = $2 AND seq BETWEEN $3 AND $4 AND body->>'customer' = $5"
            " AND body->>'direction' = 'in' AND at BETWEEN $6 AND $7 ORDER BY seq",
            source, MESSAGES, numbered.seq - _LOOK_BACK, numbered.seq - 1, customer,
            (numbered.at or datetime.min.replace(tzinfo=UTC)) - _NEARBY, numbered.at,
        )  # fmt: skip
        found = []
        for each in rows:
            row = StoredRow(each[0], each[1], each[2], orjson.loads(each[3]), each[4], each[5])
            text = row.body.get("text")
            if isinstance(text, str):
                found += [_Found(row, customer, hit) for hit in self._meant(text, "customer", has_mobile=True)]
        return found

    async def _again(self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, source: str) -> int:
        """Messages whose customer was no record then and is one now."""
        waiting = await tx.fetch(
            f"SELECT key FROM {workspace.quoted_schema}._refusal WHERE source = $1 AND stream = $2 AND mapping = $3"
            f" AND EXISTS (SELECT FROM {workspace.quoted_schema}._raw r JOIN {workspace.quoted_schema}._lineage l"
            "  ON l.key = r.body->>'customer' AND l.mapping = ANY($4)"
            "  WHERE r.source = $1 AND r.stream = $2 AND r.key = _refusal.key) LIMIT 1000",
            source, MESSAGES, SIGNALS_MARK, _customer_mappings(catalogue, source),
        )  # fmt: skip
        keys = [row["key"] for row in waiting]
        if not keys:
            return 0
        rows = await self._raw.bodies(tx, workspace, source, MESSAGES, keys)
        found = await self._hits(tx, workspace, source, list(rows.values()))
        known = await _records_of(tx, workspace, catalogue, source, {each.customer for each in found})
        await self._runs.accept(tx, workspace, source, MESSAGES, keys, mapping=SIGNALS_MARK)
        events = [_signal(source, each, *known[each.customer]) for each in found if each.customer in known]
        return await tell_events(tx, workspace.quoted_schema, events)

    async def _talks(
        self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, source: str
    ) -> tuple[int, int, int]:
        mark = f"{TALKS_MARK}:{source}"
        after = await _begin(tx, workspace, mark, _FOLDING)
        rows = await self._raw.after(tx, workspace, source, MESSAGES, after, self._page)
        if not rows:
            return 0, 0, 0
        turns = [(customer, turn) for row in rows if (customer := _talker(row)) and (turn := _turn(row))]
        stored = await self._raw.bodies(tx, workspace, source, TALKS, {customer for customer, _ in turns})
        talks = {key: Talk.read(row.body) for key, row in stored.items()}
        facts: list[tuple[str, Fact]] = []
        for customer, turn in sorted(turns, key=lambda each: (each[1].at, each[1].id)):
            talks[customer], told = talks.get(customer, Talk()).after(turn)
            facts += [(customer, fact) for fact in told]
        await self._raw.put(
            tx, workspace, source, TALKS,
            [RawRow(key, {"customer": key} | talk.document(), talk.last_at) for key, talk in talks.items()],
        )  # fmt: skip
        await self._raw.announce(tx, workspace)
        known = await _records_of(tx, workspace, catalogue, source, set(talks))
        count = await tell_events(
            tx,
            workspace.quoted_schema,
            [_fact(source, fact, *known[customer]) for customer, fact in facts if customer in known],
        )
        await _move(tx, workspace, mark, rows[-1].seq)
        return len(rows), len(talks), count


async def _begin(tx: WriteTx, workspace: Workspace, mark: str, fingerprint: bytes) -> int:
    """Takes the mark's lock; where to go on. Another fingerprint begins anew."""
    schema = workspace.quoted_schema
    await tx.execute(
        f"INSERT INTO {schema}._mapping_state (mapping, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        mark,
        fingerprint,
    )
    row = await tx.fetch_row(
        f"SELECT seq, fingerprint FROM {schema}._mapping_state WHERE mapping = $1 FOR UPDATE", mark
    )
    assert row is not None
    if row["fingerprint"] == fingerprint:
        return int(row["seq"])
    await tx.execute(
        f"UPDATE {schema}._mapping_state SET seq = 0, fingerprint = $2 WHERE mapping = $1", mark, fingerprint
    )
    return 0


async def _move(tx: WriteTx, workspace: Workspace, mark: str, seq: int) -> None:
    await tx.execute(f"UPDATE {workspace.quoted_schema}._mapping_state SET seq = $2 WHERE mapping = $1", mark, seq)


def _customer_mappings(catalogue: Catalogue, source: str) -> list[str]:
    return [each.key for each in catalogue.mappings if each.source == source and each.stream == CUSTOMERS]


async def _records_of(
    tx: WriteTx, workspace: Workspace, catalogue: Catalogue, source: str, customers: set[str]
) -> Mapping[str, tuple[str, UUID]]:
    """The record that each customer of the source became: ``(object, id)``."""
    rows = await tx.fetch(
        f"SELECT DISTINCT ON (key) key, object, record_id FROM {workspace.quoted_schema}._lineage"
        " WHERE mapping = ANY($1) AND key = ANY($2) ORDER BY key, mapping",
        _customer_mappings(catalogue, source),
        sorted(customers),
    )
    return {row["key"]: (row["object"], row["record_id"]) for row in rows}


def _signal(source: str, found: _Found, object_key: str, record_id: UUID) -> RecordEvent:
    row, hit = found.row, found.hit
    body: dict[str, JsonValue] = {
        "source": source,
        "stream": MESSAGES,
        "message": row.key,
        "keyword": hit.keyword,
        "span": [hit.start, hit.end],
        "member": row.body.get("member"),
    }
    return RecordEvent(
        event=hit.kind,
        object=object_key,
        record_id=record_id,
        at=row.at or datetime.min.replace(tzinfo=UTC),
        key=f"signal:{source}:{row.key}:{hit.kind}",
        cause=f"source:{source}:{MESSAGES}:{row.key}",
        body=body,
    )


def _fact(source: str, fact: Fact, object_key: str, record_id: UUID) -> RecordEvent:
    body: dict[str, JsonValue] = {"source": source, "stream": MESSAGES, "message": fact.turn.id}
    if fact.seconds is not None:
        body["seconds"] = fact.seconds
    return RecordEvent(
        event=fact.kind,
        object=object_key,
        record_id=record_id,
        at=fact.turn.at,
        key=f"talk:{source}:{fact.turn.id}:{fact.kind}",
        cause=f"source:{source}:{MESSAGES}:{fact.turn.id}",
        body=body,
    )


def _talker(row: StoredRow) -> str:
    is_talk = row.body.get("direction") in ("in", "out") and not row.body.get("room") and row.body.get("kind") not in (
        "agree", "disagree", "revoke", "switch",
    )  # fmt: skip
    return str(row.body.get("customer") or "") if is_talk and not row.deleted else ""


def _turn(row: StoredRow) -> Turn | None:
    if row.at is None:
        return None
    text, files = row.body.get("text"), row.body.get("files")
    names = [str(each.get("name", "")) for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    return Turn(
        row.key, row.at, row.body.get("direction") == "in", text if isinstance(text, str) else None, tuple(names)
    )


def _unknown_customer(found: _Found) -> Fault:
    return Fault(
        "signals.unknown_customer",
        Text(
            f"消息中有信号（{found.hit.kind}），但该客户还不是任何记录",
            f"The message holds a signal ({found.hit.kind}), but its customer is no record yet",
        ),
        Text("请映射“客户”数据流；之后会自动补上", "Map the stream of customers; it is told then by itself"),
    )
