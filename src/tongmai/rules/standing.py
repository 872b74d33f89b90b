"""Where rules stand, and what there is to be seen by them in one round."""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tongmai.metrics import Era
from tongmai.model import Catalogue, Enters, RuleDef
from tongmai.rules.reads import Reads
from tongmai.store import ReadTx, Record, Workspace, WriteTx


@dataclass(frozen=True, slots=True)
class RuleState:
    """One row of ``_rule_state``. ``version`` is the catalogue's that was evaluated last; ``since`` when it began."""

    rule: str
    version: int
    since: datetime
    epoch: int
    seq: int
    move: int
    as_of: datetime | None
    whole_at: datetime | None
    moment: datetime | None
    computed_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> RuleState:
        return cls(**{name: row[name] for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Measured:
    """Up to where an object's metrics are true, and when they were computed last."""

    epoch: int
    as_of: datetime
    computed_at: datetime


@dataclass(frozen=True)
class Round:
    """What one round sees. ``changed`` gives, by object, the last sealed epoch with a change of it, as far as known."""

    workspace: Workspace
    catalogue: Catalogue
    era: Era
    head: int
    states: Mapping[str, RuleState]
    measured: Mapping[str, Measured]
    moves: Mapping[str, int]
    waiting_events: frozenset[str]
    changed: Mapping[str, int] = field(default_factory=dict)


async def look(
    tx: ReadTx,
    workspace: Workspace,
    catalogue: Catalogue,
    rules: Sequence[RuleDef],
    reads: Mapping[str, Reads],
    era: Era,
    known: dict[str, int],
    known_upto: int,
) -> Round:
    """Reads what a round needs in a few statements. ``known`` are changes by object up to the epoch ``known_upto``;
    what came since is added to it."""
    schema = workspace.quoted_schema
    states = {
        row["rule"]: RuleState.of(row)
        for row in await tx.fetch(f"SELECT {', '.join(RuleState.__slots__)} FROM {schema}._rule_state")
    }
    head = int(await tx.fetch_value(f"SELECT coalesce(max(epoch), 0) FROM {schema}._block"))
    if head > known_upto:
        rows = await tx.fetch(
            f"SELECT object, max(epoch) AS epoch FROM {schema}._history WHERE epoch > $1 AND epoch <= $2"
            " GROUP BY object",
            known_upto, head,
        )  # fmt: skip
        known |= {row["object"]: row["epoch"] for row in rows}
    hearing = [each.key for each in rules if isinstance(each.when, Enters) or reads[each.key].classed]
    measured = await tx.fetch(f"SELECT object, epoch, as_of, computed_at FROM {schema}._metric_state")
    moves = await tx.fetch(
        f"SELECT segment, max(id) AS id FROM {schema}._segment_move WHERE id > $1 GROUP BY segment",
        min((states[key].move for key in hearing if key in states), default=0),
    )
    events = await tx.fetch(f"SELECT DISTINCT event FROM {schema}._event WHERE taken_at IS NULL")
    return Round(
        workspace, catalogue, era, head, states,
        {
            row["object"]: Measured(row["epoch"], row["as_of"], row["computed_at"])
            for row in measured
            if row["as_of"] is not None
        },
        {row["segment"]: row["id"] for row in moves},
        frozenset(row["event"] for row in events),
        known,
    )  # fmt: skip


async def hold_state(tx: WriteTx, workspace: Workspace, catalogue: Catalogue, rule: RuleDef) -> RuleState | None:
    """The rule's row, held to the end of the transaction and made if there is none; None if another one holds it."""
    table = f"{workspace.quoted_schema}._rule_state"
    columns = ", ".join(RuleState.__slots__)
    for _ in range(2):
        row = await tx.fetch_row(f"SELECT {columns} FROM {table} WHERE rule = $1 FOR UPDATE SKIP LOCKED", rule.key)
        if row is not None:
            return RuleState.of(row)
        await _begin(tx, workspace, catalogue, rule)
    return None


async def save_state(tx: WriteTx, workspace: Workspace, rule: str, **changes: object) -> None:
    names = list(changes)
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 2))
    await tx.execute(
        f"UPDATE {workspace.quoted_schema}._rule_state SET {sets} WHERE rule = $1", rule, *changes.values()
    )


async def pass_over(tx: WriteTx, workspace: Workspace, rules: Sequence[str], epoch: int) -> None:
    """Moves rules on that nothing up to the epoch concerned; who holds one moves it himself."""
    schema = workspace.quoted_schema
    await tx.execute(
        f"UPDATE {schema}._rule_state SET epoch = $2, seq = 0 WHERE rule IN (SELECT rule FROM {schema}._rule_state"
        " WHERE rule = ANY($1) AND epoch < $2 FOR UPDATE SKIP LOCKED)",
        list(rules), epoch,
    )  # fmt: skip


async def _begin(tx: WriteTx, workspace: Workspace, catalogue: Catalogue, rule: RuleDef) -> None:
    """A rule counts from the moment it came into force, also if nothing ran then."""
    schema = workspace.quoted_schema
    absent = (
        "NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce(c.model -> 'rules', '[]')) AS r"
        " WHERE r ->> 'key' = $1 AND coalesce(r ->> 'enabled', 'true') = 'true')"
    )
    in_catalogue = rule.key in catalogue.rule_by_key
    since = await tx.fetch_value(
        f"SELECT min(at) FROM {schema}._catalogue WHERE version > coalesce((SELECT max(c.version)"
        f" FROM {schema}._catalogue AS c WHERE {absent}), -1)" if in_catalogue
        else f"SELECT at FROM {schema}._catalogue ORDER BY version DESC LIMIT 1",
        *([rule.key] if in_catalogue else []),
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO {schema}._rule_state (rule, version, since, epoch, move) SELECT $1, 0, $2::timestamptz,"
        f" (SELECT coalesce(max(epoch), 0) FROM {schema}._block WHERE sealed_at < $2),"
        f" (SELECT coalesce(max(id), 0) FROM {schema}._segment_move WHERE at < $2) ON CONFLICT DO NOTHING",
        rule.key, since,
    )  # fmt: skip
