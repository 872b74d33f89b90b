"""What boards and their widgets name."""

from __future__ import annotations

from tongmai.model.board_definitions import (
    AssociationWidget,
    BoardDef,
    LightsWidget,
    ListWidget,
    RowAction,
    StepsWidget,
    TextWidget,
    Widget,
)
from tongmai.model.board_parts import measured, measures_in, names_in
from tongmai.model.record_places import fields_in_places, fill_places, sample_of
from tongmai.model.referring.names import Names


def name_board(names: Names, board: BoardDef) -> None:
    for role in board.roles:
        names.add("role", role)
    if board.record is not None:
        names.object(board.record)
    for widget in board.widgets:
        name_widget(names, board.record, widget)


def name_widget(names: Names, record: str | None, widget: Widget) -> None:
    """``record`` is the object whose records the board is a panel of."""
    if isinstance(widget, TextWidget):
        return
    if isinstance(widget, LightsWidget):
        names.add("segment", widget.segment)
        return
    names.object(widget.object)
    if widget.filter is not None:
        _name_filter(names, record, widget.object, widget.filter)
    for _, name in names_in(widget):
        names.formula(widget.object, name)
    for _, text in measures_in(widget):
        names.formula(widget.object, measured(text))
    if isinstance(widget, AssociationWidget):
        names.field(widget.object, widget.x)
        names.field(widget.object, widget.y)
    if isinstance(widget, StepsWidget):
        for step in widget.steps:
            names.formula(widget.object, step.when)
    if isinstance(widget, ListWidget):
        for name in (widget.sort or "").split(","):
            names.formula(widget.object, name.strip().removeprefix("-") or None)
        for action in widget.actions:
            _name_action(names, widget.object, action)


def _name_filter(names: Names, record: str | None, object_key: str, text: str) -> None:
    """In a panel's filter the record's values have their places."""
    samples: dict[str | None, str] = {None: sample_of(None) or ""}
    scope = names.scope(record) if record is not None else None
    for field in fields_in_places(text) if scope is not None and record is not None else ():
        symbol = scope.find(field) if scope is not None else None
        samples[field] = (sample_of(symbol.type) if symbol is not None else None) or "BLANK"
        if record is not None:
            names.field(record, field)
    names.formula(object_key, fill_places(text, lambda field: samples.get(field, "BLANK")))


def _name_action(names: Names, object_key: str, action: RowAction) -> None:
    for role in action.roles:
        names.add("role", role)
    scope = names.scope(object_key)
    if action.of is not None:
        names.field(object_key, action.of)
        scope = scope.through(action.of) if scope is not None else None
    for field in action.fields if scope is not None else ():
        names.formula(scope.object_key if scope is not None else object_key, field)
