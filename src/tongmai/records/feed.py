"""The feed: sealed changes in their order, as far as an actor may see the records they are of."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from tongmai.access import SystemActor
from tongmai.formula import TRUE
from tongmai.records.chronicle import masked, visible_keys
from tongmai.records.entry import key_literal
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.statement import Parameters, Statement
from tongmai.store import Workspace

MOST_EVENTS = 1000


class Position(NamedTuple):
    """A place in the feed: everything up to it has been seen."""

    epoch: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """``body`` is JSON: ``{epoch, seq, at, object, id, version, action, actor, cause, before, after}`` under the
    actor's masks; of a watched object both are null to people, who read them with the record, where the look is
    written down. Where the actor could see the record and no longer can, ``action`` is ``gone`` and nothing else is
    told. So with ``purge``: the record is gone for good, and whose it was cannot be asked any more, so that everybody
    who may read the object at all is told its id.
    """

    epoch: int
    seq: int
    object: str
    id: UUID
    body: bytes


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Go on from ``last``, also where there is no event to be seen; ``is_complete``: no more is sealed by now."""

    events: tuple[FeedEvent, ...]
    last: Position
    is_complete: bool

    def __iter__(self) -> Iterator[FeedEvent]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


async def read_head(runtime: Runtime, workspace: Workspace) -> Position:
    """Where the feed ends now: a new listener starts here."""
    async with runtime.database.read() as tx:
        row = await tx.fetch_row(
            f"SELECT epoch, last_seq FROM {workspace.quoted_schema}._block ORDER BY epoch DESC LIMIT 1"
        )
    return Position() if row is None else Position(row["epoch"], row["last_seq"])


async def read_feed(runtime: Runtime, place: Place, after: Position, limit: int) -> FeedPage:
    """Two statements: what of the sealed feed comes next, and what of that the actor may see now."""
    async with runtime.database.read() as tx:
        ahead = await tx.fetch_row(_AHEAD.replace("{schema}", place.schema), after.epoch, after.seq, limit + 1)
        if ahead is None or not ahead["rows"]:
            return FeedPage((), after, is_complete=True)
        last = Position(ahead["epoch"], ahead["seq"])
        touched = [key for key in sorted(ahead["objects"]) if key in place.structure.catalogue.object_by_key]
        objects = tuple(key for key in touched if place.policy(key).may("read"))
        events: list[FeedEvent] = []
        if objects:
            statement = runtime.kept.get(("feed", place.key, objects), lambda: compile_feed(place, objects))
            given = place.given(runtime.clock.now()) | {
                "after.epoch": after.epoch, "after.seq": after.seq, "upto.epoch": last.epoch, "upto.seq": last.seq,
            }  # fmt: skip
            rows = await tx.fetch(statement.sql, *statement.arguments(given))
            events = [FeedEvent(row["epoch"], row["seq"], row["object"], row["record_id"], row["body"]) for row in rows]
    return FeedPage(tuple(events), last, is_complete=ahead["rows"] <= limit)


# The next rows of sealed epochs; of one more than the limit only the limit counts.
_AHEAD = """
WITH sealed AS MATERIALIZED (SELECT coalesce(max(epoch), 0) AS epoch FROM {schema}._block),
next AS MATERIALIZED (
    SELECT h.epoch, h.seq, h.object, row_number() OVER (ORDER BY h.epoch, h.seq) AS n
    FROM (SELECT x.epoch, x.seq, x.object FROM {schema}._history AS x, sealed
          WHERE x.epoch >= $1 AND x.epoch <= sealed.epoch AND (x.epoch, x.seq) > ($1, $2)
          ORDER BY x.epoch, x.seq LIMIT $3) AS h
)
SELECT (SELECT count(*) FROM next) AS rows, array_agg(DISTINCT object) AS objects,
       (array_agg(epoch ORDER BY n DESC))[1] AS epoch, (array_agg(seq ORDER BY n DESC))[1] AS seq
FROM next WHERE n < $3
"""


