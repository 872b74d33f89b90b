"""A DuckDB for one file of somebody else's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_MEMORY = "512MB"


def locked_down(*paths: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB that can reach only ``paths``, loads no extension and keeps within its memory."""
    # Loaded only by those who need it: it is most of what the package would weigh.
    import duckdb

    duck = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": _MEMORY})
    allowed = ", ".join("'" + str(path.resolve()).replace("'", "''") + "'" for path in paths)
    for setting in (
        f"SET allowed_paths = [{allowed}]",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        duck.execute(setting)
    return duck
