"""Real files in the sales app, no code: customers classified, the overdue lights filled, chats heard, beside a count by
hand."""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from uuid import UUID

import duckdb
import pytest
from tests.examples.conftest import OpenRoom

ORDERS = "orders_online_retail/online_retail_2009_2010.parquet"
INVOICES = "ar_ibm_late_payments/accounts_receivable.csv"
JDDC = "chat_jddc_jd/chat_0.1per.txt"
CROSSWOZ = "chat_crosswoz/val.json.zip"
ROWS = 3_000


@pytest.mark.slow
async def test_receivables_fill_the_overdue_lights(
    open_room: OpenRoom, example: Callable[[str], ModuleType], real_file: Callable[[str], Path]
) -> None:
    path, script = real_file(INVOICES), example("sales_receivables")
    async with open_room(script) as room:
        counts = await script.fill(room, path, script.DAY)
        lights = await room.classes("overdue_light")
    with path.open(newline="") as read:
        rows = list(csv.DictReader(read))
    expected: Counter[str] = Counter()
    for row in rows:
        issued, due, settled = (_day(row[name]) for name in ("InvoiceDate", "DueDate", "SettledDate"))
        if issued <= date(2013, 3, 1):
            late = (date(2013, 3, 1) - due).days
            paid = settled <= date(2013, 3, 1)
            expected["paid" if paid else "red" if late > 5 else "yellow" if late >= -7 else "green"] += 1
    assert {name: count for name, count in lights.items() if count} == dict(expected)
    assert counts.get("map refused", 0) == 0


@pytest.mark.slow
async def test_orders_classify_every_customer(
    open_room: OpenRoom, example: Callable[[str], ModuleType], real_file: Callable[[str], Path]
) -> None:
    path, script = real_file(ORDERS), example("sales_orders")
    async with open_room(script) as room:
        await script.fill(room, path, ROWS)
        classes = await room.classes("customer_health")
        best = await room.rows(
            "customer", filter_="[orders_ever] > 0", sort="-category_count", fields=("external_id", "category_count"),
            limit=1,
        )  # fmt: skip
    with duckdb.connect() as engine:
        found = engine.execute(
            'WITH l AS (SELECT * FROM (SELECT * FROM read_parquet(?) LIMIT ?) WHERE "Customer ID" IS NOT NULL),'
            " bought AS (SELECT * FROM l WHERE NOT starts_with(\"Invoice\", 'C'))"
            ' SELECT (SELECT count(DISTINCT "Customer ID") FROM bought), (SELECT count(DISTINCT "Customer ID") FROM l),'
            ' (SELECT max(n) FROM (SELECT count(DISTINCT left("StockCode", 2)) AS n FROM bought GROUP BY "Customer ID"))',
            [str(path), ROWS],
        ).fetchone()
    assert found is not None
    bought, all_, widest = found
    # Whoever bought and was never talked to is at risk; who only returned goods is of low response (AMB-01).
    assert (classes["red"], classes["red"] + classes["grey"]) == (bought, all_)
    assert best[0]["category_count"] == widest


async def test_a_few_words_of_a_chat_file_become_a_signal_with_its_evidence(
    open_room: OpenRoom, example: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    """The same way as the real files take, on one that is written here: two customers, one of them twice."""
    rows = (("s1", "甲", "0", "这批急要，今天能发吗"), ("s1", "甲", "1", "好的"), ("s2", "乙", "0", "收到"),
            ("s3", "甲", "1", "您好"))  # fmt: skip
    file = tmp_path / "chat.txt"
    file.write_text("".join(f"{s}\t{who}\t{by}\t0\t0\tnan\t{text}\n" for s, who, by, text in rows), "utf-8")
    script = example("sales_chats")
    async with open_room(script) as room:
        await script.fill(room, example("chat_files").read_chats(file), script.AS_OF)
        customers = await room.grouped("message", "customer", {"n": "count()"})
        (signal,) = await room.rows("signal", filter_="TRUE", sort="title", fields=("id", "kind", "gap"), limit=5)
        (heard,) = await room.heard(UUID(signal["id"]))
        answered = await room.rows(
            "customer", filter_="[reply_minutes] IS NOT BLANK", sort="name", fields=("name", "reply_minutes"), limit=5
        )
    assert sorted(row["n"] for row in customers.values()) == [1, 3]
    assert (signal["kind"], signal["gap"], heard.keyword) == ("urgent", "collaboration", "急要")
    assert heard.record["text"] == rows[0][3]
    # Typed at three characters a second, and told in tenths of a minute.
    assert [(each["name"], each["reply_minutes"]) for each in answered] == [("客户 甲", 0.0)]


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", [JDDC, CROSSWOZ])
async def test_real_chats_are_counted_as_in_their_files(
    name: str, open_room: OpenRoom, example: Callable[[str], ModuleType], real_file: Callable[[str], Path]
) -> None:
    path, script, files = real_file(name), example("sales_chats"), example("chat_files")
    chats = files.read_chats(path)
    by_hand = _counted(path)
    assert Counter(each.by_customer for each in chats) == by_hand
    some = script.first(chats, 120)
    async with open_room(script) as room:
        counts = await script.fill(room, some, script.AS_OF)
        found = await room.grouped("message", "direction", {"n": "count()"})
        signals = await room.rows("signal", filter_="TRUE", sort="title", fields=("id", "owner"), limit=200)
        heard = [each for signal in signals for each in await room.heard(UUID(signal["id"]))]
        customers = await room.classes("customer_health")
    assert {side: row["n"] for side, row in found.items()} == dict(
        Counter("in" if each.by_customer else "out" for each in some)
    )
    assert sum(customers.values()) == len({each.customer for each in some})
    assert counts.get("map refused", 0) == 0
    assert len(heard) == len(signals)
    assert all(each.keyword in each.record["text"] for each in heard)
    assert {signal["owner"]["label"] for signal in signals} <= {"客服"}


def _counted(path: Path) -> Counter[bool]:
    """Messages by whether a customer sent them, straight from the file."""
    if path.suffix == ".zip":
        told = json.loads(zipfile.ZipFile(path).read(path.stem))
        return Counter(each["role"] == "usr" for one in told.values() for each in one["messages"])
    lines = (line for line in path.read_bytes().decode().split("\n") if line)
    return Counter(line.split("\t")[2] == "0" for line in lines)


def _day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()
