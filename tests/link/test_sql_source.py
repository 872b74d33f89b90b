"""The SQL source: rows of any database become records, in steps, each once (S0-23)."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tongmai.kit import Invalid

from .desk import Desk

MAPPING: dict[str, Any] = {
    "key": "shop_customers", "label": "客户", "source": "shop", "stream": "customers", "object": "customer",
    "columns": [
        {"path": "code"}, {"path": "name"}, {"path": "tel"}, {"path": "credit", "type": "number"},
        {"path": "changed", "type": "datetime"},
    ],
    "fields": [
        {"field": "code", "value": "code"},
        {"field": "name", "value": "TRIM(name)"},
        {"field": "phone", "value": "tel", "wins": "person"},
        {"field": "credit", "value": "credit * 10000", "wins": "newest"},
    ],
    "match": ["code"],
}  # fmt: skip


class Shop:
    """A database of another program."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run(
            "CREATE TABLE customers (code TEXT, name TEXT, tel TEXT, credit REAL, changed TIMESTAMP)",
        )

    def run(self, sql: str, *rows: tuple[object, ...]) -> None:
        with sqlite3.connect(self.path) as connection:
            if rows:
                connection.executemany(sql, rows)
            else:
                connection.execute(sql)

    def add(self, *rows: tuple[object, ...]) -> None:
        self.run("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", *rows)

    def source(self, **more: Any) -> dict[str, Any]:
        stream = {"table": "customers", "key": ["code"], "changed": "changed", **more}
        return {
            "key": "shop", "label": "门店库", "kind": "sql",
            "options": {"url": f"sqlite:///{self.path}", "streams": {"customers": stream}, "page": 3},
        }  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop.db")
    made.add(
        ("C1", " 华东机械 ", "021-1", 1.5, "2026-11-01 08:00:00"),
        ("C2", "华南化工", "020-2", 2, "2026-11-01 08:00:00"),
        ("C3", "西部电子", None, 3, "2026-11-01 08:00:00"),
        ("C4", "北方物流", "010-4", 4, "2026-11-01 09:00:00"),
    )
    return made


async def test_rows_become_records_through_formulas(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(), MAPPING)

    done = await desk.pull("shop")

    assert done["state"] == "done", done
    assert done["rows"] == 4
    assert await desk.records("customer", "code", "name", "phone", "credit") == [
        ("C1", "华东机械", "021-1", Decimal(15000)),
        ("C2", "华南化工", "020-2", Decimal(20000)),
        ("C3", "西部电子", None, Decimal(30000)),
        ("C4", "北方物流", "010-4", Decimal(40000)),
    ]


async def test_pulling_again_changes_nothing(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(), MAPPING)
    await desk.pull("shop")
    history = await desk.count("_history")

    await desk.pull("shop")
    await desk.pull("shop", anew=True)

    assert await desk.count("_history") == history
    assert (await desk.counts("shop", "pull")) == {"same": 4}


async def test_only_what_changed_is_read_and_written(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(overlap_s=0), MAPPING)
    await desk.pull("shop")
    shop.run("UPDATE customers SET name = '华南新材', changed = '2026-11-02 10:00:00' WHERE code = 'C2'")
    shop.add(("C5", "新客户", None, None, "2026-11-02 10:00:00"))

    done = await desk.pull("shop")

    assert done["rows"] == 2
    assert await desk.counts("shop", "pull") == {"new": 1, "changed": 1}
    assert await desk.counts("shop", "map") == {"read": 2, "inserted": 1, "updated": 1}
    assert [row[0] for row in await desk.records("customer", "name")] == [
        "北方物流", "华东机械", "华南新材", "新客户", "西部电子",
    ]  # fmt: skip


async def test_a_record_made_by_hand_is_found_by_its_key(desk: Desk, shop: Shop) -> None:
    record = await desk.make("customer", code="C2", name="旧名")
    await desk.define(shop.source(), MAPPING)

    await desk.pull("shop")

    assert await desk.count("customer") == 4
    assert (await desk.get("customer", record))["name"] == "华南化工"


