"""Whether segments can be decided: their object is there, their rows are reachable and their formulas parse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.kit import Fault
from tongmai.model.check_formula import faults_of_formula
from tongmai.model.check_list import check_list, unknown_object
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.metric_definitions import SegmentDef
from tongmai.model.scope import ObjectScope

MOST_SEGMENTS = 200


def check_segments(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """All faults of segments. ``scopes`` are with metrics, without segments: a segment is not made of others."""
    yield from check_list("segment", catalogue.segments, MOST_SEGMENTS)
    for segment in catalogue.segments:
        place = Place("segments") / segment.key
        if segment.object not in scopes:
            yield unknown_object("segment", place, segment.object)
            continue
        yield from _check_classes(segment, scopes[segment.object], place / "classes")


def _check_classes(segment: SegmentDef, scope: ObjectScope, place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    words: dict[str, str] = {}
    for number, each in enumerate(segment.classes):
        here = place / each.key
        for word in dict.fromkeys((each.label.zh.casefold(), each.label.en.casefold())):
            if words.setdefault(word, each.key) != each.key:
                yield fault(
                    "segment.duplicate_label",
                    here / "label",
                    f"“{words[word]}”已使用该名称",
                    f"“{words[word]}” has that label already",
                )
        if each.key in seen:
            yield fault("segment.duplicate_class", here, f"key “{each.key}”重复", f"key “{each.key}” repeats")
        seen.add(each.key)
        if each.when is None and number < len(segment.classes) - 1:
            yield fault(
                "segment.unreachable",
                here / "when",
                "没有条件的一行会拦下其后的所有行",
                "a row without a condition leaves nothing to the rows below it",
                "请把它移到最后，或补上条件",
                "move it to the end or give it a condition",
            )
        for name in ("when", "leave_when"):
            text = getattr(each, name)
            if text is not None:
                yield from faults_of_formula(text, scope, here / name, formula.BOOLEAN)
