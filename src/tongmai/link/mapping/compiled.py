"""A mapping compiled: raw rows in, a row of cells for each out. Pure, and worked column by column."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import TypeAlias, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Fault, Text, WorkingCalendar
from tongmai.link.raw import StoredRow
from tongmai.link.source import Body
from tongmai.model import FieldMap, MappingDef, RawColumn, RawScope
from tongmai.model.reading import read_date, read_moment, read_number

# What a field gets: as ``records.transfer`` reads cells.
Value: TypeAlias = "JsonValue | Decimal | date | datetime | UUID"
_Getter: TypeAlias = Callable[[Body], JsonValue]
_TRUE = frozenset({"true", "1", "y", "yes", "t", "是", "真"})
_FALSE = frozenset({"false", "0", "n", "no", "f", "否", "假"})


@dataclass(slots=True)
class Worked:
    """``rows`` are those that the mapping takes, ``columns`` their fields' values, a column a field in the mapping's
    order; ``faults`` of rows whose columns cannot be read, by key. ``absent`` are declared paths that none of the rows
    has."""

    rows: list[StoredRow] = field(default_factory=list)
    columns: list[Sequence[Value]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @staticmethod
    def joined(parts: Sequence[Worked]) -> Worked:
        """Of rows that follow one another, in one part at least."""
        if len(parts) == 1:
            return parts[0]
        columns = zip(*(each.columns for each in parts), strict=True)
        return Worked(
            rows=[row for each in parts for row in each.rows],
            columns=[list(chain.from_iterable(column)) for column in columns],
            faults={key: found for each in parts for key, found in each.faults.items()},
            absent=tuple(path for path in parts[0].absent if all(path in each.absent for each in parts)),
        )


class CompiledMapping:
    """For one definition of a mapping; kept as long as that is in force."""

    def __init__(self, mapping: MappingDef) -> None:
        self.mapping = mapping
        self.fingerprint = fingerprint(mapping)
        scope = RawScope(mapping.columns)
        self._columns = {each.path: each for each in mapping.columns}
        self._getters = {each.path: getter(each.path) for each in mapping.columns}
        self._plain: dict[str, str] = {}
        self._worked: dict[str, formula.Evaluator] = {}
        read: set[str] = set()
        for each in mapping.fields:
            tree = formula.parse(each.value, scope).tree
            if isinstance(tree, formula.FieldRef):
                self._plain[each.field] = tree.path[0]
            else:
                self._worked[each.field] = formula.compile_python(tree)
                read |= {path[0] for path in formula.paths_of(tree)}
        self._where: formula.Evaluator | None = None
        if mapping.where is not None:
            tree = formula.parse(mapping.where, scope, expect=formula.BOOLEAN).tree
            self._where = formula.compile_python(tree)
            read |= {path[0] for path in formula.paths_of(tree)}
        self._read = tuple(self._columns[path] for path in sorted(read))

    def paths_of(self, each: FieldMap) -> tuple[str, ...]:
        """The raw paths a field's value is made of: its lineage."""
        plain = self._plain.get(each.field)
        if plain is not None:
            return (plain,)
        tree = formula.parse(each.value, RawScope(self.mapping.columns)).tree
        return tuple(sorted(path[0] for path in formula.paths_of(tree)))

    def is_plain(self, each: FieldMap) -> bool:
        """Whether the field takes over what stands at one path, so that the way back is plain too."""
        return each.field in self._plain

    def value_at(self, body: Body, path: str) -> JsonValue:
        """What a raw row has at a path."""
        return getter(path)(body)

    def version_of(self, row: StoredRow) -> bytes:
        """What was applied: the row's version under this definition."""
        return hashlib.blake2b(row.version, digest_size=16, key=self.fingerprint).digest()

    def versions(self, rows: Sequence[StoredRow]) -> dict[str, bytes]:
        """What would be applied, by key."""
        return {row.key: self.version_of(row) for row in rows}

    def work(self, rows: Sequence[StoredRow], zone: str, now: datetime) -> Worked:
        """Values of all rows that ``where`` lets through."""
        worked = Worked()
        moment = formula.Moment(now, zone, WorkingCalendar())
        typed = self._typed(rows, ZoneInfo(zone), worked) if self._read else None
        kept = [
            index
            for index, row in enumerate(rows)
            if row.key not in worked.faults
            and (self._where is None or typed is None or self._where(typed[index], moment) is True)
        ]
        bodies = [rows[index].body for index in kept]
        columns: list[Sequence[Value]] = []
        for each in self.mapping.fields:
            path = self._plain.get(each.field)
            if path is not None:
                columns.append(_plain_values(self._getters[path], self._columns[path], bodies, ZoneInfo(zone)))
            elif typed is not None:
                evaluate = self._worked[each.field]
                columns.append([_cell(evaluate(typed[index], moment)) for index in kept])
            else:
                constant = _cell(self._worked[each.field]({}, moment))
                columns.append([constant] * len(kept))
        worked.rows = [rows[index] for index in kept]
        worked.columns = columns
        if rows:
            worked.absent = tuple(path for path in self._columns if not any(_has(row.body, path) for row in rows))
        return worked

    def _typed(self, rows: Sequence[StoredRow], zone: ZoneInfo, worked: Worked) -> list[dict[str, object]]:
        """The columns that formulas read, as the values they were declared to be."""
        typed: list[dict[str, object]] = [{} for _ in rows]
        for column in self._read:
            get, path = self._getters[column.path], column.path
            for row, into in zip(rows, typed, strict=True):
                given = get(row.body)
                if given is None or given == "":
                    continue
                value = _read(given, column, zone)
                if value is None:
                    worked.faults.setdefault(row.key, []).append(_unreadable(column, given))
                else:
                    into[path] = value
        return typed


