"""A page of archived messages read: the signals in their words, and how each talk goes on by its turns.

Everything happens in the caller's transaction. What is worked out of many messages is worked out in turns, so that
people who ask meanwhile are answered.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Fault, Text, in_turns
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.raw_shelves import OF_STREAM
from tongmai.link.runs import Runs
from tongmai.link.source import SetAside
from tongmai.link.understanding.events import RecordEvent, awaited_events, tell_events
from tongmai.link.understanding.folding import Folding, in_order, turns_of
from tongmai.link.understanding.matcher import Hit, SignalMatcher, gives_mobile
from tongmai.link.understanding.talk import Fact
from tongmai.model import Catalogue
from tongmai.store import Workspace, WriteTx

MESSAGES, CUSTOMERS, TALKS = "messages", "customers", "talks"
# What waits for its customer's record stands among the refusals under this name.
UNKNOWN = "_signals"
_AGAIN = 1000
_NEARBY = timedelta(minutes=30)
_YOUNG = timedelta(days=1)
_LOOK_BACK = 5000


@dataclass(frozen=True, slots=True)
class _Found:
    row: StoredRow
    customer: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The messages of one source."""

    tx: WriteTx
    workspace: Workspace
    catalogue: Catalogue
    source: str
    matcher: SignalMatcher
    raw: RawRows
    runs: Runs
    now: datetime

    async def tell_signals(self, rows: Sequence[StoredRow]) -> int:
        """How many events were new. Of a customer who is no record yet, the message waits for him to be one."""
        found = await self._hits(rows)
        known = await self._records({each.customer for each in found})
        young = {each.customer for each in found if self.is_young(each.row)} & known.keys()
        born = await self._born({known[customer][1] for customer in young})
        events = []
        for each in found:
            if each.customer in known:
                object_key, record = known[each.customer]
                at = each.row.at or datetime.min.replace(tzinfo=UTC)
                if each.customer in young and self.is_young(each.row):
                    # Rules judge the record at the event's moment: no rule would hear a new customer's first words.
                    at = max(at, born.get(record, at))
                events.append(_signal(self.source, each, object_key, record, at))
        told = await self._tell(events)
        aside = [SetAside(each.row.key, (_unknown_customer(each),)) for each in found if each.customer not in known]
        await self.runs.refuse(self.tx, self.workspace, self.source, MESSAGES, aside, mapping=UNKNOWN)
        return told

    def is_young(self, row: StoredRow) -> bool:
        """Of today: an old archive that is read now tells nothing anew."""
        return row.at is not None and self.now - row.at < _YOUNG

    async def _born(self, records: set[UUID]) -> Mapping[UUID, datetime]:
        """Since when the records are there."""
        if not records:
            return {}
        rows = await self.tx.fetch(
            f"SELECT record_id, at FROM {self.workspace.quoted_schema}._history"
            " WHERE record_id = ANY($1) AND version = 1",
            list(records),
        )
        return {row["record_id"]: row["at"] for row in rows}

    async def look_again(self) -> int:
        """Tells of messages whose customer was no record then and is one now; how many events were new."""
        told = 0
        schema, mappings = self.workspace.quoted_schema, customer_mappings(self.catalogue, self.source)
        while True:
            # Looked for one by one: a plan that joins all that was ever said with all lineage takes minutes.
            waiting = await self.tx.fetch(
                f"SELECT f.key FROM {schema}._refusal AS f"
                f" CROSS JOIN LATERAL (SELECT body->>'customer' AS customer FROM {schema}._raw"
                f"  WHERE {OF_STREAM.format(schema=schema)} AND key = f.key OFFSET 0) AS said"
                f" CROSS JOIN LATERAL (SELECT FROM {schema}._lineage AS l"
                "  WHERE l.mapping = ANY($4) AND l.key = said.customer LIMIT 1) AS known"
                " WHERE f.source = $1 AND f.stream = $2 AND f.mapping = $3 LIMIT $5",
                self.source, MESSAGES, UNKNOWN, mappings, _AGAIN,
            )  # fmt: skip
            if not waiting:
                return told
            keys = [row["key"] for row in waiting]
            await self.runs.accept(self.tx, self.workspace, self.source, MESSAGES, keys, mapping=UNKNOWN)
            rows = await self.raw.bodies(self.tx, self.workspace, self.source, MESSAGES, keys)
            told += await self.tell_signals(list(rows.values()))

    async def go_on(self, folding: Folding, rows: Sequence[StoredRow]) -> int:
        """Talks go on by these messages, which come after those taken before; how many events were new."""
        turns = in_order(chain.from_iterable(await in_turns(rows, turns_of)))
        unknown = folding.unknown(turns)
        if unknown:
            stored = await self.raw.bodies(self.tx, self.workspace, self.source, TALKS, unknown)
            folding.read({key: row.body for key, row in stored.items()}, unknown)
        facts = list(chain.from_iterable(await in_turns(turns, folding.take)))
        known = await self._records({customer for customer, _ in facts})
        return await self._tell(
            [_fact(self.source, fact, *known[customer]) for customer, fact in facts if customer in known]
        )

    async def keep_talks(self, folding: Folding) -> int:
        """Writes the talks that went on; how many."""
        talks = folding.rows()
        if talks:
            await self.raw.put(self.tx, self.workspace, self.source, TALKS, talks)
            await self.raw.announce(self.tx, self.workspace)
        return len(talks)

    async def _tell(self, events: Sequence[RecordEvent]) -> int:
        awaited = awaited_events(self.catalogue)
        return await tell_events(self.tx, self.workspace.quoted_schema, events, awaited, self.now)

    async def _hits(self, rows: Sequence[StoredRow]) -> list[_Found]:
        meant = await in_turns(rows, partial(_meant, matcher=self.matcher))
        found = [each for part, _ in meant for each in part]
        for row, customer in (each for _, part in meant for each in part):
            found += await self._completed(row, customer)
        return found

    async def _completed(self, numbered: StoredRow, customer: str) -> list[_Found]:
        """What this mobile number makes whole: hits of the same customer's messages of the last half hour."""
        rows = await self.tx.fetch(
            f"SELECT seq, key, version, body, deleted, at FROM {self.workspace.quoted_schema}._raw"
            " WHERE source = $1 AND stream = $2 AND seq BETWEEN $3 AND $4 AND body->>'customer' = $5"
            " AND body->>'direction' = 'in' AND at BETWEEN $6 AND $7 AND NOT deleted AND NOT body ? 'revoked_at'"
            " ORDER BY seq",
            self.source, MESSAGES, numbered.seq - _LOOK_BACK, numbered.seq - 1, customer,
            (numbered.at or datetime.min.replace(tzinfo=UTC)) - _NEARBY, numbered.at,
        )  # fmt: skip
        found = []
        for each in rows:
            row = StoredRow(each[0], each[1], each[2], orjson.loads(each[3]), each[4], each[5])
            text = row.body.get("text")
            if isinstance(text, str):
                found += [_Found(row, customer, hit) for hit in self.matcher.said(text, "customer", has_mobile=True)]
        return found

    async def _records(self, customers: set[str]) -> Mapping[str, tuple[str, UUID]]:
        """The record that each customer of the source became: ``(object, id)``."""
        if not customers:
            return {}
        rows = await self.tx.fetch(
            f"SELECT DISTINCT ON (key) key, object, record_id FROM {self.workspace.quoted_schema}._lineage"
            " WHERE mapping = ANY($1) AND key = ANY($2) ORDER BY key, mapping",
            customer_mappings(self.catalogue, self.source),
            sorted(customers),
        )
        return {row["key"]: (row["object"], row["record_id"]) for row in rows}


