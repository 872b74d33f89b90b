"""Where a stream goes on: nothing that comes late, shares its time-stamp or lacks a part of its key is passed over."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tongmai.kit import Invalid
from tongmai.link.source import Cursor, Pulls

from .desk import Desk
from .test_sql_source import MAPPING, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop.db")
    made.add(*((f"C{number}", f"客户{number}", None, number, "2026-11-01 08:00:00") for number in range(5)))
    return made


async def codes(desk: Desk) -> list[str]:
    return [row[0] for row in await desk.records("customer", "code")]


async def test_a_row_that_comes_late_is_looked_for_until_the_time_stamp_is_old(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(), MAPPING)
    await desk.pull("shop")
    shop.add(
        ("D1", "同一秒、键更小的", None, 1, "2026-11-01 08:00:00"), ("D2", "慢的事务", None, 1, "2026-11-01 07:56:00")
    )

    assert (await desk.pull("shop"))["rows"] == 7
    assert {"D1", "D2"} <= set(await codes(desk))
    desk.clock.advance(timedelta(seconds=301))
    # Once more, since some may have come in until now; then nothing can come behind it any more.
    assert (await desk.pull("shop"))["rows"] == 7
    assert (await desk.pull("shop"))["rows"] == 0
    shop.add(("D3", "新的", None, 1, "2026-11-02 07:56:00"))
    assert (await desk.pull("shop"))["rows"] == 1
    assert (await desk.pull("shop"))["rows"] == 1


async def test_a_pull_that_was_broken_off_looks_back_when_it_goes_on(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(), MAPPING)
    known = await desk.links.sources.known(desk.workspace, "shop")
    cursor: Cursor = {}
    async with desk.links.sources.opened(desk.workspace, known) as source:
        assert isinstance(source, Pulls)
        for _ in range(3):
            async for page in source.pull("customers", cursor):
                cursor = page.cursor
            desk.clock.advance(timedelta(seconds=301))
        assert cursor["settled"] is True
        shop.add(*((f"E{number}", "新的", None, 1, "2026-11-02 08:00:00") for number in range(5)))
        broken_off = await anext(aiter(source.pull("customers", cursor)))
        shop.add(("A1", "迟到的", None, 1, "2026-11-02 07:59:00"))

        rows = [row.key async for page in source.pull("customers", broken_off.cursor) for row in page.rows]

    assert rows == ["A1", "E0", "E1", "E2", "E3", "E4"]


async def test_a_day_as_time_stamp_is_read_again_until_it_is_over(desk: Desk, shop: Shop) -> None:
    shop.run("UPDATE customers SET changed = '2026-11-02'")
    await desk.define(shop.source(), MAPPING)
    await desk.pull("shop")
    desk.clock.advance(timedelta(hours=8))
    await desk.pull("shop")
    shop.add(("A0", "同一天，键更小的", None, 1, "2026-11-02"))

    await desk.pull("shop")

    assert "A0" in await codes(desk)


@pytest.mark.parametrize("ahead", ["2036-01-01 00:00:00", "9999-12-31 23:59:59"])
async def test_a_clock_that_is_wrong_keeps_no_row_of_today_out(desk: Desk, shop: Shop, ahead: str) -> None:
    shop.add(("Z1", "时钟不准", None, 1, ahead))
    await desk.define(shop.source(overlap_s=0), MAPPING)
    await desk.pull("shop")
    shop.add(("N1", "今天的", None, 1, "2026-11-01 09:00:00"))

    done = await desk.pull("shop")

    assert {"N1", "Z1"} <= set(await codes(desk))
    assert done["rows"] == 2


async def test_a_column_that_is_gone_empties_no_field(desk: Desk, shop: Shop) -> None:
    shop.run("UPDATE customers SET tel = '100'")
    await desk.define(shop.source(), MAPPING)
    await desk.pull("shop")
    shop.run("ALTER TABLE customers RENAME COLUMN tel TO mobile")
    shop.run("UPDATE customers SET changed = '2026-11-02 08:00:00'")

    done = await desk.pull("shop")

    assert done["state"] == "failed"
    assert "不再有列：tel" in done["error"]["zh"]
    assert await desk.count("customer", "phone = '100'") == 5
    moved = {**MAPPING, "columns": [*MAPPING["columns"], {"path": "mobile"}]}
    moved["fields"] = [{**each, "value": "mobile"} if each["field"] == "phone" else each for each in MAPPING["fields"]]
    await desk.define(moved)
    assert (await desk.pull("shop", anew=True))["state"] == "done"
    assert await desk.count("customer", "phone = '100'") == 5


async def test_a_query_may_hold_colons_and_end_with_a_comment(desk: Desk, shop: Shop) -> None:
    query = "SELECT code, name, '8:30 :早 100%' AS tel, credit, changed FROM customers WHERE code <> ':x' -- all"
    await desk.define(shop.source(table=None, query=query), MAPPING)

    assert (await desk.pull("shop"))["state"] == "done"
    assert await desk.count("customer", "phone = '8:30 :早 100%'") == 5


async def test_rows_whose_key_is_empty_in_part_are_all_read(desk: Desk, shop: Shop) -> None:
    rnd = random.Random(4)
    given = {(rnd.choice("AB"), rnd.choice([None, "P", "Q", "R"]), rnd.choice([None, 1, 2])) for _ in range(60)}
    with sqlite3.connect(shop.path) as connection:
        connection.execute("CREATE TABLE stock (house TEXT, product TEXT, batch INT)")
        connection.executemany("INSERT INTO stock VALUES (?, ?, ?)", given)
    await desk.define(shop.source(table="stock", key=["house", "product", "batch"], changed=None))

    done = await desk.pull("shop")

    assert (done["state"], done["rows"]) == ("done", len(given))


async def test_a_driver_that_is_not_there_is_named(desk: Desk, shop: Shop) -> None:
    source = shop.source()
    source["options"]["url"] = "mssql://reader@erp/shop"

    with pytest.raises(Invalid) as refused:
        await desk.define(source)
        await desk.links.sources.opened(
            desk.workspace, await desk.links.sources.known(desk.workspace, "shop")
        ).__aenter__()

    assert [fault.code for fault in refused.value.faults] == ["source.no_driver"]
    assert "pyodbc" in refused.value.faults[0].text.zh
