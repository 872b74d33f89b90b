"""What people may see of segments: counts by class, members, and who moved when and why, under their policies.

The actor's row predicate and the mask of the segment's own field stand in each statement; of the values a decision saw,
only those are told whose fields the actor may see on every record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.access import AnyActor, ObjectPolicy, policy_for, policy_params, refusal
from tongmai.formula import FALSE, TRUE
from tongmai.metrics.binding import Binder
from tongmai.metrics.computing import Metrics
from tongmai.metrics.rows import Rows
from tongmai.metrics.segmenting import find_segment, unknown_segment
from tongmai.metrics.tables import PresentTables
from tongmai.model import Catalogue, SegmentDef
from tongmai.store import Record, Workspace, quote_ident

MOST = 500
_MOVE = "m.id, m.record_id, {} AS title, m.at, m.from_class, m.to_class, m.reason::text AS reason, m.version"
_LATEST = "ORDER BY m.id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Member:
    """A record in a class, with its title and what the class was decided by, as the actor may see them."""

    record_id: UUID
    title: str | None
    segment_class: str
    since: datetime
    reason: dict[str, object]


@dataclass(frozen=True, slots=True)
class Standing:
    """The class of one record in a segment, and the move that brought it there (None where none is kept)."""

    segment: SegmentDef
    segment_class: str
    since: datetime
    move: MoveSeen | None


@dataclass(frozen=True, slots=True)
class MoveSeen:
    """One move; ``seq`` orders them and is where the next page goes on."""

    seq: int
    record_id: UUID
    title: str | None
    at: datetime
    from_class: str | None
    to_class: str | None
    reason: dict[str, object]
    version: int


class SegmentReader:
    """Methods raise ``NotFound`` for a segment that is unknown or hidden from the actor, and ``Denied`` where the actor
    sees none of its records."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def counts(self, actor: AnyActor, workspace: Workspace, key: str) -> tuple[SegmentDef, dict[str, int]]:
        """How many records that the actor may see are in each class."""
        view = await self._view(actor, workspace, key)
        rows = await view.fetch("SELECT m.class, count(*) AS n", "_segment_member", "GROUP BY m.class")
        found = {row["class"]: int(row["n"]) for row in rows}
        return view.segment, {each.key: found.get(each.key, 0) for each in view.segment.classes}

    async def members(
        self, actor: AnyActor, workspace: Workspace, key: str, segment_class: str | None = None, limit: int = 50
    ) -> list[Member]:
        """Members, the latest first."""
        view = await self._view(actor, workspace, key)
        rows = await view.fetch(
            f"SELECT m.record_id, {view.title} AS title, m.class, m.since, m.reason::text AS reason",
            "_segment_member",
            f"ORDER BY m.since DESC, m.record_id LIMIT {min(limit, MOST)}",
            ("m.class = {}", "text", segment_class),
        )
        return [
            Member(row["record_id"], row["title"], row["class"], row["since"], _told(row["reason"], view.policy))
            for row in rows
        ]

    async def moves(
        self, actor: AnyActor, workspace: Workspace, key: str, limit: int = 50, before: int | None = None
    ) -> list[MoveSeen]:
        """Moves, the latest first; ``before`` is the ``seq`` of the last one seen."""
        view = await self._view(actor, workspace, key)
        rows = await view.fetch(
            f"SELECT {_MOVE.format(view.title)}",
            "_segment_move",
            f"ORDER BY m.id DESC LIMIT {min(limit, MOST)}",
            ("m.id < {}", "bigint", before),
        )
        return [_move(row, view.policy) for row in rows]

    async def of_record(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID
    ) -> list[Standing]:
        """Where a record stands in those segments of its object that the actor may see; none for a hidden record."""
        catalogue = await self._metrics.catalogues.get(workspace)
        readable = policy_for(actor, catalogue, object_key).readable
        found = []
        for segment in catalogue.segments:
            if segment.object == object_key and readable.get(segment.key, FALSE) != FALSE:
                found += await self._standing(actor, workspace, segment, record_id)
        return found

    async def _standing(
        self, actor: AnyActor, workspace: Workspace, segment: SegmentDef, record_id: UUID
    ) -> list[Standing]:
        only = ("m.record_id = {}", "uuid", record_id)
        view = await self._view(actor, workspace, segment.key)
        members = await view.fetch("SELECT m.class, m.since", "_segment_member", "LIMIT 1", only)
        if not members:
            return []
        moving = await self._view(actor, workspace, segment.key)
        moves = await moving.fetch(f"SELECT {_MOVE.format(moving.title)}", "_segment_move", _LATEST, only)
        last = _move(moves[0], moving.policy) if moves else None
        return [Standing(segment, members[0]["class"], members[0]["since"], last)]

    async def _view(self, actor: AnyActor, workspace: Workspace, key: str) -> _View:
        catalogue = await self._metrics.catalogues.get(workspace)
        segment = find_segment(catalogue, key)
        policy = policy_for(actor, catalogue, segment.object)
        if not policy.may("read"):
            raise refusal(actor, catalogue, segment.object, "read")
        if policy.readable[segment.key] == FALSE:
            raise unknown_segment(key)
        return _View(self._metrics, workspace, catalogue, segment, policy, actor)


