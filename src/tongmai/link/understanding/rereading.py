"""What was said before the words changed: read again by the new ones, behind what comes in, a page at a time.

New words hold at once for the next message. Of older ones those of the last 90 days are read again; what was said
before that tells nothing that anybody would act on. Where it stands lies in ``_reread``, so that it goes on after a
restart; another change of the words begins it anew. Events are keyed: nothing is told twice.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tongmai.link.raw import RAW_CHANNEL, RawRows
from tongmai.link.raw_shelves import OF_STREAM
from tongmai.link.understanding.page import MESSAGES, MessagePage
from tongmai.store import ReadTx, Workspace, WriteTx

WINDOW = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rereading:
    """Of a source: the share of the old messages that was read again by the present words (0 to 1), since which moment
    they were said, and how many signals that told."""

    source: str
    share: float
    since: datetime
    told: int
    asked_at: datetime
    finished_at: datetime | None


async def ask_to_reread(
    tx: WriteTx, workspace: Workspace, source: str, fingerprint: bytes, until: int, now: datetime
) -> None:
    """Has the messages up to ``until``, the last one that was read by other words, read again by these."""
    schema, since = workspace.quoted_schema, now - WINDOW
    first: int | None = await tx.fetch_value(
        f"SELECT min(seq) FROM {schema}._raw WHERE {OF_STREAM.format(schema=schema)} AND coalesce(at, came_at) >= $3"
        " AND (month = '-infinity' OR month >= date_trunc('month', $3::timestamptz AT TIME ZONE 'UTC')::date)",
        source, MESSAGES, since,
    )  # fmt: skip
    began = until if first is None else min(first - 1, until)
    await tx.execute(
        f"INSERT INTO {schema}._reread (source, fingerprint, since, began, seq, until, asked_at, finished_at)"
        " VALUES ($1, $2, $3, $4, $4, $5, $6, $7)"
        " ON CONFLICT (source) DO UPDATE SET fingerprint = excluded.fingerprint, since = excluded.since,"
        " began = excluded.began, seq = excluded.seq, until = excluded.until, told = 0, asked_at = excluded.asked_at,"
        " finished_at = excluded.finished_at",
        source, fingerprint, since, began, until, now, now if began == until else None,
    )  # fmt: skip


async def reread_page(tx: WriteTx, workspace: Workspace, page: MessagePage, raw: RawRows, limit: int) -> int:
    """Reads the next old messages of the page's source; how many events were new. The row is the lock."""
    schema = workspace.quoted_schema
    asked = await tx.fetch_row(
        f"SELECT fingerprint, since, seq, until FROM {schema}._reread WHERE source = $1 AND finished_at IS NULL"
        " FOR UPDATE",
        page.source,
    )
    if asked is None or asked["fingerprint"] != page.matcher.dictionary.fingerprint:
        return 0
    rows = await raw.after(tx, workspace, page.source, MESSAGES, asked["seq"], limit, until=asked["until"])
    told = await page.tell_signals([row for row in rows if row.at is None or row.at >= asked["since"]])
    is_done = len(rows) < limit
    await tx.execute(
        f"UPDATE {schema}._reread SET seq = $2, told = told + $3, finished_at = $4 WHERE source = $1",
        page.source, asked["until"] if is_done else rows[-1].seq, told, page.now if is_done else None,
    )  # fmt: skip
    if not is_done:
        # The follower comes back at once, and does its other steps between.
        await tx.notify(RAW_CHANNEL, workspace.key)
    return told


async def rereadings(tx: ReadTx, workspace: Workspace) -> list[Rereading]:
    """How far each source got with the words in force."""
    rows = await tx.fetch(
        "SELECT source, since, began, seq, until, told, asked_at, finished_at"
        f" FROM {workspace.quoted_schema}._reread ORDER BY source"
    )
    return [
        Rereading(
            row["source"], _share(row["began"], row["seq"], row["until"]), row["since"], row["told"], row["asked_at"],
            row["finished_at"],
        )
        for row in rows
    ]  # fmt: skip


def _share(began: int, seq: int, until: int) -> float:
    return 1.0 if until <= began else round((seq - began) / (until - began), 4)
