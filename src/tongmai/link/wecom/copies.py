"""What was made of messages whose words must go: signals, tasks, records, notices and calls that rules made of them.

Nobody looks for texts. A firing names the record it was for, history names the firing as the cause of what came of it
(``rule:<key>:<firing>``), and the rule as it was then says which of its values repeat which fields (``Repeating``).
What is found here ``Removal`` takes away.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from uuid import UUID

import orjson

from tongmai.formula import Path
from tongmai.link.wecom.all_records import AllRecords
from tongmai.link.wecom.firings import KEY_OF, SUBJECT, Firing
from tongmai.link.wecom.reach import Reach, Spoken
from tongmai.link.wecom.repeating import SEEN, Repeating
from tongmai.link.wecom.versions import RepeatingByVersion
from tongmai.store import ReadTx, Record, Workspace, WriteTx

# As rules go: none is fired by a chain that is deeper.
_DEEPEST = 8

Where = tuple[str, UUID]
"""A record: its object's key and its id."""


@dataclass(frozen=True, slots=True)
class PastValues:
    """Metrics of records whose values repeat the words."""

    object: str
    metrics: frozenset[str]
    records: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class SeenReason:
    """What a segment saw of records when it classed them, by its name in the reason."""

    segment: str
    name: str
    records: Collection[UUID]


@dataclass(slots=True)
class Copies:
    """Where the words went from the records that were asked about."""

    made: dict[Where, set[str]] = field(default_factory=dict)
    """Records made with the words, in the order in which they were found, with the fields that have them."""
    written: dict[Where, dict[str, set[int]]] = field(default_factory=dict)
    """Records that were there before: by field the entries of history that wrote the words."""
    spoken: list[Spoken] = field(default_factory=list)
    """All records that have the words at second hand, also in what is worked out from their rows."""
    told: list[str] = field(default_factory=list)
    """The keys of actions that told somebody, in the outbox."""
    untitled: set[str] = field(default_factory=set)
    """The ids of records that are called by the words."""
    past: list[PastValues] = field(default_factory=list)
    reasons: list[SeenReason] = field(default_factory=list)


