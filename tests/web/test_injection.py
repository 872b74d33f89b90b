"""Names and formulas from outside never become SQL: every place that takes one is tried with the usual tricks."""

from __future__ import annotations

import httpx
import pytest
from tests.web.company import SignIn

TRICKS = (
    "'; DROP TABLE customer; --",
    '"; DROP TABLE customer; --',
    'name" FROM pg_authid --',
    "customer UNION SELECT passwd FROM pg_shadow",
    "1); SELECT pg_sleep(5); --",
    "pg_sleep(5)",
    "version()",
    "${jndi:ldap://x}",
    "_history",
    "../../etc/passwd",
    "\\x27 OR 1=1",
    "' OR '1'='1",
    "{schema}._history",
    "%s %(x)s $1 :x",
    "name\u0000",
    "name\u202e",
)


@pytest.fixture
async def admin(sign_in: SignIn) -> httpx.AsyncClient:
    client = await sign_in("admin")
    assert (await client.post("/api/records/customer", json={"name": "还在"})).status_code == 201
    return client


async def assert_harmless(client: httpx.AsyncClient, answers: list[httpx.Response]) -> None:
    for answer in answers:
        assert answer.status_code < 500, answer.text
        assert answer.elapsed.total_seconds() < 4
        # What was sent may be quoted in a refusal; what the database holds may not.
        assert "SCRAM-SHA-256" not in answer.text
    listed = (await client.get("/api/records/customer", params={"fields": "name"})).json()
    assert [each["name"] for each in listed["items"]][-1] == "还在"


@pytest.mark.parametrize("trick", TRICKS)
async def test_names_in_a_list(admin: httpx.AsyncClient, trick: str) -> None:
    places = ({"filter": trick}, {"sort": trick}, {"fields": trick}, {"search": trick}, {"cursor": trick})
    answers = [await admin.get("/api/records/customer", params=place) for place in places]
    answers.append(await admin.get("/api/records/customer", params={"filter": f"name = {trick}"}))
    answers.append(await admin.get("/api/records/customer", params={"filter": f"[{trick}] = 1"}))
    answers.append(await admin.get("/api/records/customer", params={"filter": f"{trick}()"}))
    await assert_harmless(admin, answers)


@pytest.mark.parametrize("trick", TRICKS)
async def test_names_in_addresses_and_bodies(admin: httpx.AsyncClient, trick: str) -> None:
    path = trick.replace("/", "%2f").replace("\u0000", "%00").replace("%s %(", "%25s%25(").replace("?", "%3f")
    answers = [
        await admin.get(f"/api/records/{path}"),
        await admin.post(f"/api/records/{path}", json={"name": "x"}),
        await admin.post("/api/records/customer", json={"name": "x", trick: "y"}),
        await admin.put("/api/records/customer", params={"key": trick}, json={"name": "x"}),
        await admin.get("/api/search", params={"q": trick, "objects": trick}),
        await admin.get("/api/access/explain", params={"object": trick, "field": trick}),
        await admin.get("/api/formula/check", params={"object": "customer", "text": trick}),
    ]
    await assert_harmless(admin, answers)


@pytest.mark.parametrize("trick", TRICKS)
async def test_names_in_aggregates(admin: httpx.AsyncClient, trick: str) -> None:
    bodies: tuple[dict[str, object], ...] = (
        {"object": trick},
        {"object": "customer", "group_by": [trick]},
        {"object": "customer", "group_by": [f"created_at:{trick}"]},
        {"object": "customer", "measures": {trick: "count()"}},
        {"object": "customer", "measures": {"n": trick}},
        {"object": "customer", "measures": {"n": f"sum({trick})"}},
        {"object": "customer", "filter": trick},
        {"object": "customer", "having": trick, "measures": {"n": "count()"}},
        {"object": "customer", "sort": trick},
    )
    await assert_harmless(admin, [await admin.post("/api/query", json=body) for body in bodies])


@pytest.mark.parametrize("trick", TRICKS)
async def test_texts_are_kept_as_they_are(admin: httpx.AsyncClient, trick: str) -> None:
    if not trick.isprintable():
        pytest.skip("not a text a field takes")
    made = await admin.post("/api/records/customer", json={"name": trick})
    assert made.status_code == 201, made.text
    read = await admin.get(f"/api/records/customer/{made.json()['id']}")
    assert read.json()["name"] == trick.strip()
    await admin.delete(f"/api/records/customer/{made.json()['id']}")


@pytest.mark.parametrize("trick", TRICKS)
async def test_labels_and_keys_of_the_model(admin: httpx.AsyncClient, trick: str) -> None:
    choices = [{"key": "a", "label": {"zh": trick, "en": trick}}]
    label = {"zh": trick, "en": trick}
    fields = (
        {"key": trick, "type": "text", "label": "x"},
        {"key": "tricky", "type": trick, "label": "x"},
        {"key": "tricky", "type": "choice", "label": label, "options": {"choices": choices}, "unique": True},
        {"key": "tricky2", "type": "formula", "label": "x", "options": {"text": trick}},
        {"key": "tricky3", "type": "text", "label": label, "default": trick},
    )
    answers = []
    for field in fields:
        change = {"actions": [{"action": "add_field", "object": "customer", "field": field}]}
        answers.append(await admin.post("/api/model/changes", json=change))
    await assert_harmless(admin, answers)


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 5_000 + "1" + ")" * 5_000,
        "1" + "+1" * 4_000,
        "NOT " * 3_000 + "TRUE",
        "10^10^10^10^10",
        "POWER(999999, 999999) > 1",
        "MATCHES(name, '(a+)+$')",
        "IF(" * 400 + "TRUE",
        "customer.customer.customer.customer.customer.customer = 1",
        "LEFT(name, 99999999999999999999) = ''",
        "x" * 20_000,
    ],
)
async def test_a_formula_bomb_is_refused_quickly(admin: httpx.AsyncClient, bomb: str) -> None:
    listed = await admin.get("/api/records/customer", params={"filter": bomb})
    checked = await admin.get("/api/formula/check", params={"object": "customer", "text": bomb})
    await assert_harmless(admin, [listed, checked])


async def test_a_long_sum_is_a_fault_of_the_formula(admin: httpx.AsyncClient) -> None:
    bomb = "1" + "+1" * 4_000
    listed = await admin.get("/api/records/customer", params={"filter": bomb})
    assert (listed.status_code, listed.json()["faults"][0]["code"]) == (422, "formula.too_deep")
    checked = await admin.get("/api/formula/check", params={"object": "customer", "text": bomb})
    assert (checked.status_code, checked.json()["ok"]) == (200, False)
    assert checked.json()["faults"][0]["code"] == "formula.too_deep"
