"""Accounts of other people: who may make, reset and disable them, and that it is no way up."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tongmai.access import Actor
from tongmai.identity import OidcSubject
from tongmai.kit import Invalid, NotSignedIn, Text, TongmaiError
from tongmai.model import Catalogue, RoleDef
from tongmai.schema import begin_catalogue
from tongmai.store import create_workspace, drop_workspace

from .conftest import OFFICE, PASSWORD, SYSTEM, Company


def with_hr(catalogue: Catalogue) -> Catalogue:
    """A role that manages people and nothing else."""
    hr = RoleDef.model_validate({"key": "hr", "label": "人事", "manages": ["people"]})
    return catalogue.model_copy(update={"roles": (*catalogue.roles, hr)})


async def actor_of(company: Company, login: str) -> Actor:
    return (await company.identity.sign_in(login, PASSWORD, OFFICE)).actor


async def code_of(awaited: object) -> str:
    with pytest.raises(TongmaiError) as refused:
        await awaited  # type: ignore[misc]
    return refused.value.faults[0].code


async def test_a_workspace_begins_without_accounts_and_the_system_makes_the_first(company: Company) -> None:
    assert await company.identity.list_members(company.workspace) == []
    await company.account("boss", roles=("administrator",))
    assert [each.login for each in await company.identity.list_members(company.workspace)] == ["boss"]
    assert (await actor_of(company, "boss")).roles == {"administrator"}


async def test_whoever_manages_people_makes_accounts(company: Company) -> None:
    company.catalogue = with_hr(company.catalogue)
    await company.account("hr", roles=("hr",))
    await company.account("plain")
    person = await company.person("新人")
    for login, allowed in (("plain", False), ("hr", True)):
        making = company.identity.create_account(
            await actor_of(company, login),
            company.workspace,
            company.catalogue,
            person_id=person,
            login="new",
            password=PASSWORD,
        )
        if allowed:
            await making
        else:
            assert await code_of(making) == "access.manage_needed"
    assert (await actor_of(company, "new")).id == person


async def test_managing_people_is_no_way_to_an_administrators_account(company: Company) -> None:
    company.catalogue = with_hr(company.catalogue)
    boss = await company.account("boss", roles=("administrator",))
    await company.account("hr", roles=("hr",))
    second = await company.person("二号", roles=("administrator",))
    hr = await actor_of(company, "hr")
    identity, place = company.identity, (company.workspace, company.catalogue)
    for attempt in (
        identity.set_password(hr, *place, boss, "another good password"),
        identity.switch_account(hr, *place, boss, disabled=True),
        identity.create_account(hr, *place, person_id=second, login="up", password=PASSWORD),
    ):
        assert await code_of(attempt) == "account.beyond_own"
    await actor_of(company, "boss")


async def test_a_reset_ends_sessions_and_revokes_tokens(company: Company) -> None:
    await company.account("boss", roles=("administrator",))
    wang = await company.account("wang")
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    _, secret = await company.identity.make_token(
        signed_in.actor, company.workspace, company.catalogue, name="x", scopes=("read",)
    )
    boss = await actor_of(company, "boss")
    await company.identity.set_password(boss, company.workspace, company.catalogue, wang, "another good password")
    assert await company.identity.find_session(signed_in.session_token) is None
    assert await company.identity.find_token(secret) is None
    with pytest.raises(NotSignedIn):
        await company.identity.sign_in("wang", PASSWORD, OFFICE)
    await company.identity.sign_in("wang", "another good password", OFFICE)
    assert len(await company.audited("password_reset")) == 1


async def test_an_account_of_two_workspaces_is_reset_by_neither_administrator(company: Company) -> None:
    wang = await company.account("wang")
    await company.account("boss", roles=("administrator",))
    boss = await actor_of(company, "boss")
    async with company.database.write() as tx:
        other = await create_workspace(tx, f"{company.workspace.key}_b", Text("乙", "B"), clock=company.clock)
        await begin_catalogue(tx, other, company.clock)
        await tx.execute(
            "INSERT INTO tongmai.membership SELECT id, $1, $2 FROM tongmai.account WHERE login = 'wang'",
            other.id,
            uuid4(),
        )
    resetting = company.identity.set_password(boss, company.workspace, company.catalogue, wang, "another good password")
    assert await code_of(resetting) == "account.shared"
    await company.identity.set_password(SYSTEM, company.workspace, company.catalogue, wang, "another good password")
    await company.identity.sign_in("wang", "another good password", OFFICE, workspace=company.workspace.key)
    async with company.database.write() as tx:
        await drop_workspace(tx, other)


async def test_logins_people_and_subjects_are_taken_once(company: Company) -> None:
    boss_id = await company.account("boss", roles=("administrator",))
    boss = await actor_of(company, "boss")
    subject = OidcSubject("https://id.example.com", "42")
    one, two = await company.person("一"), await company.person("二")
    identity, place = company.identity, (company.workspace, company.catalogue)
    await identity.create_account(boss, *place, person_id=one, login="one", oidc=subject)
    for login, person, oidc, code in (
        ("ONE", two, None, "account.login_taken"),
        ("two", one, None, "account.person_taken"),
        ("two", boss_id, None, "account.person_taken"),
        ("two", two, subject, "account.oidc_taken"),
    ):
        making = identity.create_account(boss, *place, person_id=person, login=login, oidc=oidc)
        assert await code_of(making) == code
    assert [member.login for member in await identity.list_members(company.workspace)] == ["boss", "one"]


async def test_bad_logins_and_passwords_are_refused_together(company: Company) -> None:
    person = await company.person("新人")
    with pytest.raises(Invalid) as refused:
        await company.identity.create_account(
            SYSTEM, company.workspace, company.catalogue, person_id=person, login="two words", password="short"
        )
    assert [fault.field for fault in refused.value.faults] == ["login", "password"]
    assert await company.identity.list_members(company.workspace) == []


async def test_a_person_that_is_not_there_gets_no_account(company: Company) -> None:
    making = company.identity.create_account(
        SYSTEM, company.workspace, company.catalogue, person_id=uuid4(), login="ghost", password=PASSWORD
    )
    assert await code_of(making) == "account.no_person"


async def test_changes_to_people_without_an_account_are_refused(company: Company) -> None:
    person = await company.person("无账号")
    identity, place = company.identity, (company.workspace, company.catalogue)
    for attempt in (
        identity.set_password(SYSTEM, *place, person, "another good password"),
        identity.switch_account(SYSTEM, *place, person, disabled=True),
        identity.list_tokens(company.workspace, person),
    ):
        assert await code_of(attempt) == "account.none"
