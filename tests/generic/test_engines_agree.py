"""PostgreSQL and DuckDB give one answer, to the last digit: random changes, random roles, random questions.

Records are changed through the gateway and the replica is brought up at random moments, sealed or not; then each
question is put to both engines on behalf of people with random roles.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.records.company import CUSTOMER, DEAL, Company, found_company
from tests.replica.desk import Desk

from tongmai.access import Actor, AnyActor, Person, SystemActor
from tongmai.kit import Conflict, Denied, FixedClock, Invalid, Settings, Text
from tongmai.model import Catalogue, Grant, RoleDef
from tongmai.records import Gateway
from tongmai.replica import ReplicaEngine
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, create_workspace, drop_workspace

_serial = count(1)


class _Roles(CatalogueStore):
    """The same objects, in the same version, with other roles (whose keys no one had before)."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        super().__init__(database)
        self._catalogue = catalogue

    def peek(self, workspace: Workspace) -> Catalogue | None:
        return self._catalogue


@dataclass
class World:
    desk: Desk
    people: list[Person]
    customers: list[UUID] = field(default_factory=list)
    deals: list[UUID] = field(default_factory=list)

    def view(self, roles: list[list[Grant]], who: int) -> tuple[Gateway, AnyActor]:
        company = self.desk.company
        present = company.catalogues.peek(company.workspace)
        assert present is not None
        named = f"r{next(_serial)}"
        defined = tuple(
            RoleDef(key=f"{named}_{n}", label=Text.same("r"), grants=tuple(grants)) for n, grants in enumerate(roles)
        )
        catalogue = Catalogue(version=present.version, objects=present.objects, roles=(*present.roles, *defined))
        gateway = Gateway(company.database, _Roles(company.database, catalogue), company.clock, self.desk.settings)
        replica = self.desk.replica
        gateway.use_engine(ReplicaEngine(company.database, self.desk.settings, lambda _: replica, fewest_rows=0))
        if not roles:
            return gateway, SystemActor("test")
        return gateway, Actor(replace(self.people[who], roles=tuple(role.key for role in defined)))


@pytest.fixture(scope="session")
async def world(database: Database, settings: Settings) -> AsyncIterator[World]:
    clock = FixedClock(database.clock.now())
    async with database.write() as tx:
        workspace = await create_workspace(tx, "engines", Text("公司", "Company"), clock=clock)
    company = await found_company(database, workspace, clock, settings, objects=(CUSTOMER, DEAL), roles=())
    made = await _populated(company, settings)
    yield made
    made.desk.replica.duck.close()
    async with database.write() as tx:
        await drop_workspace(tx, workspace)


async def _populated(company: Company, settings: Settings) -> World:
    teams = [await company.make("team", name=f"t{n}") for n in range(2)]
    ids = [await company.make("person", name=f"p{n}", team=str(teams[n % 2])) for n in range(4)]
    mates = {team: tuple(one for n, one in enumerate(ids) if teams[n % 2] == team) for team in teams}
    people = [
        Person(one, f"p{n}", teams[n % 2], (), (teams[n % 2],), mates[teams[n % 2]], mates[teams[n % 2]])
        for n, one in enumerate(ids)
    ]
    world = World(Desk.at(company, settings), people)
    for n in range(40):
        await _make_customer(world, n)
        await _make_deal(world, n)
    await world.desk.bring_up()
    return world


