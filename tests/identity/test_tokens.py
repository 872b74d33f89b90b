"""Personal tokens: made once, narrowed, ended; never more than the person."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import UUID

import pytest

from tongmai.access import Actor, policy_for
from tongmai.identity import Presence
from tongmai.kit import Conflict, Denied, Invalid, NotFound

from .conftest import OFFICE, PASSWORD, SYSTEM, Company


async def presence_of(company: Company, login: str) -> Presence:
    signed_in = await company.identity.sign_in(login, PASSWORD, OFFICE)
    presence = await company.identity.find_session(signed_in.session_token)
    assert presence is not None
    return presence


async def make(
    company: Company, actor: Actor, *scopes: str, name: str = "sync", days: float | None = None
) -> tuple[UUID, str]:
    expires = None if days is None else company.clock.now() + timedelta(days=days)
    token, secret = await company.identity.make_token(
        actor, company.workspace, company.catalogue, name=name, scopes=scopes, expires_at=expires
    )
    return token.id, secret


async def test_a_token_acts_as_its_person_within_its_scopes(company: Company) -> None:
    await company.account("wang", roles=("administrator",))
    wang = await presence_of(company, "wang")
    made, secret = await make(company, wang.actor, "read:person")
    found = await company.identity.find_token(secret)
    assert found is not None
    assert (found.actor.id, found.actor.via, found.actor.scopes) == (wang.actor.id, f"token:{made}", {"read:person"})
    policy = policy_for(found.actor, company.catalogue, "person")
    assert (policy.may("read"), policy.may("update")) == (True, False)
    assert not policy_for(found.actor, company.catalogue, "team").may("read")


async def test_the_secret_is_shown_once_and_stored_as_a_hash(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    _, secret = await make(company, wang.actor, "read")
    (listed,) = await company.identity.list_tokens(company.workspace, wang.actor.id)
    assert secret.startswith(f"tm_{listed.prefix}_")
    async with company.database.read() as tx:
        stored = await tx.fetch_value("SELECT string_agg(t::text, '') FROM tongmai.token AS t")
        noted = await tx.fetch_value("SELECT string_agg(a::text, '') FROM tongmai.audit AS a")
    tail = secret.rpartition("_")[2]
    assert tail not in stored + noted
    assert tail not in repr(listed)


async def test_a_token_ends_in_time(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    _, short = await make(company, wang.actor, "read", days=1)
    _, usual = await make(company, wang.actor, "read")
    company.clock.advance(timedelta(days=1))
    assert await company.identity.find_token(short) is None
    company.clock.advance(timedelta(days=89, seconds=-1))
    assert await company.identity.find_token(usual) is not None
    company.clock.advance(timedelta(seconds=1))
    assert await company.identity.find_token(usual) is None
    assert await company.identity.list_tokens(company.workspace, wang.actor.id) == []


async def test_all_faults_of_a_new_token_are_told_at_once(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    for days in (-1.0, 0.0, 367.0):
        with pytest.raises(Invalid) as refused:
            await make(company, wang.actor, "read:nothing", "fly", name=" ", days=days)
        assert [fault.code for fault in refused.value.faults] == [
            "token.unknown_scope",
            "token.unknown_scope",
            "token.name",
            "token.expiry",
        ]
    with pytest.raises(Invalid):
        await make(company, wang.actor)


async def test_a_token_cannot_make_a_token_nor_a_person_one_for_another(company: Company) -> None:
    await company.account("wang", roles=("administrator",))
    li = await company.account("li")
    wang = await presence_of(company, "wang")
    _, secret = await make(company, wang.actor, "write", "admin")
    token = await company.identity.find_token(secret)
    assert token is not None
    with pytest.raises(Denied) as refused:
        await make(company, token.actor, "write")
    assert refused.value.faults[0].code == "session.needed"
    with pytest.raises(Denied):
        await company.identity.make_token(
            wang.actor, company.workspace, company.catalogue, name="x", scopes=("read",), person_id=li
        )
    _, secret = await company.identity.make_token(
        SYSTEM, company.workspace, company.catalogue, name="cli", scopes=("read",), person_id=li
    )
    found = await company.identity.find_token(secret)
    assert found is not None
    assert found.actor.id == li


async def test_a_revoked_token_holds_no_longer(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    made, secret = await make(company, wang.actor, "read")
    await company.identity.revoke_token(wang.actor, company.workspace, company.catalogue, made)
    assert await company.identity.find_token(secret) is None
    with pytest.raises(NotFound):
        await company.identity.revoke_token(wang.actor, company.workspace, company.catalogue, made)
    assert len(await company.audited("token_revoked")) == 1


async def test_others_tokens_are_revoked_only_with_authority_over_them(company: Company) -> None:
    await company.account("boss", roles=("administrator",))
    await company.account("wang")
    await company.account("li")
    boss, wang, li = [await presence_of(company, login) for login in ("boss", "wang", "li")]
    made, secret = await make(company, wang.actor, "read")
    with pytest.raises(Denied):
        await company.identity.revoke_token(li.actor, company.workspace, company.catalogue, made)
    assert await company.identity.find_token(secret) is not None
    await company.identity.revoke_token(boss.actor, company.workspace, company.catalogue, made)
    assert await company.identity.find_token(secret) is None


async def test_a_token_ends_when_its_account_is_disabled_and_does_not_come_back(company: Company) -> None:
    person = await company.account("wang")
    wang = await presence_of(company, "wang")
    _, secret = await make(company, wang.actor, "read")
    for disabled in (True, False):
        await company.identity.switch_account(SYSTEM, company.workspace, company.catalogue, person, disabled=disabled)
        assert await company.identity.find_token(secret) is None


async def test_a_token_gives_nothing_while_its_person_is_inactive(company: Company) -> None:
    person = await company.account("wang")
    wang = await presence_of(company, "wang")
    _, secret = await make(company, wang.actor, "read")
    await company.change("person", person, "active", False)
    assert await company.identity.find_token(secret) is None
    with pytest.raises(Denied, match="not active"):
        await make(company, wang.actor, "read")


async def test_use_is_written_down_at_most_once_a_minute(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    _, secret = await make(company, wang.actor, "read")
    first = company.clock.now()
    for _ in range(2):
        await company.identity.find_token(secret)
        company.clock.advance(timedelta(seconds=59))
    (listed,) = await company.identity.list_tokens(company.workspace, wang.actor.id)
    assert listed.seen_at == first


@pytest.mark.parametrize(
    "secret", ["", "tm_", "tm_00000000_" + "0" * 64, "tm_00000000_" + "0" * 63, "tm_x_y", "x" * 9999, "\ud800"]
)
async def test_what_is_no_token_finds_nothing(company: Company, secret: str) -> None:
    assert await company.identity.find_token(secret) is None


async def test_there_are_fifty_tokens_at_most(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    for _ in range(50):
        last, _ = await make(company, wang.actor, "read")
    with pytest.raises(Conflict):
        await make(company, wang.actor, "read")
    await company.identity.revoke_token(wang.actor, company.workspace, company.catalogue, last)
    await make(company, wang.actor, "read")


async def test_the_presence_of_a_token_is_no_session(company: Company) -> None:
    await company.account("wang")
    wang = await presence_of(company, "wang")
    _, secret = await make(company, wang.actor, "read")
    found = await company.identity.find_token(secret)
    assert found is not None
    assert found.session is None
    with pytest.raises(Denied):
        await company.identity.change_password(dataclasses.replace(found), PASSWORD, "another good password", OFFICE)
