"""Boards: a page of widgets on a grid of twelve columns, each a question to the records that opens into its rows."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from tongmai.model.basis import Definition, Key, Label

Formula = Annotated[str, Field(min_length=1, max_length=10_000)]
# A field, a path through relations, or a date with its bucket (`close_date:month`).
GroupBy = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,200}(:(day|week|month|quarter|year))?$")]
# `count`, or a function over a formula: `sum(amount)`.
MeasureText = Annotated[str, Field(min_length=1, max_length=2_000)]
COLUMNS = 12


class Spot(Definition):
    """Where a widget lies, in columns and rows of the grid."""

    x: Annotated[int, Field(ge=0, lt=COLUMNS)] = 0
    y: Annotated[int, Field(ge=0, le=1_000)] = 0
    w: Annotated[int, Field(ge=1, le=COLUMNS)] = 4
    h: Annotated[int, Field(ge=1, le=40)] = 4


class FigureWidget(Definition):
    """One figure of many records; a ``gauge`` shows it against its ``target``."""

    kind: Literal["number", "gauge"] = "number"
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    measure: MeasureText = "count"
    unit: Label | None = None
    target: Annotated[float | None, Field(gt=0)] = None


class ChartWidget(Definition):
    """Figures by the values of one field, a ``heat`` map by those of two. The measures' keys are their names."""

    kind: Literal["bar", "line", "trend", "funnel", "heat", "table"]
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    group_by: Annotated[tuple[GroupBy, ...], Field(min_length=1, max_length=2)]
    measures: Annotated[dict[Key, MeasureText], Field(min_length=1, max_length=6)]
    sort: Annotated[str | None, Field(max_length=300)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class LightsWidget(Definition):
    """The classes of a segment, each with its colour, its shape and how many are in it."""

    kind: Literal["lights"] = "lights"
    key: Key
    label: Label
    spot: Spot = Spot()
    segment: Key


class ListWidget(Definition):
    """The first records of a list."""

    kind: Literal["list"] = "list"
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    sort: Annotated[str | None, Field(max_length=300)] = None
    fields: Annotated[tuple[Key, ...], Field(max_length=12)] = ()
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class TextWidget(Definition):
    """Words between the figures."""

    kind: Literal["text"] = "text"
    key: Key
    label: Label
    spot: Spot = Spot()
    text: Label


Widget: TypeAlias = Annotated[
    FigureWidget | ChartWidget | LightsWidget | ListWidget | TextWidget, Field(discriminator="kind")
]


class BoardDef(Definition):
    """A page of widgets. Who opens it sees in each what he may see; nothing in it is anybody else's figure."""

    key: Key
    label: Label
    description: Label | None = None
    widgets: Annotated[tuple[Widget, ...], Field(max_length=60)] = ()
