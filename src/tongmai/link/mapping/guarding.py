"""Which fields of a row no pull writes over, because a person's change of them is still on its way to the source."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tongmai.store import ReadTx


async def unsettled_fields(
    tx: ReadTx, schema: str, mapping: str, keys: Sequence[str], paths: Mapping[str, str]
) -> Mapping[str, set[str]]:
    """By row the fields whose last change by a person has not reached the source: it does not know of it.

    ``paths`` are the mapping's pushed paths with their fields; ``schema`` is quoted.
    """
    rows = await tx.fetch(
        "SELECT key, path FROM (SELECT DISTINCT ON (key, path) key, path, state"
        f"  FROM {schema}._push, jsonb_object_keys(changed) path WHERE mapping = $1 AND key = ANY($2)"
        "  ORDER BY key, path, epoch DESC, seq DESC) latest"
        " WHERE state IN ('waiting', 'conflict', 'failed')",
        mapping,
        list(keys),
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["path"] in paths:
            found.setdefault(row["key"], set()).add(paths[row["path"]])
    return found
