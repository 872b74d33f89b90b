"""The change log in Parquet by month of ``at``: only ever added to, but for records whose past was blotted out."""

# ruff: noqa: S608 - names come from quote_ident, paths are ours

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tongmai.replica.columns import HISTORY
from tongmai.replica.files import Atelier
from tongmai.replica.manifest import FileEntry
from tongmai.replica.object_files import merge_months
from tongmai.store import quote_ident

HISTORY_FOLDER = "_history"
_ORDER = "epoch, seq"
_MOST_FILES = 8


def build_history(atelier: Atelier, csv: Path) -> tuple[FileEntry, ...]:
    atelier.stage_csv("stage", csv, HISTORY)
    return tuple(atelier.write_months("stage", HISTORY, "at", _ORDER))


def extend_history(
    atelier: Atelier, files: Sequence[FileEntry], csv: Path, purged: Sequence[UUID]
) -> tuple[FileEntry, ...]:
    """With the entries of further epochs; what purged records held before is taken out of every file."""
    kept = _blotted(atelier, files, purged) if purged else tuple(files)
    found = (*kept, *build_history(atelier, csv))
    return merge_months(atelier, found, HISTORY, _ORDER, _MOST_FILES)


def fold_history(atelier: Atelier, files: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
    """A file a month."""
    return merge_months(atelier, files, HISTORY, _ORDER, 1)


def _blotted(atelier: Atelier, files: Sequence[FileEntry], purged: Sequence[UUID]) -> tuple[FileEntry, ...]:
    atelier.session.execute("CREATE OR REPLACE TEMP TABLE purged AS SELECT unnest($1::UUID[]) AS id", [list(purged)])
    found: list[FileEntry] = []
    for file in files:
        rows = atelier.source([file], HISTORY)
        (holds,) = atelier.session.execute(
            f"SELECT count(*) FROM ({rows}) WHERE record_id IN (SELECT id FROM purged)"
            " AND (before IS NOT NULL OR after IS NOT NULL)"
        ).fetchone() or (0,)
        found += atelier.write(_without_values(rows), HISTORY, file.month) if holds else [file]
    return tuple(found)


def _without_values(rows: str) -> str:
    columns = ", ".join(
        f"CASE WHEN record_id NOT IN (SELECT id FROM purged) THEN {quote_ident(name)} END AS {quote_ident(name)}"
        if name in {"before", "after"}
        else quote_ident(name)
        for name in HISTORY
    )
    return f"SELECT {columns} FROM ({rows}) ORDER BY {_ORDER}"
