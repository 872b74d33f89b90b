"""Vendors' access tokens are asked for once, whoever opens a source how often, and anew when they are no good."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tongmai.link.access_tokens import AccessToken, AccessTokens, token_key

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


class Vendor:
    def __init__(self) -> None:
        self.given = 0
        self.away = False

    async def fetch(self) -> AccessToken:
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionError
        self.given += 1
        return AccessToken(f"token{self.given}", NOW + timedelta(hours=2))


async def test_who_asks_at_once_waits_for_one_fetch_and_later_ones_are_given_what_is_kept() -> None:
    vendor, tokens = Vendor(), AccessTokens()
    found = await asyncio.gather(*(tokens.get("a", NOW, vendor.fetch) for _ in range(20)))
    assert {each.text for each in found} == {"token1"}
    assert (await tokens.get("a", NOW + timedelta(hours=1), vendor.fetch)).text == "token1"
    assert (await tokens.get("a", NOW + timedelta(hours=2), vendor.fetch)).text == "token2"
    assert (await tokens.get("b", NOW, vendor.fetch)).text == "token3"


async def test_only_the_token_that_failed_is_forgotten_and_a_fetch_that_failed_is_made_again() -> None:
    vendor, tokens = Vendor(), AccessTokens()
    first = await tokens.get("a", NOW, vendor.fetch)
    await tokens.forget("a", first)
    second = await tokens.get("a", NOW, vendor.fetch)
    await tokens.forget("a", first)
    assert await tokens.get("a", NOW, vendor.fetch) is second

    await tokens.forget("a", second)
    vendor.away = True
    with pytest.raises(ConnectionError):
        await tokens.get("a", NOW, vendor.fetch)
    vendor.away = False
    assert (await tokens.get("a", NOW, vendor.fetch)).text == "token3"


async def test_a_program_of_many_applications_keeps_some_and_asks_again_for_the_others() -> None:
    vendor, tokens = Vendor(), AccessTokens()
    for number in range(300):
        await tokens.get(str(number), NOW, vendor.fetch)
    assert (await tokens.get("299", NOW, vendor.fetch)).text == "token300"
    assert (await tokens.get("0", NOW, vendor.fetch)).text == "token301"


def test_a_key_tells_secrets_apart_and_gives_none_away() -> None:
    one, other = token_key("https://vendor", "app", "s3cret"), token_key("https://vendor", "app", "other")
    assert one != other
    assert "s3cret" not in one
