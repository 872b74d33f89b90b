"""The first start: a workspace that shows something at once, made once and never touched again."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import psycopg
import pytest
from pydantic import SecretStr

from tongmai.access import SystemActor
from tongmai.cli.quickstart import KEY, prepare
from tongmai.cli.starter_rows import starter_rows
from tongmai.kit import FixedClock, Settings
from tongmai.store import Workspace, find_workspace
from tongmai.web import Services, open_services

SYSTEM = SystemActor("test")


@pytest.fixture
async def empty(postgres_dsn: str, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Services]:
    """The services over a database that nobody has used."""
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE first_start TEMPLATE template0")
    address = urlsplit(postgres_dsn)._replace(path="/first_start").geturl()
    settings = Settings(database_url=SecretStr(address), data_dir=tmp_path / "var")
    async with open_services(settings, clock, "command") as services:
        yield services
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE first_start WITH (FORCE)")


async def rows(services: Services, key: str) -> list[dict[str, object]]:
    place = await workspace(services)
    found: list[dict[str, object]] = orjson.loads(await services.gateway.list(SYSTEM, place, key, limit=500))["items"]
    return found


async def workspace(services: Services) -> Workspace:
    async with services.database.read() as tx:
        found = await find_workspace(tx, KEY)
    assert found is not None
    return found


async def test_the_first_start_makes_sign_ins_and_rows_and_the_second_changes_nothing(empty: Services) -> None:
    made = await prepare(empty)
    assert [each.login for each in made] == ["admin", "zhuguan", "xiaoshou"]
    assert stat.S_IMODE(made[0].kept_in.stat().st_mode) == 0o600
    for key in ("customer", "contact", "opportunity"):
        expected = starter_rows(key, date(2026, 11, 2)).count("\n") - 1
        assert len(await rows(empty, key)) == expected, key
    owners = {each["owner"]["label"] for each in await rows(empty, "customer")}  # type: ignore[index]
    assert owners == {"林销售", "陈主管"}
    assert all(each["customer"] for each in await rows(empty, "opportunity"))

    again = await prepare(empty)
    assert again == made
    assert len(await rows(empty, "customer")) == starter_rows("customer", date(2026, 11, 2)).count("\n") - 1


@pytest.mark.parametrize("today", [date(2026, 11, 21), date(2027, 3, 1), date(2031, 12, 31)])
def test_the_example_rows_are_as_old_on_any_day(today: date) -> None:
    moved = re.findall(r"\d{4}-\d\d-\d\d", starter_rows("customer", today))
    written = re.findall(r"\d{4}-\d\d-\d\d", starter_rows("customer", date(2026, 11, 21)))
    ages = [today - date.fromisoformat(each) for each in moved]
    assert ages == [date(2026, 11, 21) - date.fromisoformat(each) for each in written]
    assert timedelta(0) <= min(ages) < timedelta(days=7)
