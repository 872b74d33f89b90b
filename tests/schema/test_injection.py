"""Words of people that look like SQL stay words, wherever they end up in a structural change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from tongmai.model import AddField, AddObject, AddUnique, Unique

from .company import Company, field, thing

HOSTILE = [
    "'; DROP SCHEMA {schema} CASCADE; --",
    '"; DROP TABLE "{schema}"."customer"; --',
    "$fill$ ; DROP TABLE {schema}.customer; $fill$",
    "\\'; SELECT pg_sleep(9); --",
    "%s {0} $1 :name {{}} E'\\\\x'",
    "'||(SELECT string_agg(login, ',') FROM tongmai.account)||'",
]


@pytest.mark.parametrize("template", HOSTILE)
async def test_hostile_words_in_labels_options_and_defaults_are_kept_as_words(company: Company, template: str) -> None:
    words = template.replace("{schema}", company.workspace.schema)
    choices = [{"key": "odd", "label": words}, {"key": "other", "label": f"2 {words}"}]
    quoted = '"' + words.replace('"', "") + '"'
    await company.apply(
        AddObject(
            object=thing(
                "customer",
                field("name", label=words, description=words, searchable=True),
                field("state", "text", label=f"state {words}"),
                label=f"customer {words}",
            )
        )
    )
    await company.insert("customer", {"name": words, "state": words})
    default = field("origin", "text", default=quoted, label=f"origin {words}")
    await company.apply(AddField(object="customer", field=default))
    assert await company.values("customer", "origin") == [words.replace('"', "")]
    await company.change_field("customer", "state", type="choice", options={"choices": choices})
    assert await company.values("customer", "state") == ["odd"]
    changed = await company.change_field("customer", "state", type="text", options={})
    assert await company.values("customer", "state") == [words]
    await company.undo(changed)
    await company.apply(AddUnique(object="customer", unique=Unique(key="both", fields=("name", "state"))))
    preview = await company.preview(
        AddField(object="customer", field=field("more", "choice", label="more", options={"choices": choices}))
    )
    assert preview.faults == ()
    assert len(await company.values("customer", "name")) == 1


@pytest.mark.parametrize("key", ["a b", 'a"', "a'; --", "_search", "A", "", "a" * 41, "a\x00", "名称", "a-b"])
def test_a_key_that_is_no_plain_word_cannot_even_be_written_down(key: str) -> None:
    with pytest.raises(ValidationError):
        field(key)
    with pytest.raises(ValidationError):
        thing(key)


@pytest.mark.parametrize(
    "key", ["pg_class", "text", "uuid", "user", "order", "select", "table", "pg_catalog", "count", "information_schema"]
)
async def test_objects_and_fields_may_bear_the_database_s_own_words(company: Company, key: str) -> None:
    await company.add_object(key, field(key), field("size"), field("itself", "relation", options={"target": key}))
    first = await company.insert(key, {key: "1", "size": "5"})
    await company.insert(key, {key: "2", "itself": first})
    changed = await company.change_field(key, "size", type="number", unique=True)
    assert await company.values(key, "size") == [Decimal(5), None]
    await company.undo(changed)
    assert await company.values(key, key) == ["1", "2"]


async def test_the_longest_names_there_can_be_fit(company: Company) -> None:
    long, fields = "o" * 40, [f"f{n}" + "x" * 38 for n in range(8)]
    await company.add_object(long, *(field(key, unique=True, indexed=True) for key in fields))
    await company.apply(AddUnique(object=long, unique=Unique(key="all", fields=tuple(fields))))
    await company.insert(long, {fields[0]: "1"})
    changed = await company.change_field(long, fields[0], type="number")
    assert await company.values(long, fields[0]) == [Decimal(1)]
    await company.undo(changed)
    assert await company.values(long, fields[0]) == ["1"]
