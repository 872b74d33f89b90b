"""What a metric or segment reads, as paths: of the rows it measures, and of the record that it is a field of."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.formula import Path


@dataclass(frozen=True, slots=True)
class Reads:
    """``rows``: paths from the object ``source``, with no metrics in them. ``record``: from the object itself.

    ``repeats`` tells that the value is the words of one row, not a figure of several.
    """

    source: str
    rows: frozenset[Path]
    record: frozenset[Path]
    repeats: bool = False
