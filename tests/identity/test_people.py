"""From a person to the actor: the team's tree, everyone in it, and nobody lost."""

from __future__ import annotations

from uuid import uuid4

from tongmai.identity import load_actor, load_person

from .conftest import Company


async def test_teams_and_people_are_those_of_the_own_team_and_below(company: Company) -> None:
    top = await company.team("总部")
    east, west = await company.team("华东", top), await company.team("华西", top)
    shanghai = await company.team("上海", east)
    boss = await company.person("总", top, ("lead",))
    lead, mate = await company.person("东", east), await company.person("东二", east)
    seller = await company.person("沪", shanghai)
    await company.person("西", west)
    async with company.database.read() as tx:
        found = await load_person(tx, company.workspace, lead)
        chief = await load_person(tx, company.workspace, boss)
        last = await load_person(tx, company.workspace, seller)
    assert found is not None and chief is not None and last is not None
    assert (found.team, set(found.teams)) == (east, {east, shanghai})
    assert (set(found.people), set(found.subtree)) == ({lead, mate}, {lead, mate, seller})
    assert (len(chief.teams), len(chief.subtree), chief.roles) == (4, 5, ("lead",))
    assert (last.teams, last.people, last.subtree) == ((shanghai,), (seller,), (seller,))


async def test_a_person_without_a_team_has_no_people(company: Company) -> None:
    loner = await company.person("独")
    await company.person("也无团队")
    async with company.database.read() as tx:
        found = await load_person(tx, company.workspace, loner)
    assert found is not None
    assert (found.team, found.teams, found.people, found.subtree) == (None, (), (), ())


async def test_those_who_left_and_deleted_teams_stay_in_sight(company: Company) -> None:
    top = await company.team("总部")
    below = await company.team("已撤销", top)
    lead = await company.person("主管", top)
    left = await company.person("离职", below, active=False)
    await company.change("team", below, "deleted_at", company.clock.now())
    await company.change("person", left, "deleted_at", company.clock.now())
    async with company.database.read() as tx:
        found = await load_person(tx, company.workspace, lead)
    assert found is not None
    assert (set(found.teams), set(found.subtree)) == ({top, below}, {lead, left})


async def test_teams_in_a_ring_do_not_turn_for_ever(company: Company) -> None:
    one = await company.team("甲")
    two = await company.team("乙", one)
    await company.change("team", one, "parent", two)
    someone = await company.person("人", one)
    async with company.database.read() as tx:
        found = await load_person(tx, company.workspace, someone)
    assert found is not None
    assert set(found.teams) == {one, two}


async def test_only_an_active_person_becomes_an_actor(company: Company) -> None:
    active = await company.person("在", active=None)
    left = await company.person("离", active=False)
    deleted = await company.person("删")
    await company.change("person", deleted, "deleted_at", company.clock.now())
    async with company.database.read() as tx:
        actor = await load_actor(
            tx, company.workspace, active, via="token:1", scopes=frozenset({"read"}), language="en"
        )
        others = [await load_actor(tx, company.workspace, each) for each in (left, deleted, uuid4())]
    assert actor is not None
    assert (actor.via, actor.scopes, actor.language) == ("token:1", {"read"}, "en")
    assert others == [None, None, None]
