"""Signing in through an OpenID Connect provider, and every way in which the answer can be wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from tongmai.identity import Hasher, Identity, OidcProvider, OidcSubject, SignedIn
from tongmai.kit import Denied, NotFound, NotSignedIn, Settings, TongmaiError, Unavailable

from .conftest import OFFICE, PASSWORD, SYSTEM, Company
from .provider import CLIENT_ID, CLIENT_SECRET, ISSUER, FakeProvider, new_key

BACK = "https://tongmai.example.com/api/session/oidc"
SUBJECT = OidcSubject(ISSUER, "wang-42")


@pytest.fixture
def provider(company: Company) -> FakeProvider:
    return FakeProvider(company.clock)


def client_of(provider: FakeProvider) -> OidcProvider:
    return OidcProvider(ISSUER, CLIENT_ID, SecretStr(CLIENT_SECRET), provider.transport())


@pytest.fixture
def oidc(company: Company, settings: Settings, hasher: Hasher, provider: FakeProvider) -> Identity:
    return Identity(
        company.database,
        settings,
        company.clock,
        hasher,
        provider=client_of(provider),
        links_by_email=True,
        remember_s=0,
    )


@pytest.fixture
async def company(company: Company) -> Company:
    """With a person who is joined to the provider's subject."""
    person = await company.person("王")
    await company.identity.create_account(
        SYSTEM, company.workspace, company.catalogue, person_id=person, login="wang", oidc=SUBJECT
    )
    return company


async def sign_in(oidc: Identity, provider: FakeProvider, **changes: str) -> tuple[SignedIn, str]:
    start = await oidc.start_oidc(redirect_uri=BACK, return_to="/boards/1")
    return await oidc.finish_oidc(start.cookie, {**provider.approve(start.url), **changes}, OFFICE)


async def refusal_of(oidc: Identity, provider: FakeProvider, **changes: str) -> TongmaiError:
    with pytest.raises(TongmaiError) as refused:
        await sign_in(oidc, provider, **changes)
    return refused.value


async def test_the_joined_person_is_signed_in_and_goes_where_he_wanted(
    company: Company, oidc: Identity, provider: FakeProvider
) -> None:
    signed_in, path = await sign_in(oidc, provider)
    assert (signed_in.login, signed_in.workspace, path) == ("wang", company.workspace, "/boards/1")
    assert await oidc.find_session(signed_in.session_token) is not None


async def test_the_browser_is_sent_with_all_that_protects_it(oidc: Identity) -> None:
    start = await oidc.start_oidc(redirect_uri=BACK)
    parts = urlsplit(start.url)
    asked = parse_qs(parts.query)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ISSUER}/authorize"
    assert {name: asked[name] for name in ("tenant", "response_type", "redirect_uri", "code_challenge_method")} == {
        "tenant": ["1"],
        "response_type": ["code"],
        "redirect_uri": [BACK],
        "code_challenge_method": ["S256"],
    }
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert "openid" in asked["scope"][0].split()
    assert CLIENT_SECRET not in start.url + start.cookie
    again = await oidc.start_oidc(redirect_uri=BACK)
    assert parse_qs(urlsplit(again.url).query)["state"] != asked["state"]


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "x"]
)
async def test_the_way_on_never_leaves_the_product(oidc: Identity, provider: FakeProvider, target: str) -> None:
    start = await oidc.start_oidc(redirect_uri=BACK, return_to=target)
    _, path = await oidc.finish_oidc(start.cookie, provider.approve(start.url), OFFICE)
    assert path == "/"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": ""},
        {"iss": "https://evil.example"},
        {"error": "access_denied"},
        {"code": ""},
        {"code": "unknown"},
    ],
)
async def test_an_answer_that_does_not_belong_to_the_question_is_refused(
    oidc: Identity, provider: FakeProvider, changes: dict[str, str]
) -> None:
    error = await refusal_of(oidc, provider, **changes)
    assert isinstance(error, NotSignedIn)
    assert error.faults[0].code == "oidc.refused"


