"""Laws over any two catalogues: the way there makes what making it afresh makes, the way back gives back what was."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tongmai.kit import FixedClock, Settings, Text
from tongmai.model import (
    Catalogue,
    FieldDef,
    ObjectDef,
    Reading,
    Unique,
    bind_field,
    check_catalogue,
    diff,
    find_conversion,
    starting_catalogue,
)
from tongmai.schema import CatalogueStore, Schema, SchemaEditor, create_workspace
from tongmai.store import Database, drop_workspace

from .company import Company, field

_numbers = itertools.count(1)

CHOICES = {"choices": [{"key": "red", "label": "红"}, {"key": "green", "label": "绿"}]}
KINDS: dict[str, tuple[dict[str, object], Sequence[object]]] = {
    "text": ({}, ["12", "red", "2026-11-02", "是"]),
    "long_text": ({}, ["words", "7"]),
    "number": ({}, [Decimal(3), Decimal("2.5")]),
    "money": ({}, [Decimal(9), Decimal("1.25")]),
    "date": ({}, [date(2026, 11, 2), date(2020, 2, 29)]),
    "boolean": ({}, [True, False]),
    "choice": (CHOICES, ["red", "green"]),
    "multi_choice": (CHOICES, [["red"], ["red", "green"]]),
    "person": ({}, []),
    "formula": ({"text": "1 + 1"}, []),
}


@st.composite
def fields(draw: st.DrawFn, key: str) -> FieldDef:
    # Links convert to nothing else, so that they have a key of their own.
    kind = "person" if key == "link" else draw(st.sampled_from(sorted(KINDS.keys() - {"person"})))
    return field(
        key,
        kind,
        options=KINDS[kind][0],
        indexed=draw(st.booleans()) and kind != "long_text",
        searchable=draw(st.booleans()) and kind in ("text", "long_text", "choice"),
        unique=draw(st.booleans()) and kind in ("text", "number"),
    )


@st.composite
def objects(draw: st.DrawFn, key: str) -> ObjectDef:
    keys = draw(st.lists(st.sampled_from(["f1", "f2", "f3", "link"]), unique=True, min_size=2, max_size=4))
    made = tuple(draw(fields(each)) for each in keys)
    plain = [each.key for each in made if each.type in ("text", "number", "date")]
    together = draw(st.booleans()) and len(plain) >= 2
    uniques = (Unique(key="u", fields=tuple(plain[:2])),) if together else ()
    return ObjectDef(key=key, label=Text.same(key), fields=made, uniques=uniques)


@st.composite
def catalogues_(draw: st.DrawFn) -> Catalogue:
    keys = draw(st.sampled_from([("alpha",), ("alpha",), ("alpha", "beta"), ("beta", "alpha"), ("beta",)]))
    start = starting_catalogue()
    made = start.replace(objects=(*start.objects, *(draw(objects(key)) for key in keys)))
    assume(not check_catalogue(made))
    return made


def converts(a: Catalogue, b: Catalogue) -> bool:
    """Whether each field that is in both can be brought from one type to the other and back."""
    for new in b.objects:
        old = a.object_by_key.get(new.key)
        for after in new.fields:
            before = old.by_key.get(after.key) if old is not None else None
            if before is None or before.type == after.type or "formula" in (before.type, after.type):
                continue
            one, other = bind_field(before), bind_field(after)
            if not (find_conversion(one, other, Reading()) and find_conversion(other, one, Reading())):
                return False
    return True


async def shape(company: Company) -> dict[str, object]:
    """All that PostgreSQL keeps for the objects of the catalogue, in the catalogue's words."""
    found: dict[str, object] = {}
    for definition in (await company.catalogue()).objects:
        table = company.schema(definition.key)
        names = {each.column_name: each.key for each in definition.fields}
        columns = await company.fetch(
            "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull, atthasdef FROM pg_attribute "
            "WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
        indexes = await company.fetch(
            "SELECT ARRAY(SELECT pg_get_indexdef(indexrelid, n, false) FROM generate_series(1, indnkeyatts) n), "
            "indisunique, indisvalid, pg_get_expr(indpred, indrelid), am.amname::text "
            "FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am am ON am.oid = c.relam "
            "WHERE indrelid = $1::regclass",
            table,
        )
        keys = await company.fetch(
            "SELECT a.attname::text, confrelid::regclass::text, convalidated FROM pg_constraint k "
            "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
            "WHERE conrelid = $1::regclass AND contype = 'f'",
            table,
        )
        retired = await company.fetch(
            f"SELECT column_name FROM {company.schema('_retired')} WHERE object = $1", definition.key
        )
        out = {column for (column,) in retired}
        found[definition.key] = {
            "columns": {(names.get(str(name), name), *rest) for name, *rest in columns if name not in out},
            "indexes": sorted(([_in_words(str(each), names) for each in listed], *rest) for listed, *rest in indexes),
            "keys": {(names.get(str(name), name), str(target).split(".")[-1], valid) for name, target, valid in keys},
        }
    found["triggers"] = await company.fetch(
        "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal",
        company.workspace.schema,
    )
    return found


def _in_words(expression: str, names: dict[str, str]) -> str:
    """An index's expression with field keys in place of columns."""
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), expression)


