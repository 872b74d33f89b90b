"""What was made of messages whose words must go: signals, tasks, records, notices and calls that rules made of them.

Nobody looks for texts. A firing names the record it was for, history names the firing as the cause of what came of it
(``rule:<key>:<firing>``), and the rule as it was then says which of its values repeat which fields (``Repeating``). A
record that was made with the words is purged; from one that was there before, or that something holds, they are taken
with all that its history has of them.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from uuid import UUID

import orjson

from tongmai.access import SystemActor
from tongmai.formula import Path
from tongmai.kit import Conflict, NotFound, TongmaiError
from tongmai.link.wecom.reach import Reach, Spoken
from tongmai.link.wecom.repeating import SEEN, Repeating
from tongmai.link.written import written
from tongmai.model import SIGNAL, TASK, Catalogue, Escalate, Notify, ObjectScope, written_by
from tongmai.records import Gateway
from tongmai.store import Record, Workspace, WriteTx

CONSENT = SystemActor("consent")
WITHDRAWN = "consent_withdrawn"
# As rules go: none is fired by a chain that is deeper.
_DEEPEST = 8
_AT_ONCE = 200
_SUBJECT = "subject"
# The field of what a rule made that tells which of its actions it was.
_KEY_OF = {SIGNAL: "episode", TASK: "key"}
# Of records ($1), what is noted of these fields ($2); null: of all.
_NOTED = (
    "UPDATE {schema}._push SET before = '{{}}', changed = '{{}}', detail = NULL,"
    " state = CASE WHEN state IN ('waiting', 'conflict') THEN 'dropped' ELSE state END"
    " WHERE record_id = ANY($1) AND ($2::text[] IS NULL OR state NOT IN ('waiting', 'conflict'))",
    "UPDATE {schema}._merge SET filled = CASE WHEN $2::text[] IS NULL THEN '{{}}' ELSE filled - $2 END"
    " WHERE kept = ANY($1) OR merged = ANY($1)",
    "UPDATE {schema}._light_entry SET moved = coalesce((SELECT jsonb_agg(m) FROM jsonb_array_elements(moved) AS m"
    " WHERE m->>'field' <> ALL($2)), '[]') WHERE about = ANY($1) AND moved <> '[]'",
)
_OF_WORK = frozenset({"title", "detail", _SUBJECT})


@dataclass(frozen=True, slots=True)
class _Firing:
    """What of a firing repeats the words, by the names of ``Repeating.places``; None: nobody can tell any more, so
    that all of it is taken to."""

    id: UUID
    rule: str
    repeating: Repeating | None
    names: frozenset[str] | None

    @property
    def cause(self) -> str:
        return f"rule:{self.rule}:{self.id}"

    def repeats(self, name: str) -> bool:
        return self.names is None or name in self.names

    @property
    def is_seen(self) -> bool:
        return self.names is None or any(each.startswith(f"{SEEN}.") for each in self.names)

    def does(self, number: str) -> bool:
        """Whether what an action does tells the words; that it names its record by the title does not count."""
        if self.names is None or any(each.startswith(f"{number}.") for each in self.names):
            return True
        rule = None if self.repeating is None else self.repeating.rule(self.rule)
        action = None if rule is None else rule.then[int(number)]
        # A notice without a title of its own is called as its record is.
        return self.repeats(_SUBJECT) and isinstance(action, Notify | Escalate) and not action.title

    def fields(self, entry: Record, after: Mapping[str, object]) -> frozenset[str]:
        """The fields in which an entry that the firing caused has the words."""
        object_key = entry["object"]
        if object_key in _KEY_OF:
            if entry["action"] != "create":
                return frozenset()
            return frozenset(self.fields_of_work(object_key, str(after.get(_KEY_OF[object_key]))) & after.keys())
        rule = None if self.repeating is None else self.repeating.rule(self.rule)
        if self.names is None or rule is None or self.repeating is None:
            return frozenset(key for key, value in after.items() if isinstance(value, str))
        scope = ObjectScope(self.repeating.catalogue, rule.object)
        found: set[str] = set()
        for number, action in enumerate(rule.then):
            target = written_by(action, scope)
            if target is not None and target[0].object_key == object_key:
                found |= {key for key in target[1] if f"{number}.values.{key}" in self.names}
        return frozenset(found & after.keys())

    def fields_of_work(self, object_key: str, key: str) -> set[str]:
        """Of the signal or task that the action of this key made."""
        number = key.rpartition(":")[2]
        found = {name for name in _OF_WORK - {_SUBJECT} if self.repeats(f"{number}.{name}")}
        if self.repeats(_SUBJECT):
            found.add(_SUBJECT)
        if object_key == SIGNAL and self.is_seen:
            found.add("evidence")
        return found


@dataclass
class Trail:
    """Where the words went, gone after from record to record; then all of it is taken away. In one transaction."""

    tx: WriteTx
    workspace: Workspace
    gateway: Gateway
    catalogue: Catalogue
    made: dict[tuple[str, UUID], set[str]] = field(default_factory=dict)
    written: dict[tuple[str, UUID], dict[str, set[int]]] = field(default_factory=dict)
    found: list[Spoken] = field(default_factory=list)
    _spoken: list[Spoken] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)
    _told: list[str] = field(default_factory=list)
    _untitled: set[str] = field(default_factory=set)
    _known: dict[int, Repeating | None] = field(default_factory=dict)
    _versions: list[int] = field(default_factory=list)
    _firings: dict[UUID, _Firing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.present = Repeating(self.catalogue)
        self._known[self.catalogue.version] = self.present
        self._schema = self.workspace.quoted_schema

    async def forget(self, spoken: Sequence[Spoken]) -> None:
        coming = self._spoken = list(spoken)
        self._begun = {each.object for each in spoken}
        for _ in range(_DEEPEST):
            if not coming:
                break
            coming = await self._follow(coming)
            self.found += coming
            self._spoken = [*self._spoken, *coming]
        # The last made refer to those before them.
        for (object_key, record), keys in reversed(self.made.items()):
            await self._remove(Spoken(object_key, frozenset(keys), record))
        for (object_key, record), entries in self.written.items():
            await self.redact(object_key, record, entries)
        await self._tell_nobody()

    async def _remove(self, spoken: Spoken) -> None:
        """Purges a record, if it is still there; what refers to it refers to nothing then. From one that something
        holds for good, the words alone are taken."""
        purge = partial(self.gateway.purge, CONSENT, self.workspace, spoken.object, spoken.record)
        try:
            try:
                async with self.tx.savepoint():
                    await purge(cause=WITHDRAWN, tx=self.tx)
            except Conflict as held:
                async with self.tx.savepoint():
                    for link in (fault.rule for fault in held.faults if fault.code == "purge.referred_to"):
                        await self._unlink(link or "", spoken.record)
                    await purge(cause=WITHDRAWN, tx=self.tx)
        except NotFound:
            return
        except TongmaiError:
            entries = await self._writers(spoken.object, spoken.record, spoken.keys)
            await self.redact(spoken.object, spoken.record, entries)

    async def forget_noted(self, spoken: Sequence[Spoken]) -> None:
        """What is noted beside the records that were purged and those that lost words: changes that went back to a
        source, what a merge filled in, what one tap moved."""
        purged = [each.record for each in spoken] + [record for _, record in self.made]
        for statement in _NOTED:
            await self.tx.execute(statement.format(schema=self._schema), purged, None)
        for (_, record), entries in self.written.items():
            for statement in _NOTED:
                await self.tx.execute(statement.format(schema=self._schema), [record], sorted(entries))

    async def redact(self, object_key: str, record: UUID, entries: Mapping[str, Collection[int]]) -> None:
        """Takes the words out of a record, if it is still there; ``entries`` wrote them, by field."""
        with suppress(NotFound):
            await self.gateway.redact(CONSENT, self.workspace, object_key, record, entries, cause=WITHDRAWN, tx=self.tx)

    async def _writers(self, object_key: str, record: UUID, keys: Iterable[str]) -> dict[str, set[int]]:
        """All entries that gave the record a value in these fields, by field."""
        rows = await self.tx.fetch(
            f"SELECT k.key, array_agg(h.seq) AS seqs FROM {self._schema}._history AS h"
            " CROSS JOIN unnest($3::text[]) AS k(key) WHERE h.record_id = $1 AND h.object = $2 AND h.after ? k.key"
            " GROUP BY k.key",
            record, object_key, sorted(keys),
        )  # fmt: skip
        return {row["key"]: set(row["seqs"]) for row in rows}

    async def _unlink(self, link: str, record: UUID) -> None:
        """``link`` is ``object.field``, as a purge tells what refers to a record."""
        object_key, _, key = link.partition(".")
        for row in await self._listed(object_key, f"[{key}] = '{record}'"):
            await self.gateway.update(
                CONSENT, self.workspace, object_key, UUID(str(row["id"])), {key: None}, cause=WITHDRAWN, tx=self.tx
            )

    # Going after them.

    async def _follow(self, coming: list[Spoken]) -> list[Spoken]:
        """What has the words from these at first hand."""
        reach = Reach(self, coming, self._spoken)
        self._untitled |= {str(each.record) for each in coming if self._is_titled(each)}
        found: dict[tuple[str, UUID], set[str]] = {}
        firings = await self._fired(reach)
        await self._stop(firings)
        for entry, keys in await self._caused(firings):
            where = (entry["object"], entry["record_id"])
            if self._is_made(entry, keys):
                self.made.setdefault(where, set()).update(keys)
            else:
                for key in keys:
                    self.written.setdefault(where, {}).setdefault(key, set()).add(entry["seq"])
            found.setdefault(where, set()).update(keys)
        for each in await self._about(reach):
            found.setdefault((each.object, each.record), set()).update(each.keys)
        for each in await self._measured(reach):
            found.setdefault((each.object, each.record), set()).update(each.keys)
        await self._forget_reasons(reach)
        for where in self.made:
            self.written.pop(where, None)
        before = {(each.object, each.record): each.keys for each in coming}
        return [
            Spoken(where[0], frozenset(keys), where[1])
            for where, keys in found.items()
            if not keys <= before.get(where, frozenset())
        ]

    @staticmethod
    def _is_made(entry: Record, keys: Collection[str]) -> bool:
        """What only names its record by the title stays, without it."""
        return entry["action"] == "create" and not (entry["object"] in _KEY_OF and set(keys) == {_SUBJECT})

    async def _fired(self, reach: Reach) -> list[_Firing]:
        for rule, present in self.present.rules():
            for path in frozenset[Path]().union(*present.values()):
                await reach.read(rule.object, path)
        # Rules that are otherwise by now may have read what refers to these.
        await reach.referring({*self._begun, *(object_key for object_key, _ in self.made)})
        rows = await self.tx.fetch(
            f"SELECT id, rule, version, object, record_id FROM {self._schema}._firing WHERE record_id = ANY($1)",
            list(reach.records()),
        )
        found = []
        for row in rows:
            repeating = await self._at(row["version"])
            places = None if repeating is None else repeating.places(row["rule"])
            names: frozenset[str] | None = None
            if places is not None:
                where = (row["object"], row["record_id"])
                names = frozenset([name for name in places if await reach.has(*where, places[name])])
            elif not reach.is_spoken(row["object"], row["record_id"]):
                continue
            known = self._firings.get(row["id"])
            if names != frozenset() and (known is None or known.names != names):
                firing = _Firing(row["id"], row["rule"], repeating, names)
                self._firings[firing.id] = firing
                found.append(firing)
        return found

    async def _at(self, version: int) -> Repeating | None:
        """By the catalogue of a version; None where that is not to be read any more."""
        if version not in self._known:
            model = await self.tx.fetch_value(
                f"SELECT model::text FROM {self._schema}._catalogue WHERE version = $1", version
            )
            try:
                self._known[version] = Repeating(await asyncio.to_thread(Catalogue.model_validate_json, model or ""))
            except ValueError:
                self._known[version] = None
        return self._known[version]

    async def _ever(self) -> Sequence[Repeating]:
        """By the present catalogue, and by those before it whose segments, or metrics that give words, were others."""
        if not self._versions:
            rows = await self.tx.fetch(
                "SELECT DISTINCT ON (c.made_of) c.version FROM (SELECT version, md5(concat(model->'segments',"
                " (SELECT jsonb_agg(m) FROM jsonb_array_elements(model->'metrics') AS m WHERE m->>'gives' = 'text')))"
                f" AS made_of FROM {self._schema}._catalogue) AS c ORDER BY c.made_of, c.version DESC"
            )
            self._versions += [self.catalogue.version, *(row["version"] for row in rows)]
        found = [await self._at(version) for version in dict.fromkeys(self._versions)]
        return [each for each in found if each is not None]

    async def _stop(self, firings: Sequence[_Firing]) -> None:
        """What is still to be done is not done with the words, and the log loses them. Whoever is at an action has
        taken it under a lease that is gone then; what he had finished before is found behind this."""
        rows = await self.tx.fetch(
            f"SELECT key, firing, number FROM {self._schema}._outbox WHERE firing = ANY($1) AND number >= 0",
            [each.id for each in firings],
        )
        by_id = {each.id: each for each in firings}
        told = [row["key"] for row in rows if by_id[row["firing"]].does(str(row["number"]))]
        await self.tx.execute(
            f"UPDATE {self._schema}._outbox SET error = CASE WHEN key = ANY($2) THEN NULL ELSE error END,"
            " lease_until = NULL, state = CASE WHEN key = ANY($2) THEN 'dropped' WHEN state = 'running' THEN 'waiting'"
            " ELSE state END WHERE firing = ANY($1) AND state IN ('waiting', 'running', 'dead')",
            list(by_id), told,
        )  # fmt: skip
        self._told += told
        for each in firings:
            seen = [name.removeprefix(f"{SEEN}.") for name in each.names or () if name.startswith(f"{SEEN}.")]
            await self.tx.execute(
                f"UPDATE {self._schema}._firing SET"
                " seen = CASE WHEN $2 THEN '{}' ELSE seen - $3::text[] END,"
                " told = CASE WHEN $2 THEN '{}' ELSE told - $4::text[] END WHERE id = $1",
                each.id, each.names is None, seen, sorted(each.names or ()),
            )  # fmt: skip

    async def _caused(self, firings: Sequence[_Firing]) -> list[tuple[Record, frozenset[str]]]:
        """The entries of history in which the words stand because of these, each with its fields that have them."""
        causes = {each.cause: each for each in firings}
        rows = await self.tx.fetch(
            f"SELECT seq, object, record_id, action, cause, after FROM {self._schema}._history"
            " WHERE cause = ANY($1) AND cause LIKE 'rule:%' AND after IS NOT NULL ORDER BY seq",
            list(causes),
        )
        found = []
        for row in rows:
            after: Mapping[str, object] = orjson.loads(row["after"])
            if keys := causes[row["cause"]].fields(row, after):
                found.append((row, keys))
        return found

    async def _about(self, reach: Reach) -> list[Spoken]:
        """Signals and tasks about these records: also of firings that are not kept any more, and those that people made
        and that name their record by its title."""
        found = []
        for object_key, key_field in _KEY_OF.items():
            for rows in reach.by_object.values():
                by_id = {str(each.record): each for each in rows}
                for row in await self.listed_of(object_key, "subject_id", list(by_id)):
                    where, spoken = (object_key, UUID(str(row["id"]))), by_id[str(row["subject_id"])]
                    if where in self.made:
                        continue
                    keys = await self._kept_of(spoken, str(row.get(key_field) or ""), object_key)
                    if row.get(_SUBJECT) and self._is_titled(spoken):
                        keys.add(_SUBJECT)
                    keys = {key for key in keys if row.get(key) is not None}
                    if keys - {_SUBJECT}:
                        self.made.setdefault(where, set()).update(keys)
                    elif keys:
                        entries = await self._writers(*where, keys)
                        self.written.setdefault(where, {}).update(entries)
                    if keys:
                        found.append(Spoken(where[0], frozenset(keys), where[1]))
        return found

    async def _kept_of(self, spoken: Spoken, key: str, object_key: str) -> set[str]:
        """What of a signal or task of this key repeats the words, where its firing is gone."""
        kind, _, rest = key.partition(":")
        rule, _, rest = rest.rpartition(":")[0].rpartition(":")
        if kind != "rule" or not rest or _id(rest) in self._firings:
            return set()
        there = await self.tx.fetch_value(f"SELECT TRUE FROM {self._schema}._firing WHERE id = $1", _id(rest))
        if there:
            return set()
        places = self.present.places(rule)
        names = None
        if places is not None:
            names = frozenset(
                name
                for name, paths in places.items()
                if any(len(path) == 1 and path[0] in spoken.keys for path in paths)
            )
        return _Firing(UUID(int=0), rule, self.present, names).fields_of_work(object_key, key)

    def _is_titled(self, spoken: Spoken) -> bool:
        return not spoken.keys.isdisjoint(self.present.title_of(spoken.object))

    async def _measured(self, reach: Reach) -> list[Spoken]:
        """The records whose metrics repeat what was said in their rows. The present values are worked out anew from
        what is left; those of past days go."""
        found: list[Spoken] = []
        for repeating, (object_key, rows) in product(await self._ever(), reach.by_object.items()):
            for metric in repeating.metrics(object_key, frozenset[str]().union(*(each.keys for each in rows))):
                records = await reach.through(object_key, metric.hops, [each.record for each in rows])
                keys = frozenset({metric.key, *repeating.derived(metric.object, {metric.key})})
                await self.tx.execute(
                    f"DELETE FROM {self._schema}._metric_day"
                    " WHERE object = $1 AND metric = ANY($2) AND record_id = ANY($3)",
                    metric.object, sorted(keys), records,
                )  # fmt: skip
                found += [Spoken(metric.object, keys, record) for record in records]
        return found

    async def _forget_reasons(self, reach: Reach) -> None:
        """What segments saw when they classed a record."""
        conditions = (each for repeating in await self._ever() for each in repeating.conditions())
        for segment, object_key, places in conditions:
            names: dict[str, frozenset[UUID]] = {}
            for name, paths in places.items():
                reading = [await reach.read(object_key, path) for path in paths]
                names[name.removeprefix(f"{SEEN}.")] = frozenset[UUID]().union(*reading)
            for name, records in names.items():
                if records:
                    for table in ("_segment_move", "_segment_member"):
                        await self.tx.execute(
                            f"UPDATE {self._schema}.{table} SET reason = reason #- ARRAY['seen', $3]"
                            " WHERE segment = $1 AND record_id = ANY($2)",
                            segment, list(records), name,
                        )  # fmt: skip

    # Taking away what was told.

    async def _tell_nobody(self) -> None:
        """Notices with the words go, and calls of hooks lose them; what was not sent yet is not sent."""
        about = [str(record) for _, record in self.made]
        await self.tx.execute(
            f"DELETE FROM {self._schema}._notice WHERE key = ANY($1) OR subject_id = ANY($2)", self._told, about
        )
        await self.tx.execute(
            f"UPDATE {self._schema}._notice SET subject = NULL WHERE subject_id = ANY($1) AND subject IS NOT NULL",
            sorted(self._untitled),
        )
        await self.tx.execute(
            f"UPDATE {self._schema}._delivery SET content = jsonb_set(content, '{{body}}', '{{}}'),"
            " state = CASE WHEN state IN ('waiting', 'sending') THEN 'dropped' ELSE state END WHERE key = ANY($1)",
            [f"hook:{key}" for key in self._told],
        )

    # Reading records.

    async def listed_of(self, object_key: str, path: str, values: Iterable[object]) -> list[dict[str, object]]:
        """The records whose field, or what a path leads to, is one of these."""
        found: list[dict[str, object]] = []
        wanted, field_at = [f"'{each}'" for each in values], ".".join(f"[{key}]" for key in path.split("."))
        for start in range(0, len(wanted), _AT_ONCE):
            listed = ", ".join(wanted[start : start + _AT_ONCE])
            found += await self._listed(object_key, f"{field_at} IN ({listed})")
        return found

    async def _listed(self, object_key: str, filter: str) -> list[dict[str, object]]:
        """The records with their values, those in the bin as well."""
        found: list[dict[str, object]] = []
        for binned in (False, True):
            cursor = None
            while True:
                page = orjson.loads(
                    await self.gateway.list(
                        CONSENT, self.workspace, object_key, filter=filter, limit=_AT_ONCE, cursor=cursor, count=False,
                        deleted=binned,
                    )
                )  # fmt: skip
                found += [{key: written(value) for key, value in row.items()} for row in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
        return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
