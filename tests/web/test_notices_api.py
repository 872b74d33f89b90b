"""Notifications over HTTP: the inbox, what was held back, preferences, absences, and looking after deliveries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Text
from tongmai.web import Services
from tongmai.work import Message, Notice, Undeliverable


async def tell(services: Services, company: Company, key: str, *, urgent: bool = False) -> None:
    notice = Notice((UUID(company.people["anna"]),), Text.same(f"消息 {key}"), urgent=urgent)
    await services.work.notices.send(company.workspace, notice, key=key)


async def test_the_inbox_shows_what_came_and_what_was_held_back(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    anna = await sign_in("anna")
    wanted = {"budget": 2, "quiet_from": "22:00", "quiet_to": "07:00", "digest_at": ["18:00"]}
    assert (await anna.put("/api/me/preferences", json=wanted)).status_code == 200
    assert (await anna.get("/api/me/preferences")).json()["budget"] == 2
    for key in "abc":
        await tell(services, company, key)
    await tell(services, company, "red", urgent=True)
    first = (await anna.get("/api/notices", params={"limit": 2})).json()
    rest = (await anna.get("/api/notices", params={"cursor": first["next_cursor"]})).json()
    assert [each["title"] for each in (*first["items"], *rest["items"])] == ["消息 red", "消息 b", "消息 a"]
    assert (first["unseen"], first["held"]) == (3, 1)
    held = (await anna.get("/api/notices", params={"held": "true"})).json()["items"]
    assert [(each["title"], each["held"]) for each in held] == [("消息 c", "budget")]
    assert held[0]["show_at"] == "2026-11-02T10:00:00+00:00"
    assert (await anna.post("/api/notices/seen", json={"ids": [first["items"][0]["id"]]})).json() == {"seen": 1}
    assert (await anna.post("/api/notices/seen", json={})).json() == {"seen": 2}
    bert = await sign_in("bert")
    assert (await bert.get("/api/notices")).json()["items"] == []


async def test_what_is_urgent_stands_first_until_it_was_seen(
    sign_in: SignIn, services: Services, company: Company, clock: FixedClock
) -> None:
    for key, urgent in (("1", True), ("2", False), ("3", True), ("4", False), ("5", False)):
        await tell(services, company, key, urgent=urgent)
        clock.advance(timedelta(minutes=1))
    anna = await sign_in("anna")

    async def walked(limit: int) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            params = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
            page = (await anna.get("/api/notices", params=params)).json()
            found += [each["title"].removeprefix("消息 ") for each in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    for limit in (1, 2, 3, 30):
        assert await walked(limit) == ["3", "1", "5", "4", "2"]
    first = (await anna.get("/api/notices", params={"limit": "1"})).json()["items"][0]
    await anna.post("/api/notices/seen", json={"ids": [first["id"]]})
    assert await walked(2) == ["1", "5", "4", "3", "2"]


async def test_bad_preferences_are_refused(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    for wrong in (
        {"budget": -1},
        {"digest_at": []},
        {"quiet_from": "25:00"},
        {"channels": {"email": "never"}},
        {"x": 1},
    ):
        assert (await anna.put("/api/me/preferences", json=wrong)).status_code == 422, wrong


async def test_the_workspaces_preferences_hold_for_who_has_not_chosen(sign_in: SignIn) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    assert (await anna.put("/api/preferences", json={"budget": 5})).status_code == 403
    assert (await admin.put("/api/preferences", json={"budget": 5})).status_code == 200
    assert (await anna.get("/api/me/preferences")).json()["budget"] == 5
    assert (await anna.get("/api/notices", params={"cursor": "x"})).status_code == 422


async def test_absences_are_ones_own(sign_in: SignIn, company: Company, clock: FixedClock) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    now = clock.now()
    wanted = {
        "from_at": now.isoformat(), "to_at": (now + timedelta(days=2)).isoformat(), "stand_in": company.people["bert"],
        "reason": "出差",
    }  # fmt: skip
    added = await anna.post("/api/me/absences", json=wanted)
    assert (added.status_code, added.json()["stand_in"]) == (201, company.people["bert"])
    assert (await anna.get("/api/me/absences")).json()["items"] == [added.json()]
    assert (await bert.delete(f"/api/me/absences/{added.json()['id']}")).status_code == 404
    assert (await anna.delete(f"/api/me/absences/{added.json()['id']}")).status_code == 204
    assert (await anna.post("/api/me/absences", json={**wanted, "to_at": now.isoformat()})).status_code == 422


async def test_who_manages_people_notes_a_colleague_as_away(
    sign_in: SignIn, services: Services, company: Company, clock: FixedClock
) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    now, bert = clock.now(), company.people["bert"]
    wanted = {
        "from_at": now.isoformat(), "to_at": (now + timedelta(days=2)).isoformat(), "stand_in": company.people["anna"],
    }  # fmt: skip
    path = f"/api/people/{bert}/absences"
    assert (await anna.post(path, json=wanted)).status_code == 403
    assert (await admin.post(path, json=wanted)).status_code == 201
    assert (await admin.post(f"/api/people/{company.workspace.id}/absences", json=wanted)).status_code == 404
    assert [each["stand_in"] for each in (await admin.get(path)).json()["items"]] == [company.people["anna"]]
    found = await services.work.people.resolve(company.workspace, ["person:id"], "person", UUID(bert))
    assert found == (UUID(company.people["anna"]),)


async def test_who_leads_a_team_notes_its_people_as_away_and_takes_it_back(
    sign_in: SignIn, company: Company, clock: FixedClock
) -> None:
    admin, boss, anna = await sign_in("admin"), await sign_in("boss"), await sign_in("anna")
    people = company.people
    now = clock.now()
    wanted = {"from_at": now.isoformat(), "to_at": (now + timedelta(days=2)).isoformat(), "stand_in": people["anna"]}
    bert, cleo = f"/api/people/{people['bert']}/absences", f"/api/people/{people['cleo']}/absences"
    assert (await boss.post(bert, json=wanted)).status_code == 403
    team = (await admin.get(f"/api/records/person/{people['bert']}")).json()["team"]["id"]
    await admin.patch(f"/api/records/team/{team}", json={"lead": people["boss"]})

    added = await boss.post(bert, json=wanted)
    assert added.status_code == 201
    assert [(await boss.post(cleo, json=wanted)).status_code, (await boss.get(cleo)).status_code] == [403, 403]
    assert (await anna.get(bert)).status_code == 403
    assert (await boss.get(f"/api/people/{people['boss']}/absences")).status_code == 403
    assert (await boss.get("/api/absences")).status_code == 403
    assert (await admin.get("/api/absences")).json()["items"] == [{**added.json(), "person": people["bert"]}]
    assert (await anna.delete(f"{bert}/{added.json()['id']}")).status_code == 403
    assert (await boss.delete(f"{bert}/{added.json()['id']}")).status_code == 204
    assert (await boss.get(bert)).json()["items"] == []


class _Refusing:
    key = "post"
    refuses = True

    async def send(self, message: Message) -> None:
        if self.refuses:
            raise Undeliverable.of("post.refused", "拒收", "refused")


async def test_who_manages_jobs_runs_a_failed_delivery_again(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    channel = _Refusing()
    services.work.channels.add(channel)  # type: ignore[arg-type]
    await tell(services, company, "a")
    await services.work.deliveries.advance(company.workspace)
    anna, admin = await sign_in("anna"), await sign_in("admin")
    assert (await anna.get("/api/deliveries")).status_code == 403
    (dead,) = (await admin.get("/api/deliveries", params={"state": "dead"})).json()["items"]
    assert (dead["title"], dead["channel"], dead["log"][0]["error"]) == ("消息 a", "post", "拒收")
    assert (await anna.post(f"/api/deliveries/{dead['id']}/run-again")).status_code == 403
    channel.refuses = False
    assert (await admin.post(f"/api/deliveries/{dead['id']}/run-again")).status_code == 204
    await services.work.deliveries.advance(company.workspace)
    (sent,) = (await admin.get("/api/deliveries")).json()["items"]
    assert (sent["state"], len(sent["log"])) == ("sent", 2)
    assert (await admin.post(f"/api/deliveries/{dead['id']}/run-again")).status_code == 409
    assert (await admin.get("/api/deliveries", params={"state": "nothing"})).status_code == 422


async def test_a_narrow_token_does_not_open_the_inbox(
    stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    catalogue = await services.catalogues.get(company.workspace)
    answers = {}
    for scope in ("read:customer", "read", "write"):
        _, secret = await services.identity.make_token(
            SystemActor("test"), company.workspace, catalogue, name=scope, scopes=(scope,),
            person_id=UUID(company.people["anna"]),
        )  # fmt: skip
        headers = {"authorization": f"Bearer {secret}"}
        read = await stranger.get("/api/notices", headers=headers)
        put = await stranger.put("/api/me/preferences", json={"budget": 1}, headers=headers)
        made = await stranger.post("/api/tasks", json={"title": "x"}, headers=headers)
        answers[scope] = (read.status_code, put.status_code, made.status_code)
    assert answers == {"read:customer": (403, 403, 403), "read": (200, 403, 403), "write": (200, 200, 201)}
