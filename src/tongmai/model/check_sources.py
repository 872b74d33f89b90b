"""Whether sources and mappings can work: keys, schedules, the fields they fill and the formulas over raw rows.

What a kind of source wants for its options is known only where that kind is: the HTTP API asks there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from tongmai import formula
from tongmai.kit import Fault, Invalid
from tongmai.model.bound_field import bind_field
from tongmai.model.check_list import check_list
from tongmai.model.definitions import Catalogue, FieldDef, ObjectDef
from tongmai.model.fault_at import Place, fault
from tongmai.model.source_definitions import FieldMap, MappingDef, RawColumn, SourceDef
from tongmai.model.system_fields import SYSTEM_KEYS, system_fields

MOST_SOURCES = 200
MOST_MAPPINGS = 1000
_RAW_TYPES = {
    "text": formula.TEXT,
    "number": formula.NUMBER,
    "boolean": formula.BOOLEAN,
    "date": formula.DATE,
    "datetime": formula.DATETIME,
    "json": formula.JSON,
}
_PASSWORD_IN_ADDRESS = re.compile(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://[^/\s:@'\"]*:[^/\s@'\"]+@", re.IGNORECASE)
_KEYS_CANNOT_BE = frozenset({"json", "multi_choice", "file", "point", "formula", "long_text"})


class RawScope:
    """What a formula over a raw row may name: the columns the mapping declares."""

    object_key = "raw"

    def __init__(self, columns: Iterable[RawColumn]) -> None:
        self._symbols = {each.called: formula.Symbol(each.path, _RAW_TYPES[each.type]) for each in columns}

    def find(self, name: str) -> formula.Symbol | None:
        return self._symbols.get(name)

    def names(self) -> Sequence[str]:
        return list(self._symbols)

    def through(self, key: str) -> formula.Scope | None:
        return None


def check_sources(catalogue: Catalogue) -> Iterator[Fault]:
    """All faults of sources and mappings."""
    yield from check_list("source", catalogue.sources, MOST_SOURCES)
    yield from check_list("mapping", catalogue.mappings, MOST_MAPPINGS)
    for source in catalogue.sources:
        yield from _check_schedule(source)
        yield from _check_secrecy(source)
    for mapping in catalogue.mappings:
        yield from _check_mapping(catalogue, mapping)


def _check_schedule(source: SourceDef) -> Iterator[Fault]:
    if source.schedule is None:
        return
    try:
        if len(source.schedule.split()) != 5:
            raise CronSimError("five parts")
        next(CronSim(source.schedule, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        yield fault(
            "source.schedule",
            Place("sources") / source.key / "schedule",
            f"“{source.schedule}”不是可用的时间表",
            f"“{source.schedule}” is no usable schedule",
            "写五段：分 时 日 月 周，例如 */10 * * * *",
            "give five parts: minute hour day month weekday, like */10 * * * *",
        )


def _check_secrecy(source: SourceDef) -> Iterator[Fault]:
    """Definitions are seen, exported and kept for ever: an address with a password in it is none for them."""
    # repr writes a NUL as \x00: the database could not keep it.
    if "\\x00" in repr(source.options):
        yield fault(
            "source.nul", Place("sources") / source.key / "options", "不能有空字符", "no NUL character may be in it"
        )
    if _PASSWORD_IN_ADDRESS.search(str(source.options)):
        yield fault(
            "source.password_in_options",
            Place("sources") / source.key / "options",
            "地址里不能写密码",
            "an address must not hold a password",
            "请填在数据源的凭据里",
            "give it as a secret of the source",
        )


def _check_mapping(catalogue: Catalogue, mapping: MappingDef) -> Iterator[Fault]:
    place = Place("mappings") / mapping.key
    if mapping.source not in catalogue.source_by_key:
        zh, en = f"没有数据源“{mapping.source}”", f"there is no source “{mapping.source}”"
        yield fault("mapping.unknown_source", place / "source", zh, en)
    definition = catalogue.object_by_key.get(mapping.object)
    if definition is None:
        zh, en = f"没有对象“{mapping.object}”", f"there is no object “{mapping.object}”"
        yield fault("mapping.unknown_object", place / "object", zh, en)
        return
    yield from _check_columns(mapping, place / "columns")
    scope = RawScope(mapping.columns)
    if mapping.where is not None:
        yield from _check_formula(mapping.where, scope, place / "where", formula.BOOLEAN)
    seen: set[str] = set()
    for each in mapping.fields:
        here = place / "fields" / each.field
        if each.field in seen:
            zh, en = f"字段“{each.field}”出现两次", f"field “{each.field}” is given twice"
            yield fault("mapping.field_twice", here, zh, en)
        seen.add(each.field)
        yield from _check_formula(each.value, scope, here / "value", None)
        yield from _check_field(catalogue, definition, each, here)
        if each.push is not None and each.push not in {column.path for column in mapping.columns}:
            zh, en = f"列里没有“{each.push}”", f"“{each.push}” is not among the columns"
            yield fault("mapping.unknown_column", here / "push", zh, en)
    yield from _check_match(definition, mapping, seen, place / "match")


def _check_columns(mapping: MappingDef, place: Place) -> Iterator[Fault]:
    for what in ("path", "called"):
        seen: set[str] = set()
        for column in mapping.columns:
            word: str = getattr(column, what)
            if word in seen:
                yield fault("mapping.column_twice", place / word, f"“{word}”重复", f"“{word}” repeats")
            seen.add(word)


def _check_formula(text: str, scope: RawScope, place: Place, expect: formula.Type | None) -> Iterator[Fault]:
    try:
        formula.parse(text, scope, expect=expect)
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)


def _check_field(catalogue: Catalogue, definition: ObjectDef, each: FieldMap, place: Place) -> Iterator[Fault]:
    field = _field(definition, each.field)
    if field is None or (field.key in SYSTEM_KEYS and field.key != "owner"):
        zh, en = f"没有可写的字段“{each.field}”", f"there is no field “{each.field}” to be written"
        yield fault("mapping.unknown_field", place, zh, en)
        return
    bound = bind_field(field, catalogue)
    if not bound.type.writable or field.type == "file":
        zh, en = f"“{field.label.zh}”不能由映射写入", f"“{field.label.en}” cannot be filled by a mapping"
        yield fault("mapping.read_only", place, zh, en)
    words = (*each.by, *((each.like,) if each.like else ()))
    if bound.target is None:
        if words or each.create_missing:
            zh, en = f"“{field.label.zh}”不是关联字段", f"“{field.label.en}” is no relation"
            yield fault("mapping.no_relation", place / "by", zh, en)
        return
    target = catalogue.object_by_key.get(bound.target)
    for word in words:
        known = None if target is None else _field(target, word)
        if known is None or known.type in _KEYS_CANNOT_BE:
            zh, en = f"不能按“{word}”查找", f"nothing can be found by “{word}”"
            yield fault("mapping.cannot_find_by", place / "by", zh, en)


def _field(definition: ObjectDef, key: str) -> FieldDef | None:
    known = definition.by_key.get(key)
    return known or next((each for each in system_fields(definition.key) if each.key == key), None)


def _check_match(definition: ObjectDef, mapping: MappingDef, mapped: set[str], place: Place) -> Iterator[Fault]:
    if not mapping.creates and not mapping.match:
        yield fault(
            "mapping.no_match",
            place,
            "不新建记录的映射需要匹配字段",
            "a mapping that makes no records needs fields to find them by",
        )
    for key in mapping.match:
        field = definition.by_key.get(key)
        if field is None or key not in mapped or field.type in _KEYS_CANNOT_BE:
            zh, en = f"不能按“{key}”匹配：它须是本映射填写的字段", f"“{key}” cannot be matched: map it first"
            yield fault("mapping.bad_match", place / key, zh, en)
