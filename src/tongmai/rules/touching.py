"""Which records' conditions a stretch of the feed, new values of metrics, or moves between classes may have turned.

A superset is never wrong, only slower. Of each record that a change touched the change's cause is told, so that a rule
knows whether its own chain led there.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongmai.metrics import AskedRows, Era
from tongmai.model import companion_table
from tongmai.rules.entries import move_cause
from tongmai.rules.reads import Reads
from tongmai.rules.words import literal
from tongmai.store import ReadTx, Workspace, quote_ident

# Beyond so many records all of them are evaluated in one pass instead.
MOST_TOUCHED = 20_000


@dataclass(frozen=True)
class Stretch:
    """Sealed epochs ``(after, upto]``, values of metrics computed at ``measured`` or later (None: as they were), and
    moves of segments ``(after_move, upto_move]``."""

    after: int
    upto: int
    measured: datetime | None
    after_move: int
    upto_move: int


async def touched_records(
    tx: ReadTx, workspace: Workspace, reads: Reads, stretch: Stretch, era: Era
) -> dict[UUID, str | None] | None:
    """The records with the cause of the latest change that touched each; None if they are too many."""
    found: dict[UUID, str | None] = {}
    given: dict[str, object] = {
        "after": stretch.after, "upto": stretch.upto, "measured": stretch.measured,
        "after_move": stretch.after_move, "upto_move": stretch.upto_move,
    }  # fmt: skip
    for rows, sql in _queries(workspace, reads, stretch):
        asked = rows.asked(f"{sql} LIMIT {MOST_TOUCHED + 1}")
        for row in await tx.fetch(asked.sql, *asked.arguments(era, given)):
            found[row["id"]] = row["cause"] or found.get(row["id"])
        if len(found) > MOST_TOUCHED:
            return None
    return found


def _queries(workspace: Workspace, reads: Reads, stretch: Stretch) -> Iterator[tuple[AskedRows, str]]:
    if stretch.measured is not None:
        for prefix, owner in reads.measured:
            rows = _rows(workspace, reads)
            link = rows.path(prefix) if prefix else "o.id"
            companion = f"{workspace.quoted_schema}.{quote_ident(companion_table(owner))}"
            yield (
                rows,
                f"SELECT o.id, NULL::text AS cause FROM {rows.source} JOIN {companion} AS c ON c.record_id = {link}"
                f" WHERE c.computed_at >= {rows.binder('measured', 'timestamptz')}",
            )
    if stretch.upto_move > stretch.after_move:
        yield from _moved(workspace, reads)
    if stretch.upto <= stretch.after:
        return
    for prefix, owner, keys in reads.relations:
        rows = _rows(workspace, reads)
        listed = ", ".join(literal(key) for key in sorted(keys))
        link = rows.path(prefix)
        changed = f"{_entries(workspace, rows, owner)} AND (h.action <> 'update' OR h.after ?| ARRAY[{listed}])"
        yield (
            rows,
            f"SELECT DISTINCT ON (o.id) o.id, x.cause FROM {rows.source} JOIN ({changed}) AS x ON x.record_id = {link}"
            " ORDER BY o.id, x.seq DESC",
        )
    rows = _rows(workspace, reads)
    yield (
        rows,
        f"SELECT DISTINCT ON (x.record_id) x.record_id AS id, x.cause"
        f" FROM ({_entries(workspace, rows, reads.rule.object)}) AS x ORDER BY x.record_id, x.seq DESC",
    )


def _moved(workspace: Workspace, reads: Reads) -> Iterator[tuple[AskedRows, str]]:
    for prefix, segment in reads.classed:
        rows = _rows(workspace, reads)
        link = rows.path(prefix) if prefix else "o.id"
        after, upto = rows.binder("after_move", "bigint"), rows.binder("upto_move", "bigint")
        yield (
            rows,
            f"SELECT DISTINCT ON (o.id) o.id, ({move_cause(workspace)}) AS cause FROM {rows.source}"
            f" JOIN {workspace.quoted_schema}._segment_move AS m ON m.record_id = {link}"
            f" WHERE m.segment = {literal(segment)} AND m.id > {after} AND m.id <= {upto} ORDER BY o.id, m.id DESC",
        )


def _rows(workspace: Workspace, reads: Reads) -> AskedRows:
    return AskedRows.present(workspace, reads.catalogue, reads.rule.object)


def _entries(workspace: Workspace, rows: AskedRows, object_key: str) -> str:
    after, upto = rows.binder("after", "bigint"), rows.binder("upto", "bigint")
    return (
        f"SELECT h.record_id, h.seq, h.cause FROM {workspace.quoted_schema}._history AS h"
        f" WHERE h.epoch > {after} AND h.epoch <= {upto} AND h.object = {literal(object_key)}"
    )
