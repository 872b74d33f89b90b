"""The change log in Parquet by month of ``at``: only ever added to, but for records whose past was blotted out."""

# ruff: noqa: S608 - paths are ours

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tongmai.replica.columns import HISTORY
from tongmai.replica.files import Atelier
from tongmai.replica.manifest import FileEntry
from tongmai.replica.object_files import merge_months

HISTORY_FOLDER = "_history"
_ORDER = "epoch, seq"
_MOST_FILES = 8


def build_history(atelier: Atelier, csv: Path) -> tuple[FileEntry, ...]:
    atelier.stage_csv("stage", csv, HISTORY)
    return tuple(atelier.write_months("stage", HISTORY, "at", _ORDER))


def extend_history(
    atelier: Atelier, files: Sequence[FileEntry], csv: Path, blotted: Sequence[UUID]
) -> tuple[FileEntry, ...]:
    """With the entries of further epochs. ``csv`` has those of the records ``blotted`` all anew: their old ones go."""
    kept = _without(atelier, files, blotted) if blotted else tuple(files)
    found = (*kept, *build_history(atelier, csv))
    return merge_months(atelier, found, HISTORY, _ORDER, _MOST_FILES)


def fold_history(atelier: Atelier, files: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
    """A file a month."""
    return merge_months(atelier, files, HISTORY, _ORDER, 1)


def _without(atelier: Atelier, files: Sequence[FileEntry], records: Sequence[UUID]) -> tuple[FileEntry, ...]:
    atelier.session.execute("CREATE OR REPLACE TEMP TABLE blotted AS SELECT unnest($1::UUID[]) AS id", [list(records)])
    of_them = "record_id IN (SELECT id FROM blotted)"
    found: list[FileEntry] = []
    for file in files:
        rows = atelier.source([file], HISTORY)
        (holds,) = atelier.session.execute(f"SELECT count(*) FROM ({rows}) WHERE {of_them}").fetchone() or (0,)
        rest = f"SELECT * FROM ({rows}) WHERE NOT {of_them} ORDER BY {_ORDER}"
        found += atelier.write(rest, HISTORY, file.month) if holds else [file]
    return tuple(found)
