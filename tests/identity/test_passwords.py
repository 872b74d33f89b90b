"""What a password must be, and that hashes are Argon2id and follow today's parameters."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from tongmai.identity import Hasher
from tongmai.identity.passwords import check_password, is_plausible


def codes(password: str, login: str = "wang@example.com") -> set[str]:
    return {fault.code for fault in check_password(password, login)}


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("correct horse battery", set()),
        ("四个不相关的词语放在一起", set()),
        ("short", {"password.too_short"}),
        ("x" * 257, {"password.too_long", "password.common"}),
        ("Password123", {"password.common"}),
        ("woaini1314520", {"password.common"}),
        ("aaaaaaaaaaaa", {"password.common"}),
        ("WANG@example.com", {"password.is_login"}),
        ("bad\ud800surrogate", {"password.not_text"}),
    ],
)
def test_the_policy(password: str, faults: set[str]) -> None:
    assert codes(password) == faults


def test_all_faults_are_told_at_once_with_a_way_out() -> None:
    faults = check_password("wang", "wang@example.com")
    assert {fault.code for fault in faults} == {"password.too_short", "password.is_login"}
    assert all(fault.way_out is not None and fault.field == "password" for fault in faults)


async def test_the_hash_is_argon2id_and_verifies(hasher: Hasher) -> None:
    stored = await hasher.hash("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert await hasher.verify(stored, "correct horse battery")
    assert not await hasher.verify(stored, "correct horse batterY")
    assert stored != await hasher.hash("correct horse battery")


async def test_a_password_is_the_same_however_the_keyboard_composed_it(hasher: Hasher) -> None:
    assert await hasher.verify(await hasher.hash("Caf\u00e9 Ｐａｓｓ word"), "Cafe\u0301 Pass word")


async def test_no_stored_hash_and_broken_hashes_verify_nothing(hasher: Hasher) -> None:
    assert not await hasher.verify(None, "there is no such account")
    assert not await hasher.verify("plain text", "plain text")


async def test_default_parameters_are_not_below_rfc_9106s_second_recommendation() -> None:
    hasher = Hasher()
    parts = (await hasher.hash("correct horse battery")).split("$")
    cost = dict(part.split("=") for part in parts[3].split(","))
    assert (int(cost["m"]) >= 65536, int(cost["t"]) >= 3) == (True, True)
    hasher.close()


async def test_hashes_made_with_other_parameters_are_noticed(hasher: Hasher) -> None:
    other = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("x")
    assert hasher.is_outdated(other)
    assert not hasher.is_outdated(await hasher.hash("x"))


async def test_many_at_once_wait_their_turn(hasher: Hasher) -> None:
    stored = await hasher.hash("correct horse battery")
    found = await asyncio.gather(*(hasher.verify(stored, "correct horse battery") for _ in range(20)))
    assert all(found)


def test_what_no_password_can_be_is_not_even_hashed() -> None:
    assert not is_plausible("")
    assert not is_plausible("x" * 257)
    # One character that normalises into eighteen.
    assert not is_plausible("\ufdfa" * 20)
    assert is_plausible("correct horse battery")