def customer_mappings(catalogue: Catalogue, source: str) -> list[str]:
    """The mappings that make records of the source's customers."""
    return catalogue.mappings_of(source, CUSTOMERS)


def _meant(rows: Sequence[StoredRow], matcher: SignalMatcher) -> tuple[list[_Found], list[tuple[StoredRow, str]]]:
    """What the messages tell, and those in which the customer gives a number, with the customer."""
    found: list[_Found] = []
    numbered: list[tuple[StoredRow, str]] = []
    for row in rows:
        text = row.body.get("text")
        if not isinstance(text, str) or row.deleted or "revoked_at" in row.body:
            continue
        direction, customer = row.body.get("direction"), str(row.body.get("customer") or "")
        if direction == "internal" or not customer:
            continue
        found += [
            _Found(row, customer, hit) for hit in matcher.said(text, "customer" if direction == "in" else "member")
        ]
        if direction == "in" and gives_mobile(text):
            numbered.append((row, customer))
    return found, numbered


def _signal(source: str, found: _Found, object_key: str, record_id: UUID, at: datetime) -> RecordEvent:
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
        at=at,
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


def _unknown_customer(found: _Found) -> Fault:
    return Fault(
        "signals.unknown_customer",
        Text(
            f"消息中有信号（{found.hit.kind}），但该客户还不是任何记录",
            f"The message holds a signal ({found.hit.kind}), but its customer is no record yet",
        ),
        Text("请映射“客户”数据流；之后会自动补上", "Map the stream of customers; it is told then by itself"),
    )
