"""How PostgreSQL's columns stand in the files: exactly, and no wider than their values need.

A number is a decimal. PostgreSQL's have any width, DuckDB's are quick up to 18 digits and go on to 38, at half the
speed: a column whose values allow it is DECIMAL(18, the places it may have, at most 6), else DECIMAL(38, 10), which
holds every number the model allows (20 digits and 10 places). Sums are exact in either, with 38 digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tongmai.model import ObjectDef, bind_field
from tongmai.replica.manifest import ColumnShape
from tongmai.schema import SYSTEM_COLUMNS, column_of
from tongmai.store import quote_ident

WIDE_NUMBER = "DECIMAL(38, 10)"
_NARROW_DIGITS = 18
_MOST_NARROW_PLACES = 6
_HELD = {
    "uuid": "UUID",
    "text": "VARCHAR",
    "numeric": WIDE_NUMBER,
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamptz": "TIMESTAMPTZ",
    "text[]": "VARCHAR[]",
    "uuid[]": "UUID[]",
    "jsonb": "VARCHAR",
}

HISTORY: Mapping[str, ColumnShape] = {
    name: ColumnShape(stored=stored, held=_HELD[stored])
    for name, stored in (
        ("epoch", "bigint"), ("seq", "bigint"), ("at", "timestamptz"), ("object", "text"), ("record_id", "uuid"),
        ("version", "integer"), ("action", "text"), ("actor", "uuid"), ("via", "text"), ("cause", "text"),
        ("before", "jsonb"), ("after", "jsonb"),
    )
}  # fmt: skip


def stored_columns(definition: ObjectDef) -> dict[str, str]:
    """PostgreSQL's type of each column that is copied, by its name."""
    found = {name: declaration.split()[0] for name, declaration in SYSTEM_COLUMNS}
    for field in definition.fields:
        column = column_of(field)
        if column is not None:
            found[column.name] = column.type
    return found


def wide_columns(definition: ObjectDef) -> dict[str, ColumnShape]:
    """The columns with types that hold any value."""
    return {name: ColumnShape(stored=stored, held=_HELD[stored]) for name, stored in stored_columns(definition).items()}


def narrow_types(definition: ObjectDef) -> dict[str, str]:
    """For number columns the narrow type that holds most: of the places that values may have, or of the first six."""
    found: dict[str, str] = {}
    for field in definition.fields:
        bound = bind_field(field)
        places = getattr(bound.options, "places", None)
        if bound.column_type == "numeric" and isinstance(places, int):
            found[field.column_name] = f"DECIMAL({_NARROW_DIGITS}, {min(places, _MOST_NARROW_PLACES)})"
    return found


def csv_select(columns: Mapping[str, ColumnShape], alias: str = "t") -> str:
    """The columns as COPY shall write them: lists as JSON, numbers without zeros at their end, the rest as it is."""
    return ", ".join(_written(f"{alias}.{quote_ident(name)}", shape) for name, shape in columns.items())


def _written(column: str, shape: ColumnShape) -> str:
    if shape.stored.endswith("[]"):
        return f"to_json({column})::text"
    return f"trim_scale({column})" if shape.stored == "numeric" else column


def csv_types(columns: Mapping[str, ColumnShape]) -> str:
    """The same for DuckDB's ``read_csv``: a struct of names and types."""
    return "{" + ", ".join(f"{_key(name)}: '{_csv_type(shape)}'" for name, shape in columns.items()) + "}"


def csv_values(columns: Mapping[str, ColumnShape]) -> str:
    """What ``read_csv`` gave, as values of the columns' types; numbers in the wide one, so that what does not fit
    the narrow type is seen and not rounded away."""
    return ", ".join(
        f"{_csv_value(quote_ident(name), shape)} AS {quote_ident(name)}" for name, shape in columns.items()
    )


def _csv_value(name: str, shape: ColumnShape) -> str:
    if shape.stored.endswith("[]"):
        return f"CAST(CAST({name} AS JSON) AS {shape.held})"
    if shape.stored != "numeric":
        return name
    # DuckDB reads a text as a decimal of 38 digits two hundred times slower than as one of 18.
    point = f"strpos({name}, '.')"
    short = (
        f"({point} = 0 AND length({name}) <= 12)"
        f" OR ({point} BETWEEN 1 AND 12 AND length({name}) - {point} <= {_MOST_NARROW_PLACES})"
    )
    narrow = f"CAST({name} AS DECIMAL({_NARROW_DIGITS}, {_MOST_NARROW_PLACES}))"
    return f"CASE WHEN {short} THEN CAST({narrow} AS {WIDE_NUMBER}) ELSE CAST({name} AS {WIDE_NUMBER}) END"


def listed(columns: Sequence[str]) -> str:
    return ", ".join(quote_ident(name) for name in columns)


def values_of(columns: Mapping[str, ColumnShape], has: Sequence[str]) -> str:
    """The columns in their types, from a file that has some of them: the others came later and are blank."""
    return ", ".join(_values(columns, frozenset(has)))


def _values(columns: Mapping[str, ColumnShape], has: frozenset[str]) -> Iterator[str]:
    for name, shape in columns.items():
        yield quote_ident(name) if name in has else f"CAST(NULL AS {shape.held}) AS {quote_ident(name)}"


def _csv_type(shape: ColumnShape) -> str:
    return "VARCHAR" if shape.stored == "numeric" or shape.stored.endswith("[]") else _HELD[shape.stored]


def _key(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
