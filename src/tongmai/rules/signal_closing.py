"""What is kept of a signal when it is closed: who resolved it, how long it took, what was updated meanwhile (S0-43).

A signal that a person acted on or dismissed was closed by him; one whose condition is over, or whose time is, by whom
the record it is about was last changed meanwhile, if by anybody. Only the names of fields are kept: their values show
in the record's history, to whom they show.
"""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from tongmai.store import ReadTx, Record, Workspace

# What a row of signals needs for ``closing``.
CLOSING_COLUMNS = "created_at, subject_object, subject_id"


async def closing(
    tx: ReadTx, workspace: Workspace, row: Record, now: datetime, by: UUID | None = None
) -> dict[str, JsonValue]:
    """The values that tell it. ``row`` has ``CLOSING_COLUMNS``."""
    changes = await tx.fetch(
        f"SELECT p.id AS person, k.key FROM {workspace.quoted_schema}._history AS h"
        " CROSS JOIN LATERAL jsonb_object_keys(h.after) AS k(key)"
        f" LEFT JOIN {workspace.quoted_schema}.person AS p ON p.id = h.actor AND p.deleted_at IS NULL"
        " WHERE h.record_id = $1 AND h.object = $2 AND h.action = 'update' AND h.at >= $3 AND h.at <= $4"
        " ORDER BY h.version, k.key",
        _id(row["subject_id"]), row["subject_object"], row["created_at"], now,
    )  # fmt: skip
    people = [each["person"] for each in changes if each["person"] is not None]
    person = by or (people[-1] if people else None)
    return {
        "closed_at": now.isoformat(),
        "closed_by": None if person is None else str(person),
        "took": (now - row["created_at"]).total_seconds(),
        "changed": list(dict.fromkeys(each["key"] for each in changes)) or None,
    }


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
