"""Writing an object's Parquet files with DuckDB: from CSV, from other files, by month.

Everything runs in a DuckDB session of its own and leaves files without a name in any manifest: a crash leaves nothing
that anyone would read.
"""

# ruff: noqa: S608 - names come from quote_ident, paths and months are ours

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tongmai.replica.columns import csv_types, csv_values, values_of
from tongmai.replica.duck import text_constant
from tongmai.replica.manifest import ColumnShape, FileEntry
from tongmai.replica.shelf import Shelf
from tongmai.store import quote_ident

# A request is at most 8 MiB, and quoting at most doubles it.
_LONGEST_LINE = 32 * 1024 * 1024
# DuckDB would read sixteen of these at a time: half a gigabyte, which a replica of millions of rows does not have.
_BUFFER = 2 * _LONGEST_LINE
GONE = "_gone"


@dataclass(frozen=True)
class Atelier:
    """Where files of one object (or of the history) are made: ``folder`` is its folder's name on the shelf.

    ``new_name`` gives a name that no file has yet.
    """

    session: duckdb.DuckDBPyConnection
    shelf: Shelf
    folder: str
    new_name: Callable[[], str]

    def stage_csv(self, table: str, source: Path, columns: Mapping[str, ColumnShape]) -> None:
        """A temporary table of what COPY wrote; numbers in their wide type."""
        self.session.execute(
            f"CREATE OR REPLACE TEMP TABLE {quote_ident(table)} AS SELECT {csv_values(columns)} FROM read_csv("
            f"{text_constant(str(source.resolve()))}, columns = {csv_types(columns)}, header = false,"
            " auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false,"
            f" max_line_size = {_LONGEST_LINE}, buffer_size = {_BUFFER}, strict_mode = true, dateformat = '%Y-%m-%d')"
        )

    def count(self, table: str) -> int:
        return self._number(f"SELECT count(*) FROM {quote_ident(table)}")

    def fits(self, table: str, column: str, narrow: str) -> bool:
        """Whether each value of the column can be held in a narrower type as it is."""
        name = quote_ident(column)
        return not self._number(
            f"SELECT count(*) FROM {quote_ident(table)}"
            f" WHERE {name} IS NOT NULL AND TRY_CAST({name} AS {narrow}) IS DISTINCT FROM {name}"
        )

    def write_months(
        self, table: str, columns: Mapping[str, ColumnShape], moment: str, order: str, where: str = "TRUE"
    ) -> list[FileEntry]:
        """The table's rows as a file for each month (UTC) of the column ``moment``."""
        by_month = f"strftime({quote_ident(moment)}, '%Y-%m')"
        months = self.session.execute(
            f"SELECT DISTINCT {by_month} FROM {quote_ident(table)} WHERE {where} ORDER BY 1"
        ).fetchall()
        found = []
        for (month,) in months:
            # A span of moments, not the month's name: DuckDB then passes over the blocks of other months.
            span = (
                f"{quote_ident(moment)} >= {_first_moment(month)} AND {quote_ident(moment)} < {_first_moment(month, 1)}"
            )
            rows = f"SELECT * FROM {quote_ident(table)} WHERE {where} AND {span}"
            found += self.write(f"{rows} ORDER BY {order}", columns, month)
        return found

    def write(self, rows: str, columns: Mapping[str, ColumnShape], month: str) -> list[FileEntry]:
        """One file of the rows of a SELECT, in the columns' types; none where there are no rows."""
        path = f"{self.folder}/{month if month != 'delta' else 'delta'}-{self.new_name()}.parquet"
        target = self.shelf.folder / path
        self.shelf.disk.make_folder(target.parent)
        typed = ", ".join(
            f"CAST({quote_ident(name)} AS {shape.held}) AS {quote_ident(name)}" for name, shape in columns.items()
        )
        written = self.session.execute(
            f"COPY (SELECT {typed} FROM ({rows})) TO {text_constant(str(target.resolve()))}"
            " (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        count = 0 if written is None else int(written[0])
        if not count:
            target.unlink(missing_ok=True)
            return []
        content = self.shelf.add(path)
        return [
            FileEntry(
                path=path, month=month, size=content.size, sha256=content.sha256, rows=count, columns=tuple(columns)
            )
        ]

    def source(self, files: Iterable[FileEntry], columns: Mapping[str, ColumnShape]) -> str:
        return rows_of(self.shelf, files, columns)

    def files_with(self, files: Sequence[FileEntry], table: str) -> list[FileEntry]:
        """Those of the files that hold an id of the table."""
        if not files:
            return []
        found = self.session.execute(
            f"SELECT DISTINCT filename FROM read_parquet({_list(self.shelf, files)}, filename = true)"
            f" WHERE id IN (SELECT id FROM {quote_ident(table)})"
        ).fetchall()
        names = {Path(name).resolve() for (name,) in found}
        return [file for file in files if self.shelf.path(file).resolve() in names]

    def _number(self, sql: str) -> int:
        row = self.session.execute(sql).fetchone()
        assert row is not None
        return int(row[0])


def rows_of(shelf: Shelf, files: Iterable[FileEntry], columns: Mapping[str, ColumnShape], only: str = "") -> str:
    """A SELECT of the columns over all rows of the files; ``only`` is put behind each FROM.

    Files that have the same columns are read together; a column that a file does not have is blank in it. Nothing is
    left to what DuckDB would find in the files.
    """
    alike: dict[tuple[str, ...], list[FileEntry]] = {}
    for file in files:
        alike.setdefault(file.columns, []).append(file)
    selects = [
        f"SELECT {values_of(columns, has)} FROM read_parquet({_list(shelf, group)}) AS f{only}"
        for has, group in alike.items()
    ]
    empty = f"SELECT {values_of(columns, ())} WHERE FALSE"
    return " UNION ALL ".join(selects) or empty


def _first_moment(month: str, later: int = 0) -> str:
    """When a month begins (UTC), or the one after it."""
    year, number = (int(part) for part in month.split("-"))
    year, number = (year + 1, 1) if later and number == 12 else (year, number + later)
    return f"TIMESTAMPTZ '{year:04}-{number:02}-01 00:00:00+00'"


def _list(shelf: Shelf, files: Iterable[FileEntry]) -> str:
    return "[" + ", ".join(text_constant(str(shelf.path(file).resolve())) for file in files) + "]"
