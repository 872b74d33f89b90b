"""U8 through the real driver, over the wire, from the simulator's account book (S0-72, S3-18)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tongmai.access import SystemActor
from tongmai.link.sources.u8 import KIND
from tongmai.simulators.u8 import AccountBook, U8Server, demo_book

from .desk import Desk

CUSTOMERS: dict[str, Any] = {
    "key": "u8_customers", "label": "客户档案", "source": "u8", "stream": "Customer", "object": "customer",
    "columns": [{"path": "cCusCode"}, {"path": "cCusName"}, {"path": "cCusHand"}, {"path": "cCusRegCode"}],
    "fields": [
        {"field": "code", "value": "cCusCode"},
        {"field": "name", "value": "cCusName"},
        {"field": "phone", "value": "cCusHand"},
        {"field": "tax_number", "value": "cCusRegCode"},
    ],
    "match": ["code"],
}  # fmt: skip
ORDERS: dict[str, Any] = {
    "key": "u8_orders", "label": "订单", "source": "u8", "stream": "SO_SOMain", "object": "order",
    "columns": [{"path": "cSOCode"}, {"path": "cCusCode"}, {"path": "dDate", "type": "datetime"}],
    "fields": [
        {"field": "number", "value": "cSOCode"},
        {"field": "customer", "value": "cCusCode", "by": ["code"]},
        {"field": "placed", "value": "dDate"},
    ],
    "match": ["number"],
}  # fmt: skip
LINES: dict[str, Any] = {
    "key": "u8_lines", "label": "订单行", "source": "u8", "stream": "SO_SODetails", "object": "line",
    "columns": [
        {"path": "cSOCode"}, {"path": "cInvCode"}, {"path": "iQuantity", "type": "number"},
        {"path": "iTaxUnitPrice", "type": "number"}, {"path": "iSum", "type": "number"},
    ],
    "fields": [
        {"field": "order", "value": "cSOCode", "by": ["number"]},
        {"field": "product", "value": "cInvCode"},
        {"field": "quantity", "value": "iQuantity"},
        {"field": "price", "value": "iTaxUnitPrice"},
        {"field": "sum", "value": "iSum"},
    ],
}  # fmt: skip
PASSWORD = "u8-demo"


@pytest.fixture
def book() -> AccountBook:
    return demo_book(customers=12, orders=40)


@pytest.fixture
async def u8(book: AccountBook) -> AsyncIterator[U8Server]:
    async with U8Server(book, password=PASSWORD) as server:
        yield server


def source(server: U8Server, **more: Any) -> dict[str, Any]:
    options = {
        "host": "127.0.0.1", "port": server.port, "database": server.database, "user": server.user, "page": 25,
        "tables": ["Customer", "SO_SOMain", "SO_SODetails"],
        "order_url": "http://u8.example/order?code={cSOCode}", **more,
    }  # fmt: skip
    return {"key": "u8", "label": "U8", "kind": "u8", "options": options}


async def opened(desk: Desk, server: U8Server, **more: Any) -> None:
    await desk.define(source(server, **more), CUSTOMERS, ORDERS, LINES)
    await desk.secret("u8", password=PASSWORD)


def total(book: AccountBook, sql: str) -> Any:
    return book.connection.execute(sql).fetchone()[0]


async def test_customers_orders_and_lines_come_in_whole(desk: Desk, u8: U8Server, book: AccountBook) -> None:
    await opened(desk, u8)

    done = await desk.pull("u8")

    assert done["state"] == "done", done
    assert await desk.count("customer") == 12
    assert await desk.count("order") == 40
    assert await desk.count("line") == total(book, "SELECT count(*) FROM SO_SODetails")
    ours = (await desk.fetch("SELECT sum(sum) FROM {schema}.line"))[0][0]
    assert round(float(ours), 2) == round(total(book, "SELECT sum(iSum) FROM SO_SODetails"), 2)
    assert await desk.count("order", "customer IS NULL") == 0
    assert await desk.refusals("u8") == {}


async def test_a_change_in_u8_brings_its_lines_along(desk: Desk, u8: U8Server, book: AccountBook) -> None:
    await opened(desk, u8)
    await desk.pull("u8")
    u8.batches.clear()
    lines = total(book, "SELECT count(*) FROM SO_SODetails WHERE ID = 3")
    book.change("SO_SODetails", "iSOsID", 301, iQuantity=77)
    book.change("SO_SOMain", "ID", 3, cMemo="改了数量")

    done = await desk.pull("u8")

    assert done["rows"] == 1 + lines
    assert await desk.count("line", "quantity = 77") == 1
    assert await desk.counts("u8", "pull") == {"same": lines - 1, "changed": 2}


async def test_the_wrong_password_is_told(desk: Desk, u8: U8Server) -> None:
    await desk.define(source(u8), CUSTOMERS)
    await desk.secret("u8", password="falsch")

    known = await desk.links.sources.known(desk.workspace, "u8")
    async with desk.links.sources.opened(desk.workspace, known) as opened_source:
        health = await opened_source.test()

    assert not health.ok
    assert health.faults[0].code == "source.refused"
    assert "18456" in health.faults[0].text.zh
    # Asked again and again, the account would be locked.
    assert (await desk.pull("u8"))["state"] == "failed"
    assert desk.pauses == []


async def test_a_table_that_lacks_a_column_is_named(desk: Desk, u8: U8Server, book: AccountBook) -> None:
    book.drop_column("Customer", "cCusHand")
    await opened(desk, u8)

    done = await desk.pull("u8")

    assert done["state"] == "failed"
    assert "cCusHand" in done["error"]["zh"]
    known = await desk.links.sources.known(desk.workspace, "u8")
    async with desk.links.sources.opened(desk.workspace, known) as opened_source:
        health = await opened_source.test()
    assert [fault.field for fault in health.faults] == ["Customer"]
    assert await desk.count("order") == 40


async def test_an_order_deleted_in_u8_goes_into_the_bin(desk: Desk, u8: U8Server, book: AccountBook) -> None:
    await opened(desk, u8)
    await desk.define({**ORDERS, "on_delete": "delete"})
    await desk.pull("u8")
    book.connection.execute("DELETE FROM SO_SOMain WHERE ID = 7")
    desk.clock.advance(timedelta(hours=25))

    await desk.pull("u8")

    assert await desk.count("order", "deleted_at IS NULL") == 39


async def test_a_broken_connection_is_tried_again_and_nothing_is_doubled(
    desk: Desk, u8: U8Server, book: AccountBook
) -> None:
    await opened(desk, u8)
    # In the midst of a page. The count of rows alike before each first page, if it breaks, is left out.
    u8.break_after(4)

    done = await desk.pull("u8")

    assert done["state"] == "done", done
    assert desk.pauses == [1.0]
    assert await desk.count("line") == total(book, "SELECT count(*) FROM SO_SODetails")
    assert await desk.count("order") == 40


async def test_each_value_tells_where_it_comes_from_and_opens_the_order(desk: Desk, u8: U8Server) -> None:
    await opened(desk, u8)
    await desk.pull("u8")
    order = (await desk.fetch("SELECT id, number FROM {schema}.order ORDER BY number LIMIT 1"))[0]
    line = (await desk.fetch('SELECT id FROM {schema}.line WHERE "order" = $1 LIMIT 1', order["id"]))[0]["id"]

    lineage = await desk.links.lineage.of(desk.system, desk.workspace, "line", line)

    origin = {each.field: each for each in lineage.origins}["sum"]
    assert origin.words("08:12").zh == "来自 U8 SO_SODetails.iSum，08:12"
    assert origin.link == f"http://u8.example/order?code={order['number']}"
    assert origin.given is not None
    assert set(origin.given) == {"iSum"}


def test_an_orders_page_is_opened_by_what_the_row_tells_and_not_at_all_without() -> None:
    given = {
        "host": "u8", "database": "UFDATA_001_2026", "user": "reader",
        "order_url": "http://u8/order?code={cSOCode}&id={ID}",
    }  # fmt: skip
    options = KIND.options.model_validate(given)
    link = KIND.link

    assert (
        link(options, "SO_SOMain", {"cSOCode": "SO 1&2/{ID}", "ID": 7})
        == "http://u8/order?code=SO%201%262%2F%7BID%7D&id=7"
    )
    assert link(options, "DispatchLists", {"cSoCode": "SO1", "AutoID": 7}) is None
    assert link(options, "Customer", {"cCusCode": "01001"}) is None


async def test_without_its_password_a_source_says_so(desk: Desk, u8: U8Server) -> None:
    await desk.define(source(u8), CUSTOMERS)

    done = await desk.pull("u8")

    assert "数据库密码" in done["error"]["zh"]


async def changed_by_hand(desk: Desk, code: str, **values: Any) -> None:
    person = await desk.make("person", name="安娜")
    record = (await desk.fetch("SELECT id FROM {schema}.customer WHERE code = $1", code))[0]["id"]
    actor = SystemActor("test", on_behalf=person)
    await desk.gateway.update(actor, desk.workspace, "customer", record, values)
    await desk.seal()


@pytest.mark.parametrize("may", [True, False])
async def test_a_contact_changed_here_is_changed_in_u8_where_the_account_may(
    desk: Desk, u8: U8Server, book: AccountBook, may: bool
) -> None:
    u8.may_write = may
    fields = [{**each, "push": each["value"]} if each["field"] == "phone" else each for each in CUSTOMERS["fields"]]
    await desk.define(source(u8, writes=["cCusHand"]), {**CUSTOMERS, "fields": fields})
    await desk.secret("u8", password=PASSWORD)
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("u8")
    code = total(book, "SELECT min(cCusCode) FROM Customer")
    before = total(book, f"SELECT cCusHand FROM Customer WHERE cCusCode = '{code}'")

    await changed_by_hand(desk, code, phone="13900000000")
    done = await desk.links.pusher.advance(desk.workspace)

    assert (done.done, done.failed, done.again) == ((1, 0, 0) if may else (0, 1, 0))
    there = total(book, f"SELECT cCusHand FROM Customer WHERE cCusCode = '{code}'")
    assert there == ("13900000000" if may else before)
    if not may:
        (failed,) = await desk.links.pusher.latest(desk.workspace, "u8", 5)
        assert "UPDATE" in str(failed.detail)
    entries = await desk.count("_history")
    await desk.pull("u8")
    assert await desk.count("_history") == entries
    assert await desk.count("customer", "phone = '13900000000'") == 1