async def test_a_missing_column_is_told_and_nothing_is_lost(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(columns=["code", "name", "tel", "credit", "vip_level"]), MAPPING)

    done = await desk.pull("shop")

    assert done["state"] == "failed"
    assert "vip_level" in done["error"]["zh"]
    known = await desk.links.sources.known(desk.workspace, "shop")
    async with desk.links.sources.opened(desk.workspace, known) as source:
        health = await source.test()
    assert not health.ok
    assert [(fault.code, fault.field) for fault in health.faults] == [("source.column_missing", "customers")]
    assert "code、name、tel、credit、changed" in health.faults[0].document("zh")["way_out"]


async def test_one_bad_row_is_set_aside_with_its_reason_and_comes_in_when_corrected(desk: Desk, shop: Shop) -> None:
    shop.add(("C9", "坏数据", None, "一千", "2026-11-01 07:00:00"))
    await desk.define(shop.source(), MAPPING)

    await desk.pull("shop")

    assert await desk.count("customer") == 4
    assert await desk.refusals("shop") == {"C9": ["raw.not_number"]}

    shop.run("UPDATE customers SET credit = 9, changed = '2026-11-02 12:00:00' WHERE code = 'C9'")
    await desk.pull("shop")

    assert await desk.count("customer") == 5
    assert await desk.refusals("shop") == {}


async def test_a_table_without_a_time_stamp_is_read_whole_each_time(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(changed=None), MAPPING)
    await desk.pull("shop")
    shop.run("UPDATE customers SET name = '改名' WHERE code = 'C1'")

    done = await desk.pull("shop")

    assert done["rows"] == 4
    assert await desk.counts("shop", "pull") == {"changed": 1, "same": 3}


async def test_the_password_does_not_stand_in_the_address(desk: Desk, shop: Shop) -> None:
    source = shop.source()
    source["options"]["url"] = "postgresql+psycopg://reader:geheim@localhost/x"

    with pytest.raises(Invalid) as refused:
        await desk.define(source, MAPPING)

    assert [fault.code for fault in refused.value.faults] == ["source.password_in_options"]


async def test_rows_without_a_time_stamp_come_too_and_hold_nothing_up(desk: Desk, shop: Shop) -> None:
    shop.add(("C5", "没有时间", None, None, None), ("C6", "也没有", None, None, None))
    await desk.define(shop.source(overlap_s=0), MAPPING)

    await desk.pull("shop")
    shop.add(("C7", "后来的", None, None, "2026-11-03 10:00:00"), ("C8", "后来的，没有时间", None, None, None))
    shop.run("UPDATE customers SET name = '改了名，仍没有时间' WHERE code = 'C5'")
    await desk.pull("shop")

    assert [row[0] for row in await desk.records("customer", "code")] == [f"C{number}" for number in range(1, 9)]
    assert await desk.counts("shop", "pull") == {"new": 2, "changed": 1, "same": 1}


async def test_a_time_stamp_that_means_no_date_is_none(desk: Desk, shop: Shop) -> None:
    shop.add(("C0", "没有日期", None, 1, "0001-01-01 00:00:00"), ("C9", "永不过期", None, 1, "9999-12-31 23:59:59"))
    await desk.define(shop.source(), MAPPING)

    done = await desk.pull("shop")

    assert (done["state"], done["rows"]) == ("done", 6)
    assert await desk.count("customer") == 6
    assert await desk.refusals("shop") == {}


async def test_a_row_that_comes_in_late_is_read_where_an_overlap_is_asked_for(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(overlap_s=3600), MAPPING)
    await desk.pull("shop")
    shop.add(("C5", "迟到的", None, None, "2026-11-01 08:30:00"))

    await desk.pull("shop")

    assert await desk.count("customer") == 5


DELETES = {**MAPPING, "on_delete": "delete"}


async def test_what_is_deleted_there_is_told_once_a_day(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(overlap_s=0), DELETES)
    await desk.pull("shop")
    shop.run("DELETE FROM customers WHERE code = 'C2'")

    await desk.pull("shop")
    assert await desk.count("customer", "deleted_at IS NULL") == 4
    desk.clock.advance(timedelta(hours=25))
    await desk.pull("shop")

    assert [row[0] for row in await desk.records("customer", "code")] == ["C1", "C3", "C4"]
    assert await desk.counts("shop", "pull") == {"deleted": 1}
    assert await desk.counts("shop", "map") == {"read": 1, "deleted": 1}


