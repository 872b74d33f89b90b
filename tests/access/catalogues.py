"""Catalogues, people and rows for tests of access: one small company, and random ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tongmai.access import Person
from tongmai.formula import Moment
from tongmai.kit import WorkingCalendar
from tongmai.model import Catalogue, starting_catalogue

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MOMENT = Moment(NOW, "Asia/Shanghai", WorkingCalendar())

CUSTOMER = {
    "key": "customer",
    "label": {"zh": "客户", "en": "Customer"},
    "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": "名称"},
        {"key": "level", "type": "text", "label": "等级"},
        {"key": "price", "type": "number", "label": "售价"},
        {"key": "cost", "type": "number", "label": "成本"},
        {"key": "margin", "type": "formula", "label": "毛利", "options": {"text": "[售价] - [成本]"}},
        {"key": "referrer", "type": "relation", "label": "介绍人", "options": {"target": "customer"}},
        {"key": "referrer_cost", "type": "formula", "label": "介绍人成本", "options": {"text": "[介绍人].[成本]"}},
    ],
}
NOTE = {
    "key": "note",
    "label": {"zh": "便条", "en": "Note"},
    "title": "words",
    "fields": [
        {"key": "words", "type": "text", "label": "内容"},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
    ],
}
REFERRED = {"object": "customer", "source": "customer", "path": "referrer"}
OWN = {"object": "customer", "source": "customer"}
METRICS = [
    {**REFERRED, "key": "referred", "label": "介绍的客户数", "measure": {"kind": "count"}},
    {**REFERRED, "key": "referred_cost", "label": "介绍的成本", "measure": {"kind": "sum", "value": "[成本]"}},
    {
        **OWN,
        "key": "cost_each",
        "label": "平均成本",
        "measure": {"kind": "ratio", "numerator": "referred_cost", "denominator": "referred"},
        "comparison": {"kind": "team_mean"},
    },
    {
        **OWN,
        "key": "verdict",
        "label": "贵不贵",
        "gives": "text",
        "measure": {"kind": "formula", "formula": "IF([cost_each] > 5, 'dear', 'cheap')"},
    },
    {
        "object": "customer",
        "source": "note",
        "path": "customer",
        "key": "last_words",
        "label": "最近的话",
        "gives": "text",
        "measure": {"kind": "last", "value": "[内容]"},
    },
    {
        "object": "customer",
        "source": "note",
        "path": "customer",
        "key": "long_notes",
        "label": "长便条",
        "where": "LEN([内容]) > 9",
        "measure": {"kind": "count"},
    },
]
SEGMENTS = [
    {
        "key": "grade",
        "object": "customer",
        "label": "档",
        "classes": [{"key": "dear", "label": "贵", "when": "[verdict] = 'dear'"}, {"key": "rest", "label": "其余"}],
    }
]
COMPUTED = (
    *("referred", "referred_cost", "cost_each", "cost_each__base", "verdict", "last_words", "long_notes"),
    *("grade", "grade__since"),
)
FIELDS = ("name", "level", "price", "cost", "margin", "referrer", "referrer_cost")
SYSTEM_FIELDS = ("id", "version", "owner", "created_at", "created_by", "changed_at", "changed_by", "deleted_at")


def catalogue(*roles: Mapping[str, Any], version: int = 1) -> Catalogue:
    """The built-in objects and roles, the objects customer and note, and the given roles (``label`` may be left out)."""
    start = starting_catalogue()
    return Catalogue.model_validate(
        {
            "version": version,
            "objects": [*start.objects, CUSTOMER, NOTE],
            "metrics": METRICS,
            "segments": SEGMENTS,
            "roles": [*start.roles, *({"label": role["key"], **role} for role in roles)],
        }
    )


def on_customer(**grant: Any) -> dict[str, Any]:
    return {"object": "customer", **grant}


def uuid(number: int) -> UUID:
    return UUID(int=number)


def person(number: int = 1, *roles: str, **more: Any) -> Person:
    return Person(uuid(number), f"P{number}", roles=roles, **more)


# People 1 to 5 and teams 101 to 103: 101 has 102 below it, 103 stands alone.
TEAMS = {101: (101, 102), 102: (102,), 103: (103,)}
MEMBERS = {101: (1, 2), 102: (3,), 103: (4,)}


def member(number: int, *roles: str) -> Person:
    """A person of that small tree; person 5 has no team."""
    team = next((team for team, people in MEMBERS.items() if number in people), None)
    if team is None:
        return person(number, *roles)
    return person(
        number,
        *roles,
        team=uuid(team),
        teams=tuple(uuid(each) for each in TEAMS[team]),
        people=tuple(uuid(each) for each in MEMBERS[team]),
        subtree=tuple(uuid(each) for below in TEAMS[team] for each in MEMBERS[below]),
    )


FORMULAS = (
    "formula:[等级] = 'A'",
    "formula:售价 > 100 AND owner != ME()",
    "formula:owner IN MY_SUBTREE() OR 名称 为空",
    "formula:[介绍人].[等级] = 'A'",
    "formula:TRUE",
    "formula:1 = 2",
    "formula:[没有的字段] = 1",
)
scopes = st.sampled_from(("none", "own", "team", "subtree", "all", *FORMULAS))
levels = st.sampled_from(("none", "read", "write"))


def grants(target: str, fields: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    own_scopes = scopes if target == "customer" else st.sampled_from(("none", "own", "team", "subtree", "all"))
    return st.fixed_dictionaries(
        {
            "object": st.just(target),
            "read": own_scopes,
            "update": own_scopes,
            "delete": own_scopes,
            "create": st.booleans(),
            "purge": st.booleans(),
            "export": st.booleans(),
            "import": st.booleans(),
            "fields": levels,
            "field_access": st.dictionaries(st.sampled_from((*fields, "owner")), levels, max_size=3),
        }
    )


def roles(key: str) -> st.SearchStrategy[dict[str, Any]]:
    person_fields = ("name", "team", "roles", "email", "phone", "active")
    return st.fixed_dictionaries(
        {
            "key": st.just(key),
            "grants": st.tuples(
                st.lists(grants("customer", (*FIELDS, *COMPUTED)), min_size=1, max_size=1),
                st.lists(grants("note", ("words", "customer")), max_size=1),
                st.lists(grants("person", person_fields), max_size=1),
                st.lists(grants("team", ("name", "parent")), max_size=1),
            ).map(lambda parts: [grant for part in parts for grant in part]),
            "manages": st.sets(st.sampled_from(("model", "access", "people"))).map(sorted),
        }
    )


ROLE_KEYS = ("r1", "r2", "r3")
catalogues = st.tuples(*(roles(key) for key in ROLE_KEYS)).map(lambda found: catalogue(*found))
role_sets = st.frozensets(st.sampled_from((*ROLE_KEYS, "gone")), max_size=3)

people_ids = st.one_of(st.none(), st.integers(1, 6).map(uuid))
customer_rows = st.fixed_dictionaries(
    {
        "id": st.integers(1001, 1003).map(uuid),
        "owner": people_ids,
        "name": st.sampled_from((None, "甲", "乙")),
        "level": st.sampled_from((None, "A", "B")),
        "price": st.sampled_from((None, Decimal(50), Decimal(500))),
        "cost": st.sampled_from((None, Decimal(10))),
        "referrer.level": st.sampled_from((None, "A", "B")),
    }
)
person_rows = st.fixed_dictionaries(
    {"id": st.integers(1, 6).map(uuid), "team": st.sampled_from((None, uuid(101), uuid(102), uuid(103)))}
)
team_rows = st.fixed_dictionaries({"id": st.sampled_from((uuid(101), uuid(102), uuid(103)))})
rows_of = {"customer": customer_rows, "person": person_rows, "team": team_rows}
objects_and_rows = st.sampled_from(tuple(rows_of)).flatmap(lambda key: st.tuples(st.just(key), rows_of[key]))
members = st.integers(1, 5)