def fingerprint(mapping: MappingDef) -> bytes:
    """Tells definitions apart by what they do: labels do not count."""
    told = mapping.model_dump(mode="json", exclude={"label", "description", "enabled"})
    return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def getter(path: str) -> _Getter:
    """What a body has at a path."""
    if "." not in path:
        return lambda body: body.get(path)
    steps = path.split(".")

    def get(body: Body) -> JsonValue:
        if path in body:
            return body[path]
        found: JsonValue = cast("JsonValue", body)
        for step in steps:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
                found = found[int(step)]
            else:
                return None
        return found

    return get


def _has(body: Body, path: str) -> bool:
    return path in body or path.partition(".")[0] in body


def _plain_values(get: _Getter, column: RawColumn, bodies: Sequence[Body], zone: ZoneInfo) -> list[Value]:
    """What stands there, for the field to read; but for moments as counts and days with a time, which it would not."""
    found: list[Value] = [None if value == "" else value for value in map(get, bodies)]
    if column.type == "datetime":
        return [(_moment(value, zone) or value) if isinstance(value, int) else value for value in found]
    if column.type == "date":
        return [(_day(value, zone) or value) if isinstance(value, str) else value for value in found]
    return found


def _cell(value: object) -> Value:
    if isinstance(value, list | tuple):
        return [cast("JsonValue", each if isinstance(each, str) else str(each)) for each in value]
    if isinstance(value, str | bool | int | Decimal | date | datetime) or value is None:
        return None if value == "" else value
    return str(value)


def _read(given: JsonValue, column: RawColumn, zone: ZoneInfo) -> object:
    """The value, or None for what is not of the declared type."""
    match column.type:
        case "text":
            return given if isinstance(given, str) else _as_text(given)
        case "number":
            if isinstance(given, bool) or not isinstance(given, int | float | str):
                return None
            return Decimal(given) if isinstance(given, int) else read_number(str(given))
        case "boolean":
            return given if isinstance(given, bool) else _boolean(str(given))
        case "date":
            return _day(str(given), zone)
        case "datetime":
            return _moment(given, zone)
        case _:
            return given


def _as_text(given: JsonValue) -> str:
    return str(given) if isinstance(given, int | float) else orjson.dumps(given).decode()


def _boolean(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _day(text: str, zone: ZoneInfo) -> date | None:
    found = read_date(text)
    if found is not None:
        return found
    moment = read_moment(text, zone)
    return None if moment is None else moment.astimezone(zone).date()


def _moment(given: JsonValue, zone: ZoneInfo) -> datetime | None:
    """ISO 8601 and what people write; a whole number counts seconds since 1970, beyond 10¹¹ milliseconds."""
    if isinstance(given, int) and not isinstance(given, bool):
        seconds = given / 1000 if abs(given) > 100_000_000_000 else given
        try:
            return datetime.fromtimestamp(seconds, zone)
        except (OverflowError, ValueError, OSError):
            return None
    return read_moment(str(given), zone)


def _unreadable(column: RawColumn, given: JsonValue) -> Fault:
    shown = str(given)[:60]
    kinds: Mapping[str, tuple[str, str]] = {
        "number": ("数字", "a number"),
        "boolean": ("是或否", "yes or no"),
        "date": ("日期", "a date"),
        "datetime": ("时间", "a moment"),
    }
    zh, en = kinds.get(column.type, ("文本", "text"))
    return Fault(
        f"raw.not_{column.type}",
        Text(f"“{shown}”不是{zh}", f"“{shown}” is not {en}"),
        Text("请在映射中改正该列的类型，或修正来源", "Correct the column's type in the mapping, or the source"),
        field=column.path,
    )
