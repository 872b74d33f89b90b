"""Sessions end in time, are listed and ended by their owner, and carry a CSRF token; what is remembered stays fresh."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from tongmai.identity import Hasher, Identity, Presence, check_csrf, csrf_for
from tongmai.identity.memory import CHANNEL
from tongmai.kit import Denied, NotFound, Settings

from .conftest import OFFICE, PASSWORD, SYSTEM, Company


async def present(company: Company, token: str) -> Presence:
    presence = await company.identity.find_session(token)
    assert presence is not None
    return presence


async def signed_in(company: Company, login: str = "wang") -> tuple[str, Presence]:
    token = (await company.identity.sign_in(login, PASSWORD, OFFICE)).session_token
    return token, await present(company, token)


async def test_a_session_ends_after_hours_without_use(company: Company, settings: Settings) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    company.clock.advance(timedelta(hours=settings.session_hours, seconds=-1))
    await present(company, token)
    company.clock.advance(timedelta(seconds=2))
    await present(company, token)
    company.clock.advance(timedelta(hours=settings.session_hours))
    assert await company.identity.find_session(token) is None


async def test_a_session_ends_after_seven_days_however_it_is_used(company: Company) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    for _ in range(7 * 24 - 1):
        company.clock.advance(timedelta(hours=1))
        await present(company, token)
    company.clock.advance(timedelta(hours=1))
    assert await company.identity.find_session(token) is None


async def test_use_is_written_down_at_most_once_a_minute(company: Company) -> None:
    await company.account("wang")
    token, first = await signed_in(company)
    company.clock.advance(timedelta(seconds=59))
    assert (await company.identity.list_sessions(await present(company, token)))[
        0
    ].seen_at == company.workspace.created_at
    company.clock.advance(timedelta(seconds=1))
    (line,) = await company.identity.list_sessions(await present(company, token))
    assert line.seen_at == company.clock.now()
    assert first.session is not None
    assert line.expires_at - first.session.expires_at == timedelta(minutes=1)


async def test_signing_out_ends_the_session_and_no_other(company: Company) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    other, _ = await signed_in(company)
    await company.identity.sign_out(token)
    await company.identity.sign_out(token)
    assert await company.identity.find_session(token) is None
    await present(company, other)
    assert len(await company.audited("sign_out")) == 1


async def test_the_owner_lists_and_ends_his_own_sessions_only(company: Company) -> None:
    await company.account("wang")
    await company.account("li")
    token, wang = await signed_in(company)
    other, li = await signed_in(company, "li")
    (line,) = await company.identity.list_sessions(wang)
    assert (line.ip, line.agent) == (OFFICE.ip, OFFICE.agent)
    for unknown in ((await company.identity.list_sessions(li))[0].id, uuid4()):
        with pytest.raises(NotFound):
            await company.identity.end_session(wang, unknown)
    await company.identity.end_session(wang, line.id)
    assert await company.identity.find_session(token) is None
    await present(company, other)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 5000, "\ud800" * 43, "'; DROP TABLE x; --"])
async def test_what_is_no_session_token_finds_nothing(company: Company, token: str) -> None:
    assert await company.identity.find_session(token) is None
    await company.identity.sign_out(token)


async def test_the_csrf_token_belongs_to_its_session_alone(company: Company) -> None:
    await company.account("wang")
    one, two = [await company.identity.sign_in("wang", PASSWORD, OFFICE) for _ in range(2)]
    session = (await present(company, one.session_token)).session
    assert session is not None
    check_csrf(session, one.csrf_token)
    check_csrf(session, csrf_for(one.session_token))
    for wrong in (None, "", two.csrf_token, one.session_token, one.csrf_token + "x", "\ud800"):
        with pytest.raises(Denied) as refused:
            check_csrf(session, wrong)
        assert refused.value.faults[0].code == "session.csrf"


async def test_disabling_and_deactivating_end_access_at_once(company: Company) -> None:
    person = await company.account("wang")
    token, _ = await signed_in(company)
    await company.change("person", person, "active", False)
    assert await company.identity.find_session(token) is None
    await company.change("person", person, "active", True)
    await present(company, token)
    await company.identity.switch_account(SYSTEM, company.workspace, company.catalogue, person, disabled=True)
    assert await company.identity.find_session(token) is None
    await company.identity.switch_account(SYSTEM, company.workspace, company.catalogue, person, disabled=False)
    assert await company.identity.find_session(token) is None


async def test_a_session_that_disabling_did_not_end_gives_nothing(company: Company) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    async with company.database.write() as tx:
        await tx.execute("UPDATE tongmai.account SET disabled_at = now()")
    assert await company.identity.find_session(token) is None


async def test_the_actor_speaks_the_requests_language(company: Company) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    presence = await company.identity.find_session(token, "en")
    assert presence is not None
    assert presence.actor.language == "en"


async def test_the_sweep_removes_ended_sessions_and_old_attempts(company: Company, settings: Settings) -> None:
    await company.account("wang")
    await signed_in(company)
    assert await company.identity.sweep() == 0
    company.clock.advance(timedelta(hours=settings.session_hours))
    assert await company.identity.sweep() == 1
    company.clock.advance(timedelta(days=31))
    assert await company.identity.sweep() == 1


@pytest.fixture
def remembering(company: Company, settings: Settings, hasher: Hasher) -> Identity:
    """Another process, so to speak, that remembers for an hour."""
    return Identity(company.database, settings, company.clock, hasher, remember_s=3600)


async def test_what_is_remembered_is_forgotten_where_people_are_written(
    company: Company, remembering: Identity
) -> None:
    person = await company.account("wang")
    token, _ = await signed_in(company)
    assert (await remembering.find_session(token)) is not None
    await company.change("person", person, "roles", ["seller"])
    remembering.forget_people(uuid4())
    assert (found := await remembering.find_session(token)) is not None
    assert found.actor.roles == frozenset()
    remembering.forget_people(company.workspace.id)
    assert (found := await remembering.find_session(token)) is not None
    assert found.actor.roles == {"seller"}


async def test_what_is_remembered_ends_with_the_session_here_and_in_time(
    company: Company, remembering: Identity, settings: Settings
) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    assert await remembering.find_session(token) is not None
    await remembering.sign_out(token)
    assert await remembering.find_session(token) is None
    token, _ = await signed_in(company)
    assert await remembering.find_session(token) is not None
    company.clock.advance(timedelta(hours=settings.session_hours))
    assert await remembering.find_session(token) is None


async def test_another_process_hears_of_a_sign_out(company: Company, remembering: Identity) -> None:
    await company.account("wang")
    token, _ = await signed_in(company)
    heard = asyncio.Event()

    async def hear(_payload: str) -> None:
        heard.set()

    await remembering.start()
    # The same connection calls the handlers of a channel in the order they came.
    listening = await company.database.listen(CHANNEL, hear)
    assert await remembering.find_session(token) is not None
    await company.identity.sign_out(token)
    await asyncio.wait_for(heard.wait(), 10)
    assert await remembering.find_session(token) is None
    await listening.close()
    await remembering.stop()