async def test_another_browsers_cookie_is_refused(oidc: Identity, provider: FakeProvider) -> None:
    victim, attacker = [await oidc.start_oidc(redirect_uri=BACK) for _ in range(2)]
    with pytest.raises(NotSignedIn):
        await oidc.finish_oidc(victim.cookie, provider.approve(attacker.url), OFFICE)


async def test_a_code_serves_once(oidc: Identity, provider: FakeProvider) -> None:
    start = await oidc.start_oidc(redirect_uri=BACK)
    answer = provider.approve(start.url)
    await oidc.finish_oidc(start.cookie, answer, OFFICE)
    with pytest.raises(NotSignedIn):
        await oidc.finish_oidc(start.cookie, answer, OFFICE)


@pytest.mark.parametrize(
    "spoil", [lambda c: c + "A", lambda c: "A" + c, lambda c: c.split(".")[0], lambda c: "", lambda c: "." * 9]
)
async def test_a_cookie_that_was_touched_is_refused(oidc: Identity, provider: FakeProvider, spoil: Any) -> None:
    start = await oidc.start_oidc(redirect_uri=BACK)
    with pytest.raises(NotSignedIn):
        await oidc.finish_oidc(spoil(start.cookie), provider.approve(start.url), OFFICE)


async def test_after_ten_minutes_one_has_to_begin_again(
    company: Company, oidc: Identity, provider: FakeProvider
) -> None:
    start = await oidc.start_oidc(redirect_uri=BACK)
    answer = provider.approve(start.url)
    company.clock.advance(timedelta(minutes=10, seconds=1))
    with pytest.raises(NotSignedIn):
        await oidc.finish_oidc(start.cookie, answer, OFFICE)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["tongmai", "another"]},
        {"aud": ["tongmai", "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 42},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"nonce": "replayed"},
        {"nonce": None},
    ],
)
async def test_an_id_token_with_wrong_claims_is_refused(
    oidc: Identity, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    error = await refusal_of(oidc, provider)
    assert (type(error), error.faults[0].code) == (NotSignedIn, "oidc.refused")


async def test_several_audiences_are_fine_if_we_are_the_authorized_party(
    oidc: Identity, provider: FakeProvider
) -> None:
    provider.claims = {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID}
    await sign_in(oidc, provider)


@pytest.mark.parametrize("signer", [("none", None), ("HS256", CLIENT_SECRET.encode()), ("RS256", new_key("one"))])
async def test_only_the_providers_own_signature_counts(
    oidc: Identity, provider: FakeProvider, signer: tuple[str, Any]
) -> None:
    provider.signer = signer
    assert (await refusal_of(oidc, provider)).faults[0].code == "oidc.refused"


async def test_a_public_key_is_no_shared_secret(oidc: Identity, provider: FakeProvider) -> None:
    provider.signer = ("HS256", provider.key.as_pem(private=False))
    assert (await refusal_of(oidc, provider)).faults[0].code == "oidc.refused"


async def test_bad_tokens_do_not_make_us_read_the_keys_again_and_again(oidc: Identity, provider: FakeProvider) -> None:
    await sign_in(oidc, provider)
    provider.signer = ("RS256", new_key("one"))
    for _ in range(3):
        await refusal_of(oidc, provider)
    assert provider.key_reads == 1
    provider.signer = None
    provider.turn_keys()
    await refusal_of(oidc, provider)
    assert provider.key_reads == 1


async def test_new_keys_are_read_when_they_appear(
    company: Company, provider: FakeProvider, settings: Settings, hasher: Hasher
) -> None:
    client = replace(client_of(provider), keys_again_s=-1)
    oidc = Identity(company.database, settings, company.clock, hasher, provider=client, remember_s=0)
    await sign_in(oidc, provider)
    provider.turn_keys()
    await sign_in(oidc, provider)
    assert provider.key_reads == 2


async def test_an_unknown_subject_is_refused_and_noted(
    company: Company, oidc: Identity, provider: FakeProvider
) -> None:
    provider.claims = {"sub": "stranger"}
    error = await refusal_of(oidc, provider)
    assert (type(error), error.faults[0].code) == (NotSignedIn, "oidc.unknown")
    assert "stranger" in (await company.audited("sign_in_failed"))[0]


async def test_a_verified_address_joins_the_account_once_and_for_all(
    company: Company, oidc: Identity, provider: FakeProvider
) -> None:
    await company.account("Li@Example.com")
    provider.claims = {"sub": "li", "email": "li@example.com", "email_verified": True}
    assert (await sign_in(oidc, provider))[0].login == "Li@Example.com"
    provider.claims = {"sub": "li"}
    assert (await sign_in(oidc, provider))[0].login == "Li@Example.com"
    # The account is the first subject's now: another one with the same address does not get it.
    provider.claims = {"sub": "other li", "email": "li@example.com", "email_verified": True}
    assert (await refusal_of(oidc, provider)).faults[0].code == "oidc.unknown"
    assert len(await company.audited("oidc_linked")) == 1


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_unverified_address_joins_nothing(
    company: Company, oidc: Identity, provider: FakeProvider, verified: object
) -> None:
    await company.account("li@example.com")
    provider.claims = {"sub": "li", "email": "li@example.com", "email_verified": verified}
    assert (await refusal_of(oidc, provider)).faults[0].code == "oidc.unknown"


async def test_addresses_join_nothing_unless_it_is_set_up(
    company: Company, provider: FakeProvider, settings: Settings, hasher: Hasher
) -> None:
    plain = Identity(company.database, settings, company.clock, hasher, provider=client_of(provider), remember_s=0)
    await company.account("li@example.com")
    provider.claims = {"sub": "li", "email": "li@example.com", "email_verified": True}
    assert (await refusal_of(plain, provider)).faults[0].code == "oidc.unknown"


async def test_a_disabled_account_does_not_get_in_this_way_either(
    company: Company, oidc: Identity, provider: FakeProvider
) -> None:
    (member,) = await oidc.list_members(company.workspace)
    await oidc.switch_account(SYSTEM, company.workspace, company.catalogue, member.person_id, disabled=True)
    error = await refusal_of(oidc, provider)
    assert (type(error), error.faults[0].code) == (Denied, "account.disabled")


async def test_an_account_without_a_password_cannot_sign_in_with_one(oidc: Identity) -> None:
    with pytest.raises(NotSignedIn):
        await oidc.sign_in("wang", PASSWORD, OFFICE)


async def test_a_secret_can_go_in_the_form_where_the_provider_wants_it(oidc: Identity, provider: FakeProvider) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await sign_in(oidc, provider)


@pytest.mark.parametrize(
    ("metadata", "what"),
    [
        ({"issuer": "https://evil.example"}, "issuer"),
        ({"token_endpoint": "http://id.example.com/token"}, "https"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
    ],
)
async def test_a_provider_that_is_set_up_wrongly_is_told(
    oidc: Identity, provider: FakeProvider, metadata: dict[str, Any], what: str
) -> None:
    provider.metadata = metadata
    error = await refusal_of(oidc, provider)
    assert (type(error), what in error.sentence("en")) == (Unavailable, True)


async def test_a_provider_that_is_down_is_a_fault_of_the_machine_and_comes_back(
    oidc: Identity, provider: FakeProvider
) -> None:
    provider.is_down = True
    assert isinstance(await refusal_of(oidc, provider), Unavailable)
    provider.is_down = False
    await sign_in(oidc, provider)


async def test_an_endless_answer_is_cut_off(company: Company, settings: Settings, hasher: Hasher) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=b'{"x": "' + b"x" * 3_000_000 + b'"}'))
    endless = OidcProvider(ISSUER, CLIENT_ID, SecretStr(CLIENT_SECRET), transport)
    oidc = Identity(company.database, settings, company.clock, hasher, provider=endless)
    with pytest.raises(Unavailable):
        await oidc.start_oidc(redirect_uri=BACK)


async def test_without_a_provider_there_is_no_such_way(company: Company) -> None:
    assert not company.identity.has_oidc
    with pytest.raises(NotFound):
        await company.identity.start_oidc(redirect_uri=BACK)
