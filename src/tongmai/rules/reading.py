"""What people ask of rules: how each stands, what it did and why, and why it does or does not hit a record."""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import AnyActor, SystemActor, policy_for
from tongmai.formula import TRUE
from tongmai.kit import NotFound
from tongmai.metrics import AskedRows, Era
from tongmai.model import Catalogue, ObjectScope, RuleDef, all_rules, find_rule
from tongmai.records import Gateway
from tongmai.rules.engine import Engine
from tongmai.rules.evaluating import condition_parts, one_query
from tongmai.rules.events import Event, heard_event
from tongmai.store import Record, Workspace

MOST = 500


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """How a rule stands. ``error`` is its last fault as a document with ``zh`` and ``en``, if it failed."""

    rule: RuleDef
    as_of: datetime | None
    fired_at: datetime | None
    firings: int
    open_episodes: int
    dead: int
    error: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Fired:
    """One line of the live log. ``actions`` tell kind, state and fault of what was to be done."""

    seq: int
    id: UUID
    rule: str
    version: int
    object_key: str
    record_id: UUID
    subject: str | None
    at: datetime
    seen: dict[str, JsonValue]
    chain: tuple[str, ...]
    held: str | None
    ended_at: datetime | None
    actions: list[dict[str, JsonValue]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition and whether it holds for the record."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """Why a rule does or does not hit a record now. Without ``parts`` the actor may not see what they read."""

    rule: RuleDef
    holds: bool
    parts: tuple[Part, ...] | None
    seen: dict[str, JsonValue]
    episode_since: datetime | None
    last_fired: datetime | None
    as_of: datetime


class RuleReader:
    def __init__(self, engine: Engine, gateway: Gateway) -> None:
        self._engine = engine
        self._gateway = gateway

    async def standings(self, workspace: Workspace) -> list[RuleStanding]:
        """All rules of the catalogue, in its order, with what classes do on entry."""
        catalogue = await self._engine.catalogues.get(workspace)
        schema = workspace.quoted_schema
        async with self._engine.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT s.rule, s.as_of, s.error::text AS error, f.at AS fired_at, coalesce(f.firings, 0) AS firings,"
                f" (SELECT count(*) FROM {schema}._episode AS e WHERE e.rule = s.rule AND e.ended_at IS NULL) AS open,"
                f" (SELECT count(*) FROM {schema}._outbox AS b JOIN {schema}._firing AS x ON x.id = b.firing"
                f" WHERE b.state = 'dead' AND x.rule = s.rule) AS dead FROM {schema}._rule_state AS s LEFT JOIN"
                f" (SELECT rule, max(at) AS at, count(*) AS firings FROM {schema}._firing WHERE held IS NULL"
                " GROUP BY rule) AS f ON f.rule = s.rule"
            )
        states = {row["rule"]: row for row in rows}
        return [_standing(rule, states.get(rule.key)) for rule in all_rules(catalogue)]

    async def log(
        self, actor: AnyActor, workspace: Workspace, key: str | None = None, limit: int = 50, before: int | None = None
    ) -> list[Fired]:
        """The live log, the latest first, with the values that the actor reads of all records; ``before`` is the
        ``seq`` of the last line seen."""
        catalogue, schema = await self._engine.catalogues.get(workspace), workspace.quoted_schema
        async with self._engine.database.read() as tx:
            rows = await tx.fetch(
                "SELECT f.seq, f.id, f.rule, f.version, f.object, f.record_id, f.told ->> 'subject' AS subject, f.at,"
                " f.seen::text AS seen, f.chain, f.held, e.ended_at, coalesce((SELECT jsonb_agg(jsonb_build_object("
                "'key', b.key, 'action', b.action ->> 'kind', 'state', b.state, 'attempts', b.attempts,"
                f" 'error', b.error) ORDER BY b.number) FROM {schema}._outbox AS b WHERE b.firing = f.id), '[]')::text"
                f" AS actions FROM {schema}._firing AS f LEFT JOIN {schema}._episode AS e ON e.id = f.episode"
                " WHERE ($1::text IS NULL OR f.rule = $1) AND ($2::bigint IS NULL OR f.seq < $2)"
                " ORDER BY f.seq DESC LIMIT $3",
                key, before, min(limit, MOST),
            )  # fmt: skip
        sight = _Sight(actor, catalogue)
        return [sight.of(_fired(row)) for row in rows]

    async def heard(self, workspace: Workspace, firing: UUID) -> Event | None:
        """The event that a firing heard of; None for one that something else led to."""
        async with self._engine.database.read() as tx:
            return await heard_event(tx, workspace, firing)

    async def explain(self, actor: AnyActor, workspace: Workspace, key: str, record_id: UUID) -> RuleExplanation:
        """Raises ``NotFound`` for an unknown rule, or a record the actor does not see."""
        catalogue = await self._engine.catalogues.get(workspace)
        rule = find_rule(catalogue, key)
        # Raises NotFound where the actor cannot see it.
        await self._gateway.get(actor, workspace, rule.object, record_id, fields=("id",))
        era = Era(self._engine.clock.now(), workspace.zone, catalogue.calendar.working)
        asked = one_query(workspace, catalogue, rule)
        schema = workspace.quoted_schema
        async with self._engine.database.read() as tx:
            row = await tx.fetch_row(asked.sql, *asked.arguments(era, {"id": record_id}))
            past = await tx.fetch_row(
                f"SELECT (SELECT begun_at FROM {schema}._episode WHERE rule = $1 AND record_id = $2"
                " AND ended_at IS NULL) AS since,"
                f" (SELECT max(at) FROM {schema}._firing WHERE rule = $1 AND record_id = $2 AND held IS NULL) AS fired",
                key, record_id,
            )  # fmt: skip
        if row is None or past is None:
            raise NotFound.of("record.not_found", "没有找到该记录", "there is no such record")
        seen = orjson.loads(row["seen"])
        shown = _readable(actor, catalogue, rule, seen)
        names = [name for name, _ in condition_parts(AskedRows.present(workspace, catalogue, rule.object), rule)]
        parts = tuple(Part(name, value) for name, value in zip(names, row["parts"], strict=False))
        needed = len(condition_parts_of_if(rule, parts))
        return RuleExplanation(
            rule=rule,
            holds=not row["deleted"] and all(each.holds for each in parts[:needed]),
            parts=parts if len(shown) == len(seen) else None,
            seen=shown,
            episode_since=past["since"],
            last_fired=past["fired"],
            as_of=era.as_of,
        )


def condition_parts_of_if(rule: RuleDef, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of the condition itself: a ``leave_when`` stands behind them."""
    return parts[:-1] if getattr(rule.when, "leave_when", None) is not None else parts


def _readable(actor: AnyActor, catalogue: Catalogue, rule: RuleDef, seen: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The values of fields that the actor sees on every record; through relations nothing is told but to the system."""
    if isinstance(actor, SystemActor):
        return seen
    readable = policy_for(actor, catalogue, rule.object).readable
    return {key: value for key, value in seen.items() if readable.get(key) == TRUE}


class _Sight:
    """What of firings is for the actor: rules judge whatever there is, and who manages them need not read it."""

    def __init__(self, actor: AnyActor, catalogue: Catalogue) -> None:
        self._actor = actor
        self._catalogue = catalogue
        self._read: dict[tuple[str, str], bool] = {}

    def of(self, fired: Fired) -> Fired:
        if isinstance(self._actor, SystemActor):
            return fired
        definition = self._catalogue.object_by_key.get(fired.object_key)
        title = definition.title if definition is not None else None
        return replace(
            fired,
            subject=fired.subject if title is not None and self._reads(fired.object_key, title) else None,
            seen={path: value for path, value in fired.seen.items() if self._reads(fired.object_key, path)},
        )

    def _reads(self, object_key: str, path: str) -> bool:
        if (object_key, path) not in self._read:
            self._read[object_key, path] = self._reads_along(object_key, path.split("."))
        return self._read[object_key, path]

    def _reads_along(self, object_key: str, keys: Sequence[str]) -> bool:
        """Every field of the path on every record of its object."""
        policy = policy_for(self._actor, self._catalogue, object_key)
        if policy.rows["read"] != TRUE or policy.readable.get(keys[0]) != TRUE:
            return False
        onward = ObjectScope(self._catalogue, object_key).through(keys[0]) if keys[1:] else None
        return not keys[1:] or (onward is not None and self._reads_along(onward.object_key, keys[1:]))


def _standing(rule: RuleDef, row: Record | None) -> RuleStanding:
    if row is None:
        return RuleStanding(rule, None, None, 0, 0, 0, None)
    error = None if row["error"] is None else orjson.loads(row["error"])
    return RuleStanding(rule, row["as_of"], row["fired_at"], row["firings"], row["open"], row["dead"], error)


def _fired(row: Record) -> Fired:
    return Fired(
        row["seq"], row["id"], row["rule"], row["version"], row["object"], row["record_id"], row["subject"], row["at"],
        orjson.loads(row["seen"]), tuple(row["chain"]), row["held"], row["ended_at"], orjson.loads(row["actions"]),
    )  # fmt: skip
