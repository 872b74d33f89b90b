"""Field types against a real PostgreSQL: what is stored comes back, and conversions in SQL and Python agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

from tongmai.model import FIELD_TYPES, BoundField, Conversion, Refused, conversion_targets, find_conversion

from .field_samples import READING, SAMPLES

STORED = sorted(key for key in SAMPLES if key in FIELD_TYPES)
PAIRS = [(one, other) for one in STORED for other in conversion_targets(one)]
few = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def connection(postgres_dsn: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(postgres_dsn, autocommit=True) as opened:
        opened.execute("SET TIME ZONE 'UTC'")
        for column_type in ("text", "numeric", "date", "timestamptz", "boolean", "text[]", "uuid", "uuid[]", "jsonb"):
            opened.execute(f'CREATE TEMP TABLE "held_{column_type}" ("item" {column_type})')
        yield opened


def hold(connection: psycopg.Connection[Any], field: BoundField, value: object) -> str:
    """Puts the value, alone, into the table of its column type; gives the table's quoted name."""
    table = f'"held_{field.column_type}"'
    connection.execute(f"DELETE FROM {table}")
    given_value = Jsonb(value) if field.column_type == "jsonb" and value is not None else value
    connection.execute(f"INSERT INTO {table} VALUES (%s)", (given_value,))
    return table


def ask(connection: psycopg.Connection[Any], table: str, expression: str) -> Any:
    row = connection.execute(f"SELECT {expression} FROM {table}").fetchone()
    assert row is not None
    return row[0]


def draw_value(data: st.DataObject, key: str, field: BoundField) -> object:
    return read_or_none(field, data.draw(SAMPLES[key].given(field), "given"))


def read_or_none(field: BoundField, raw: object) -> object:
    try:
        return field.parse(raw, READING)
    except Refused:
        return None


@pytest.mark.parametrize("key", STORED)
@few
@given(data=st.data())
def test_what_is_stored_comes_back_and_is_within_limits(key: str, data: st.DataObject, connection: Any) -> None:
    field = SAMPLES[key].field(key, data.draw(SAMPLES[key].options))
    value = draw_value(data, key, field)
    table = hold(connection, field, value)
    assert ask(connection, table, '"item"') == value
    written = ask(connection, table, "(to_jsonb(\"item\") #>> '{}')")
    if field.column_type in ("text", "timestamptz", "date", "uuid"):
        assert written == field.to_json_value(value)
    if value is not None:
        assert ask(connection, table, field.type.within_sql('"item"', field.options)) is True


def draw_conversion(data: st.DataObject, key: str, other: str) -> Conversion:
    before = SAMPLES[key].field(key, data.draw(SAMPLES[key].options, "before"))
    wanted = SAMPLES[other].options
    after = SAMPLES[other].field(other, data.draw(wanted, "after"))
    if before.target != after.target:
        # Relations convert only where they lead to the same object.
        target = before.target or after.target
        if other == "relation":
            after = SAMPLES[other].field(other, {"target": target, "many": after.is_many})
        else:
            before = SAMPLES[key].field(key, {"target": after.target, "many": before.is_many})
    found = find_conversion(before, after, READING)
    assert found is not None
    return found


@pytest.mark.parametrize(("key", "other"), PAIRS, ids=lambda key: key)
@few
@given(data=st.data())
def test_conversion_in_sql_is_conversion_in_python(key: str, other: str, data: st.DataObject, connection: Any) -> None:
    conversion = draw_conversion(data, key, other)
    value = draw_value(data, key, conversion.before)
    if key in ("text", "long_text") and data.draw(st.booleans(), "near miss"):
        value = read_or_none(conversion.before, data.draw(SAMPLES[other].given(conversion.after).map(str)))
    table = hold(connection, conversion.before, value)
    converted, lost = conversion.convert(value)
    assert ask(connection, table, conversion.sql('"item"')) == converted
    assert ask(connection, table, conversion.lost('"item"')) is lost
    if converted is not None:
        assert conversion.after.type.is_within(converted, conversion.after.options)
        assert conversion.after.parse(converted, READING) == converted


def test_a_conversion_survives_hostile_labels_and_names(connection: Any) -> None:
    hostile = "'; DROP TABLE x; -- \\' {} %s"
    options = {"choices": [{"key": "a", "label": hostile}]}
    conversion = find_conversion(SAMPLES["choice"].field("choice", options), SAMPLES["text"].field("text", {}), READING)
    assert conversion is not None
    table = hold(connection, conversion.before, "a")
    assert ask(connection, table, conversion.sql('"item"')) == hostile
    back = find_conversion(conversion.after, conversion.before, READING)
    assert back is not None
    table = hold(connection, back.before, hostile)
    assert ask(connection, table, back.sql('"item"')) == "a"


def test_relations_convert_between_one_and_many(connection: Any) -> None:
    first, second = UUID(int=1), UUID(int=2)
    one = SAMPLES["relation"].field("relation", {"target": "customer"})
    many = SAMPLES["relation"].field("relation", {"target": "customer", "many": True})
    elsewhere = SAMPLES["relation"].field("relation", {"target": "order"})
    widened = find_conversion(one, many, READING)
    narrowed = find_conversion(many, one, READING)
    assert widened is not None
    assert narrowed is not None
    assert widened.convert(first) == ([first], False)
    assert narrowed.convert([first]) == (first, False)
    assert narrowed.convert([first, second]) == (None, True)
    table = hold(connection, many, [first, second])
    assert ask(connection, table, narrowed.lost('"item"')) is True
    assert find_conversion(one, elsewhere, READING) is None


def test_quoting_of_names_is_the_callers(connection: Any) -> None:
    conversion = find_conversion(
        SAMPLES["text"].field("text", {}), SAMPLES["number"].field("number", {"decimals": 0}), READING
    )
    assert conversion is not None
    name = sql.Identifier('odd"name').as_string(connection)
    connection.execute(f"CREATE TEMP TABLE odd AS SELECT '1,234'::text AS {name}")
    assert ask(connection, "odd", conversion.sql(name)) == 1234
