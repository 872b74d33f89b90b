"""Invoices into a new workspace: how many days each is overdue, red, yellow and green, as of today and of any day.

    python examples/receivables.py accounts_receivable.csv [DATA_DIR]

The file is IBM's sample "Accounts Receivable" (1,594 invoices; no licence is stated, so it is no part of this project).
Its dates are written month first, which no import can tell from day first: they are turned to ISO 8601 on the way in.

- ``overdue`` (逾期天数): days from the due date to the settlement, or to today while nothing is paid; never negative.
- the segment ``light`` (红黄绿): red beyond 5 days (S3-27: 逾期超 5 天自动标红), yellow from the first, green else.
- metrics of a customer: invoices, late ones, the share of late ones, the mean days late, the amount.

The file holds its own verdict, ``DaysLate``; the formula repeats it row for row.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from workroom import ACTOR, Account, Room, import_file, open_room

from tongmai.kit import Settings, SystemClock, Text
from tongmai.metrics import SegmentReader, Segments
from tongmai.model import MetricDef, SegmentDef
from tongmai.store import Database

LABEL = Text("应收账款", "Receivables")
ZONE = "America/New_York"
OBJECTS: tuple[dict[str, Any], ...] = (
    {
        "key": "customer",
        "label": {"zh": "客户", "en": "Customer"},
        "title": "code",
        "fields": [
            {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}, "required": True, "unique": True},
            {"key": "country", "type": "text", "label": {"zh": "国家", "en": "Country"}},
        ],
    },
    {
        "key": "invoice",
        "label": {"zh": "发票", "en": "Invoice"},
        "title": "number",
        "fields": [
            {"key": "number", "type": "text", "label": {"zh": "号码", "en": "Number"}, "required": True,
             "unique": True},
            {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
             "options": {"target": "customer"}, "required": True},
            {"key": "issued", "type": "date", "label": {"zh": "开票日", "en": "Issued"}, "required": True},
            {"key": "due", "type": "date", "label": {"zh": "约定回款日", "en": "Due"}, "required": True},
            {"key": "settled", "type": "date", "label": {"zh": "实际回款日", "en": "Settled"}},
            {"key": "amount", "type": "money", "label": {"zh": "金额", "en": "Amount"}},
            {"key": "overdue", "type": "formula", "label": {"zh": "逾期天数", "en": "Days overdue"},
             "options": {"text": "MAX(DAYS_BETWEEN(due, IF(settled <= TODAY(), settled, TODAY())), 0)"}},
            {"key": "late", "type": "formula", "label": {"zh": "是否逾期", "en": "Late"},
             "options": {"text": "overdue > 0"}},
        ],
    },
)  # fmt: skip
IMPORTS: tuple[dict[str, Any], ...] = (
    {
        "object": "customer",
        "mode": "merge",
        "key": ["code"],
        "columns": [{"column": "customerID", "field": "code"}, {"column": "countryCode", "field": "country"}],
    },
    {
        "object": "invoice",
        "columns": [
            {"column": "invoiceNumber", "field": "number"},
            {"column": "customerID", "field": "customer", "match": "code"},
            {"column": "InvoiceDate", "field": "issued"},
            {"column": "DueDate", "field": "due"},
            {"column": "SettledDate", "field": "settled"},
            {"column": "InvoiceAmount", "field": "amount"},
        ],
    },
)


def _metric(key: str, zh: str, en: str, measure: dict[str, Any], **more: Any) -> MetricDef:
    parts = {"key": key, "label": {"zh": zh, "en": en}, "object": "customer", "source": "invoice", "path": "customer",
             "at": "issued", "measure": measure}  # fmt: skip
    return MetricDef.model_validate({**parts, **more})


METRICS = (
    _metric("invoices", "发票数", "Invoices", {"kind": "count"}),
    _metric("late_invoices", "逾期发票数", "Late invoices", {"kind": "count"}, where="late"),
    _metric("late_share", "逾期率", "Share of late invoices",
            {"kind": "ratio", "numerator": "late_invoices", "denominator": "invoices"}, decimals=4),
    _metric("days_late", "平均逾期天数", "Mean days late", {"kind": "average", "value": "overdue"}, decimals=2),
    _metric("invoiced", "开票金额", "Amount invoiced", {"kind": "sum", "value": "amount"}),
)  # fmt: skip
LIGHT = SegmentDef.model_validate(
    {
        "key": "light",
        "label": {"zh": "回款红黄绿", "en": "Payment light"},
        "object": "invoice",
        "classes": [
            {"key": "red", "label": {"zh": "红", "en": "Red"}, "colour": "red", "when": "overdue > 5"},
            {"key": "yellow", "label": {"zh": "黄", "en": "Yellow"}, "colour": "yellow", "when": "overdue > 0"},
            {"key": "green", "label": {"zh": "绿", "en": "Green"}, "colour": "green"},
        ],
    }
)


def with_iso_dates(source: Path, target: Path) -> None:
    """The same rows with every date as year-month-day."""
    with source.open(newline="") as read, target.open("w", newline="") as written:
        rows = csv.DictReader(read)
        out = csv.DictWriter(written, rows.fieldnames or ())
        out.writeheader()
        for row in rows:
            dates = {name: _iso(row[name]) for name in row if name.endswith("Date")}
            out.writerow({**row, **dates})


def _iso(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat() if text else ""  # noqa: DTZ007 - a day has no zone


async def fill(room: Room, path: Path) -> list[Account]:
    """Imports the invoices and brings metrics and lights up."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "invoices.csv"
        await asyncio.to_thread(with_iso_dates, path, prepared)
        accounts = [await import_file(room, prepared, each) for each in IMPORTS]
    await room.define(*METRICS, LIGHT)
    await room.seal()
    await room.metrics.full(room.workspace)
    await Segments(room.metrics).evaluate(room.workspace)
    return accounts


async def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = Path(arguments[1]) if len(arguments) == 2 else Path(temporary)
        settings, clock = Settings(data_dir=data_dir), SystemClock()
        database = await Database.open(settings, clock)
        try:
            async with open_room(database, settings, clock, "receivables", LABEL, ZONE, OBJECTS) as room:
                for account in await fill(room, Path(arguments[0])):
                    print(f"{account.object:<10} {account.inserted:>6,} inserted, {account.refused:>4,} refused")
                _, counts = await SegmentReader(room.metrics).counts(ACTOR, room.workspace, "light")
                print("lights:", ", ".join(f"{name} {count:,}" for name, count in counts.items()))
                worst = await room.gateway.list(
                    ACTOR, room.workspace, "customer", sort="-late_share", limit=5,
                    fields=("code", "invoices", "late_invoices", "late_share", "days_late"),
                )  # fmt: skip
                for each in orjson.loads(worst)["items"]:
                    print(
                        " ",
                        each["code"],
                        each["invoices"],
                        "invoices,",
                        each["late_invoices"],
                        "late,",
                        each["days_late"],
                        "days",
                    )
        finally:
            await database.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
