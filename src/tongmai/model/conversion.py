"""How a field's values become another type's, in SQL and in Python, and which of them would be lost.

Pairs that mean the same thing in another form have a rule of their own; text and options are made of, and read as,
anything that can be written. Both evaluations agree for every value (the generic suite tests it on PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from tongmai.model.bound_field import BoundField
from tongmai.model.field_type import AnyFieldType, FieldType, Reading
from tongmai.model.field_types import FIELD_TYPES, BoundedOptions, ChoiceOptions
from tongmai.model.field_types.choice import label_by_key, mapping_sql
from tongmai.model.field_types.multi_choice import ordered_sql
from tongmai.model.sql_text import literal

_WORDS = frozenset({"text", "long_text", "auto_number", "choice", "multi_choice"})
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Rule:
    """``sql`` and ``convert`` give the new value, NULL and ``None`` where there is none.

    ``shortens`` is SQL for "only a part is carried over" and ``is_shortened`` the same in Python, given old and new.
    """

    sql: Callable[[str, Conversion], str]
    convert: Callable[[Any, Conversion], object]
    shortens: Callable[[str, Conversion], str] | None = None
    is_shortened: Callable[[Any, Conversion], bool] | None = None


@dataclass(frozen=True)
class Conversion:
    """From one bound field to another, whose stored forms may differ."""

    before: BoundField
    after: BoundField
    reading: Reading
    rule: Rule

    def sql(self, column: str) -> str:
        """SQL of the new value of an expression that holds the old one; NULL where it would be lost."""
        new = self.rule.sql(column, self)
        within = self.after.type.within_sql("_value", self.after.options)
        if within == "TRUE":
            return f"({new})"
        return f"(SELECT CASE WHEN {within} THEN _value END FROM (SELECT {new} AS _value) AS _converted)"  # noqa: S608

    def lost(self, column: str) -> str:
        """SQL predicate: would the value be lost, whole or in part? Blanks are never lost."""
        gone = f"{self.sql(column)} IS NULL"
        shortened = "" if self.rule.shortens is None else f" OR {self.rule.shortens(column, self)}"
        return f"({column} IS NOT NULL AND ({gone}{shortened}))"

    def convert(self, value: object) -> tuple[object, bool]:
        """What ``sql`` and ``lost`` say, in Python: the new value and whether something is lost."""
        if value is None:
            return None, False
        new = self.rule.convert(value, self)
        if new is None or not self.after.type.is_within(new, self.after.options):
            return None, True
        return new, self.rule.is_shortened is not None and self.rule.is_shortened(value, self)


def find_conversion(before: BoundField, after: BoundField, reading: Reading) -> Conversion | None:
    """How values of ``before`` become values of ``after``; ``None`` where nothing of them can be kept."""
    if before.column_type is None or after.column_type is None or before.target != after.target:
        return None
    rule = _RULES.get((before.type.key, after.type.key))
    if rule is None and before.target is not None:
        rule = _RELATION
    elif rule is None and before.type.key == after.type.key:
        rule = _SAME
    elif rule is None and _goes_by_text(before.type, after.type):
        rule = _BY_TEXT
    return None if rule is None else Conversion(before, after, reading, rule)


def conversion_targets(key: str) -> tuple[str, ...]:
    """The types to which fields of the type ``key`` may be turned, in the order of the registry."""
    kind = FIELD_TYPES[key]
    return tuple(each.key for each in FIELD_TYPES.values() if _is_offered(kind, each))


def _is_offered(kind: AnyFieldType, other: AnyFieldType) -> bool:
    if not (kind.writable and other.writable):
        return False
    pair = (kind.key, other.key)
    relations = {("person", "relation"), ("relation", "person"), ("team", "relation"), ("relation", "team")}
    return kind is other or pair in _RULES or pair in relations or _goes_by_text(kind, other)


def _goes_by_text(kind: AnyFieldType, other: AnyFieldType) -> bool:
    """Whether one can be written and the other read, and the detour makes sense: a date is no telephone number."""
    writes = type(kind).text_sql is not FieldType.text_sql
    reads = type(other).from_text_sql is not FieldType.from_text_sql
    sensible = kind.key in _WORDS or other.key in _WORDS or (kind.key, other.key) == ("number", "phone")
    return writes and reads and sensible


def _by_text_sql(column: str, conversion: Conversion) -> str:
    before, after, reading = conversion.before, conversion.after, conversion.reading
    written = before.type.text_sql(column, before.options, reading)
    read = after.type.from_text_sql("_text", after.options, reading)
    return f"(SELECT {read} FROM (SELECT {written} AS _text) AS _written)"  # noqa: S608


def _by_text(value: Any, conversion: Conversion) -> object:
    before, after, reading = conversion.before, conversion.after, conversion.reading
    return after.type.from_text(before.type.text_form(value, before.options, reading), after.options, reading)


def _places(conversion: Conversion) -> int:
    options = conversion.after.options
    assert isinstance(options, BoundedOptions)
    return options.places


def _rounded(value: Decimal, conversion: Conversion) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-_places(conversion)), context=_EXACT)


def _zone(conversion: Conversion) -> str:
    return literal(conversion.reading.zone.key)


def _midnight(day: date, conversion: Conversion) -> datetime:
    return datetime.combine(day, time(0), conversion.reading.zone).astimezone(UTC)


def _local(moment: datetime, conversion: Conversion) -> datetime:
    return moment.astimezone(conversion.reading.zone)


def _options(conversion: Conversion) -> ChoiceOptions:
    options = conversion.after.options
    assert isinstance(options, ChoiceOptions)
    return options


def _known_sql(column: str, conversion: Conversion) -> str:
    """The options of an array that are still there, in their order."""
    there = f"{mapping_sql(label_by_key(_options(conversion)), '_key')} IS NOT NULL"
    keys = f"ARRAY(SELECT _key FROM unnest({column}) AS _key WHERE {there})"  # noqa: S608
    return ordered_sql(keys, _options(conversion))


def _known(keys: list[str], conversion: Conversion) -> list[str] | None:
    return [key for key in _options(conversion).by_key if key in keys] or None


def _dropped_sql(column: str, conversion: Conversion) -> str:
    return f"cardinality({column}) <> coalesce(cardinality({_known_sql(column, conversion)}), 0)"


def _relation_sql(column: str, conversion: Conversion) -> str:
    was_many, is_many = conversion.before.is_many, conversion.after.is_many
    if was_many == is_many:
        return column
    return f"ARRAY[{column}]" if is_many else f"CASE WHEN cardinality({column}) = 1 THEN ({column})[1] END"


def _relation(value: Any, conversion: Conversion) -> object:
    was_many, is_many = conversion.before.is_many, conversion.after.is_many
    if was_many == is_many:
        return value
    if is_many:
        return [value]
    return value[0] if len(value) == 1 else None


_SAME = Rule(lambda column, _: column, lambda value, _: value)
_BY_TEXT = Rule(_by_text_sql, _by_text)
_NUMERIC = Rule(
    lambda column, conversion: f"round({column}, {_places(conversion)})",
    _rounded,
    lambda column, conversion: f"{column} <> round({column}, {_places(conversion)})",
    lambda value, conversion: value != _rounded(value, conversion),
)
_RELATION = Rule(_relation_sql, _relation)
_NUMBERS = ("number", "money", "percent")
_RULES: dict[tuple[str, str], Rule] = {
    **{(one, other): _NUMERIC for one in _NUMBERS for other in _NUMBERS},
    ("duration", "number"): _NUMERIC,
    ("boolean", "number"): Rule(lambda column, _: f"({column})::integer::numeric", lambda value, _: Decimal(value)),
    ("number", "boolean"): Rule(
        lambda column, _: f"CASE WHEN {column} IN (0, 1) THEN {column} = 1 END",
        lambda value, _: value == 1 if value in (0, 1) else None,
    ),
    ("date", "datetime"): Rule(
        lambda column, conversion: f"({column})::timestamp AT TIME ZONE {_zone(conversion)}", _midnight
    ),
    ("datetime", "date"): Rule(
        lambda column, conversion: f"({column} AT TIME ZONE {_zone(conversion)})::date",
        lambda value, conversion: _local(value, conversion).date(),
        lambda column, conversion: f"({column} AT TIME ZONE {_zone(conversion)})::time <> TIME '00:00'",
        lambda value, conversion: _local(value, conversion).time() != time(0),
    ),
    ("choice", "multi_choice"): Rule(lambda column, _: f"ARRAY[{column}]", lambda value, _: [value]),
    ("multi_choice", "choice"): Rule(
        lambda column, _: f"CASE WHEN cardinality({column}) = 1 THEN ({column})[1] END",
        lambda value, _: value[0] if len(value) == 1 else None,
    ),
    ("multi_choice", "multi_choice"): Rule(
        _known_sql,
        _known,
        _dropped_sql,
        lambda value, conversion: len(value) != len(_known(value, conversion) or ()),
    ),
}
