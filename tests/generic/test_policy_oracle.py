"""Law 2, held on every surface: what an actor is shown is what the slow evaluation of the policy allows, row by row.

Random roles over fixed, varied data. The expectation is worked out in Python from the stored values and
``access.evaluate_slowly``; the gateway's answers come from compiled SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.records.company import CUSTOMER, Company, found_company

from tongmai.access import Actor, Person, evaluate_slowly
from tongmai.formula import Moment
from tongmai.kit import Denied, FixedClock, Invalid, NotFound, Settings, Text, WorkingCalendar
from tongmai.model import SYSTEM_KEYS, Catalogue, Grant, RoleDef
from tongmai.records import Gateway, Sealer
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, create_workspace, drop_workspace

_versions = count(1_000_000)
_FIELDS = ("name", "code", "phone", "level", "cost", "price", "margin", "parent")
_PLAIN = ("name", "code", "phone", "level", "cost", "price")


class _Roles(CatalogueStore):
    """The same objects with other roles, as if a change had just put them in force."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        super().__init__(database)
        self.catalogue = catalogue

    def peek(self, workspace: Workspace) -> Catalogue | None:
        return self.catalogue


@dataclass
class World:
    """The stored truth: customers by id with their values, and people."""

    company: Company
    rows: dict[UUID, dict[str, Any]]
    deleted: set[UUID]
    people: list[Person]
    history: list[Mapping[str, Any]]


@pytest.fixture(scope="session")
async def world(database: Database, settings: Settings) -> AsyncIterator[World]:
    clock = FixedClock(database.clock.now())
    async with database.write() as tx:
        workspace = await create_workspace(tx, "oracle", Text("公司", "Company"), clock=clock)
    yield await _make_world(
        await found_company(database, workspace, clock, settings, objects=(CUSTOMER,), roles=()), settings
    )
    async with database.write() as tx:
        await drop_workspace(tx, workspace)


