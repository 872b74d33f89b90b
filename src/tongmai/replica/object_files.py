"""The life of one object's files: built whole, brought up by a delta, folded together by month."""

# ruff: noqa: S608 - names come from quote_ident, paths are ours

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tongmai.model import ObjectDef
from tongmai.replica.columns import narrow_types, wide_columns
from tongmai.replica.files import GONE, Atelier
from tongmai.replica.manifest import ColumnShape, FileEntry, ObjectFiles

# Up to here, or a tenth of the base, reading base and delta together costs little and writing the delta anew too.
_SMALL_DELTA = 20_000
_MOST_DELTA = 200_000
# A month that came to lie in more files is written as one.
_MOST_FILES = 8
_ID = ColumnShape(stored="uuid", held="UUID")
_FLAG = ColumnShape(stored="boolean", held="BOOLEAN")


class TooNarrow(Exception):
    """A value does not fit the files' type of its column: the object is built anew with wider ones."""


def build(atelier: Atelier, definition: ObjectDef, csv: Path) -> ObjectFiles:
    """All rows, as ``copy_rows`` gave them, in files by month."""
    columns = wide_columns(definition)
    atelier.stage_csv("stage", csv, columns)
    for name, narrow in narrow_types(definition).items():
        # A digit to spare, so that the next larger order does not build the object anew.
        digits, _, places = narrow.removeprefix("DECIMAL(").removesuffix(")").partition(", ")
        if atelier.fits("stage", name, f"DECIMAL({int(digits) - 1}, {places})"):
            columns[name] = columns[name].model_copy(update={"held": narrow})
    base = atelier.write_months("stage", columns, "created_at", "id")
    return ObjectFiles(columns=columns, base=tuple(base))


def widened(files: ObjectFiles, added: Mapping[str, ColumnShape], dropped: Iterable[str]) -> ObjectFiles:
    """The same files after columns came that are blank in all of them, or went."""
    kept = {name: shape for name, shape in files.columns.items() if name not in set(dropped)}
    return files.model_copy(
        update={"columns": {**kept, **added}, "dropped": tuple(dict.fromkeys((*files.dropped, *dropped)))}
    )


def absorb(atelier: Atelier, files: ObjectFiles, rows: Path, ids: Path) -> ObjectFiles:
    """The touched records as they are now: ``rows`` has those that exist, ``ids`` all of them.

    Raises ``TooNarrow``.
    """
    atelier.stage_csv("stage", rows, files.columns)
    atelier.stage_csv("ids", ids, {"id": _ID})
    _require_fit(atelier, files.columns)
    atelier.session.execute(
        f"CREATE OR REPLACE TEMP TABLE delta AS SELECT *, false AS {GONE} FROM stage"
        f" UNION ALL BY NAME SELECT id, true AS {GONE} FROM ids WHERE id NOT IN (SELECT id FROM stage)"
    )
    if files.delta is not None:
        earlier = atelier.source([files.delta], {**files.columns, GONE: _FLAG})
        atelier.session.execute(
            f"INSERT INTO delta BY NAME SELECT * FROM ({earlier}) WHERE id NOT IN (SELECT id FROM ids)"
        )
    return _with_delta(atelier, files)


def fold(atelier: Atelier, files: ObjectFiles) -> ObjectFiles:
    """Without a delta, and no month in too many files. What is gone is in no file any more."""
    if files.delta is not None:
        earlier = atelier.source([files.delta], {**files.columns, GONE: _FLAG})
        atelier.session.execute(f"CREATE OR REPLACE TEMP TABLE delta AS {earlier}")
        files = _folded(atelier, files, [each for each in files.base if each.path in files.dirty])
    return _merged(atelier, files)


def _with_delta(atelier: Atelier, files: ObjectFiles) -> ObjectFiles:
    dirty = atelier.files_with(files.base, "delta")
    base_rows = sum(file.rows for file in files.base)
    if atelier.count("delta") > min(max(_SMALL_DELTA, base_rows // 10), _MOST_DELTA):
        return _merged(atelier, _folded(atelier, files, dirty))
    columns = {**files.columns, GONE: _FLAG}
    written = atelier.write("SELECT * FROM delta ORDER BY id", columns, "delta")
    return files.model_copy(
        update={"delta": written[0] if written else None, "dirty": tuple(file.path for file in dirty)}
    )


def _folded(atelier: Atelier, files: ObjectFiles, dirty: list[FileEntry]) -> ObjectFiles:
    """Rows of the delta become files of their months; files that hold older states of them are written without."""
    base = [file for file in files.base if file not in dirty]
    for file in dirty:
        rest = f"SELECT * FROM ({atelier.source([file], files.columns)}) WHERE id NOT IN (SELECT id FROM delta)"
        base += atelier.write(rest, files.columns, file.month)
    base += atelier.write_months("delta", files.columns, "created_at", "id", where=f"NOT {GONE}")
    return files.model_copy(update={"base": tuple(base), "delta": None, "dirty": ()})


def _merged(atelier: Atelier, files: ObjectFiles) -> ObjectFiles:
    return files.model_copy(update={"base": merge_months(atelier, files.base, files.columns, "id", _MOST_FILES)})


def merge_months(
    atelier: Atelier, files: Iterable[FileEntry], columns: Mapping[str, ColumnShape], order: str, most: int
) -> tuple[FileEntry, ...]:
    """The same rows, a month in at most so many files."""
    by_month: dict[str, list[FileEntry]] = {}
    for file in files:
        by_month.setdefault(file.month, []).append(file)
    found: list[FileEntry] = []
    for month, group in sorted(by_month.items()):
        if len(group) <= most:
            found += group
        else:
            found += atelier.write(f"SELECT * FROM ({atelier.source(group, columns)}) ORDER BY {order}", columns, month)
    return tuple(found)


def _require_fit(atelier: Atelier, columns: Mapping[str, ColumnShape]) -> None:
    for name, shape in columns.items():
        if shape.stored == "numeric" and not atelier.fits("stage", name, shape.held):
            raise TooNarrow(name)