def compile_feed(place: Place, objects: Sequence[str]) -> Statement:
    """Parameters: ``after.epoch``, ``after.seq``, ``upto.epoch``, ``upto.seq`` and those of the policies."""
    parameters = Parameters()
    branches = [each(place, key, parameters) for key in objects for each in (_branch, _purged)]
    sql = f"SELECT * FROM ({' UNION ALL '.join(branches)}) AS f ORDER BY f.epoch, f.seq"
    return parameters.statement(sql)


def _branch(place: Place, object_key: str, parameters: Parameters) -> str:
    now = Frame(place, object_key, "t", parameters)
    earlier = Frame(place, object_key, "b", parameters)
    rule = place.policy(object_key).rows["read"]
    is_seen = "TRUE" if rule == TRUE else f"({now.raw_sql(rule)}) IS TRUE"
    was_seen = "TRUE" if rule == TRUE else f"({earlier.raw_sql(rule)}) IS TRUE"
    seen = visible_keys(now)
    tells = isinstance(place.actor, SystemActor) or not place.structure.definition(object_key).watched
    before, after = (masked(f"h.{each}", "v.seen") if tells else "NULL::jsonb" for each in ("before", "after"))
    whole = (
        "json_build_object('epoch', h.epoch, 'seq', h.seq, 'at', h.at, 'object', h.object, 'id', h.record_id,"
        " 'version', h.version, 'action', h.action, 'actor', h.actor, 'cause', h.cause,"
        f" 'before', {before}, 'after', {after})"
    )
    moved_back = f"coalesce(h.before, '{{}}'::jsonb) - {_moved(place, object_key)}::text[]"
    return (
        f"SELECT h.epoch, h.seq, h.object, h.record_id,"
        f" convert_to((CASE WHEN v.is_seen THEN {whole} ELSE {_bare('gone')} END)::text, 'UTF8') AS body"
        f" FROM {place.schema}._history AS h JOIN {place.table(object_key)} AS t ON t.id = h.record_id"
        f" CROSS JOIN LATERAL jsonb_populate_record(t.*, {moved_back}) AS b {now.joins} {earlier.joins}"
        f" CROSS JOIN LATERAL (SELECT {is_seen} AS is_seen, {was_seen} AS was_seen, {seen} AS seen) AS v"
        f" WHERE h.object = {key_literal(object_key)} AND {_span(parameters)}"
        " AND (v.is_seen OR (v.was_seen AND h.action <> 'create'))"
    )


def _purged(place: Place, object_key: str, parameters: Parameters) -> str:
    return (
        f"SELECT h.epoch, h.seq, h.object, h.record_id, convert_to({_bare('purge')}::text, 'UTF8') AS body"
        f" FROM {place.schema}._history AS h WHERE h.object = {key_literal(object_key)} AND h.action = 'purge'"
        f" AND {_span(parameters)}"
    )


def _bare(action: str) -> str:
    """What is told of a record that is not to be seen any more."""
    return (
        "json_build_object('epoch', h.epoch, 'seq', h.seq, 'object', h.object, 'id', h.record_id,"
        f" 'action', {key_literal(action)})"
    )


def _span(parameters: Parameters) -> str:
    """The entries asked for. The epochs stand alone once more, because an index can use them so."""
    after_epoch, after_seq = parameters.named("after.epoch", "bigint"), parameters.named("after.seq", "bigint")
    upto_epoch, upto_seq = parameters.named("upto.epoch", "bigint"), parameters.named("upto.seq", "bigint")
    return (
        f"(h.epoch, h.seq) > ({after_epoch}, {after_seq}) AND (h.epoch, h.seq) <= ({upto_epoch}, {upto_seq})"
        f" AND h.epoch >= {after_epoch} AND h.epoch <= {upto_epoch}"
    )


def _moved(place: Place, object_key: str) -> str:
    """Fields whose column is not named by their key any more: their earlier values are of another type."""
    moved = [each for each in place.structure.definition(object_key).fields if each.column_name != each.key]
    return f"ARRAY[{', '.join(key_literal(each.key) for each in moved)}]"
