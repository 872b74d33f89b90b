"""Signing in through the company's provider, by the web door: away with a sealed cookie, back with a code, in with a
session; whatever does not belong together is refused, and nobody is signed in then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp
from tests.identity.provider import CLIENT_ID, CLIENT_SECRET, ISSUER, FakeProvider, new_key
from tests.web.company import Company

from tongmai.access import SystemActor
from tongmai.identity import Hasher, Identity, OidcProvider, OidcSubject
from tongmai.kit import FixedClock, Settings
from tongmai.web import Services, create_app
from tongmai.web.doorkeeper import Doorkeeper

SYSTEM = SystemActor("test")


@pytest.fixture
def provider(clock: FixedClock, company: Company) -> FakeProvider:
    """Accounts are of the whole program: each test's person has a subject of his own."""
    return FakeProvider(clock, claims={"sub": company.workspace.key})


@pytest.fixture
async def app(
    services: Services, settings: Settings, hasher: Hasher, provider: FakeProvider, company: Company, tmp_path: Path
) -> ASGIApp:
    """The program with a provider that knows one of the company's people."""
    client = OidcProvider(ISSUER, CLIENT_ID, SecretStr(CLIENT_SECRET), provider.transport())
    identity = Identity(services.database, settings, services.clock, hasher, provider=client, remember_s=0)
    wang = await services.gateway.create(SYSTEM, company.workspace, "person", {"name": "王", "roles": ["sales"]})
    await identity.create_account(
        SYSTEM, company.workspace, await services.catalogues.get(company.workspace), person_id=wang.one.id,
        login=company.login("wang"), oidc=OidcSubject(ISSUER, company.workspace.key),
    )  # fmt: skip
    door = Doorkeeper(identity, https=False)
    return create_app(replace(services, identity=identity, doorkeeper=door), ui=tmp_path)


async def away(browser: httpx.AsyncClient, **query: str) -> str:
    """Where the browser is sent to."""
    answer = await browser.get("/api/oidc/start", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def back(browser: httpx.AsyncClient, **query: str) -> httpx.Response:
    return await browser.get("/api/oidc/callback", params=query)


async def is_nobody(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/api/session")).status_code == 401


async def test_the_browser_goes_to_the_provider_and_comes_back_signed_in(
    stranger: httpx.AsyncClient, provider: FakeProvider, company: Company
) -> None:
    sent = await stranger.get("/api/oidc/start", params={"return_to": "/boards/1"})
    kept = sent.headers["set-cookie"].lower()
    assert ("httponly" in kept, "samesite=lax" in kept) == (True, True)
    url = sent.headers["location"]
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{ISSUER}/authorize?")
    assert asked["redirect_uri"] == ["http://tongmai.test/api/oidc/callback"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))

    answer = await back(stranger, **provider.approve(url))

    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/1")
    assert sorted(stranger.cookies) == ["tongmai"]
    session = (await stranger.get("/api/session")).json()
    me = (await stranger.get("/api/me")).json()
    assert me["person"]["name"] == "王"
    unguarded = await stranger.post("/api/records/customer", json={"name": "x"})
    assert unguarded.status_code == 403
    stranger.headers["x-csrf-token"] = session["csrf_token"]
    assert (await stranger.post("/api/records/customer", json={"name": "甲"})).status_code == 201


async def test_an_answer_that_does_not_belong_to_the_question_signs_nobody_in(
    stranger: httpx.AsyncClient, provider: FakeProvider
) -> None:
    for forged in (
        {"state": "forged"}, {"state": ""}, {"code": "forged"}, {"code": ""}, {"iss": "https://evil.example"},
        {"error": "access_denied"},
    ):  # fmt: skip
        answer = await back(stranger, **{**provider.approve(await away(stranger)), **forged})
        assert answer.status_code in (401, 403), (forged, answer.text)
        assert await is_nobody(stranger), forged


async def test_an_answer_is_no_good_in_another_browser(
    stranger: httpx.AsyncClient, provider: FakeProvider, app: ASGIApp
) -> None:
    """Nobody is signed in as somebody else by a link he was sent."""
    answer = provider.approve(await away(stranger))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tongmai.test") as victim:
        without = await back(victim, **answer)
        await away(victim)
        with_another = await back(victim, **answer)
        assert (without.status_code, with_another.status_code) == (401, 401)
        assert await is_nobody(victim)


async def test_a_code_and_its_cookie_serve_once(stranger: httpx.AsyncClient, provider: FakeProvider) -> None:
    url = await away(stranger)
    cookie = stranger.cookies["tongmai-oidc"]
    answer = provider.approve(url)
    assert (await back(stranger, **answer)).status_code == 303
    stranger.cookies.clear()
    stranger.cookies.set("tongmai-oidc", cookie)
    assert (await back(stranger, **answer)).status_code == 401
    assert await is_nobody(stranger)


async def test_a_token_for_another_question_program_or_person_signs_nobody_in(
    stranger: httpx.AsyncClient, provider: FakeProvider
) -> None:
    known = provider.claims
    for claims in ({"nonce": "another"}, {"nonce": None}, {"aud": "other"}, {"sub": "stranger"}):
        provider.claims = {**known, **claims}
        answer = await back(stranger, **provider.approve(await away(stranger)))
        assert answer.status_code == 401, (claims, answer.text)
        assert await is_nobody(stranger), claims


async def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(
    stranger: httpx.AsyncClient, provider: FakeProvider
) -> None:
    for signer in (("RS256", new_key("one")), ("none", None), ("HS256", CLIENT_SECRET.encode())):
        provider.signer = signer
        answer = await back(stranger, **provider.approve(await away(stranger)))
        assert answer.status_code == 401, (signer[0], answer.text)
        assert await is_nobody(stranger), signer[0]


async def test_the_way_on_never_leaves_the_product(stranger: httpx.AsyncClient, provider: FakeProvider) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "boards", "/a\nb"):
        answer = await back(stranger, **provider.approve(await away(stranger, return_to=target)))
        assert answer.headers["location"] == "/", target