async def test_what_is_missing_in_a_whole_read_is_gone(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(changed=None), DELETES)
    await desk.pull("shop")
    shop.run("DELETE FROM customers WHERE code = 'C2'")
    desk.clock.advance(timedelta(minutes=10))

    await desk.pull("shop")

    assert [row[0] for row in await desk.records("customer", "code")] == ["C1", "C3", "C4"]


async def test_a_source_that_is_suddenly_empty_deletes_nothing_until_a_person_says_so(desk: Desk, shop: Shop) -> None:
    shop.add(*((f"D{number}", "客户", None, None, "2026-11-01 08:00:00") for number in range(30)))
    await desk.define(shop.source(changed=None), DELETES)
    await desk.pull("shop")
    shop.run("DELETE FROM customers WHERE code <> 'C1'")
    desk.clock.advance(timedelta(minutes=10))

    await desk.pull("shop")
    assert await desk.count("customer", "deleted_at IS NULL") == 34
    assert await desk.refusals("shop") == {"*": ["source.too_many_gone"]}
    await desk.pull("shop", anew=True)

    assert await desk.count("customer", "deleted_at IS NULL") == 1
    assert await desk.refusals("shop") == {}


async def test_another_table_is_read_from_its_start(desk: Desk, shop: Shop) -> None:
    await desk.define(shop.source(), MAPPING)
    await desk.pull("shop")
    shop.run("CREATE TABLE buyers (code TEXT, name TEXT, tel TEXT, credit REAL, changed TIMESTAMP)")
    shop.run("INSERT INTO buyers VALUES (?, ?, ?, ?, ?)", ("B1", "更早的客户", None, None, "2020-01-01 08:00:00"))
    await desk.define(shop.source(table="buyers"))

    await desk.pull("shop")

    assert "更早的客户" in [row[0] for row in await desk.records("customer", "name")]


async def test_a_stream_that_is_refused_keeps_no_other_out(desk: Desk, shop: Shop) -> None:
    source = shop.source()
    streams = source["options"]["streams"]
    source["options"]["streams"] = {"a_gone": {"table": "nowhere", "key": ["code"]}, **streams, "z_old": {
        "table": "customers", "key": ["code"], "columns": ["vip_level"]}}  # fmt: skip
    await desk.define(source, MAPPING)

    done = await desk.pull("shop")

    assert done["state"] == "failed"
    assert "nowhere" in done["error"]["zh"]
    assert await desk.count("customer") == 4
    async with desk.database.read() as tx:
        whole = (await desk.links.states.of(tx, desk.workspace, "shop"))[""]
    assert whole.detail is not None
    assert [each["field"] for each in whole.detail["faults"]] == ["a_gone", "z_old"]  # type: ignore[index, union-attr, call-overload]


@pytest.mark.parametrize("changed", [None, "changed"])
async def test_rows_alike_that_two_pages_part_are_told(desk: Desk, shop: Shop, changed: str | None) -> None:
    """A page has three rows: the first of C3 ends one, whether by the key or by the time-stamp before it."""
    same = "2026-11-01 08:00:00"
    shop.add(("C3", "西部仓库", None, 1, same), ("C3", "西部总部", None, 1, same))
    await desk.define(shop.source(changed=changed), MAPPING)

    await desk.pull("shop")

    async with desk.database.read() as tx:
        told = await desk.links.runs.refusals(tx, desk.workspace, "shop", 10)
    assert [(each.key, each.faults[0].text.zh) for each in told] == [
        ("#", "键列（code）认不出每一行：3 行都是“C3”，只留下一行")
    ]


async def test_a_key_that_does_not_tell_rows_apart_is_told_with_what_is_kept(desk: Desk, shop: Shop) -> None:
    shop.add(("C4", "北方物流仓库", None, 1, None), ("C4", "北方物流总部", None, 1, None))
    await desk.define(shop.source(changed=None), MAPPING)

    await desk.pull("shop")

    assert await desk.refusals("shop") == {"#": ["source.key_not_unique"]}
    assert await desk.records("customer", "code") == [("C1",), ("C2",), ("C3",), ("C4",)]

    # With a key that does, nothing is left to say.
    await desk.define(shop.source(changed=None, key=["code", "name"]))
    await desk.pull("shop")
    assert await desk.refusals("shop") == {}
