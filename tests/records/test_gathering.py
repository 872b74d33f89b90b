"""Records gathered into groups: one statement, under the policies, however many there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tongmai.access import AnyActor
from tongmai.kit import Denied, Invalid
from tongmai.records import Gathering

from .company import Company

# The dearest deals are the most pressing; a deal is about the customer whose id stands in its title.
DEALS = Gathering(
    object="deal",
    filter="stage != 'won'",
    urgency="IF(amount >= 1000, 0, IF(amount >= 100, 1, 2))",
    urgencies=("now", "soon", "later"),
    by="customer_code",
    since="met",
    whose="owner",
    about=("strict_code", "title"),
    worth=(("customer", "price"),),
    fields=("title",),
    first=2,
    first_loose=3,
)


async def _gather(company: Company, actor: AnyActor, asked: Gathering = DEALS) -> list[dict[str, Any]]:
    found = json.loads(await company.gateway.gather(actor, company.workspace, asked))
    return found["groups"]  # type: ignore[no-any-return]


async def _deals(company: Company, rows: Sequence[tuple[str, str | None, int | None, str | None, str | None]]) -> None:
    """Rows of title, code, amount, day of January and whose they are."""
    values: list[dict[str, Any]] = [
        {
            "title": title, "customer_code": code, "amount": amount, "stage": "lead",
            "met": day and f"2026-01-{day}T00:00:00+00:00", "owner": whose and str(company[whose].id),
        }
        for title, code, amount, day, whose in rows
    ]  # fmt: skip
    await company.gateway.create(company.system, company.workspace, "deal", values)


def _told(groups: list[dict[str, Any]]) -> list[tuple[str, str | None, int, list[str]]]:
    return [
        (each["urgency"], each["customer_code"], each["count"], [row["title"] for row in each["items"]])
        for each in groups
    ]


async def test_the_most_pressing_come_first_then_what_has_waited_longest_and_counts_are_of_all(
    company: Company,
) -> None:
    await _deals(
        company,
        [
            ("a1", "A", 2000, "09", "甲"), ("a2", "A", 2000, None, "乙"), ("a3", "A", 2000, "03", "乙"),
            ("b1", "B", 5000, "02", None),
            ("a4", "A", 150, "01", "甲"),
            ("x1", None, None, "04", "甲"), ("x2", None, None, "05", "甲"), ("x3", None, 5, "06", "甲"),
            ("x4", None, 5, None, "甲"),
        ],
    )  # fmt: skip
    groups = await _gather(company, company["管"])
    assert _told(groups) == [
        ("now", "B", 1, ["b1"]),
        ("now", "A", 3, ["a3", "a1"]),
        ("soon", "A", 1, ["a4"]),
        ("later", None, 4, ["x1", "x2", "x3"]),
    ]
    assert [(each["label"], each["count"], each["since"][:10]) for each in groups[1]["people"]] == [
        ("乙", 2, "2026-01-03"),
        ("甲", 1, "2026-01-09"),
    ]
    assert groups[0]["people"] == [{"id": None, "label": None, "count": 1, "since": groups[0]["since"]}]
    assert _told(await _gather(company, company["管"], replace(DEALS, filter="amount < 0"))) == []


async def test_nobody_is_told_of_more_than_he_may_see(company: Company) -> None:
    """The groups of everybody are those that a list of his own makes."""
    names = ["甲", "乙", "丙", None]
    await _deals(
        company,
        [(f"d{n}", "AB"[n % 2], 1000 if n % 3 else 10, f"{n % 28 + 1:02}", names[n % 4]) for n in range(40)],
    )
    for who in ("甲", "乙", "丙", "管"):
        listed = (await company.list("deal", company[who], sort="met", limit=100))["items"]
        expected: dict[tuple[str, str], list[str]] = {}
        for row in listed:
            urgency = "now" if row["amount"] >= 1000 else "later"
            expected.setdefault((urgency, row["customer_code"]), []).append(row["title"])
        groups = await _gather(company, company[who])
        assert {(each["urgency"], each["customer_code"]): each["count"] for each in groups} == {
            key: len(titles) for key, titles in expected.items()
        }
        for urgency, code, _, first in _told(groups):
            assert first == expected[urgency, code][:2]
    # Who may see no deal is refused, as everywhere.
    with pytest.raises(Denied):
        await _gather(company, company["丁"])


async def test_what_a_group_is_about_is_added_up_once_and_only_where_it_may_be_seen(company: Company) -> None:
    mine = await company.make("customer", name="甲的", code="customer", price=100, owner=str(company["甲"].id))
    other = await company.make("customer", name="乙的", code="C2", price=40, owner=str(company["乙"].id))
    titles = [str(mine), str(other), "no id at all"]
    values: list[dict[str, Any]] = [
        {"title": title, "customer_code": code, "strict_code": "customer", "amount": 2000, "owner": str(company["甲"].id)}
        for title, code in ((titles[0], "A"), (titles[1], "A"), (titles[2], "A"), (titles[1], "B"))
    ] + [{"title": titles[0], "customer_code": "A", "customer": str(other), "strict_code": "customer", "amount": 2000,
          "owner": str(company["甲"].id)}]  # fmt: skip
    await company.gateway.create(company.system, company.workspace, "deal", values[:3] + values[4:])
    await company.make("deal", **{**values[3], "customer": str(mine)})

    def worth(groups: list[dict[str, Any]]) -> dict[str, Any]:
        return {each["customer_code"]: each["worth"] for each in groups}

    told = {"object": "customer", "field": "price"}
    assert worth(await _gather(company, company["管"])) == {"A": {**told, "sum": 140}, "B": {**told, "sum": 40}}
    assert worth(await _gather(company, company["甲"])) == {"A": {**told, "sum": 100}, "B": None}


async def test_an_order_that_is_no_number_is_refused(company: Company) -> None:
    with pytest.raises(Invalid) as caught:
        await _gather(company, company["管"], replace(DEALS, urgency="title"))
    assert [fault.field for fault in caught.value.faults] == ["urgency"]
