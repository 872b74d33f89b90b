"""What a value was worked out from beside its rows: a rate's days, the whole of a share, when fields were changed."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tongmai.kit import Text
from tongmai.metrics.spans import earlier, present
from tongmai.metrics.windows import Bounds, Era
from tongmai.model import (
    AT_SUFFIX,
    PART_SUFFIX,
    PERSON,
    TEAM,
    Catalogue,
    DaysSince,
    MetricDef,
    ObjectScope,
    PreviousPeriod,
    Rate,
    SamePeriodLastYear,
    Share,
    UpdateRate,
    companion_table,
)
from tongmai.store import ReadTx, Workspace, quote_ident

_ROWS, _DAYS = Text("计入的条数", "Rows that count"), Text("窗口的天数", "Days of the window")
_LATEST, _FILLED = Text("最近一次", "The latest"), Text("其中有值的条数", "Rows with a value")
_OWN = Text("本记录", "This record")
_WHOLE = {"all": Text("全部记录", "All records"), "team": Text("负责人的团队", "The owner's team")}


@dataclass(frozen=True, slots=True)
class Input:
    """A figure that a value was worked out from; ``kind`` is ``number`` or ``datetime``. Without value there was none:
    a field that was not changed."""

    label: Text
    value: object
    kind: Literal["number", "datetime"] = "number"

    @property
    def shown(self) -> int | float | str | None:
        """As JSON has it."""
        if isinstance(self.value, datetime):
            return self.value.isoformat()
        found = None if self.value is None else float(str(self.value))
        return int(found) if found is not None and found.is_integer() else found


def window_compared(metric: MetricDef, era: Era) -> Bounds | None:
    """The window of what the value is compared with, where that is a time."""
    has_past = isinstance(metric.comparison, PreviousPeriod | SamePeriodLastYear)
    return earlier(metric).bounds(era) if has_past else None


def simple_inputs(metric: MetricDef, companion: Mapping[str, object], era: Era) -> tuple[Input, ...]:
    """Those that the record's row of the companion table and the window tell."""
    match metric.measure:
        case Rate():
            return Input(_ROWS, companion.get(metric.key + PART_SUFFIX)), Input(_DAYS, present(metric).days(era))
        case DaysSince():
            return (Input(_LATEST, companion.get(metric.key + AT_SUFFIX), "datetime"),)
    return ()


def filled_input(filled: int, count: int) -> tuple[Input, ...]:
    """Where not every row in the window had what is measured."""
    return () if filled == count else (Input(_FILLED, filled),)


async def share_inputs(
    tx: ReadTx, workspace: Workspace, catalogue: Catalogue, metric: MetricDef, record_id: UUID
) -> tuple[Input, ...]:
    """The record's own part, and the whole that it is a share of."""
    assert isinstance(metric.measure, Share)
    schema, part = workspace.quoted_schema, quote_ident(metric.key + PART_SUFFIX)
    values = f"{schema}.{quote_ident(companion_table(metric.object))}"
    whole = f"SELECT sum({part}) FROM {values}"
    if metric.measure.of == "team":
        teams = _teams(schema, catalogue, metric.object)
        whole = (
            f"SELECT sum(v.{part}) FROM {values} AS v JOIN ({teams}) AS t ON t.id = v.record_id"
            f" WHERE t.team = (SELECT m.team FROM ({teams}) AS m WHERE m.id = $1)"
        )
    row = await tx.fetch_row(
        f"SELECT v.{part} AS part, ({whole}) AS whole FROM {values} AS v WHERE record_id = $1", record_id
    )
    if row is None:
        return ()
    return Input(_OWN, row["part"]), Input(_WHOLE[metric.measure.of], row["whole"])


async def update_inputs(
    tx: ReadTx, workspace: Workspace, catalogue: Catalogue, metric: MetricDef, record_id: UUID, era: Era,
    shown: Collection[str],
) -> tuple[Input, ...]:  # fmt: skip
    """When each of the fields that are ``shown`` was last changed in the window."""
    assert isinstance(metric.measure, UpdateRate)
    bounds = present(metric).bounds(era)
    rows = await tx.fetch(
        f"SELECT k.key, max(h.at) AS at FROM {workspace.quoted_schema}._history AS h"
        " CROSS JOIN LATERAL jsonb_object_keys(h.after) AS k(key) WHERE h.object = $1 AND h.record_id = $2"
        " AND h.action = 'update' AND h.at < $3 AND ($4::timestamptz IS NULL OR h.at >= $4) GROUP BY k.key",
        metric.object, record_id, bounds.end, bounds.start,
    )  # fmt: skip
    changed = {row["key"]: row["at"] for row in rows}
    scope = ObjectScope(catalogue, metric.object)
    return tuple(
        Input(scope.bound(key).definition.label, changed.get(key), "datetime")
        for key in metric.measure.fields
        if key in shown
    )


def _teams(schema: str, catalogue: Catalogue, object_key: str) -> str:
    """Records with the team of their owner."""
    table = f"{schema}.{quote_ident(object_key)}"
    if object_key == TEAM:
        return f"SELECT id, id AS team FROM {table}"
    column = quote_ident(ObjectScope(catalogue, PERSON).bound("team").definition.column_name)
    if object_key == PERSON:
        return f"SELECT id, {column} AS team FROM {table}"
    return (
        f"SELECT o.id, p.{column} AS team FROM {table} AS o JOIN {schema}.{quote_ident(PERSON)} AS p ON p.id = o.owner"
    )
