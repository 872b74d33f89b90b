"""Boards: a page of widgets on a grid of twelve columns, each a question to the records that opens into its rows."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from tongmai.model.basis import Definition, Key, Label
from tongmai.model.rule_definitions import Span

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
    """One figure of many records; a ``gauge`` shows it against its ``target``. From ``yellow_from`` and ``red_from`` on
    it deserves attention, and is urgent."""

    kind: Literal["number", "gauge"] = "number"
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    measure: MeasureText = "count"
    unit: Label | None = None
    target: Annotated[float | None, Field(gt=0)] = None
    yellow_from: float | None = None
    red_from: float | None = None


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


class AssociationWidget(Definition):
    """Two figures of each record against each other, and how closely they go together (R²). What goes together need not
    be cause and effect, and the widget says so (S0-63, AMB-30). ``x`` and ``y`` are fields of the object."""

    kind: Literal["association"] = "association"
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    x: Key
    y: Key


class Step(Definition):
    """``when`` tells which rows came so far; without it all of them did."""

    key: Key
    label: Label
    when: Formula | None = None


class StepsWidget(Definition):
    """A funnel of the same rows at each step: how many came so far, and which part of those of the step before
    (S2-44). Unlike a funnel by a field it counts who went on at all the steps that he went through."""

    kind: Literal["steps"] = "steps"
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=12)]


class RowAction(Definition):
    """What can be done about a row where it stands: ``timeline`` shows what happened around the record, chats included,
    ``form`` fills in ``fields`` of it, ``task`` asks somebody within ``due``. The record is the row itself or, with
    ``of``, the one that this relation of the row names; ``roles`` are whose people are asked first. S0-48."""

    key: Key
    label: Label
    does: Literal["timeline", "form", "task"]
    of: Key | None = None
    fields: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    roles: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    due: Span | None = None


class ListWidget(Definition):
    """The first records of a list, each with what can be done about it."""

    kind: Literal["list"] = "list"
    key: Key
    label: Label
    spot: Spot = Spot()
    object: Key
    filter: Formula | None = None
    sort: Annotated[str | None, Field(max_length=300)] = None
    fields: Annotated[tuple[Key, ...], Field(max_length=12)] = ()
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    actions: Annotated[tuple[RowAction, ...], Field(max_length=4)] = ()


class TextWidget(Definition):
    """Words between the figures."""

    kind: Literal["text"] = "text"
    key: Key
    label: Label
    spot: Spot = Spot()
    text: Label


# Those that ask for records of an object, by a filter.
AskingWidget: TypeAlias = FigureWidget | ChartWidget | StepsWidget | AssociationWidget | ListWidget
Widget: TypeAlias = Annotated[
    FigureWidget | ChartWidget | StepsWidget | LightsWidget | AssociationWidget | ListWidget | TextWidget,
    Field(discriminator="kind"),
]


class BoardDef(Definition):
    """A page of widgets. Who opens it sees in each what he may see; nothing in it is anybody else's figure.

    With ``record`` it is a panel on the page of each record of that object instead: in a filter ``{record}`` stands for
    the record and ``{record.city}`` for a value of it. Its ``place`` there is the ``top``, a tab ``beside`` the form,
    or the ``timeline``: the rows of its lists stand there, each at the moment it is sorted by. ``roles`` are those to
    whom it is offered (all, if none is named); what they see in it is decided by their policies alone.
    """

    key: Key
    label: Label
    description: Label | None = None
    record: Key | None = None
    place: Literal["top", "beside", "timeline"] = "beside"
    roles: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    widgets: Annotated[tuple[Widget, ...], Field(max_length=60)] = ()