async def records(company: Company) -> dict[str, list[tuple[object, ...]]]:
    """All values of all records, by object, in the words of the catalogue."""
    found = {}
    for definition in (await company.catalogue()).objects:
        columns = sorted(
            f'"{each.column_name}"' for each in definition.fields if bind_field(each).column_type is not None
        )
        found[definition.key] = await company.fetch(
            f"SELECT id, _search, {', '.join(columns)} FROM {company.schema(definition.key)} ORDER BY id"
        )
    return found


async def fill(company: Company) -> None:
    """Some records in each object; a unique field gets no value twice."""
    for definition in (await company.catalogue()).objects:
        if definition.builtin:
            continue
        for turn in range(2):
            values = {
                each.key: KINDS[each.type][1][turn] for each in definition.fields if len(KINDS[each.type][1]) > turn
            }
            await company.insert(definition.key, values)


async def company_like(database: Database, given_settings: Settings, wanted: Catalogue) -> Company:
    clock = FixedClock(datetime(2026, 11, 2, tzinfo=UTC))
    store = CatalogueStore(database)
    workspace = await create_workspace(database, store, clock, f"law_{next(_numbers)}", Text.same("Law"))
    company = Company(database, store, SchemaEditor(database, store, clock, given_settings), workspace, clock)
    changeset = diff(await company.catalogue(), wanted)
    if changeset:
        await company.apply(*changeset.actions)
    return company


async def close(company: Company) -> None:
    async with company.database.write() as tx:
        await drop_workspace(tx, company.workspace)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(a=catalogues_(), b=catalogues_())
async def test_the_way_from_one_catalogue_to_another(
    a: Catalogue, b: Catalogue, database: Database, settings: Settings
) -> None:
    assume(converts(a, b))
    company, fresh = await company_like(database, settings, a), await company_like(database, settings, b)
    try:
        await fill(company)
        shape_before, records_before = await shape(company), await records(company)
        changeset = diff(await company.catalogue(), b)
        preview = await company.preview(*changeset.actions)
        assume(changeset and not preview.faults)
        applied = await company.apply(*changeset.actions)
        assert not diff(await company.catalogue(), b)
        assert await shape(company) == await shape(fresh)
        await company.undo(applied)
        assert await shape(company) == shape_before
        assert _values(await records(company)) == _values(records_before)
    finally:
        await close(company)
        await close(fresh)


def _values(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Without the search words, which the tests' plain inserts leave out and a refill makes."""
    return {key: [(row[0], *row[2:]) for row in rows] for key, rows in found.items()}


def test_the_schema_quotes_what_it_names() -> None:
    assert Schema("w_a")('x"y') == '"w_a"."x""y"'
