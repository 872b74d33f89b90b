"""Parquet, read by DuckDB that may open this one file and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from tongmai.kit import Text
from tongmai.tabular.locked_duck import locked_down
from tongmai.tabular.readers.row_source import (
    Batch,
    Cell,
    ReadLimits,
    check_columns,
    no_rows,
    refuse_file,
    too_long_cell,
)

_PLAIN = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
_PLAIN |= {"DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
_PLAIN |= {"VARCHAR[]", "BIGINT[]", "INTEGER[]"}


class Parquet:
    """A Parquet file; columns come as values of their own type."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        self._path = path.resolve()
        self._limits = limits
        self._duck = locked_down(self._path)
        try:
            self._check_size()
            given = {"file": str(self._path)}
            described = self._duck.execute("DESCRIBE SELECT * FROM read_parquet($file)", given).fetchall()
            count = self._duck.execute("SELECT count(*) FROM read_parquet($file)", given).fetchone()
        except duckdb.Error as error:
            self._duck.close()
            raise _unreadable() from error
        self.columns = check_columns([row[0] for row in described], limits)
        self.total: int | None = int(count[0]) if count else None
        if not self.total:
            raise no_rows()
        self.traits: dict[str, str] = {}
        shown = ", ".join(_as_cell(str(row[0]), str(row[1])) for row in described)
        self._select = f"SELECT {shown} FROM read_parquet($file) LIMIT $rows OFFSET $after"  # noqa: S608

    def close(self) -> None:
        self._duck.close()

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        number = after
        try:
            # Preserving insertion order (DuckDB's default) makes the row number a stable name of the row.
            result = self._duck.execute(
                self._select, {"file": str(self._path), "rows": self.total or 0, "after": after}
            )
            while rows := result.fetchmany(size):
                batch = Batch(list(range(number + 1, number + 1 + len(rows))), [])
                batch.rows.extend(self._cells(batch, rows))
                number += len(rows)
                yield batch
        except duckdb.Error as error:
            raise _unreadable() from error

    def _cells(self, batch: Batch, rows: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
        longest = self._limits.max_cell_chars
        found = []
        for index, row in enumerate(rows):
            if any(isinstance(cell, str) and len(cell) > longest for cell in row):
                batch.faults[index] = too_long_cell(self._limits)
                row = tuple(None if isinstance(cell, str) and len(cell) > longest else cell for cell in row)
            found.append(row)
        return found

    def _check_size(self) -> None:
        row = self._duck.execute(
            "SELECT sum(total_uncompressed_size) FROM parquet_metadata($file)", {"file": str(self._path)}
        ).fetchone()
        declared = int(row[0] or 0) if row else 0
        if declared > self._limits.max_expanded_bytes:
            raise refuse_file(
                "expands_too_much",
                "文件解压后过大",
                "The file unpacks to more than is allowed",
                Text("请分成几个文件导入", "Import it in several files"),
            )


def _as_cell(name: str, kind: str) -> str:
    """The column as a value Python has a type for; what else there is comes as text."""
    column = '"' + name.replace('"', '""') + '"'
    if kind in _PLAIN or kind.startswith("DECIMAL"):
        return column
    if kind in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isfinite({column}) THEN {column} END"
    if kind == "BLOB":
        return "NULL"
    return f"nullif(CAST({column} AS VARCHAR), '')"


def _unreadable() -> Exception:
    return refuse_file(
        "not_parquet",
        "这不是完整的 Parquet 文件",
        "This is not a complete Parquet file",
        Text("文件可能没有传完整，请重新导出或上传", "It may be cut off; export or upload it again"),
    )
