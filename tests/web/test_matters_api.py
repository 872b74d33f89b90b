"""What waits: grouped and counted by the server, the most urgent first, page by page, as far as one may see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
from tests.web.company import Company, SignIn
from tests.web.test_records_api import made
from tests.web.test_signal_evidence import heard

from tongmai.access import SystemActor
from tongmai.kit import FixedClock
from tongmai.web import Services

SYSTEM = SystemActor("test")


async def _signals(
    services: Services, company: Company, rows: Sequence[tuple[str, str | None, str | None, int, str | None]]
) -> None:
    """Rows of title, level, rule, how many hours it has stood, and whose it is."""
    now = services.clock.now()
    values: list[dict[str, Any]] = [
        {
            "title": title, "level": level, "rule": rule, "state": "new", "kind": "x", "gap": "customer",
            "started_at": (now - timedelta(hours=hours)).isoformat(), "owner": whose and company.people[whose],
        }
        for title, level, rule, hours, whose in rows
    ]  # fmt: skip
    for at in range(0, len(values), 500):
        await services.gateway.create(SYSTEM, company.workspace, "signal", values[at : at + 500])


async def _tasks(
    services: Services, company: Company, rows: Sequence[tuple[str, str | None, float | None, str]]
) -> None:
    """Rows of title, rule, in how many hours it is due, and whose it is."""
    now = services.clock.now()
    values: list[dict[str, Any]] = [
        {
            "title": title, "rule": rule, "state": "open", "owner": company.people[whose],
            "due_at": None if hours is None else (now + timedelta(hours=hours)).isoformat(),
        }
        for title, rule, hours, whose in rows
    ]  # fmt: skip
    for at in range(0, len(values), 500):
        await services.gateway.create(SYSTEM, company.workspace, "task", values[at : at + 500])


async def _groups(client: httpx.AsyncClient, kind: str, **asked: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/matters/{kind}/groups", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["groups"]  # type: ignore[no-any-return]


def _told(groups: list[dict[str, Any]]) -> list[tuple[str, str | None, int, list[str]]]:
    return [(each["urgency"], each["rule"], each["count"], [row["title"] for row in each["items"]]) for each in groups]


async def _walk(client: httpx.AsyncClient, kind: str, limit: int, **asked: str) -> list[str]:
    """The titles of all pages."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        params = {**asked, "limit": str(limit), **({"cursor": cursor} if cursor else {})}
        page = (await client.get(f"/api/matters/{kind}", params=params)).json()
        found += [row["title"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_signals_are_grouped_by_urgency_and_rule_and_counted_whole(
    services: Services, company: Company, sign_in: SignIn
) -> None:
    rows: list[tuple[str, str | None, str | None, int, str | None]] = [
        (f"many{n}", "red", "many", 700 - n, "anna") for n in range(620)
    ]
    rows += [
        ("calm", "info", "many", 900, "anna"),
        ("oldest", "red", "few", 800, "anna"),
        ("y", "yellow", "few", 9, "anna"),
    ]
    await _signals(services, company, rows)
    anna = await sign_in("anna")
    assert _told(await _groups(anna, "signal", whose="mine")) == [
        ("now", "few", 1, ["oldest"]),
        ("now", "many", 620, ["many0", "many1", "many2"]),
        ("soon", "few", 1, ["y"]),
        ("later", "many", 1, ["calm"]),
    ]
    walked = await _walk(anna, "signal", 200, whose="mine", urgency="now", rule="many")
    assert walked == [f"many{n}" for n in range(620)]
    # The same order without groups, as in the meeting.
    assert (await _walk(anna, "signal", 500, urgency="now"))[:2] == ["oldest", "many0"]
    assert _told(await _groups(anna, "signal", gap="strategy")) == []


async def test_a_supervisor_sees_whose_it_is_and_what_is_nobodys(
    services: Services, company: Company, sign_in: SignIn
) -> None:
    await _signals(
        services,
        company,
        [("a", "red", "r", 5, "anna"), ("b", "red", "r", 9, "bert"), ("b2", "red", "r", 2, "bert"),
         ("c", "red", "r", 4, "cleo"), ("own", "red", "r", 1, "admin"), ("lost", "red", "r", 3, None)],
    )  # fmt: skip
    admin, bert = await sign_in("admin"), await sign_in("bert")
    (group,) = await _groups(admin, "signal", whose="others")
    assert [(each["id"], each["count"]) for each in group["people"]] == [
        (company.people["bert"], 2), (company.people["anna"], 1), (company.people["cleo"], 1), (None, 1),
    ]  # fmt: skip
    (his,) = await _groups(admin, "signal", whose="others", person=company.people["bert"])
    assert (his["count"], [row["title"] for row in his["items"]]) == (2, ["b", "b2"])
    assert await _walk(admin, "signal", 10, person="nobody") == ["lost"]
    # Bert himself is told of his own alone.
    assert _told(await _groups(bert, "signal")) == [("now", "r", 2, ["b", "b2"])]
    assert _told(await _groups(bert, "signal", whose="others")) == []


async def test_tasks_stand_by_their_moment_and_what_is_put_off_or_not_due_with_others_is_left_out(
    services: Services, company: Company, sign_in: SignIn, clock: FixedClock
) -> None:
    await _tasks(
        services,
        company,
        [("late", "r", -30, "anna"), ("later still", "r", -40, "anna"), ("next week", "r", 170, "anna"),
         ("some day", None, None, "anna"), ("hers", "r", -2, "bert"), ("hers next week", "r", 170, "bert")],
    )  # fmt: skip
    anna, admin = await sign_in("anna"), await sign_in("admin")
    assert _told(await _groups(anna, "task", whose="mine")) == [
        ("now", "r", 2, ["later still", "late"]),
        ("later", "r", 1, ["next week"]),
        ("later", None, 1, ["some day"]),
    ]
    assert _told(await _groups(admin, "task", whose="others")) == [("now", "r", 3, ["later still", "late", "hers"])]
    clock.advance(timedelta(hours=171))
    anna = await sign_in("anna")
    assert [each[:3] for each in _told(await _groups(anna, "task", whose="mine"))] == [
        ("now", "r", 3),
        ("later", None, 1),
    ]


async def test_what_no_rule_brought_is_walked_to_its_end(services: Services, company: Company, sign_in: SignIn) -> None:
    await _tasks(services, company, [(f"t{n:03}", None, n - 500, "anna") for n in range(230)])
    anna = await sign_in("anna")
    (group,) = await _groups(anna, "task", whose="mine")
    assert (group["rule"], group["count"], len(group["items"])) == (None, 230, 50)
    assert await _walk(anna, "task", 100, whose="mine", urgency="now", rule="") == [f"t{n:03}" for n in range(230)]


async def test_what_is_asked_wrongly_is_refused(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    assert (await anna.get("/api/matters/customer/groups")).status_code == 404
    for params in ({"urgency": "red"}, {"whose": "anna"}, {"person": "x"}):
        assert (await anna.get("/api/matters/signal/groups", params=params)).status_code in (400, 422)
    # A word from outside is a word in the condition, whatever stands in it.
    assert _told(await _groups(anna, "signal", rule="' OR TRUE OR rule = '")) == []


async def test_groups_bear_the_names_of_their_rules_and_of_no_others(
    services: Services, company: Company, sign_in: SignIn
) -> None:
    await heard(services, company)
    anna = await sign_in("anna")
    answer = (await anna.get("/api/matters/signal/groups")).json()
    assert [each["rule"] for each in answer["groups"]] == ["heard"]
    assert answer["rules"] == {"heard": {"zh": "急要", "en": "急要"}}
    assert (await (await sign_in("cleo")).get("/api/matters/signal/groups")).json() == {"groups": [], "rules": {}}


async def test_a_group_tells_what_it_is_about_is_worth(services: Services, company: Company, sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    customer = await made(anna, "customer", name="甲医院")
    chance = await made(anna, "opportunity", name="甲", amount=1200, customer=customer["id"])
    about = {"subject_object": "opportunity", "subject_id": chance["id"], "subject": "甲"}
    values: list[dict[str, Any]] = [
        {"title": f"s{n}", "level": "red", "rule": "r", "state": "new", "owner": company.people["anna"], **about}
        for n in range(2)
    ]
    await services.gateway.create(SYSTEM, company.workspace, "signal", values)
    (group,) = await _groups(anna, "signal")
    assert group["worth"] == {"object": "opportunity", "field": "amount", "sum": 1200}
