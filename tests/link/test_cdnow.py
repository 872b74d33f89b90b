"""CDNOW's real purchases of 18 months, pulled out of a database that the test fills: every one, to the cent."""

from __future__ import annotations

import csv
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.real_data import real_file

from .desk import Desk

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
PURCHASE: dict[str, Any] = {
    "key": "purchase", "label": "购买",
    "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "bought_on", "type": "date", "label": "日期"},
        {"key": "quantity", "type": "number", "label": "数量"},
        {"key": "amount", "type": "money", "label": "金额"},
    ],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "purchases", "label": "购买", "source": "cdnow", "stream": "purchases", "object": "purchase",
    "columns": [
        {"path": "customer"}, {"path": "bought_on", "type": "date"}, {"path": "quantity", "type": "number"},
        {"path": "amount", "type": "number"},
    ],
    "fields": [
        {"field": "customer", "value": "customer", "by": ["code"], "create_missing": True},
        {"field": "bought_on", "value": "bought_on"}, {"field": "quantity", "value": "quantity"},
        {"field": "amount", "value": "amount"},
    ],
}  # fmt: skip


@pytest.fixture
def purchases(tmp_path: Path) -> Path:
    """The purchases in the database of another program."""
    found = real_file("orders_cdnow/cdnow_master.csv")
    path = tmp_path / "cdnow.db"
    with sqlite3.connect(path) as connection, found.open(newline="") as file:
        connection.execute(
            "CREATE TABLE purchases (id INTEGER PRIMARY KEY, customer TEXT, bought_on TEXT, quantity INTEGER,"
            " amount TEXT)"
        )
        rows = csv.DictReader(file)
        connection.executemany(
            "INSERT INTO purchases VALUES (?, ?, ?, ?, ?)",
            ((each[""], each["customer_id"], each["date"], each["quantity"], each["price"]) for each in rows),
        )
    return path


async def test_every_purchase_comes_in_to_the_cent(desk: Desk, purchases: Path) -> None:
    await desk.add_object(PURCHASE)
    source = {
        "key": "cdnow", "label": "CDNOW", "kind": "sql",
        "options": {
            "url": f"sqlite:///{purchases}", "page": 10_000,
            "streams": {"purchases": {"table": "purchases", "key": ["id"], "changed": "id"}},
        },
    }  # fmt: skip
    await desk.define(source, MAPPING)

    done = await desk.pull("cdnow")

    assert (done["state"], done["rows"]) == ("done", 69_659), done
    assert await desk.count("purchase") == 69_659
    assert await desk.count("customer") == 23_570
    ((amount, quantity, customers),) = await desk.fetch(
        "SELECT sum(amount), sum(quantity), count(DISTINCT customer) FROM {schema}.purchase"
    )
    with sqlite3.connect(purchases) as connection:
        bought, cents = connection.execute(
            "SELECT sum(quantity), sum(CAST(round(amount * 100) AS INTEGER)) FROM purchases"
        ).fetchone()
    assert (amount, quantity, customers) == (Decimal(cents) / 100, bought, 23_570)
    assert amount == Decimal("2497315.63")
    assert await desk.refusals("cdnow") == {}
    assert (await desk.pull("cdnow"))["rows"] == 0