async def _make_world(company: Company, settings: Settings) -> World:
    teams = [await company.make("team", name=f"t{n}") for n in range(2)]
    teams.append(await company.make("team", name="t2", parent=str(teams[0])))
    ids = [await company.make("person", name=f"p{n}", team=None if n == 5 else str(teams[n % 3])) for n in range(6)]
    placed = {one: None if n == 5 else teams[n % 3] for n, one in enumerate(ids)}
    below = {teams[0]: (teams[0], teams[2]), teams[1]: (teams[1],), teams[2]: (teams[2],)}
    people = []
    for one in ids:
        team = placed[one]
        under = below[team] if team else ()
        mates = tuple(each for each in ids if team is not None and placed[each] == team)
        people.append(
            Person(
                one, "p", team, (), under, mates, tuple(each for each in ids if placed[each] in under and placed[each])
            )
        )
    made: list[UUID] = []
    for n in range(24):
        values: dict[str, Any] = {
            "name": f"name{n:02}", "code": f"C{n:02}" if n % 4 else None,
            "phone": f"138001380{n:02}" if n % 3 else None,
            "level": "ab"[n % 2], "cost": n * 2 if n % 5 else None, "price": n * 3 if n % 7 else None,
            "owner": str(ids[n % 6]) if n % 8 else None, "parent": str(made[n // 2]) if n > 3 and n % 3 else None,
        }  # fmt: skip
        made.append(await company.make("customer", **values))
    for n in range(0, 24, 2):
        await company.change("customer", made[n], price=n, name=f"renamed{n:02}", owner=str(ids[(n + 1) % 6]))
    deleted = {made[5], made[10]}
    for one in deleted:
        await company.gateway.delete(company.system, company.workspace, "customer", one)
    await Sealer(company.database, company.workspace, company.clock, settings).seal_once()
    stored = await company.fetch("SELECT * FROM {schema}.customer")
    history = await company.fetch(
        "SELECT seq, record_id, action, before::text, after::text FROM {schema}._history WHERE"
        " object = 'customer' ORDER BY seq"
    )
    rows = {row["id"]: dict(row) for row in stored}
    for row in rows.values():
        row["margin"] = None if row["price"] is None or row["cost"] is None else row["price"] - row["cost"]
    for row in rows.values():
        parent = rows.get(row["parent"])
        for key in ("price", "owner", "level"):
            row[f"parent.{key}"] = None if parent is None else parent[key]
    return World(company, rows, deleted, people, history)


_scopes = st.sampled_from(
    ["none", "own", "team", "subtree", "all", "formula: price > 20", "formula: level = 'a' OR owner = ME()",
     "formula: parent.price > 9", "formula: parent.owner IN MY_PEOPLE()", "formula: NOT parent.level = 'b'",
     "formula: cost IS BLANK"]
)  # fmt: skip
_access = st.sampled_from(["none", "read", "write"])
_grants = st.builds(
    lambda read, fields, more: Grant(object="customer", read=read, fields=fields, field_access=more),
    _scopes,
    st.sampled_from(["none", "read"]),
    st.dictionaries(st.sampled_from(_FIELDS), _access, max_size=4),
)
_person_grants = st.builds(
    lambda read: Grant(object="person", read=read, fields="read"), st.sampled_from(["none", "team", "all"])
)
_roles = st.lists(st.lists(st.one_of(_grants, _grants, _person_grants), min_size=1, max_size=3), min_size=1, max_size=3)


@dataclass
class Sight:
    """One actor's view: the expectation by slow evaluation, and a gateway that has these roles in force."""

    world: World
    actor: Actor
    catalogue: Catalogue
    gateway: Gateway
    moment: Moment

    def sees(self, row: Mapping[str, Any], field: str | None = None) -> bool:
        return evaluate_slowly(self.catalogue, self.actor, "customer", row, "read", field, moment=self.moment)

    def value(self, row: Mapping[str, Any], field: str) -> Any:
        return row[field] if self.sees(row, field) else None

    def visible(self) -> dict[UUID, dict[str, Any]]:
        return {one: row for one, row in self.world.rows.items() if one not in self.world.deleted and self.sees(row)}

    def shown(self, row: Mapping[str, Any], field: str) -> Any:
        """A field as it must stand in an answer."""
        value = self.value(row, field)
        if field != "parent" or value is None:
            return value
        target = self.world.rows[value]
        there = value not in self.world.deleted and self.sees(target)
        return {"id": str(value), "label": self.value(target, "name") if there else None}

    def reads_at_all(self) -> bool:
        return any(
            grant.object == "customer" and grant.read != "none"
            for role in self.catalogue.roles
            for grant in role.grants
        )

    def shows_nowhere(self, *paths: str) -> bool:
        """Whether a field on one of the paths is hidden on every record there is: then its name is refused."""
        keys = {key for path in paths for key in path.split(".")}
        return any(not any(self.sees(row, key) for row in self.world.rows.values()) for key in keys)

    async def list(self, **options: Any) -> dict[str, Any]:
        found = await self.gateway.list(self.actor, self.world.company.workspace, "customer", limit=100, **options)
        return json.loads(found, parse_float=Decimal, parse_int=Decimal)  # type: ignore[no-any-return]


def _sight(world: World, roles: list[list[Grant]], who: int, made: Settings) -> Sight:
    company = world.company
    present = company.catalogues.peek(company.workspace)
    assert present is not None
    defined = tuple(
        RoleDef(key=f"r{n}", label=Text.same(f"r{n}"), grants=tuple(grants)) for n, grants in enumerate(roles)
    )
    catalogue = Catalogue(version=next(_versions), objects=present.objects, roles=(*present.roles, *defined))
    person = replace(world.people[who], roles=tuple(role.key for role in defined))
    gateway = Gateway(company.database, _Roles(company.database, catalogue), company.clock, made)
    moment = Moment(company.clock.now(), company.workspace.zone, WorkingCalendar())
    return Sight(world, Actor(person), catalogue, gateway, moment)


_example = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
_who = st.integers(0, 5)


@_example
@given(_roles, _who)
async def test_list_and_get(world: World, settings: Settings, roles: list[list[Grant]], who: int) -> None:
    sight = _sight(world, roles, who, settings)
    visible = sight.visible()
    try:
        page = await sight.list(sort="id")
    except Denied:
        assert not visible
        return
    assert [item["id"] for item in page["items"]] == [str(one) for one in sorted(visible)]
    assert page["count"] == len(visible)
    for item in page["items"]:
        row = world.rows[UUID(item["id"])]
        for field in _FIELDS:
            assert item.get(field) == sight.shown(row, field), field
    for one, row in list(world.rows.items())[::5]:
        get = sight.gateway.get(sight.actor, world.company.workspace, "customer", one)
        if one not in visible:
            with pytest.raises(NotFound):
                await get
        else:
            found = json.loads(await get, parse_float=Decimal, parse_int=Decimal)
            assert {field: found.get(field) for field in _FIELDS} == {
                field: sight.shown(row, field) for field in _FIELDS
            }


_conditions: dict[str, Any] = {
    "price > 20": lambda value: value("price") is not None and value("price") > 20,
    "NOT cost > 10": lambda value: not (value("cost") is not None and value("cost") > 10),
    "phone IS BLANK": lambda value: value("phone") is None,
    "level = 'a'": lambda value: value("level") == "a",
    "margin >= 0": lambda value: value("margin") is not None and value("margin") >= 0,
    "parent.price > 9": lambda value: value("parent.price") is not None and value("parent.price") > 9,
    "parent.level != 'a'": lambda value: value("parent.level") != "a",
    "parent.parent.name IS BLANK": lambda value: value("parent.parent.name") is None,
}


def _through(sight: Sight, row: Mapping[str, Any], path: str) -> Any:
    """A value over a path, blank where anything on the way is hidden."""
    first, _, rest = path.partition(".")
    value = sight.value(row, first)
    if not rest or value is None:
        return None if rest else value
    target = sight.world.rows[value]
    return _through(sight, target, rest) if value not in sight.world.deleted and sight.sees(target) else None


@_example
@given(_roles, _who, st.sampled_from(sorted(_conditions)))
async def test_filter_sees_only_what_the_actor_sees(
    world: World, settings: Settings, roles: list[list[Grant]], who: int, text: str
) -> None:
    sight = _sight(world, roles, who, settings)
    expected = {
        str(one)
        for one, row in sight.visible().items()
        if _conditions[text](lambda path, row=row: _through(sight, row, path))
    }
    try:
        page = await sight.list(filter=text)
    except Denied:
        assert not expected
        return
    except Invalid:
        assert sight.shows_nowhere(*re.findall(r"[a-z]+(?:\.[a-z]+)*", text.replace("'a'", "")))
        return
    assert {item["id"] for item in page["items"]} == expected
    assert page["count"] == len(expected)


@_example
@given(_roles, _who, st.sampled_from([*_PLAIN, "margin", "parent.price"]), st.booleans())
async def test_sort_tells_nothing_of_what_is_hidden(
    world: World, settings: Settings, roles: list[list[Grant]], who: int, field: str, descending: bool
) -> None:
    sight = _sight(world, roles, who, settings)
    try:
        page = await sight.list(sort=("-" if descending else "") + field + ",id")
    except Denied:
        return
    except Invalid:
        assert sight.shows_nowhere(field)
        return
    valued, blank = [], []
    for one, row in sorted(sight.visible().items()):
        value = _through(sight, row, field)
        (blank if value is None else valued).append((value, one))
    valued.sort(key=lambda pair: pair[0], reverse=descending)
    assert [item["id"] for item in page["items"]] == [str(one) for _, one in (*valued, *blank)]


@_example
@given(_roles, _who)
async def test_groups_and_sums(world: World, settings: Settings, roles: list[list[Grant]], who: int) -> None:
    sight = _sight(world, roles, who, settings)
    expected: dict[Any, list[Any]] = {}
    for row in sight.visible().values():
        expected.setdefault(sight.value(row, "level"), []).append(sight.value(row, "price"))
    query = {"object": "customer", "group_by": ["level"], "measures": {"n": "count", "total": "sum(price)"}}
    try:
        found = json.loads(await sight.gateway.query(sight.actor, world.company.workspace, query), parse_float=Decimal)
    except Denied:
        assert not expected
        return
    except Invalid:
        assert sight.shows_nowhere("level", "price")
        return
    got = {row["level"]: (row["n"], row["total"]) for row in found["rows"]}
    sums = {
        key: (
            len(values),
            sum(each for each in values if each is not None) if any(each is not None for each in values) else None,
        )
        for key, values in expected.items()
    }
    assert got == sums


@_example
@given(_roles, _who, st.sampled_from(["renamed02", "name", "13800138004", "1380013801", "name07"]))
async def test_search_finds_by_visible_fields_only(
    world: World, settings: Settings, roles: list[list[Grant]], who: int, text: str
) -> None:
    sight = _sight(world, roles, who, settings)
    expected = set()
    for one, row in sight.visible().items():
        seen = " ".join(str(sight.value(row, field) or "") for field in ("name", "phone"))
        if text in seen:
            expected.add(str(one))
    try:
        page = await sight.list(search=text)
    except Denied:
        assert not expected
        return
    assert {item["id"] for item in page["items"]} == expected
    found = json.loads(await sight.gateway.search(sight.actor, world.company.workspace, text, limit=100))
    assert {item["id"] for item in found["items"] if item["object"] == "customer"} == expected


@_example
@given(_roles, _who)
async def test_history_and_feed(world: World, settings: Settings, roles: list[list[Grant]], who: int) -> None:
    sight = _sight(world, roles, who, settings)
    workspace = world.company.workspace
    masked = {}
    for entry in world.history:
        row = world.rows[entry["record_id"]]
        if sight.sees(row):
            keys = {key for key in (*_FIELDS, "owner", "deleted_at") if sight.sees(row, key)}
            masked[entry["seq"]] = tuple(_part(entry[side], keys) for side in ("before", "after"))
    page = await sight.gateway.feed(sight.actor, workspace, after=(0, 0), limit=1000)
    told = {}
    for event in page:
        body = json.loads(event.body)
        if body["object"] == "customer" and body["action"] != "gone":
            told[body["seq"]] = (body["before"], body["after"])
    assert told == masked
    for one in list(world.rows)[::6]:
        ask = sight.gateway.history(sight.actor, workspace, "customer", one)
        try:
            items = json.loads(await ask)["items"]
        except (Denied, NotFound):
            assert not sight.sees(world.rows[one])
            continue
        expected = {seq: parts for seq, parts in masked.items() if _record_of(world, seq) == one}
        assert {item["seq"]: (item["before"], item["after"]) for item in items} == expected


def _part(document: str | None, keys: set[str]) -> Any:
    if document is None:
        return None
    hidden = set(SYSTEM_KEYS) - {"owner", "deleted_at"}
    return {key: value for key, value in json.loads(document).items() if key in keys and key not in hidden}


def _record_of(world: World, seq: int) -> Any:
    return next(entry["record_id"] for entry in world.history if entry["seq"] == seq)


@_example
@given(_roles, _who)
async def test_records_that_were_seen_and_are_no_longer_are_told_as_gone_without_their_values(
    world: World, settings: Settings, roles: list[list[Grant]], who: int
) -> None:
    sight = _sight(world, roles, who, settings)
    page = await sight.gateway.feed(sight.actor, world.company.workspace, after=(0, 0), limit=1000)
    for event in page:
        body = json.loads(event.body)
        if body["action"] == "gone":
            assert set(body) == {"epoch", "seq", "object", "id", "action"}
            assert body["object"] != "customer" or not sight.sees(world.rows[UUID(body["id"])])
