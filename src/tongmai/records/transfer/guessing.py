"""Which field a column means: by key, by label, by spelling, by another name for the same thing, by what its cells look
like; and whether the cells speak against it. Guesses are shown to a person before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tongmai.formula import FALSE
from tongmai.model import SYSTEM_KEYS, BoundField, Reading
from tongmai.records.place import Place
from tongmai.records.structure import unique_sets
from tongmai.records.transfer.column_names import Named, rank_of, rank_of_relation, spellings, spelt
from tongmai.records.transfer.mapping import is_importable
from tongmai.records.transfer.request import ColumnMap
from tongmai.tabular import Cell

How = Literal["key", "label", "spelling", "meaning", "values"]
# The ways by how much they are to be trusted where the cells do not speak against them: an order, nothing measured.
_SURE: Mapping[How, float] = {"key": 1.0, "label": 1.0, "spelling": 0.95, "meaning": 0.85, "values": 0.6}
# Any way, for a column whose cells the field could not hold.
_MISFIT = 0.3
# Types whose values look like nothing else, so that a column can be known by them.
_TELLING = ("phone", "email", "url")
_FIT = 0.95
_HALF = 0.5
_LEAST_VALUES = 3


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """A column and the field it seems to mean, or None; ``match`` is how a related record would be found, ``sure`` how
    far that is to be trusted, 0 to 1."""

    column: str
    field: str | None
    how: How | None = None
    match: str | None = None
    sure: float | None = None

    def as_map(self) -> ColumnMap:
        assert self.field is not None
        return ColumnMap(column=self.column, field=self.field, match=self.match)


def guess_columns(
    place: Place, object_key: str, columns: Sequence[str], sample: Sequence[Sequence[object]]
) -> tuple[ColumnGuess, ...]:
    """A guess for each column; no field is guessed twice, and none that the actor could not write."""
    usable = _usable(place, object_key)
    names = _names(place, usable)
    taken: set[str] = set()
    found: dict[int, ColumnGuess] = {}

    def take(index: int, field: str, how: How, match: str | None) -> None:
        found[index] = ColumnGuess(columns[index], field, how, match, _SURE[how])
        taken.add(field)

    # The surer way goes over all columns first: an exact key is not to be lost to a similar label before it.
    for how in ("key", "label", "spelling"):
        for index, column in enumerate(columns):
            hit = None if index in found else names.find(column, how)
            if hit is not None and hit[0] not in taken:
                take(index, hit[0], how, hit[1])
    left = {index: column for index, column in enumerate(columns) if index not in found}
    free = [each for each in usable if each.key not in taken]
    for index, field in _by_meaning(place, object_key, free, left, sample):
        if field not in taken:
            take(index, field, "meaning", None)
    for index, field in _by_values(place, object_key, columns, sample, taken, set(found)):
        take(index, field, "values", None)
    return tuple(
        _weighed(place, object_key, found[index], index, sample) if index in found else ColumnGuess(column, None)
        for index, column in enumerate(columns)
    )


class _Names:
    """What columns may be called, by how sure each kind of name is."""

    def __init__(self) -> None:
        self.by: dict[How, dict[str, tuple[str, str | None]]] = {"key": {}, "label": {}, "spelling": {}}

    def add(self, field: str, key: str, labels: Sequence[str], match: str | None) -> None:
        self.by["key"].setdefault(key, (field, match))
        for label in labels:
            self.by["label"].setdefault(label, (field, match))
            self.by["spelling"].setdefault(spelt(label), (field, match))
        self.by["spelling"].setdefault(spelt(key), (field, match))

    def find(self, column: str, how: How) -> tuple[str, str | None] | None:
        if how != "spelling":
            return self.by[how].get(column.strip())
        return next((self.by[how][each] for each in spellings(column) if each in self.by[how]), None)


def _usable(place: Place, object_key: str) -> list[BoundField]:
    """The fields that a column may fill and that the actor may write."""
    policy = place.policy(object_key)
    bound = [place.structure.bound(object_key, key) for key in place.structure.fields(object_key)]
    return [
        each
        for each in bound
        if is_importable(each) and (each.key in policy.settable or policy.writable.get(each.key, FALSE) != FALSE)
    ]


def _names(place: Place, usable: Sequence[BoundField]) -> _Names:
    names = _Names()
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


def _by_meaning(
    place: Place,
    object_key: str,
    fields: Sequence[BoundField],
    columns: Mapping[int, str],
    sample: Sequence[Sequence[object]],
) -> list[tuple[int, str]]:
    """Columns with the one field that each means by another name and that can hold its cells, the plainest first. Where
    a column may mean two fields, a person has to say which."""
    definition = place.structure.definition(object_key)
    here = Named.of(definition)
    targets = {
        each.key: Named.of(place.structure.definition(each.target))
        for each in fields
        if each.target in place.structure.catalogue.object_by_key
    }
    found: list[tuple[int, int, str]] = []
    for index, column in columns.items():
        ranks: dict[str, int] = {}
        for each in fields:
            is_title = each.key == definition.title
            rank = rank_of(here, each.definition, is_title=is_title, column=column)
            if rank is None and each.key in targets:
                rank = rank_of_relation(targets[each.key], each.definition, column)
            if rank is not None and _holds(place, each, index, sample):
                ranks[each.key] = rank
        # 业务员 is the company's own 销售 before it is the 负责人 that every record has.
        likely = [key for key in ranks if key not in SYSTEM_KEYS] or list(ranks)
        if len(likely) == 1:
            found.append((ranks[likely[0]], index, likely[0]))
    return [(index, field) for _, index, field in sorted(found)]


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


def _weighed(
    place: Place, object_key: str, guess: ColumnGuess, index: int, sample: Sequence[Sequence[object]]
) -> ColumnGuess:
    """The guess, much less sure where most cells are nothing that the field could hold."""
    assert guess.field is not None
    bound = place.structure.bound(object_key, guess.field)
    return guess if _holds(place, bound, index, sample) else replace(guess, sure=_MISFIT)


def _holds(place: Place, bound: BoundField, index: int, sample: Sequence[Sequence[object]]) -> bool:
    """Whether the field could hold most of the column's cells. What names related records is told by no shape."""
    return bound.target is not None or _share_read(place, bound, _cells(index, sample)) >= _HALF


def _fits(place: Place, bound: BoundField, index: int, sample: Sequence[Sequence[object]]) -> bool:
    cells = _cells(index, sample)
    return len(cells) >= _LEAST_VALUES and _share_read(place, bound, cells) >= _FIT


def _cells(index: int, sample: Sequence[Sequence[object]]) -> list[Cell]:
    return [row[index] for row in sample if row[index] is not None]  # type: ignore[misc]


def _share_read(place: Place, bound: BoundField, cells: list[Cell]) -> float:
    """The share of cells that the field can hold; all of none."""
    if not cells:
        return 1.0
    _, faults = bound.parse_column(cells, Reading(place.zone))  # type: ignore[arg-type]
    return 1 - len(faults) / len(cells)
