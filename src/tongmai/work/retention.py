"""How long what was told and sent is kept: so that the inbox and the log stay as quick in the third year as today."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from datetime import timedelta

from tongmai.store import Workspace
from tongmai.work.mirrors import LOOKED_AT_FOR
from tongmai.work.runtime import Runtime

# A notice is kept half a year after it was seen, a year if it never was; its deliveries go with it.
SEEN_NOTICES = timedelta(days=180)
NOTICES = timedelta(days=365)
HOOK_CALLS = timedelta(days=90)
FOLLOW_UPS = timedelta(days=90)
BUDGETS = timedelta(days=14)
# So many rows at once: a long-neglected workspace is cleared over several passes.
_MOST = 5_000


async def clear_old(runtime: Runtime, workspace: Workspace) -> int:
    """Removes what is past its time; how many rows. Dead deliveries stay with their notice: somebody may still act."""
    schema, now = workspace.quoted_schema, runtime.now()
    conditions = (
        (
            "_notice",
            "id",
            "show_at < CASE WHEN seen_at IS NULL THEN $1::timestamptz - $2::interval ELSE $1 - $3::interval END"
            f" AND NOT EXISTS (SELECT FROM {schema}._delivery AS d WHERE d.notice = t.id"
            " AND d.state IN ('waiting', 'sending', 'dead'))",
            (NOTICES, SEEN_NOTICES),
        ),
        (
            "_delivery",
            "id",
            "notice IS NULL AND state = 'sent' AND sent_at < $1::timestamptz - $2::interval",
            (HOOK_CALLS,),
        ),
        ("_follow_up", "key", "done_at < $1::timestamptz - $2::interval", (FOLLOW_UPS,)),
        ("_task_mirror", "(source, task)", "next_at < $1::timestamptz - $2::interval", (LOOKED_AT_FOR,)),
        ("_alert_budget", "(person, day)", "day < ($1::timestamptz - $2::interval)::date", (BUDGETS,)),
    )
    removed = 0
    async with runtime.database.write() as tx:
        for table, key, condition, spans in conditions:
            removed += await tx.execute(
                f"DELETE FROM {schema}.{table} WHERE {key} IN"
                f" (SELECT {key.strip('()')} FROM {schema}.{table} AS t WHERE {condition} LIMIT {_MOST})",
                now,
                *spans,
            )
    return removed
