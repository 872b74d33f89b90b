"""The monthly partitions of a workspace's raw rows: made before they are needed, dropped whole when their time is over.

No shelf has a partition for the rest: attaching a month then asks for no lock that readers hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from tongmai.store.partitions import coming_months, month_after
from tongmai.store.transactions import WriteTx

MonthlyShelf = Literal["dated", "passing"]
_SHELVES: tuple[MonthlyShelf, ...] = ("dated", "passing")


async def make_raw_months(tx: WriteTx, quoted_schema: str, shelf: MonthlyShelf, months: Iterable[date]) -> None:
    """The partitions of these months (their first days) that are not there yet."""
    wanted = {_name(shelf, month): month for month in months}
    rows = await tx.fetch(
        "SELECT g.name FROM unnest($2::text[]) AS g(name) WHERE to_regclass($1 || '.' || quote_ident(g.name)) IS NULL",
        quoted_schema, sorted(wanted),
    )  # fmt: skip
    if not rows:
        return
    # Two that make the same month: the second finds it there.
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{quoted_schema}\nraw months")
    for row in rows:
        name = f"{quoted_schema}.{row['name']}"
        if await tx.fetch_value("SELECT to_regclass($1) IS NULL", name):
            first = wanted[row["name"]]
            parent = f"{quoted_schema}._raw_{shelf}"
            await tx.execute(f"CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS)")
            await tx.execute(
                f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{month_after(first)}')"
            )


async def make_coming_raw_months(tx: WriteTx, quoted_schema: str, now: datetime) -> None:
    """This month and the next two, on each shelf."""
    for shelf in _SHELVES:
        await make_raw_months(tx, quoted_schema, shelf, coming_months(now))


async def drop_passed_raw_months(tx: WriteTx, quoted_schema: str, before: datetime) -> int:
    """Drops the months of what passes that were over before a moment, with all their rows; how many months.

    Readers of raw rows are waited for: the caller sees to the lock timeout.
    """
    newest = _name("passing", before.date().replace(day=1))
    rows = await tx.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass($1) AND c.relname < $2",
        f"{quoted_schema}._raw_passing", newest,
    )  # fmt: skip
    for row in rows:
        await tx.execute(f"DROP TABLE {quoted_schema}.{row['relname']}")
    return len(rows)


def _name(shelf: MonthlyShelf, month: date) -> str:
    return f"_raw_{shelf}_{month:%Y_%m}"
