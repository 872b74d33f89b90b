"""Whether boards can be drawn: their objects, segments and fields are there, their formulas parse, no key repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.kit import Fault
from tongmai.model.board_definitions import BoardDef, ChartWidget, FigureWidget, LightsWidget, ListWidget, Widget
from tongmai.model.check_formula import faults_of_formula
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.scope import ObjectScope

MOST_BOARDS = 200
_FUNCTIONS = "count|count_distinct|sum|avg|min|max|median"
_MEASURE = re.compile(rf"(?:count|(?:{_FUNCTIONS})\((?P<of>.+)\))", re.DOTALL)


def check_boards(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """All faults of boards. ``scopes`` are with metrics."""
    if len(catalogue.boards) > MOST_BOARDS:
        yield fault("catalogue.too_many", Place("boards"), f"最多 {MOST_BOARDS} 个", f"at most {MOST_BOARDS}")
    seen: set[str] = set()
    for board in catalogue.boards:
        place = Place("boards") / board.key
        if board.key in seen:
            yield fault("board.duplicate_key", place, f"key “{board.key}”重复", f"key “{board.key}” repeats")
        seen.add(board.key)
        yield from _check_board(catalogue, board, scopes, place / "widgets")


def _check_board(
    catalogue: Catalogue, board: BoardDef, scopes: Mapping[str, ObjectScope], place: Place
) -> Iterator[Fault]:
    seen: set[str] = set()
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
        elif isinstance(widget, FigureWidget | ChartWidget | ListWidget):
            yield from _check_question(widget, scopes, here)


def _check_question(
    widget: FigureWidget | ChartWidget | ListWidget, scopes: Mapping[str, ObjectScope], place: Place
) -> Iterator[Fault]:
    scope = scopes.get(widget.object)
    if scope is None:
        yield fault(
            "board.unknown_object",
            place / "object",
            f"没有对象“{widget.object}”",
            f"there is no object “{widget.object}”",
        )
        return
    if widget.filter is not None:
        yield from faults_of_formula(widget.filter, scope, place / "filter", formula.BOOLEAN)
    for where, name in _names(widget):
        yield from faults_of_formula(name, scope, place / where)
    for where, text in _measures(widget):
        found = _MEASURE.fullmatch(text.strip())
        if found is None:
            yield fault(
                "board.measure",
                place / where,
                f"“{text[:60]}”不是汇总方式",
                f"“{text[:60]}” is no measure",
                "写作 count 或 sum(字段)",
                "write count or sum(field)",
            )
        elif found["of"] is not None:
            yield from faults_of_formula(found["of"], scope, place / where)


def _names(widget: Widget) -> Iterator[tuple[str, str]]:
    if isinstance(widget, ChartWidget):
        yield from (("group_by", each.partition(":")[0]) for each in widget.group_by)
    if isinstance(widget, ListWidget):
        yield from (("fields", each) for each in widget.fields)


def _measures(widget: Widget) -> Iterator[tuple[str, str]]:
    if isinstance(widget, FigureWidget):
        yield "measure", widget.measure
    if isinstance(widget, ChartWidget):
        yield from ((f"measures.{name}", text) for name, text in widget.measures.items())
