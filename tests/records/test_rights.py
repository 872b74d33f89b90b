"""What the policies let people do through the gateway (the oracle holds reading; these are the writes and the
words)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tongmai.access import Actor
from tongmai.kit import Conflict, Denied, Invalid, NotFound, new_id

from .company import Company, hire


async def _of(company: Company, owner: str, **values: Any) -> UUID:
    return await company.make("customer", **{"name": "公司", "owner": str(company[owner].id), **values})


async def test_what_one_cannot_see_is_not_found_and_what_one_may_not_change_is_denied(company: Company) -> None:
    theirs = await _of(company, "乙")
    with pytest.raises(NotFound):
        await company.change("customer", theirs, company["甲"], price=1)
    with pytest.raises(NotFound):
        await company.gateway.delete(company["甲"], company.workspace, "customer", theirs)
    with pytest.raises(NotFound):
        await company.history("customer", theirs, company["甲"])
    mine = await _of(company, "甲")
    with pytest.raises(Denied) as caught:
        await company.change("customer", mine, company["丁"], price=1)
    assert "Not permitted" in caught.value.sentence("en")
    with pytest.raises(Denied):
        await company.gateway.delete(company["丙"], company.workspace, "customer", mine)
    assert (await company.get("customer", mine))["version"] == 1


async def test_a_missing_record_and_a_hidden_one_are_refused_with_the_same_words(company: Company) -> None:
    theirs = await _of(company, "乙")
    answers = []
    for one in (theirs, new_id(company.clock)):
        with pytest.raises(NotFound) as caught:
            await company.get("customer", one, company["甲"])
        answers.append(caught.value.problem("zh"))
    assert answers[0] == answers[1]


async def test_fields_are_written_only_where_a_role_lets(company: Company) -> None:
    mine = await _of(company, "甲", phone="13800138000")
    for actor, values in (("丙", {"phone": "13900139000"}), ("丁", {"price": 1})):
        with pytest.raises(Denied):
            await company.change("customer", mine, company[actor], **values)
    await company.change("customer", mine, company["丙"], price=3)
    # A seller may write the cost he cannot read only if a role says so: "none" takes both.
    with pytest.raises(Invalid) as caught:
        await company.change("customer", mine, company["甲"], cost=3)
    assert caught.value.faults[0].code == "field.unknown"
    assert (await company.get("customer", mine))["cost"] is None


async def test_a_record_is_given_away_only_within_ones_own_reach(company: Company) -> None:
    mine = await _of(company, "甲")
    with pytest.raises(Denied) as caught:
        await company.change("customer", mine, company["甲"], owner=str(company["丙"].id))
    assert caught.value.faults[0].code == "access.pushed_out"
    await company.change("customer", mine, company["丙"], owner=str(company["丙"].id))
    with pytest.raises((Denied, Invalid)):
        await company.change("customer", mine, company["丙"], owner=str(company["乙"].id))


async def test_nobody_makes_a_record_he_would_not_see(company: Company) -> None:
    with pytest.raises((Denied, Invalid)):
        await company.make("customer", company["甲"], name="x", owner=str(company["丙"].id))
    assert await company.names("customer") == []


async def test_a_relation_leads_only_to_what_the_actor_sees(company: Company) -> None:
    theirs = await _of(company, "乙")
    with pytest.raises(Invalid) as caught:
        await company.make("deal", company["甲"], title="单", customer=str(theirs))
    assert caught.value.faults[0].field == "customer"
    # What is there already does not hinder a change of other fields.
    deal = await company.make("deal", title="单", customer=str(theirs), owner=str(company["甲"].id))
    await company.change("deal", deal, company["甲"], amount=5)
    shown = await company.get("deal", deal, company["甲"])
    assert shown["customer"] == {"id": str(theirs), "label": None}


async def test_a_token_narrows(company: Company) -> None:
    mine = await _of(company, "甲")
    reading = replace(company["甲"], scopes=frozenset({"read:customer"}), via="token:1")
    assert (await company.get("customer", mine, reading))["name"] == "公司"
    with pytest.raises(Denied):
        await company.change("customer", mine, reading, price=1)
    with pytest.raises(Denied):
        await company.list("deal", reading)
    # The token does not reach people, so that not even the owner's name is told.
    assert (await company.get("customer", mine, reading))["owner"]["label"] is None


async def test_statements_of_one_policy_are_not_used_for_another(company: Company) -> None:
    await _of(company, "甲", name="甲的")
    await _of(company, "乙", name="乙的")
    for _ in range(3):
        assert await company.names("customer", company["甲"]) == ["甲的"]
        assert await company.names("customer", company["乙"]) == ["乙的"]
        assert sorted(await company.names("customer", company["丁"])) == ["乙的", "甲的"]


async def test_roles_are_given_by_those_who_manage_access_alone(fresh_company: Company) -> None:
    company = fresh_company
    person = company["甲"].id
    with pytest.raises(Denied):
        await company.change("person", person, company["丙"], roles=["administrator"])
    with pytest.raises(Denied):
        await company.change("person", person, company["甲"], roles=["administrator"])
    await company.change("person", person, company["管"], roles=["seller", "supervisor"])
    assert (await company.get("person", person))["roles"] == ["seller", "supervisor"]


async def test_the_last_administrator_stays(fresh_company: Company) -> None:
    company = fresh_company
    only, gateway, workspace = company["管"], company.gateway, company.workspace
    for attempt in (
        lambda: company.change("person", only.id, only, roles=[]),
        lambda: company.change("person", only.id, only, active=False),
        lambda: gateway.delete(only, workspace, "person", only.id),
        lambda: gateway.purge(only, workspace, "person", only.id),
    ):
        with pytest.raises(Conflict) as caught:
            await attempt()
        assert caught.value.faults[0].code == "access.last_administrator"
    await company.change("person", company["丁"].id, only, roles=["administrator"])
    await company.change("person", only.id, only, roles=[])


async def test_whoever_remembers_actors_is_told_when_people_change(fresh_company: Company) -> None:
    company = fresh_company
    told: list[UUID] = []
    company.gateway.on_people_changed(told.append)
    await company.make("customer", name="x")
    assert told == []
    await company.make("person", name="新人")
    await company.make("team", name="新队")
    assert told == [company.workspace.id] * 2


async def test_history_shows_only_the_fields_one_may_see(company: Company) -> None:
    mine = await _of(company, "甲", cost=3, price=9)
    await company.change("customer", mine, cost=4, price=10)
    entries = await company.history("customer", mine, company["甲"])
    assert entries[0]["before"] == {"price": 9}
    assert entries[0]["after"] == {"price": 10}
    assert "cost" not in entries[1]["after"]
    assert entries[1]["actor"] is None and entries[1]["via"] == "system:test"


async def test_explain_tells_why(company: Company) -> None:
    mine = await _of(company, "甲")
    assert (await company.gateway.explain(company["甲"], company.workspace, "customer", mine, "read")).allowed
    assert not (await company.gateway.explain(company["乙"], company.workspace, "customer", mine, "read")).allowed


async def test_an_inactive_person_sees_nothing(company: Company) -> None:
    await _of(company, "甲")
    gone = Actor(replace(company["甲"].person, active=False))
    with pytest.raises(Denied):
        await company.list("customer", gone)


async def test_who_may_not_look_at_people_still_makes_records_of_his_own(fresh_company: Company) -> None:
    company = fresh_company
    clerk = await hire(company, "戊", None, "clerk")
    await company.make("customer", clerk, name="默认")
    await company.make("customer", clerk, name="自己", owner=str(clerk.id))
    await company.make("customer", clerk, name="大写", owner=str(clerk.id).upper())
    assert sorted(await company.names("customer", clerk)) == ["大写", "自己", "默认"]
    assert {row["owner"] for row in await company.fetch("SELECT owner FROM {schema}.customer")} == {clerk.id}
    for other in (str(company["甲"].id), None):
        with pytest.raises(Denied):
            await company.make("customer", clerk, name="别人", owner=other)


async def test_an_own_person_that_is_purged_owns_nothing_new(company: Company) -> None:
    unknown = replace(company["甲"], person=replace(company["甲"].person, id=new_id(company.clock)))
    with pytest.raises((Conflict, Invalid)):
        await company.make("customer", unknown, name="x")


@pytest.mark.parametrize("who", ["甲", "乙", "丁"])
async def test_history_holds_no_value_of_a_field_that_is_hidden_now(company: Company, who: str) -> None:
    one = await _of(company, who, name="公司", cost=4711, price=4712, phone="13800138000")
    await company.change("customer", one, cost=4713, price=4714, phone="13900139000")
    told = str(await company.history("customer", one, company[who]))
    for value, hidden_from in (("4711", "甲乙"), ("4713", "甲乙"), ("4712", "丁"), ("13900139000", "丁")):
        assert (value in told) == (who not in hidden_from)