async def _make_customer(world: World, n: int) -> None:
    values: dict[str, Any] = {
        "name": f"客户{n:03}", "code": f"C{n}-{next(_serial)}" if n % 4 else None, "level": [None, "a", "b"][n % 3],
        "tags": [["vip"], ["vip", "new"], None][n % 3], "cost": f"{n * 7 % 50}.{n % 100:02}" if n % 5 else None,
        "price": f"{(n * 37) % 1000 - 100}.{n * 13 % 100:02}" if n % 7 else None, "cycle": n * 3600 if n % 2 else None,
        "owner": str(world.people[n % 4].id) if n % 6 else None,
        "parent": str(world.customers[n // 2]) if n > 3 and n % 3 and n // 2 < len(world.customers) else None,
    }  # fmt: skip
    world.customers.append(await world.desk.company.make("customer", **values))


async def _make_deal(world: World, n: int) -> None:
    values: dict[str, Any] = {
        "title": f"商机{next(_serial)}", "amount": f"{n * 11 % 90}.{n % 10}5" if n % 4 else None,
        "stage": ["lead", "talk"][n % 2], "closes": f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}" if n % 5 else None,
        "met": f"2026-{n % 12 + 1:02}-01T{n % 24:02}:30:00+08:00" if n % 3 else None,
        "owner": str(world.people[n % 4].id),
        "customer": str(world.customers[n % len(world.customers)]) if n % 7 else None,
    }  # fmt: skip
    world.deals.append(await world.desk.company.make("deal", **values))


_changes = st.lists(
    st.tuples(
        st.sampled_from(
            ["customer", "deal", "price", "owner", "parent", "amount", "delete", "restore", "purge", "advance", "seal"]
        ),
        st.integers(0, 10_000),
    ),
    max_size=8,
)


async def _change(world: World, what: str, n: int) -> None:
    company, desk = world.desk.company, world.desk
    customer, deal = world.customers[n % len(world.customers)], world.deals[n % len(world.deals)]
    try:
        match what:
            case "customer":
                await _make_customer(world, n)
            case "deal":
                await _make_deal(world, n)
            case "price":
                await company.change("customer", customer, price=f"{n}.{n % 100:02}", cost=None if n % 3 else n)
            case "owner":
                await company.change("customer", customer, owner=str(world.people[n % 4].id))
            case "parent":
                await company.change("customer", customer, parent=str(world.customers[n // 3 % len(world.customers)]))
            case "amount":
                await company.change("deal", deal, amount=n, stage=["lead", "talk"][n % 2])
            case "delete" | "restore":
                await getattr(company.gateway, what)(company.system, company.workspace, "customer", customer)
            case "purge":
                await company.gateway.purge(company.system, company.workspace, "deal", deal)
                world.deals.remove(deal)
            case "advance":
                await desk.replica.advance()
            case "seal":
                await desk.seal()
    except Conflict:
        return
    except Exception as error:
        # A record in the bin cannot be changed; the next step comes.
        if getattr(error, "status", 500) >= 500:
            raise


_scopes = st.sampled_from(
    ["none", "own", "team", "all", "formula: price > 20", "formula: level = 'a' OR owner = ME()",
     "formula: parent.price > 9", "formula: parent.owner IN MY_PEOPLE()", "formula: NOT parent.level = 'b'",
     "formula: cost IS BLANK"]
)  # fmt: skip
_access = st.sampled_from(["none", "read", "write"])
_grants = st.builds(
    lambda read, fields, more: Grant(object="customer", read=read, fields=fields, field_access=more),
    _scopes,
    st.sampled_from(["none", "read"]),
    st.dictionaries(
        st.sampled_from(["name", "level", "cost", "price", "margin", "parent", "owner"]), _access, max_size=3
    ),
)
_deal_grants = st.builds(
    lambda read, more: Grant(object="deal", read=read, fields="read", field_access=more),
    st.sampled_from(["own", "team", "all", "formula: customer.price > 5", "formula: amount > 30"]),
    st.dictionaries(st.sampled_from(["amount", "customer", "stage"]), _access, max_size=2),
)
_roles = st.lists(st.lists(st.one_of(_grants, _deal_grants), min_size=1, max_size=3), max_size=2)

_ASKED: dict[str, dict[str, list[str]]] = {
    "customer": {
        "group": ["level", "owner", "parent", "parent.level", "created_at:month", "parent.parent.level", "name"],
        "of": ["price", "cost", "margin", "parent.price", "price * cost", "price / cost", "cycle", "price + 0.005"],
        "when": [
            "price > 20", "NOT cost > 10", "level = 'a'", "margin >= 0", "parent.price > 9", "parent.level != 'a'",
            "parent.parent.name IS BLANK", "owner = ME()", "HAS_ANY(tags, 'vip')", "name > '客户02'",
            "ROUND(price, 0) > 5", "YEAR(created_at) = 2026", "WORKDAYS_BETWEEN(DATE(created_at), TODAY()) >= 0",
        ],
    },
    "deal": {
        "group": ["stage", "owner", "customer", "customer.level", "closes:quarter", "met:week", "met:day", "closes"],
        "of": ["amount", "customer.price", "amount - customer.cost", "amount * 1.13", "customer.margin"],
        "when": [
            "amount > 30", "stage = 'talk'", "customer.level = 'a'", "closes >= MAKE_DATE(2026, 6, 1)",
            "met < NOW()", "customer.owner = ME()", "customer.parent.level = 'b'", "amount IS BLANK",
        ],
    },
}  # fmt: skip


@st.composite
def _queries(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(_ASKED)))
    asked = _ASKED[name]
    measures: dict[str, Any] = {"n": "count"}
    for number in range(draw(st.integers(0, 3))):
        function = draw(st.sampled_from(["sum", "avg", "min", "max", "median", "count", "count_distinct"]))
        measure = {"function": function, "of": draw(st.sampled_from(asked["of"]))}
        if draw(st.booleans()):
            measure["where"] = draw(st.sampled_from(asked["when"]))
        measures[f"m{number}"] = measure
    query: dict[str, Any] = {
        "object": name,
        "group_by": [
            {"field": text.partition(":")[0], "bucket": text.partition(":")[2] or None, "name": f"g{number}"}
            for number, text in enumerate(draw(st.lists(st.sampled_from(asked["group"]), max_size=3, unique=True)))
        ],
        "measures": measures,
        "limit": draw(st.sampled_from([2, 1000])),
    }
    if draw(st.booleans()):
        query["filter"] = " AND ".join(draw(st.lists(st.sampled_from(asked["when"]), min_size=1, max_size=2)))
    if draw(st.booleans()):
        query["having"] = "n > 1"
    if draw(st.booleans()):
        query["sort"] = draw(st.sampled_from(["-n", "n", *(f"-{each}" for each in measures)]))
    return query


# The world goes on from example to example: none can be made smaller afterwards.
@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
@given(_changes, st.lists(st.tuples(_roles, st.integers(0, 3), _queries()), min_size=1, max_size=6))
async def test_both_engines_tell_the_same(
    world: World, changes: list[tuple[str, int]], questions: list[tuple[list[list[Grant]], int, dict[str, Any]]]
) -> None:
    for what, n in changes:
        await _change(world, what, n)
    assert await world.desk.replica.advance() is not None
    for roles, who, query in questions:
        gateway, actor = world.view(roles, who)
        found = []
        for engine in ("duckdb", "postgresql"):
            try:
                answer = await gateway.query(actor, world.desk.company.workspace, {**query, "engine": engine})
            except Denied:
                found.append(None)
                continue
            except Invalid as refused:
                # A field that none of the roles shows is not there, nor is a measure of it to sort by.
                codes = {fault.code for fault in refused.faults}
                assert "formula.unknown_field" in codes and codes <= {"formula.unknown_field", "query.sort"}
                found.append(None)
                continue
            found.append(json.loads(answer, parse_float=Decimal, parse_int=Decimal))
        if found[0] is None or found[1] is None:
            assert found == [None, None]
            continue
        assert found[0].pop("engine") == "duckdb"
        assert found[1].pop("engine") == "postgresql"
        assert found[0] == found[1], query
