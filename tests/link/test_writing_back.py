"""The way back into real databases (S3-20): a row of a table is changed there, or it is said why not."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tongmai.access import SystemActor
from tongmai.link.pushing.change import PushState

from .desk import Desk
from .test_sql_source import Shop

BACK: dict[str, Any] = {
    "key": "shop_customers", "label": "客户", "source": "shop", "stream": "customers", "object": "customer",
    "columns": [{"path": "code"}, {"path": "name"}, {"path": "tel"}, {"path": "credit", "type": "number"}],
    "fields": [
        {"field": "code", "value": "code"},
        {"field": "name", "value": "name", "push": "name"},
        {"field": "phone", "value": "tel", "push": "tel"},
        {"field": "credit", "value": "credit", "push": "credit"},
    ],
    "match": ["code"],
}  # fmt: skip


@pytest.fixture
async def shop(desk: Desk, tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop.db")
    made.add(("C1", "甲", "100", 1.5, "2026-11-01 08:00:00"), ("C2", "乙", None, 2, "2026-11-01 08:00:00"))
    await opened(desk, made, writes=["tel", "credit"])
    return made


async def opened(desk: Desk, shop: Shop, **stream: Any) -> None:
    await desk.define(shop.source(**stream), BACK)
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("shop")


async def by_hand(desk: Desk, code: str, **values: Any) -> None:
    person = await desk.make("person", name="安娜")
    record = (await desk.fetch("SELECT id FROM {schema}.customer WHERE code = $1", code))[0]["id"]
    actor = SystemActor("test", on_behalf=person)
    await desk.gateway.update(actor, desk.workspace, "customer", record, values)
    await desk.seal()


async def sent(desk: Desk) -> tuple[int, int, int]:
    """Done, conflicts and failures of all that was due."""
    first = await desk.links.pusher.advance(desk.workspace)
    second = await desk.links.pusher.advance(desk.workspace)
    return first.done + second.done, first.conflicts + second.conflicts, first.failed + second.failed


async def open_ones(desk: Desk) -> list[PushState]:
    found = await desk.links.pusher.latest(desk.workspace, "shop", 50)
    return [each for each in found if each.state in ("conflict", "failed")]


def there(shop: Shop, code: str) -> tuple[Any, ...]:
    with sqlite3.connect(shop.path) as connection:
        found: tuple[Any, ...] = connection.execute(
            "SELECT name, tel, credit FROM customers WHERE code = ?", (code,)
        ).fetchone()
        return found


async def test_a_persons_change_stands_in_the_other_database_and_comes_back_as_nothing_new(
    desk: Desk, shop: Shop
) -> None:
    await by_hand(desk, "C1", phone="999", credit="3.25")
    await by_hand(desk, "C2", phone="222")

    assert await sent(desk) == (2, 0, 0), [each.detail for each in await open_ones(desk)]

    assert (there(shop, "C1"), there(shop, "C2")) == (("甲", "999", 3.25), ("乙", "222", 2))
    entries = await desk.count("_history")
    await desk.pull("shop", anew=True)
    assert await desk.count("_history") == entries


async def test_changes_upon_changes_go_there_one_after_the_other_before_any_pull(desk: Desk, shop: Shop) -> None:
    await by_hand(desk, "C1", phone="201")
    await by_hand(desk, "C1", phone="202")
    assert await sent(desk) == (2, 0, 0)
    await by_hand(desk, "C1", phone="203")
    assert await sent(desk) == (1, 0, 0)

    assert there(shop, "C1") == ("甲", "203", 1.5)


async def test_what_was_changed_there_meanwhile_stays_and_a_person_settles_it(desk: Desk, shop: Shop) -> None:
    shop.run("UPDATE customers SET tel = '555' WHERE code = 'C1'")
    await by_hand(desk, "C1", phone="999")

    assert await sent(desk) == (0, 1, 0)
    assert there(shop, "C1") == ("甲", "555", 1.5)
    (conflict,) = await open_ones(desk)
    assert (conflict.state, (conflict.detail or {})["theirs"]) == ("conflict", {"tel": "555"})

    await desk.links.pusher.resolve(desk.workspace, conflict.id, "ours")
    assert await sent(desk) == (1, 0, 0)
    assert there(shop, "C1") == ("甲", "999", 1.5)


async def test_a_column_that_is_not_opened_is_not_written_and_it_is_said(desk: Desk, shop: Shop) -> None:
    await by_hand(desk, "C1", name="甲（新）")

    assert await sent(desk) == (0, 0, 1)
    assert there(shop, "C1")[0] == "甲"
    (failed,) = await open_ones(desk)
    assert "可写列" in str(failed.detail)


async def test_a_row_that_is_gone_or_stands_twice_is_not_written(desk: Desk, shop: Shop) -> None:
    shop.run("DELETE FROM customers WHERE code = 'C1'")
    shop.add(("C2", "乙二", None, 2, "2026-11-01 08:00:00"))
    await by_hand(desk, "C1", phone="1")
    await by_hand(desk, "C2", phone="2")

    assert await sent(desk) == (0, 0, 2)
    told = str([each.detail for each in await open_ones(desk)])
    assert "没有这一行" in told
    assert "多行" in told
    assert there(shop, "C2")[1] is None


async def test_what_the_database_refuses_is_told_in_its_words_and_what_is_busy_waits(desk: Desk, shop: Shop) -> None:
    shop.run("CREATE TRIGGER guard BEFORE UPDATE ON customers BEGIN SELECT RAISE(ABORT, 'closed for the month'); END")
    await by_hand(desk, "C1", phone="1")
    assert await sent(desk) == (0, 0, 1)
    (failed,) = await open_ones(desk)
    assert "closed for the month" in str(failed.detail)

    shop.run("DROP TRIGGER guard")
    await opened(desk, shop, writes=["tel"])
    holder = sqlite3.connect(shop.path)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        await by_hand(desk, "C2", phone="2")
        first = await desk.links.pusher.advance(desk.workspace)
        assert (first.done, first.failed, first.again) == (0, 0, 1)
    finally:
        holder.rollback()
        holder.close()
    desk.clock.advance(timedelta(minutes=1))
    assert await sent(desk) == (1, 0, 0)
    assert there(shop, "C2")[1] == "2"


async def test_phones_and_options_go_back_as_the_source_writes_them(desk: Desk, shop: Shop) -> None:
    """Ours are +8613900000000 and the option's key."""
    options = {
        "choices": [
            {"key": "a", "label": {"zh": "重点", "en": "Key"}},
            {"key": "b", "label": {"zh": "普通", "en": "Plain"}},
        ]
    }
    await desk.add_field("customer", {"key": "mobile", "type": "phone", "label": "手机"})
    await desk.add_field("customer", {"key": "level", "type": "choice", "label": "等级", "options": options})
    shop.add(("C3", "普通", "13800000000", 1, "2026-11-01 08:00:00"))
    fields = [
        {"field": "code", "value": "code"}, {"field": "level", "value": "name", "push": "name"},
        {"field": "mobile", "value": "tel", "push": "tel"},
    ]  # fmt: skip
    await desk.define(shop.source(writes=["tel", "name"]), {**BACK, "fields": fields, "where": "code = 'C3'"})
    await desk.pull("shop")
    await by_hand(desk, "C3", mobile="13900000000", level="a")

    assert await sent(desk) == (1, 0, 0)
    assert there(shop, "C3")[:2] == ("重点", "13900000000")
    entries = await desk.count("_history")
    await desk.pull("shop", anew=True)
    assert await desk.count("_history") == entries