async def test_a_session_from_before_ends_with_the_sign_in(
    stranger: httpx.AsyncClient, provider: FakeProvider, company: Company
) -> None:
    """A session that somebody planted is not the one he then works in."""
    assert (await back(stranger, **provider.approve(await away(stranger)))).status_code == 303
    planted = stranger.cookies["tongmai"]
    assert (await back(stranger, **provider.approve(await away(stranger)))).status_code == 303
    assert stranger.cookies["tongmai"] != planted
    stranger.cookies.clear()
    stranger.cookies.set("tongmai", planted)
    assert await is_nobody(stranger)


async def test_a_provider_that_is_down_is_told_as_such(stranger: httpx.AsyncClient, provider: FakeProvider) -> None:
    provider.is_down = True
    answer = await stranger.get("/api/oidc/start")
    assert answer.status_code == 503
    assert answer.json()["faults"][0]["code"] == "oidc.unreachable"


async def test_a_person_who_is_refused_is_led_back_to_the_page_of_sign_in(
    stranger: httpx.AsyncClient, provider: FakeProvider
) -> None:
    stranger.headers["accept"] = "text/html,application/xhtml+xml"
    provider.is_down = True
    down = await stranger.get("/api/oidc/start")
    assert (down.status_code, down.headers["location"]) == (303, "/sign-in?refused=oidc.unreachable")
    provider.is_down = False
    answer = await back(stranger, **{**provider.approve(await away(stranger)), "state": "forged"})
    told = urlsplit(answer.headers["location"])
    assert (answer.status_code, told.path) == (303, "/sign-in")
    assert parse_qs(told.query)["refused"]


async def test_the_page_of_sign_in_offers_the_provider(stranger: httpx.AsyncClient) -> None:
    ways = (await stranger.get("/api/sign-in-ways")).json()["items"]
    assert ways == [{"kind": "oidc", "address": "/api/oidc/start", "place": ""}]


class TestWithoutProvider:
    @pytest.fixture
    def app(self, services: Services, tmp_path: Path) -> ASGIApp:
        return create_app(services, ui=tmp_path)

    async def test_there_is_no_such_way(self, stranger: httpx.AsyncClient) -> None:
        assert (await stranger.get("/api/oidc/start")).status_code == 404
        assert (await stranger.get("/api/sign-in-ways")).json() == {"items": []}
        assert (await back(stranger, code="x", state="y")).status_code in (401, 404)
