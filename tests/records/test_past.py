"""As-of reads give exactly what the same read gave at that moment, whatever has happened since."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.kit import FixedClock, Invalid, NotFound, Settings
from tongmai.model import AddField, ChangeField, Changeset, FieldDef
from tongmai.records import Sealer, verify_history

from .company import Company

_value = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["甲", "乙", "丙"]),
        "price": st.one_of(st.none(), st.integers(0, 99)),
        "tags": st.one_of(st.none(), st.lists(st.sampled_from(["vip", "new"]), unique=True, min_size=1)),
        "level": st.sampled_from(["a", "b", None]),
        "extra": st.one_of(st.none(), st.just({"x": [1, None]})),
        "cycle": st.one_of(st.none(), st.integers(1, 999)),
        "parent": st.integers(0, 3),
        "partners": st.lists(st.integers(0, 3), unique=True, min_size=1, max_size=2),
    },
)
_step = st.tuples(
    st.sampled_from(["create", "update", "update", "update", "delete", "restore"]), st.integers(0, 3), _value
)


async def _play(company: Company, made: list[Any], step: tuple[str, int, dict[str, Any]]) -> None:
    action, which, values = step
    given_values = dict(values)
    for key in ("parent", "partners"):
        if key in given_values:
            wanted = given_values[key] if isinstance(given_values[key], list) else [given_values[key]]
            known = [str(made[n]) for n in wanted if n < len(made)]
            given_values[key] = (known or None) if key == "partners" else (known[0] if known else None)
    try:
        if action == "create" or not made:
            made.append(await company.make("customer", **{**given_values, "name": "新"}))
            return
        target = made[which % len(made)]
        if action == "update":
            await company.change("customer", target, **given_values)
        elif action == "delete":
            await company.gateway.delete(company.system, company.workspace, "customer", target)
        else:
            await company.gateway.restore(company.system, company.workspace, "customer", target)
    except (NotFound, Invalid):
        # A relation to, or a change of, a record that is in the bin: refused, and nothing happened.
        return


async def _look(company: Company, as_of: Any = None) -> dict[str, Any]:
    listed = await company.list("customer", sort="name,-price", as_of=as_of)
    filtered = await company.list("customer", filter="price > 40 OR parent.level = 'a'", as_of=as_of)
    query: dict[str, Any] = {"object": "customer", "group_by": ["level"], "measures": {"n": "count", "t": "sum(price)"}}
    grouped = json.loads(await company.gateway.query(company.system, company.workspace, query, as_of=as_of))
    return {"list": listed["items"], "filter": filtered["items"], "query": grouped["rows"]}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_step, min_size=3, max_size=9))
async def test_the_past_reads_as_it_was(company: Company, steps: list[tuple[str, int, dict[str, Any]]]) -> None:
    clock = company.clock
    assert isinstance(clock, FixedClock)
    async with company.database.write() as tx:
        schema = company.workspace.quoted_schema
        await tx.execute(f"TRUNCATE {schema}.customer, {schema}.deal, {schema}._history")
    made: list[Any] = []
    seen = []
    for step in steps:
        clock.advance(timedelta(seconds=1))
        await _play(company, made, step)
        seen.append((clock.now(), await _look(company)))
    clock.advance(timedelta(seconds=1))
    for moment, then in seen:
        assert await _look(company, moment) == then
        assert await _look(company, moment + timedelta(milliseconds=999)) == then


async def test_values_from_before_a_change_of_type_are_read_where_they_fit(fresh_company: Company) -> None:
    company = fresh_company
    clock = company.clock
    assert isinstance(clock, FixedClock)
    before = FieldDef.model_validate({"key": "memo", "type": "text", "label": "备注"})
    change = Changeset(actions=(AddField(object="customer", field=before),))
    await company.editor.apply(company.workspace, change, None)
    good = await company.make("customer", name="一", memo="42")
    bad = await company.make("customer", name="二", memo="x7")
    then = clock.now()
    clock.advance(timedelta(minutes=1))
    await company.change("customer", good, memo="43")
    await company.change("customer", bad, memo="44")
    catalogue = await company.catalogues.get(company.workspace)
    before = catalogue.object_by_key["customer"].by_key["memo"]
    after = before.model_copy(update={"type": "number"})
    change = Changeset(actions=(ChangeField(object="customer", before=before, after=after),))
    await company.editor.apply(company.workspace, change, None)
    assert (await company.get("customer", good))["memo"] == 43
    assert (await company.get("customer", good, as_of=then))["memo"] == 42
    assert (await company.get("customer", bad, as_of=then))["memo"] is None
    assert (await company.history("customer", bad))[0]["before"] == {"memo": "x7"}


async def test_a_purge_leaves_a_history_that_still_holds(company: Company, settings: Settings) -> None:
    sealer = Sealer(company.database, company.workspace, company.clock, settings)
    one = await company.make("customer", name="一")
    other = await company.make("customer", name="二", partners=[str(one)])
    await company.change("customer", one, price=3)
    await sealer.seal_once()
    await company.gateway.purge(company["管"], company.workspace, "customer", one)
    await sealer.seal_once()
    report = await verify_history(company.database, company.workspace)
    assert report.ok
    assert report.redacted == 2
    async with company.database.write() as tx:
        await tx.execute(
            f"UPDATE {company.workspace.quoted_schema}._history SET after = NULL, before = NULL WHERE"
            f" record_id = $1 AND version = 1",
            other,
        )
    assert not (await verify_history(company.database, company.workspace)).ok
