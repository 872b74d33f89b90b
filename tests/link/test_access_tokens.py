"""Vendors' access tokens are asked for once, whoever opens a source how often, and anew when they are no good."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tongmai.link.access_tokens import AccessToken, AccessTokens

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
    found = await asyncio.gather(*(tokens.of("a").get(NOW, vendor.fetch) for _ in range(20)))
    assert {each.text for each in found} == {"token1"}
    assert (await tokens.of("a").get(NOW + timedelta(hours=1), vendor.fetch)).text == "token1"
    assert (await tokens.of("a").get(NOW + timedelta(hours=2), vendor.fetch)).text == "token2"
    assert (await tokens.of("b").get(NOW, vendor.fetch)).text == "token3"


async def test_only_the_token_that_failed_is_forgotten_and_a_fetch_that_failed_is_made_again() -> None:
    vendor, tokens = Vendor(), AccessTokens()
    first = await tokens.of("a").get(NOW, vendor.fetch)
    await tokens.of("a").forget(first)
    second = await tokens.of("a").get(NOW, vendor.fetch)
    await tokens.of("a").forget(first)
    assert await tokens.of("a").get(NOW, vendor.fetch) is second

    await tokens.of("a").forget(second)
    vendor.away = True
    with pytest.raises(ConnectionError):
        await tokens.of("a").get(NOW, vendor.fetch)
    vendor.away = False
    assert (await tokens.of("a").get(NOW, vendor.fetch)).text == "token3"


async def test_a_program_of_many_applications_keeps_some_and_asks_again_for_the_others() -> None:
    vendor, tokens = Vendor(), AccessTokens()
    for number in range(300):
        await tokens.of(str(number)).get(NOW, vendor.fetch)
    assert (await tokens.of("299").get(NOW, vendor.fetch)).text == "token300"
    assert (await tokens.of("0").get(NOW, vendor.fetch)).text == "token301"


def test_a_secret_that_was_changed_has_a_token_of_its_own() -> None:
    tokens = AccessTokens()
    assert tokens.of("https://vendor", "app", "s3cret") is tokens.of("https://vendor", "app", "s3cret")
    assert tokens.of("https://vendor", "app", "s3cret") is not tokens.of("https://vendor", "app", "other")
