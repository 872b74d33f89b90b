"""Which field a column means: by key, by label, by spelling, by what its cells look like; and the types a new object's
fields would have. Guesses are shown to a person before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from unicodedata import normalize

from tongmai.formula import FALSE
from tongmai.model import BoundField, Reading
from tongmai.records.place import Place
from tongmai.records.structure import unique_sets
from tongmai.records.transfer.mapping import is_importable
from tongmai.records.transfer.request import ColumnMap
from tongmai.tabular import Cell

How = Literal["key", "label", "spelling", "values"]
# Types whose values look like nothing else, so that a column can be known by them.
_TELLING = ("phone", "email", "url")
_FIT = 0.95
_LEAST_VALUES = 3
_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]")
_SEPARATORS = re.compile(r"[\s_\-./:：*]+")


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """A column and the field it seems to mean, or None; ``match`` is how a related record would be found."""

    column: str
    field: str | None
    how: How | None = None
    match: str | None = None

    def as_map(self) -> ColumnMap:
        assert self.field is not None
        return ColumnMap(column=self.column, field=self.field, match=self.match)


def guess_columns(
    place: Place, object_key: str, columns: Sequence[str], sample: Sequence[Sequence[object]]
) -> tuple[ColumnGuess, ...]:
    """A guess for each column; no field is guessed twice, and none that the actor could not write."""
    names = _names(place, object_key)
    taken: set[str] = set()
    found: dict[int, ColumnGuess] = {}
    # The surer way goes over all columns first: an exact key is not to be lost to a similar label before it.
    for how in ("key", "label", "spelling"):
        for index, column in enumerate(columns):
            hit = None if index in found else names.find(column, how)
            if hit is not None and hit[0] not in taken:
                found[index] = ColumnGuess(column, hit[0], how, hit[1])
                taken.add(hit[0])
    for index, field in _by_values(place, object_key, columns, sample, taken, set(found)):
        found[index] = ColumnGuess(columns[index], field, "values")
    return tuple(found.get(index, ColumnGuess(column, None)) for index, column in enumerate(columns))


def normal(name: str) -> str:
    """A spelling without what people vary: width, case, blanks, separators."""
    return _SEPARATORS.sub("", normalize("NFKC", name).casefold())


class _Names:
    """What columns may be called, by how sure each kind of name is."""

    def __init__(self) -> None:
        self.by: dict[How, dict[str, tuple[str, str | None]]] = {"key": {}, "label": {}, "spelling": {}, "values": {}}

    def add(self, field: str, key: str, labels: Sequence[str], match: str | None) -> None:
        self.by["key"].setdefault(key, (field, match))
        for label in labels:
            self.by["label"].setdefault(label, (field, match))
            self.by["spelling"].setdefault(normal(label), (field, match))
        self.by["spelling"].setdefault(normal(key), (field, match))

    def find(self, column: str, how: How) -> tuple[str, str | None] | None:
        if how != "spelling":
            return self.by[how].get(column.strip())
        return self.by[how].get(normal(column)) or self.by[how].get(normal(_ASIDE.sub("", column)))


def _names(place: Place, object_key: str) -> _Names:
    names = _Names()
    policy = place.policy(object_key)
    bound = [place.structure.bound(object_key, key) for key in place.structure.fields(object_key)]
    usable = [
        each
        for each in bound
        if is_importable(each) and (each.key in policy.settable or policy.writable.get(each.key, FALSE) != FALSE)
    ]
    for each in usable:
        label = each.definition.label
        names.add(each.key, each.key, (label.zh, label.en), None)
    for each in usable:
        for match, suffixes in _related_names(place, each):
            label = each.definition.label
            both = [f"{label.zh}{suffixes[0]}", f"{label.en} {suffixes[1]}"]
            names.add(each.key, f"{each.key}.{match}", both, match)
    return names


def _related_names(place: Place, each: BoundField) -> Iterator[tuple[str, tuple[str, str]]]:
    """客户 + 编号: a relation named together with a field that tells its records apart."""
    target = each.target
    if target is None or target not in place.structure.catalogue.object_by_key:
        return
    definition = place.structure.definition(target)
    keys = [keys[0] for keys in unique_sets(definition) if len(keys) == 1]
    keys += [definition.title] if definition.title else []
    for key in dict.fromkeys(keys):
        if place.policy(target).readable.get(key, FALSE) != FALSE:
            label = definition.by_key[key].label
            yield key, (label.zh, label.en)


def _by_values(
    place: Place,
    object_key: str,
    columns: Sequence[str],
    sample: Sequence[Sequence[object]],
    taken: set[str],
    found: set[int],
) -> Iterator[tuple[int, str]]:
    """A column whose cells are all phones, say, where just one phone field is left and just one column fits."""
    policy = place.policy(object_key)
    for kind in _TELLING:
        fields = [
            each.key
            for each in place.structure.definition(object_key).fields
            if each.type == kind and each.key not in taken and each.key in policy.settable
        ]
        if len(fields) != 1:
            continue
        bound = place.structure.bound(object_key, fields[0])
        fitting = [index for index in range(len(columns)) if index not in found and _fits(place, bound, index, sample)]
        if len(fitting) == 1:
            yield fitting[0], fields[0]


def _fits(place: Place, bound: BoundField, index: int, sample: Sequence[Sequence[object]]) -> bool:
    cells: list[Cell] = [row[index] for row in sample if row[index] is not None]  # type: ignore[misc]
    if len(cells) < _LEAST_VALUES:
        return False
    _, faults = bound.parse_column(cells, Reading(place.zone))  # type: ignore[arg-type]
    return len(faults) <= len(cells) * (1 - _FIT)
