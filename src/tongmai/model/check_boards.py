"""Whether boards can be drawn: their objects, segments, roles and fields are there, their formulas parse, no key
repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.kit import Fault
from tongmai.model.board_definitions import (
    AskingWidget,
    AssociationWidget,
    BoardDef,
    LightsWidget,
    ListWidget,
    RowAction,
    StepsWidget,
    TextWidget,
    Widget,
)
from tongmai.model.board_parts import is_measure, measured, measures_in, names_in
from tongmai.model.check_formula import faults_of_formula
from tongmai.model.check_list import check_list
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.record_places import fields_in_places, fill_places, sample_of
from tongmai.model.scope import ObjectScope

MOST_BOARDS = 200


def check_boards(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """All faults of boards. ``scopes`` are with metrics."""
    yield from check_list("board", catalogue.boards, MOST_BOARDS)
    for board in catalogue.boards:
        place = Place("boards") / board.key
        yield from _check_roles(catalogue, board.roles, place / "roles")
        if board.record is not None and board.record not in scopes:
            yield _unknown_object(board.record, place / "record")
            continue
        yield from _check_board(catalogue, board, scopes, place / "widgets")


def _check_roles(catalogue: Catalogue, roles: tuple[str, ...], place: Place) -> Iterator[Fault]:
    for role in roles:
        if role not in catalogue.role_by_key:
            yield fault("board.unknown_role", place, f"没有角色“{role}”", f"there is no role “{role}”")


def _check_board(
    catalogue: Catalogue, board: BoardDef, scopes: Mapping[str, ObjectScope], place: Place
) -> Iterator[Fault]:
    seen: set[str] = set()
    record = scopes[board.record] if board.record is not None else None
    for widget in board.widgets:
        here = place / widget.key
        if widget.key in seen:
            yield fault("board.duplicate_widget", here, f"key “{widget.key}”重复", f"key “{widget.key}” repeats")
        seen.add(widget.key)
        if isinstance(widget, LightsWidget):
            if widget.segment not in catalogue.segment_by_key:
                yield fault(
                    "board.unknown_segment",
                    here / "segment",
                    f"没有分层“{widget.segment}”",
                    f"there is no segment “{widget.segment}”",
                )
        elif not isinstance(widget, TextWidget):
            yield from _check_question(widget, scopes, record, here)
        if isinstance(widget, ListWidget) and widget.object in scopes:
            for action in widget.actions:
                yield from _check_action(catalogue, widget, action, scopes, here / "actions" / action.key)
        if board.record is not None and board.place == "timeline":
            yield from _check_moment(widget, scopes, here)


def _check_question(
    widget: AskingWidget,
    scopes: Mapping[str, ObjectScope],
    record: ObjectScope | None,
    place: Place,
) -> Iterator[Fault]:
    scope = scopes.get(widget.object)
    if scope is None:
        yield _unknown_object(widget.object, place / "object")
        return
    if widget.filter is not None:
        yield from _check_filter(widget.filter, scope, record, place / "filter")
    for where, name in names_in(widget):
        yield from faults_of_formula(name, scope, place / where)
    if isinstance(widget, AssociationWidget):
        yield from faults_of_formula(widget.x, scope, place / "x", formula.NUMBER)
        yield from faults_of_formula(widget.y, scope, place / "y", formula.NUMBER)
    if isinstance(widget, StepsWidget):
        yield from _check_steps(widget, scope, place / "steps")
    for where, text in measures_in(widget):
        if not is_measure(text):
            yield fault(
                "board.measure",
                place / where,
                f"“{text[:60]}”不是汇总方式",
                f"“{text[:60]}” is no measure",
                "写作 count 或 sum(字段)",
                "write count or sum(field)",
            )
        elif (of := measured(text)) is not None:
            yield from faults_of_formula(of, scope, place / where)


def _check_steps(widget: StepsWidget, scope: ObjectScope, place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for step in widget.steps:
        if step.key in seen:
            yield fault("board.duplicate_step", place / step.key, f"key “{step.key}”重复", f"key “{step.key}” repeats")
        seen.add(step.key)
        if step.when is not None:
            yield from faults_of_formula(step.when, scope, place / step.key / "when", formula.BOOLEAN)


def _check_filter(text: str, scope: ObjectScope, record: ObjectScope | None, place: Place) -> Iterator[Fault]:
    """``record`` is the object whose records the board is a panel of: its values stand in the filter's places."""
    if record is None:
        yield from faults_of_formula(text, scope, place, formula.BOOLEAN)
        return
    samples: dict[str | None, str] = {None: sample_of(None) or ""}
    for field in fields_in_places(text):
        symbol = record.find(field)
        sample = None if symbol is None else sample_of(symbol.type)
        if sample is None:
            yield fault(
                "board.record_field",
                place,
                f"记录的字段“{field}”不能用在这里",
                f"the record's field “{field}” cannot stand here",
                "请用文本、选项、数字、日期、是否或关联字段",
                "name a text, choice, number, date, yes/no or relation field",
            )
            return
        samples[field] = sample
    yield from faults_of_formula(fill_places(text, samples.__getitem__), scope, place, formula.BOOLEAN)


def _check_action(
    catalogue: Catalogue, widget: ListWidget, action: RowAction, scopes: Mapping[str, ObjectScope], place: Place
) -> Iterator[Fault]:
    yield from _check_roles(catalogue, action.roles, place / "roles")
    target: str | None = widget.object
    if action.of is not None:
        symbol = scopes[widget.object].find(action.of)
        target = symbol.type.target if symbol is not None and symbol.type.kind is formula.Kind.REFERENCE else None
    if target is None or target not in scopes:
        yield fault(
            "board.action_of",
            place / "of",
            f"“{action.of}”不是指向一条记录的字段",
            f"“{action.of}” is no field that leads to one record",
        )
        return
    for field in action.fields:
        yield from faults_of_formula(field, scopes[target], place / "fields")
    if action.does == "form" and not action.fields:
        yield fault("board.action_fields", place / "fields", "请选要填写的字段", "choose the fields to fill in")


def _check_moment(widget: Widget, scopes: Mapping[str, ObjectScope], place: Place) -> Iterator[Fault]:
    """In a timeline each row stands at the moment that its list is sorted by."""
    if not isinstance(widget, ListWidget):
        yield fault("board.timeline", place, "时间线里只能放列表", "only lists stand in a timeline")
        return
    scope = scopes.get(widget.object)
    symbol = scope.find((widget.sort or "").removeprefix("-")) if scope is not None and widget.sort else None
    if symbol is None or symbol.type.kind not in (formula.Kind.DATETIME, formula.Kind.DATE):
        yield fault(
            "board.timeline",
            place / "sort",
            "时间线按一个时间排列",
            "a timeline is in the order of a moment",
            "请按日期或时间字段排序，例如 -sent_at",
            "sort by a date or date-time field, such as -sent_at",
        )


def _unknown_object(key: str, place: Place) -> Fault:
    return fault("board.unknown_object", place, f"没有对象“{key}”", f"there is no object “{key}”")
