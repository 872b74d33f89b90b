"""Names of tables and columns as each database means them, always quoted by its dialect.

Oracle keeps names in upper case unless they were made in quotes: there a name in lower case is any name, as it would be
in a statement. SQL Server's tables may stand in another database (``UFDATA_001_2024.dbo.SO_SOMain``).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, TableClause, column, quoted_name, table
from sqlalchemy.engine import Dialect


def named_table(name: str, backend: str) -> TableClause:
    """``table``, ``schema.table`` or, of SQL Server, ``database.schema.table``. ``backend`` is SQLAlchemy's word."""
    schema, _, bare = name.rpartition(".")
    return table(_quoted(bare, backend), schema=_schema(schema, backend) if schema else None)


def named_column(name: str, dialect: Dialect) -> ColumnElement[object]:
    """The column that is meant by a name."""
    return column(quoted_name(stored_name(name, dialect), True))


def stored_name(name: str, dialect: Dialect) -> str:
    """A name as the database itself tells it."""
    return name.upper() if dialect.name == "oracle" and name.islower() else name


def _quoted(name: str, backend: str) -> quoted_name:
    # Left to SQLAlchemy for Oracle: lower case is then any case.
    return quoted_name(name, None if backend == "oracle" else True)


def _schema(name: str, backend: str) -> quoted_name:
    if backend != "mssql" or "." not in name:
        return _quoted(name, backend)
    # Its dialect takes a database and a schema apart where nothing is said of quotes, and quotes each.
    return quoted_name(".".join(f"[{part.strip('[]')}]" for part in name.split(".")), None)
