"""What the planner knows of a table that has just been filled."""

from __future__ import annotations

from tongmai.store.transactions import WriteTx

# Bytes: of less, every plan is a quick one.
_MUCH = 512 * 1024


async def analyze_unknown(tx: WriteTx, table: str) -> None:
    """Looks into those parts of a table (by its quoted name with its schema) that hold much and were never looked
    into. PostgreSQL does so by itself up to half a minute later; until then it plans as for an empty table, and what
    should follow an index sorts all rows.
    """
    rows = await tx.fetch(
        "SELECT c.oid::regclass::text AS part"
        " FROM pg_partition_tree($1::text::regclass) AS t JOIN pg_class AS c ON c.oid = t.relid"
        " WHERE t.isleaf AND c.reltuples <= 0 AND pg_relation_size(c.oid) > $2",
        table, _MUCH,
    )  # fmt: skip
    for row in rows:
        await tx.execute(f"ANALYZE {row['part']}")
