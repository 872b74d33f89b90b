"""The monthly partitions of a workspace's history, made before they are needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tongmai.store.transactions import WriteTx

_MONTHS = 3


def coming_months(now: datetime) -> list[date]:
    """The first days of this month (in UTC, as the partitions' bounds are) and of the following two."""
    months = [now.astimezone(UTC).date().replace(day=1)]
    while len(months) < _MONTHS:
        months.append(month_after(months[-1]))
    return months


async def make_history_partition(tx: WriteTx, quoted_schema: str, month: date) -> None:
    """The partition of a month, unless it is there or the default one has rows of that month already.

    Such rows stay where they are: moving them would lock writers out. Takes an exclusive lock on the default
    partition, so the caller sees to the lock timeout.
    """
    name = f"{quoted_schema}._history_{month:%Y_%m}"
    bounds = [f"{each.isoformat()} 00:00:00+00" for each in (month, month_after(month))]
    if await tx.fetch_value("SELECT to_regclass($1) IS NOT NULL", name):
        return
    taken = await tx.fetch_value(
        f"SELECT EXISTS (SELECT FROM {quoted_schema}._history_default"  # noqa: S608
        " WHERE at >= $1::text::timestamptz AND at < $2::text::timestamptz)",
        *bounds,
    )
    if not taken:
        await tx.execute(
            f"CREATE TABLE {name} PARTITION OF {quoted_schema}._history"
            f" FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')"
        )


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=32)).replace(day=1)
