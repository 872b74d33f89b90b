"""Each filter operator that a field type offers: PostgreSQL keeps exactly the values that Python keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb
from sqlglot import exp

from tongmai import formula
from tongmai.formula import BOOLEAN, InlineLiterals, Moment
from tongmai.kit import WorkingCalendar
from tongmai.model import (
    FIELD_TYPES,
    OPERATORS,
    BoundField,
    Catalogue,
    FieldDef,
    ObjectDef,
    ObjectScope,
    Refused,
    starting_catalogue,
)

from .field_samples import READING, SAMPLES

ME, MY_TEAM = UUID(int=7), UUID(int=8)
MOMENT = Moment(
    datetime(2026, 11, 2, 1, tzinfo=UTC), "Asia/Shanghai", WorkingCalendar(), {"me": ME, "my_team": MY_TEAM}
)


def _filters() -> list[tuple[str, str]]:
    """Every (type, operator); a relation's depend on whether it leads to many."""
    found = []
    for key in sorted(SAMPLES):
        kind = FIELD_TYPES[key]
        variants = [{"target": "thing"}, {"target": "thing", "many": True}] if key == "relation" else [{}]
        operators = [each for options in variants for each in kind.operators(kind.options(options))]
        found += [(key, operator) for operator in dict.fromkeys(operators)]
    return found


few = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


class Environment(InlineLiterals):
    """One table ``held`` with the column ``item``."""

    zone = "Asia/Shanghai"

    def column(self, path: tuple[str, ...], type: formula.Type) -> exp.Expression:
        return exp.column("item", table="held", quoted=True)

    def parameter(self, name: str, type: formula.Type) -> exp.Expression:
        return self.literal(MOMENT.param(name), type)  # type: ignore[arg-type]

    def working_days(self) -> exp.Expression:
        return exp.Array()


@pytest.fixture(scope="module")
def connection(postgres_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_dsn, autocommit=True) as opened:
        opened.execute("SET TIME ZONE 'UTC'")
        for column_type in ("text", "numeric", "date", "timestamptz", "boolean", "text[]", "uuid", "uuid[]", "jsonb"):
            opened.execute(f'CREATE TEMP TABLE "filtered_{column_type}" (n integer, item {column_type})')
        yield opened


def draw_field(data: st.DataObject, key: str) -> BoundField:
    options = {"target": "thing", "many": data.draw(st.booleans())} if key == "relation" else None
    return SAMPLES[key].field(key, options or data.draw(SAMPLES[key].options))


def draw_values(data: st.DataObject, key: str, field: BoundField) -> list[Any]:
    found = []
    for raw in data.draw(st.lists(SAMPLES[key].given(field), max_size=5)):
        try:
            found.append(field.parse(raw, READING))
        except Refused:
            continue
    if key == "datetime":
        found = [value and value.replace(second=0, microsecond=0) for value in found]
    extra = {"person": [ME], "team": [MY_TEAM]}.get(key, [])
    return [*found, *extra, None]


def written(value: Any, unit: str = "") -> str:
    """The value as a constant of the formula language."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return f"(-{-value:f}{unit})" if value < 0 else f"{value:f}{unit}"
    if isinstance(value, datetime):
        return f"'{value.astimezone(READING.zone):%Y-%m-%d %H:%M}'"
    return "'" + str(value).replace("'", "''") + "'"


def filter_text(operator: str, operands: list[Any], unit: str) -> str:
    constants = [written(each, unit) for each in operands]
    chosen = constants if OPERATORS[operator].takes_list else constants[:1]
    other = constants[-1] if constants else ""
    return OPERATORS[operator].template.format(field="f", value=", ".join(chosen), other=other)


@pytest.mark.parametrize(("key", "operator"), _filters())
@few
@given(data=st.data())
def test_a_filter_keeps_the_same_values_in_sql_and_python(
    key: str, operator: str, data: st.DataObject, connection: psycopg.Connection[Any]
) -> None:
    field = draw_field(data, key)
    if operator not in field.type.operators(field.options):
        return
    values = draw_values(data, key, field)
    pool = [each for value in values if value is not None for each in (value if isinstance(value, list) else [value])]
    needed = OPERATORS[operator].operands
    # A constant of the language has at most 17 digits before the point.
    pool = [each for each in pool if not isinstance(each, Decimal) or abs(each) < 10**17]
    assume(pool or not needed)
    operands = data.draw(st.lists(st.sampled_from(pool), min_size=needed, max_size=3)) if needed else []
    text = filter_text(operator, operands, unit="秒" if key == "duration" else "")
    tree = formula.parse(text, scope(field.definition), expect=BOOLEAN).tree
    evaluate = formula.compile_python(tree)
    expected = [index for index, value in enumerate(values) if evaluate({"f": value}, MOMENT) is True]
    condition = formula.render(formula.to_sql(tree, Environment()), "postgres")
    table = f'"filtered_{field.column_type}"'
    connection.execute(f"DELETE FROM {table}")
    for index, value in enumerate(values):
        held = Jsonb(value) if field.column_type == "jsonb" and value is not None else value
        connection.execute(f"INSERT INTO {table} VALUES (%s, %s::{field.column_type})", (index, held))
    rows = connection.execute(f"SELECT n FROM {table} AS held WHERE {condition} ORDER BY n").fetchall()
    assert [row[0] for row in rows] == expected, text


def scope(field: FieldDef) -> ObjectScope:
    start: Catalogue = starting_catalogue()
    thing = ObjectDef(key="thing", label="东西", fields=(field,))  # type: ignore[arg-type]
    return ObjectScope(start.replace(objects=(*start.objects, thing)), "thing")
