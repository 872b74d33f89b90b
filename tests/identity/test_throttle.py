"""Guessing gets slow; nobody is locked out of where he usually signs in; a 429 tells nothing about a login."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tongmai.identity import Origin
from tongmai.kit import NotSignedIn, TooMany

from .conftest import OFFICE, PASSWORD, Company

STRANGER = Origin("198.51.100.9")
WRONG = "wrong horse battery"


async def fail(company: Company, login: str = "wang", origin: Origin = STRANGER) -> None:
    with pytest.raises(NotSignedIn):
        await company.identity.sign_in(login, WRONG, origin)


async def wait_for(company: Company, login: str = "wang", origin: Origin = STRANGER) -> int:
    """How many seconds the refusal asks for, even with the right password."""
    with pytest.raises(TooMany) as refused:
        await company.identity.sign_in(login, PASSWORD, origin)
    seconds = refused.value.extra["retry_after"]
    assert str(seconds) in refused.value.sentence("zh")
    return int(seconds)


@pytest.mark.parametrize("login", ["wang", "nobody"])
async def test_after_five_failures_each_one_waits_twice_as_long(company: Company, login: str) -> None:
    await company.account("wang")
    for _ in range(5):
        await fail(company, login)
    waits = []
    for _ in range(4):
        waits.append(await wait_for(company, login))
        company.clock.advance(timedelta(seconds=waits[-1]))
        await fail(company, login)
    assert waits == [15, 30, 60, 120]


async def test_the_wait_is_never_longer_than_a_quarter_of_an_hour(company: Company) -> None:
    longest = 0
    for _ in range(5):
        await fail(company)
    for _ in range(40):
        wait = await wait_for(company)
        longest = max(longest, wait)
        company.clock.advance(timedelta(seconds=wait))
        await fail(company)
    assert (wait, longest) == (900, 900)


async def test_asking_while_one_has_to_wait_does_not_prolong_it(company: Company) -> None:
    await company.account("wang")
    for _ in range(5):
        await fail(company)
    for _ in range(10):
        await wait_for(company)
    company.clock.advance(timedelta(seconds=15))
    await company.identity.sign_in("wang", PASSWORD, STRANGER)


async def test_success_clears_the_count(company: Company) -> None:
    await company.account("wang")
    for _ in range(3):
        for _ in range(4):
            await fail(company)
        company.clock.advance(timedelta(seconds=1))
        await company.identity.sign_in("wang", PASSWORD, STRANGER)
        company.clock.advance(timedelta(seconds=1))


async def test_strangers_cannot_lock_a_person_out_of_the_usual_place(company: Company) -> None:
    await company.account("wang")
    await company.identity.sign_in("wang", PASSWORD, OFFICE)
    company.clock.advance(timedelta(days=3))
    for _ in range(5):
        await fail(company)
    await wait_for(company)
    await company.identity.sign_in("wang", PASSWORD, OFFICE)


async def test_the_usual_place_counts_its_own_failures(company: Company) -> None:
    await company.account("wang")
    await company.identity.sign_in("wang", PASSWORD, OFFICE)
    company.clock.advance(timedelta(minutes=1))
    for _ in range(5):
        await fail(company, origin=OFFICE)
    assert await wait_for(company, origin=OFFICE) == 15


async def test_fifty_failures_from_one_place_slow_that_place_down_and_no_other(company: Company) -> None:
    await company.account("wang")
    await company.account("li")
    await company.identity.sign_in("li", PASSWORD, STRANGER)
    company.clock.advance(timedelta(seconds=1))
    for number in range(50):
        await fail(company, f"probe{number}")
    assert await wait_for(company) == 15
    # Those who have signed in from there before go on.
    await company.identity.sign_in("li", PASSWORD, STRANGER)
    await company.identity.sign_in("wang", PASSWORD, OFFICE)


async def test_an_ipv6_network_is_one_place(company: Company) -> None:
    for number in range(50):
        await fail(company, f"probe{number}", Origin(f"2001:db8::{number + 1:x}"))
    assert await wait_for(company, origin=Origin("2001:db8::ffff")) == 15
    await fail(company, origin=Origin("2001:db8:0:1::1"))


async def test_an_ipv4_address_in_ipv6_clothes_is_the_same_place(company: Company) -> None:
    for number in range(50):
        await fail(company, f"probe{number}", Origin(f"::ffff:{STRANGER.ip}"))
    await wait_for(company)


async def test_guesses_made_all_at_once_are_counted_one_by_one(company: Company) -> None:
    await company.account("wang")
    guesses = (company.identity.sign_in("wang", f"wrong guess {number}", STRANGER) for number in range(25))
    found = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(each) for each in found].count(NotSignedIn) == 5
    assert [type(each) for each in found].count(TooMany) == 20


async def test_the_case_of_letters_makes_no_new_login(company: Company) -> None:
    await company.account("wang")
    for login in ("wang", "WANG", "Wang", "wAng", " wang "):
        await fail(company, login)
    await wait_for(company, "waNG")


async def test_old_failures_are_forgotten(company: Company) -> None:
    for _ in range(5):
        await fail(company)
    company.clock.advance(timedelta(days=1))
    for _ in range(4):
        await fail(company)


async def test_changing_the_password_is_throttled_like_sign_in(company: Company) -> None:
    await company.account("wang")
    signed_in = await company.identity.sign_in("wang", PASSWORD, OFFICE)
    company.clock.advance(timedelta(seconds=1))
    presence = await company.identity.find_session(signed_in.session_token)
    assert presence is not None
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await company.identity.change_password(presence, WRONG, "another good password", OFFICE)
    with pytest.raises(TooMany):
        await company.identity.change_password(presence, PASSWORD, "another good password", OFFICE)
