"""What widgets are made of: the names and measures in them that are formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tongmai.model.board_definitions import ChartWidget, FigureWidget, ListWidget, Widget

_FUNCTIONS = "count|count_distinct|sum|avg|min|max|median"
_MEASURE = re.compile(rf"(?:count|(?:{_FUNCTIONS})\((?P<of>.+)\))", re.DOTALL)


def names_in(widget: Widget) -> Iterator[tuple[str, str]]:
    """The fields and paths that a widget groups by or shows, with where it does."""
    if isinstance(widget, ChartWidget):
        yield from (("group_by", each.partition(":")[0]) for each in widget.group_by)
    if isinstance(widget, ListWidget):
        yield from (("fields", each) for each in widget.fields)


def measures_in(widget: Widget) -> Iterator[tuple[str, str]]:
    """The measures of a widget, as text, with where they stand."""
    if isinstance(widget, FigureWidget):
        yield "measure", widget.measure
    if isinstance(widget, ChartWidget):
        yield from ((f"measures.{name}", text) for name, text in widget.measures.items())


def is_measure(text: str) -> bool:
    """Whether it is ``count`` or a function over a formula."""
    return _MEASURE.fullmatch(text.strip()) is not None


def measured(text: str) -> str | None:
    """The formula that a measure is over; None for ``count`` and what is no measure."""
    found = _MEASURE.fullmatch(text.strip())
    return None if found is None else found["of"]
