"""IBM's invoices: the overdue days and lights of every single one, beside what the file itself and a count by hand say."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, drop_workspace

ACTOR = SystemActor("test")
FILE = "ar_ibm_late_payments/accounts_receivable.csv"


@pytest.fixture
async def books(
    database: Database,
    settings: Settings,
    clock: FixedClock,
    example: Callable[[str], ModuleType],
    real_file: Callable[[str], Path],
) -> AsyncIterator[tuple[Any, list[dict[str, str]]]]:
    """The room with the invoices in it, and the raw rows."""
    path = real_file(FILE)
    receivables, workroom = example("receivables"), example("workroom")
    opened = workroom.open_room(
        database, settings, clock, "receivables", receivables.LABEL, receivables.ZONE, receivables.OBJECTS
    )
    async with opened as room:
        await receivables.fill(room, path)
        with path.open(newline="") as read:
            yield room, list(csv.DictReader(read))
        async with database.write() as tx:
            await drop_workspace(tx, room.workspace)


def day(text: str) -> date:
    month, of_month, year = (int(part) for part in text.split("/"))
    return date(year, month, of_month)


async def fetch(room: Any, sql: str) -> list[Any]:
    async with room.database.read() as tx:
        return list(await tx.fetch(sql.replace("{schema}", room.workspace.quoted_schema)))


async def invoices(room: Any, **more: Any) -> dict[str, dict[str, Any]]:
    """All invoices by number, as the API shows them."""
    found: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        page = orjson.loads(
            await room.gateway.list(
                ACTOR, room.workspace, "invoice", fields=("number", "overdue", "late"), limit=500, cursor=cursor, **more
            )
        )
        found |= {each["number"]: each for each in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.real_data
async def test_overdue_days_and_lights_are_the_files_own_row_for_row(books: tuple[Any, list[dict[str, str]]]) -> None:
    room, rows = books
    assert len(rows) == 1_594
    shown = await invoices(room)
    assert {number: int(each["overdue"]) for number, each in shown.items()} == {
        row["invoiceNumber"]: int(row["DaysLate"]) for row in rows
    }
    assert {number for number, each in shown.items() if each["late"]} == {
        row["invoiceNumber"] for row in rows if int(row["DaysLate"]) > 0
    }
    members = await fetch(
        room, "SELECT i.number, m.class FROM {schema}._segment_member m JOIN {schema}.invoice i ON i.id = m.record_id"
    )
    by_hand = {
        row["invoiceNumber"]: "red" if int(row["DaysLate"]) > 5 else "yellow" if int(row["DaysLate"]) > 0 else "green"
        for row in rows
    }
    assert {each["number"]: each["class"] for each in members} == by_hand


@pytest.mark.real_data
async def test_metrics_of_each_payer_are_as_counted_by_hand(books: tuple[Any, list[dict[str, str]]]) -> None:
    room, rows = books
    late: dict[str, list[int]] = defaultdict(list)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        late[row["customerID"]].append(int(row["DaysLate"]))
        amounts[row["customerID"]] += Decimal(row["InvoiceAmount"])
    found = await fetch(
        room,
        "SELECT c.code, m.invoices, m.late_invoices, m.late_share, m.days_late, m.invoiced"
        " FROM {schema}._metric_customer m JOIN {schema}.customer c ON c.id = m.record_id",
    )
    assert len(found) == len(late) == 100
    for each in found:
        days = late[each["code"]]
        beyond = sum(1 for n in days if n > 0)
        assert (each["invoices"], each["late_invoices"], each["invoiced"]) == (len(days), beyond, amounts[each["code"]])
        assert abs(each["late_share"] - Decimal(beyond) / len(days)) <= Decimal("0.00005")
        assert abs(each["days_late"] - Decimal(sum(days)) / len(days)) <= Decimal("0.005")


@pytest.mark.real_data
async def test_on_a_past_day_nobody_knows_of_later_payments(
    books: tuple[Any, list[dict[str, str]]], clock: FixedClock
) -> None:
    """Days overdue on 2013-03-01: an invoice paid later is still open then."""
    room, rows = books
    then = date(2013, 3, 1)
    clock.moment = datetime(2013, 3, 1, 17, tzinfo=UTC)
    shown = await invoices(room)
    for row in rows:
        settled, due = day(row["SettledDate"]), day(row["DueDate"])
        expected = max(((settled if settled <= then else then) - due).days, 0)
        assert int(shown[row["invoiceNumber"]]["overdue"]) == expected
