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
from datetime import UTC, date, datetime
from pathlib import Path

from receivables import with_iso_dates
from salesroom import Salesroom, open_salesroom

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database

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


async def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 3:
        print(__doc__, file=sys.stderr)
        return 2
    day = date.fromisoformat(arguments[1]) if len(arguments) > 1 else DAY
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(data_dir=Path(arguments[2] if len(arguments) > 2 else temporary))
        clock = FixedClock(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        database = await Database.open(settings, clock)
        try:
            async with open_salesroom(settings, clock, database, "sales_receivables") as room:
                print(
                    ", ".join(
                        f"{name} {count:,}" for name, count in (await fill(room, Path(arguments[0]), day)).items()
                    )
                )
                lights = await room.classes("overdue_light")
                print(f"{day}: " + ", ".join(f"{name} {count:,}" for name, count in lights.items()))
                worst = await room.rows(
                    "payment_plan", filter_="[overdue_light] = 'red'", sort="due_date",
                    fields=("name", "customer", "amount", "due_date", "overdue_days"), limit=5,
                )  # fmt: skip
                for each in worst:
                    print(
                        f"  {each['name']}  due {each['due_date']}, {each['overdue_days']} days late, {each['amount']}"
                    )
        finally:
            await database.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