class _View:
    """A segment's tables joined to the records that the actor may see."""

    def __init__(
        self,
        metrics: Metrics,
        workspace: Workspace,
        catalogue: Catalogue,
        segment: SegmentDef,
        policy: ObjectPolicy,
        actor: AnyActor,
    ) -> None:
        self._metrics = metrics
        self._workspace = workspace
        self._catalogue = catalogue
        self._actor = actor
        self._binder = Binder()
        self._rows = Rows(
            catalogue, segment.object, "o", PresentTables(workspace), self._binder, workspace.zone,
            catalogue.calendar.working,
        )  # fmt: skip
        self.segment = segment
        self.policy = policy
        self.title = self._title(catalogue)

    async def fetch(
        self, select: str, table: str, rest: str, condition: tuple[str, str, object] | None = None
    ) -> list[Record]:
        given: dict[str, object] = {"segment": self.segment.key, **policy_params(self._actor)}
        era = self._metrics.era(self._workspace, self._catalogue)
        given |= {"now": era.as_of, "today": era.today}
        conditions = [f"m.segment = {self._binder('segment', 'text')}", "o.deleted_at IS NULL"]
        if condition is not None and condition[2] is not None:
            text, kind, given["wanted"] = condition
            conditions.append(text.format(self._binder("wanted", kind)))
        rules = (self.policy.rows["read"], self.policy.readable[self.segment.key])
        conditions.extend(f"({self._rows.sql(rule)})" for rule in rules if rule != TRUE)
        members = f"{self._workspace.quoted_schema}.{table}"
        statement = self._binder.statement(
            f"{select} FROM {self._rows.source} JOIN {members} AS m ON m.record_id = o.id"
            f" WHERE {' AND '.join(conditions)} {rest}"
        )
        async with self._metrics.database.read() as tx:
            return await tx.fetch(statement.sql, *statement.arguments(given))

    def _title(self, catalogue: Catalogue) -> str:
        """The record's title as text; NULL where the actor may not see it."""
        definition = catalogue.object_by_key[self.segment.object]
        field = definition.by_key.get(definition.title) if definition.title else None
        if field is None or field.type == "formula" or self.policy.readable.get(field.key) != TRUE:
            return "NULL::text"
        return f"left(to_jsonb(o.{quote_ident(field.column_name)}) #>> '{{}}', 200)"


def _move(row: Record, policy: ObjectPolicy) -> MoveSeen:
    return MoveSeen(
        row["id"], row["record_id"], row["title"], row["at"], row["from_class"], row["to_class"],
        _told(row["reason"], policy), row["version"],
    )  # fmt: skip


def _told(kept: str, policy: ObjectPolicy) -> dict[str, object]:
    """What a class was decided by, without the values that the actor may not see."""
    reason = orjson.loads(kept)
    seen = reason.get("seen") or {}
    shown = {key: value for key, value in seen.items() if policy.readable.get(key) == TRUE}
    # The condition names fields: it is told only to who sees all of them.
    return {**reason, "seen": shown, "when": reason.get("when") if len(shown) == len(seen) else None}