class Trail:
    """The words gone after from record to record. The one thing that is done on the way is that actions stop: what one
    had finished before is found behind it."""

    def __init__(self, tx: WriteTx, workspace: Workspace, listing: AllRecords, present: Repeating) -> None:
        self._tx = tx
        self._workspace = workspace
        self._schema = workspace.quoted_schema
        self._listing = listing
        self._present = present
        self._repeating = RepeatingByVersion(tx, workspace, present)
        self._found = Copies()
        self._spoken: list[Spoken] = []
        self._begun: set[str] = set()
        self._firings: dict[UUID, Firing] = {}

    async def follow(self, spoken: Sequence[Spoken]) -> Copies:
        coming = self._spoken = list(spoken)
        self._begun = {each.object for each in spoken}
        for _ in range(_DEEPEST):
            if not coming:
                break
            coming = await self._next(coming)
            self._found.spoken += coming
            self._spoken = [*self._spoken, *coming]
        return self._found

    async def _next(self, coming: list[Spoken]) -> list[Spoken]:
        """What has the words from these at first hand."""
        reach = Reach(self._listing, coming, self._spoken)
        self._found.untitled |= {str(each.record) for each in coming if self._is_titled(each)}
        firings = await self._fired(reach)
        await self._stop(firings)
        found: dict[Where, set[str]] = {}
        for each in (*await self._caused(firings), *await self._about(reach), *await self._measured(reach)):
            found.setdefault((each.object, each.record), set()).update(each.keys)
        await self._classed(reach)
        for where in self._found.made:
            self._found.written.pop(where, None)
        before = {(each.object, each.record): each.keys for each in coming}
        return [
            Spoken(where[0], frozenset(keys), where[1])
            for where, keys in found.items()
            if not keys <= before.get(where, frozenset())
        ]

    async def _fired(self, reach: Reach) -> list[Firing]:
        for rule, present in self._present.rules():
            for path in frozenset[Path]().union(*present.values()):
                await reach.read(rule.object, path)
        # Rules that are otherwise by now may have read what refers to these.
        await reach.referring({*self._begun, *(object_key for object_key, _ in self._found.made)})
        rows = await self._tx.fetch(
            f"SELECT id, rule, version, object, record_id FROM {self._schema}._firing WHERE record_id = ANY($1)",
            list(reach.records()),
        )
        found = []
        for row in rows:
            repeating = await self._repeating.at(row["version"])
            places = None if repeating is None else repeating.places(row["rule"])
            names: frozenset[str] | None = None
            if places is not None:
                where = (row["object"], row["record_id"])
                names = frozenset([name for name in places if await reach.has(*where, places[name])])
            elif not reach.is_spoken(row["object"], row["record_id"]):
                continue
            known = self._firings.get(row["id"])
            if names != frozenset() and (known is None or known.names != names):
                firing = Firing(row["id"], row["rule"], repeating, names)
                self._firings[firing.id] = firing
                found.append(firing)
        return found

    async def _stop(self, firings: Sequence[Firing]) -> None:
        """What is still to be done is not done with the words, and the log loses them. Whoever is at an action has
        taken it under a lease that is gone then; what he had finished before is found behind this."""
        rows = await self._tx.fetch(
            f"SELECT key, firing, number FROM {self._schema}._outbox WHERE firing = ANY($1) AND number >= 0",
            [each.id for each in firings],
        )
        by_id = {each.id: each for each in firings}
        told = [row["key"] for row in rows if by_id[row["firing"]].does(str(row["number"]))]
        await self._tx.execute(
            f"UPDATE {self._schema}._outbox SET error = CASE WHEN key = ANY($2) THEN NULL ELSE error END,"
            " lease_until = NULL, state = CASE WHEN key = ANY($2) THEN 'dropped' WHEN state = 'running' THEN 'waiting'"
            " ELSE state END WHERE firing = ANY($1) AND state IN ('waiting', 'running', 'dead')",
            list(by_id), told,
        )  # fmt: skip
        self._found.told += told
        for each in firings:
            seen = [name.removeprefix(f"{SEEN}.") for name in each.names or () if name.startswith(f"{SEEN}.")]
            await self._tx.execute(
                f"UPDATE {self._schema}._firing SET"
                " seen = CASE WHEN $2 THEN '{}' ELSE seen - $3::text[] END,"
                " told = CASE WHEN $2 THEN '{}' ELSE told - $4::text[] END WHERE id = $1",
                each.id, each.names is None, seen, sorted(each.names or ()),
            )  # fmt: skip

    async def _caused(self, firings: Sequence[Firing]) -> list[Spoken]:
        """The records in which the words stand because of these."""
        causes = {each.cause: each for each in firings}
        rows = await self._tx.fetch(
            f"SELECT seq, object, record_id, action, cause, after FROM {self._schema}._history"
            " WHERE cause = ANY($1) AND cause LIKE 'rule:%' AND after IS NOT NULL ORDER BY seq",
            list(causes),
        )
        found = []
        for row in rows:
            after: Mapping[str, object] = orjson.loads(row["after"])
            if keys := causes[row["cause"]].fields(row, after):
                self._keep(row, keys)
                found.append(Spoken(row["object"], keys, row["record_id"]))
        return found

    def _keep(self, entry: Record, keys: frozenset[str]) -> None:
        where = (entry["object"], entry["record_id"])
        # What only names its record by the title stays, without it.
        if entry["action"] == "create" and not (entry["object"] in KEY_OF and keys == {SUBJECT}):
            self._found.made.setdefault(where, set()).update(keys)
            return
        for key in keys:
            self._found.written.setdefault(where, {}).setdefault(key, set()).add(entry["seq"])

    async def _about(self, reach: Reach) -> list[Spoken]:
        """Signals and tasks about these records: also of firings that are not kept any more, and those that people made
        and that name their record by its title."""
        found = []
        for object_key, row, spoken in await self._work_about(reach):
            where = (object_key, UUID(str(row["id"])))
            if where in self._found.made:
                continue
            keys = await self._kept_of(spoken, str(row.get(KEY_OF[object_key]) or ""), object_key)
            if row.get(SUBJECT) and self._is_titled(spoken):
                keys.add(SUBJECT)
            keys = {key for key in keys if row.get(key) is not None}
            if not keys:
                continue
            if keys == {SUBJECT}:
                entries = await writers(self._tx, self._workspace, where, keys)
                self._found.written.setdefault(where, {}).update(entries)
            else:
                self._found.made.setdefault(where, set()).update(keys)
            found.append(Spoken(object_key, frozenset(keys), where[1]))
        return found

    async def _work_about(self, reach: Reach) -> list[tuple[str, Mapping[str, object], Spoken]]:
        """Signals and tasks with their objects' keys, each beside the record that it is about."""
        found: list[tuple[str, Mapping[str, object], Spoken]] = []
        for object_key, spoken in product(KEY_OF, reach.by_object.values()):
            by_id = {str(each.record): each for each in spoken}
            rows = await self._listing.where_any(object_key, "subject_id", by_id)
            found += [(object_key, row, by_id[str(row["subject_id"])]) for row in rows]
        return found

    async def _kept_of(self, spoken: Spoken, key: str, object_key: str) -> set[str]:
        """What of a signal or task of this key repeats the words, where its firing is gone."""
        kind, _, rest = key.partition(":")
        rule, _, rest = rest.rpartition(":")[0].rpartition(":")
        if kind != "rule" or not rest or _id(rest) in self._firings:
            return set()
        there = await self._tx.fetch_value(f"SELECT TRUE FROM {self._schema}._firing WHERE id = $1", _id(rest))
        if there:
            return set()
        places = self._present.places(rule)
        names = None
        if places is not None:
            names = frozenset(
                name
                for name, paths in places.items()
                if any(len(path) == 1 and path[0] in spoken.keys for path in paths)
            )
        return Firing(UUID(int=0), rule, self._present, names).fields_of_work(object_key, key)

    def _is_titled(self, spoken: Spoken) -> bool:
        return not spoken.keys.isdisjoint(self._present.title_of(spoken.object))

    async def _measured(self, reach: Reach) -> list[Spoken]:
        """The records whose metrics repeat what was said in their rows."""
        found: list[Spoken] = []
        for repeating, (object_key, rows) in product(await self._repeating.ever(), reach.by_object.items()):
            for metric in repeating.metrics(object_key, frozenset[str]().union(*(each.keys for each in rows))):
                records = await reach.through(object_key, metric.hops, [each.record for each in rows])
                keys = frozenset({metric.key, *repeating.derived(metric.object, {metric.key})})
                self._found.past.append(PastValues(metric.object, keys, records))
                found += [Spoken(metric.object, keys, record) for record in records]
        return found

    async def _classed(self, reach: Reach) -> None:
        """What segments saw of the words when they classed a record."""
        conditions = (each for repeating in await self._repeating.ever() for each in repeating.conditions())
        for segment, object_key, places in conditions:
            for name, paths in places.items():
                reading = [await reach.read(object_key, path) for path in paths]
                if records := frozenset[UUID]().union(*reading):
                    self._found.reasons.append(SeenReason(segment, name.removeprefix(f"{SEEN}."), records))


async def writers(tx: ReadTx, workspace: Workspace, where: Where, keys: Iterable[str]) -> dict[str, set[int]]:
    """All entries of history that gave the record a value in these fields, by field."""
    rows = await tx.fetch(
        f"SELECT k.key, array_agg(h.seq) AS seqs FROM {workspace.quoted_schema}._history AS h"
        " CROSS JOIN unnest($3::text[]) AS k(key) WHERE h.record_id = $1 AND h.object = $2 AND h.after ? k.key"
        " GROUP BY k.key",
        where[1], where[0], sorted(keys),
    )  # fmt: skip
    return {row["key"]: set(row["seqs"]) for row in rows}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
