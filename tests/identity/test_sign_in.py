"""Signing in with a password: who gets in, who does not, and that a refusal tells nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from tongmai.identity import Hasher, Identity, Origin
from tongmai.kit import Denied, Invalid, NotSignedIn, Settings, Text
from tongmai.schema import begin_catalogue
from tongmai.store import create_workspace, drop_workspace

from .conftest import OFFICE, PASSWORD, SYSTEM, Company


async def test_the_right_password_opens_a_session(company: Company) -> None:
    person = await company.account("wang")
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    assert (signed_in.actor.id, signed_in.workspace, signed_in.login) == (person, company.workspace, "wang")
    presence = await company.identity.find_session(signed_in.session_token)
    assert presence is not None
    assert (presence.actor, presence.account_id) == (signed_in.actor, signed_in.account_id)


async def test_a_login_is_found_in_any_case_and_width(company: Company) -> None:
    await company.account("Wang@Example.com")
    assert (await company.identity.sign_in(" ｗａｎｇ@example.COM ", PASSWORD, OFFICE)).login == "Wang@Example.com"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("wang", "wrong horse battery"),
        ("wang", ""),
        ("wang", "x" * 100_000),
        ("wang", "bad\ud800surrogate"),
        ("nobody", PASSWORD),
        ("no password", PASSWORD),
        ("single", PASSWORD),
        ("wang\x00", PASSWORD),
        ("x" * 10_000, PASSWORD),
        ("' OR true --", PASSWORD),
    ],
)
async def test_every_failure_is_refused_with_the_same_words(company: Company, login: str, password: str) -> None:
    await company.account("wang")
    await company.account("single", password=None)
    with pytest.raises(NotSignedIn) as refused:
        await company.identity.sign_in(login, password, OFFICE)
    assert [fault.code for fault in refused.value.faults] == ["sign_in.failed"]
    assert refused.value.sentence("zh").startswith("账号或密码不正确")


async def test_an_unknown_login_costs_a_hash_like_a_known_one(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await company.account("wang")
    verified: list[str] = []
    plain = PasswordHasher.verify

    def counting(self: PasswordHasher, stored: str, password: str) -> bool:
        verified.append(stored)
        return bool(plain(self, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for login in ("wang", "nobody"):
        with pytest.raises(NotSignedIn):
            await company.identity.sign_in(login, "wrong horse battery", OFFICE)
    assert len(verified) == 2


async def test_every_sign_in_makes_a_new_session_and_ends_the_one_before(company: Company) -> None:
    await company.account("wang")
    first = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    second = await company.identity.sign_in("wang", PASSWORD, OFFICE, previous=first.session_token)
    assert second.session_token != first.session_token
    assert await company.identity.find_session(first.session_token) is None
    assert await company.identity.find_session(second.session_token) is not None


async def test_a_planted_token_becomes_no_session(company: Company) -> None:
    await company.account("wang")
    planted = "A" * 43
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE, previous=planted)
    assert signed_in.session_token != planted
    assert await company.identity.find_session(planted) is None


async def test_a_disabled_account_an_inactive_person_and_a_foreign_workspace_are_told_apart_only_after_the_password(
    company: Company,
) -> None:
    gone, left = await company.account("gone"), await company.account("left")
    await company.identity.switch_account(SYSTEM, company.workspace, company.catalogue, gone, disabled=True)
    await company.change("person", left, "active", False)
    await company.account("wang")
    for login, workspace, code in (
        ("gone", None, "account.disabled"),
        ("left", None, "sign_in.inactive"),
        ("wang", "elsewhere", "sign_in.no_workspace"),
    ):
        with pytest.raises(Denied) as refused:
            await company.identity.sign_in(login, PASSWORD, OFFICE, workspace=workspace)
        assert refused.value.faults[0].code == code
        with pytest.raises(NotSignedIn):
            await company.identity.sign_in(login, "wrong horse battery", OFFICE, workspace=workspace)


class Interrupted(Hasher):
    """Between the look at the password and the session something happens."""

    def __init__(self, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self._happens = happens

    async def verify(self, stored: str | None, password: str) -> bool:
        matches = await super().verify(stored, password)
        await self._happens()
        return matches


@pytest.mark.parametrize("what", ["reset", "disabled"])
async def test_a_reset_or_disabling_while_the_hash_is_computed_wins(
    company: Company, settings: Settings, what: str
) -> None:
    person = await company.account("wang")
    place = (SYSTEM, company.workspace, company.catalogue, person)

    async def happens() -> None:
        if what == "reset":
            await company.identity.set_password(*place, "another good password")
        else:
            await company.identity.switch_account(*place, disabled=True)

    slow = Identity(company.database, settings, company.clock, Interrupted(happens), remember_s=0)
    with pytest.raises(NotSignedIn if what == "reset" else Denied):
        await slow.sign_in("wang", PASSWORD, OFFICE)
    async with company.database.read() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM tongmai.session") == 0


async def test_an_old_hash_is_made_anew_at_sign_in(company: Company) -> None:
    await company.account("wang")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    async with company.database.write() as tx:
        await tx.execute("UPDATE tongmai.account SET password_hash = $1 WHERE login = 'wang'", old)
    await company.identity.sign_in("wang", PASSWORD, OFFICE)
    async with company.database.read() as tx:
        assert "m=8,t=1" in await tx.fetch_value("SELECT password_hash FROM tongmai.account WHERE login = 'wang'")
    await company.identity.sign_in("wang", PASSWORD, OFFICE)


async def test_the_audit_log_holds_successes_and_failures_but_no_secret(company: Company) -> None:
    await company.account("wang")
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    for login in ("wang", "my-password-in-the-wrong-box"):
        company.clock.advance(timedelta(seconds=1))
        with pytest.raises(NotSignedIn):
            await company.identity.sign_in(login, "wrong horse battery", OFFICE)
    (success,) = [json.loads(each) for each in await company.audited("sign_in")]
    failures = [json.loads(each) for each in await company.audited("sign_in_failed")]
    assert (success["by"], success["ip"]) == ("password", OFFICE.ip)
    assert [failure["account"] for failure in failures] == [str(signed_in.account_id), None]
    async with company.database.read() as tx:
        everything = await tx.fetch_value("SELECT string_agg(a::text, '') FROM tongmai.audit AS a")
    for secret in (PASSWORD, "wrong horse battery", signed_in.session_token, "my-password-in-the-wrong-box"):
        assert secret not in everything


async def test_no_secret_is_stored_as_it_is(company: Company) -> None:
    await company.account("wang")
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    async with company.database.read() as tx:
        stored = await tx.fetch_value("SELECT string_agg(s::text, '') FROM tongmai.session AS s")
        accounts = await tx.fetch_value("SELECT string_agg(a::text, '') FROM tongmai.account AS a")
    assert signed_in.session_token not in stored
    assert signed_in.csrf_token not in stored
    assert PASSWORD not in accounts


async def test_changing_the_password_ends_all_sessions_and_opens_one(company: Company) -> None:
    await company.account("wang")
    elsewhere = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    here = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    presence = await company.identity.find_session(here.session_token)
    assert presence is not None
    fresh = await company.identity.change_password(presence, PASSWORD, "another good password", OFFICE)
    for ended in (elsewhere, here):
        assert await company.identity.find_session(ended.session_token) is None
    assert await company.identity.find_session(fresh.session_token) is not None
    with pytest.raises(NotSignedIn):
        await company.identity.sign_in("wang", PASSWORD, OFFICE)
    await company.identity.sign_in("wang", "another good password", OFFICE)
    assert len(await company.audited("password_changed")) == 1


async def test_changing_the_password_takes_the_present_one_and_a_good_new_one(company: Company) -> None:
    await company.account("wang")
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    presence = await company.identity.find_session(signed_in.session_token)
    assert presence is not None
    with pytest.raises(NotSignedIn):
        await company.identity.change_password(presence, "wrong horse battery", "another good password", OFFICE)
    for new, code in (("short", "password.too_short"), (PASSWORD, "password.same")):
        with pytest.raises(Invalid) as refused:
            await company.identity.change_password(presence, PASSWORD, new, OFFICE)
        assert code in [fault.code for fault in refused.value.faults]
    token_presence = dataclasses.replace(presence, session=None)
    with pytest.raises(Denied):
        await company.identity.change_password(token_presence, PASSWORD, "another good password", OFFICE)
    assert await company.identity.find_session(signed_in.session_token) is not None


async def test_one_account_enters_two_workspaces_and_changes_over(company: Company) -> None:
    await company.account("wang")
    async with company.database.write() as tx:
        other = await create_workspace(tx, f"{company.workspace.key}_b", Text("乙", "B"), clock=company.clock)
        await begin_catalogue(tx, other, company.clock)
    second = dataclasses.replace(company, workspace=other)
    person = await second.person("王")
    await company.identity.create_account(SYSTEM, other, company.catalogue, person_id=person, login="wang")
    first = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    assert (first.workspace.key, first.workspaces) == (company.workspace.key, (company.workspace.key, other.key))
    assert (await company.identity.sign_in("wang", PASSWORD, OFFICE, workspace=other.key)).actor.id == person
    presence = await company.identity.find_session(first.session_token)
    assert presence is not None
    switched = await company.identity.switch_workspace(presence, first.session_token, other.key, OFFICE)
    assert (switched.workspace.key, switched.actor.id) == (other.key, person)
    assert await company.identity.find_session(first.session_token) is None
    async with company.database.write() as tx:
        await drop_workspace(tx, other)


async def test_an_address_that_is_none_is_taken_for_unknown(company: Company, identity: Identity) -> None:
    await company.account("wang")
    signed_in = await identity.sign_in("wang", PASSWORD, Origin("not an address", "agent\x00\n" + "x" * 5000))
    presence = await identity.find_session(signed_in.session_token)
    assert presence is not None
    (line,) = await identity.list_sessions(presence)
    assert (line.ip, line.agent) == (None, ("agent" + "x" * 5000)[:300])
