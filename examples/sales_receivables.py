"""A company's receivables in the sales app, no code: the overdue board fills by itself (S0-38).

    python examples/sales_receivables.py accounts_receivable.csv [AS_OF] [DATA_DIR]

The file is IBM's sample "Accounts Receivable" (see ``receivables.py``, which reproduces its own verdict row for row).
``AS_OF`` is the day to look from, 2013-03-01 unless told: payments after it are not known yet, as they were not then.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import tempfile
from datetime import UTC, date, datetime, time
from pathlib import Path

from receivables import with_iso_dates
from salesroom import Example, Salesroom, listed

DAY = date(2013, 3, 1)


def known_on(day: date, source: Path, target: Path) -> int:
    """The invoices that were written by then, without payments that came later; how many there are."""
    count = 0
    with source.open(newline="") as read, target.open("w", newline="") as written:
        rows = csv.DictReader(read)
        out = csv.DictWriter(written, rows.fieldnames or ())
        out.writeheader()
        for row in rows:
            if row["InvoiceDate"] <= day.isoformat():
                settled = row["SettledDate"] if row["SettledDate"] <= day.isoformat() else ""
                out.writerow({**row, "SettledDate": settled})
                count += 1
    return count


async def fill(room: Salesroom, path: Path, day: date) -> dict[str, int]:
    """Reads the invoices as they were known on the day."""
    inbox = room.services.settings.data_dir / "inbox" / "receivables"
    inbox.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "invoices.csv"
        await asyncio.to_thread(with_iso_dates, path, whole)
        await asyncio.to_thread(known_on, day, whole, inbox / "invoices.csv")
    await room.connect("receivables")
    counts = await room.pull("receivables")
    await room.bring_up()
    return counts


async def show(room: Salesroom, file: Path, what: str) -> None:
    day = _day(what)
    print(listed(await fill(room, file, day)))
    print(f"{day}: {listed(await room.classes('overdue_light'))}")
    worst = await room.rows(
        "payment_plan", filter_="[overdue_light] = 'red'", sort="due_date", limit=5,
        fields=("name", "customer", "amount", "due_date", "overdue_days"),
    )  # fmt: skip
    for each in worst:
        print(f"  {each['name']}  due {each['due_date']}, {each['overdue_days']} days late, {each['amount']}")


def _day(what: str) -> date:
    return date.fromisoformat(what) if what else DAY


def _noon(what: str) -> datetime:
    return datetime.combine(_day(what), time(12), UTC)


EXAMPLE = Example("sales_receivables", __doc__, _noon, show)

if __name__ == "__main__":
    sys.exit(EXAMPLE.run(sys.argv[1:]))
