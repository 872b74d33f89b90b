"""The statements that a source makes, as SQL Server and Oracle are told them: their servers run nowhere here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pymssql
import pytest
import sqlglot
from pydantic import JsonValue
from pymssql import _mssql
from sqlalchemy import create_engine
from sqlalchemy.dialects import oracle
from sqlalchemy.engine import Dialect

from tongmai.link.sources.sql import QueryStream, stream_of
from tongmai.link.sources.sql_names import named_column, named_table
from tongmai.link.sources.sql_paging import EXACT, Table, TableStream, page_after, position_of, start_of
from tongmai.link.sources.sql_values import kept
from tongmai.link.sources.sql_writing import locking
from tongmai.link.sources.u8 import TABLES, table_stream

ZONE = ZoneInfo("Asia/Shanghai")
TEXT, BINARY, NUMBER, MOMENT = 1, 2, 3, 4


def sql_server() -> Dialect:
    return create_engine("mssql+pymssql://reader@erp/shop", module=pymssql).dialect


def oracle_of(*version: int) -> Dialect:
    found: Any = oracle.dialect()  # type: ignore[no-untyped-call]
    found.server_version_info = version
    found._supports_offset_fetch = version >= (12,)
    made: Dialect = found
    return made


def sent(wanted: TableStream, table: Table, position: list[JsonValue] | None = None, most: int = 5000) -> str:
    """What goes over the wire, on one line; SQL Server's driver writes the values into it."""
    made = page_after(wanted, table, position, most).compile(
        dialect=table.dialect, compile_kwargs={"render_postcompile": True}
    )
    found = str(made)
    if table.dialect.name == "mssql":
        found = _mssql.substitute_params(found, dict(made.params)).decode()
    return " ".join(found.split())


def stream(table: str, changed: str | None = "changed", key: tuple[str, ...] = ("id",)) -> QueryStream:
    return QueryStream(table=table, key=key, changed=changed, columns=("name",))


def mssql_stream(table: str = "dbo.Orders") -> TableStream:
    return stream_of(stream(table), "mssql")


@pytest.mark.parametrize("name", TABLES)
def test_every_statement_to_u8_is_sql_servers(name: str) -> None:
    wanted = table_stream(name, TABLES[name])
    kinds: dict[str, object] = dict.fromkeys((*wanted.columns, *wanted.order), TEXT)
    kinds |= {wanted.changed: BINARY} if wanted.changed else {}
    position: list[JsonValue] = [kept(b"\x00\x00\x00\x00\x00\x00\x10\x05", ZONE), 7] if wanted.changed else [7]

    statement = sent(wanted, Table(sql_server(), kinds), position)

    assert statement.startswith("SELECT TOP 5000 [")
    assert " ORDER BY [" in statement
    assert not {"LIMIT", "NOLOCK", "CONVERT"} & set(statement.replace("(", " ").split())
    assert "FROM [dbo].[" in statement or "FROM dbo." in statement
    if wanted.changed:
        # A rowversion is compared with bytes, and stays below those of transactions that are still open.
        assert f"[{wanted.changed}] >= 0x0000000000001005" in statement
        assert f"{wanted.changed} < MIN_ACTIVE_ROWVERSION()" in statement
    assert len(sqlglot.parse(statement, read="tsql")) == 1


def test_sql_servers_time_stamps_are_asked_with_in_their_own_words() -> None:
    """A DATETIME of .003 is 3.33 milliseconds there, a DATETIME2 has seven digits: the driver rounds both."""
    wanted, table = mssql_stream(), Table(sql_server(), {"name": TEXT, "id": NUMBER, "changed": MOMENT})
    first = sent(wanted, table)
    row = {"id": 7, "changed": datetime(2026, 11, 1, 8, 0, 0, 123000), EXACT: "2026-11-01 08:00:00.1234567"}

    position = position_of(row, wanted, ZONE)
    then = sent(wanted, table, position)

    assert "convert(VARCHAR(34), [changed], 121) AS tongmai_exact" in first
    assert position == ["2026-11-01T08:00:00.1234567", 7]
    exact = "N'2026-11-01T08:00:00.1234567'"
    assert f"[changed] >= {exact} AND ([changed] > {exact} OR [changed] = {exact} AND [id] > 7)" in then


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        ("2026-11-01 08:00:00.003", "2026-11-01T08:00:00.003"),
        ("2026-11-01 08:00:00.1234567 +08:00", "2026-11-01T08:00:00.1234567+08:00"),
    ],
)
def test_sql_servers_text_is_read_alike_in_every_language_and_steps_back_by_seconds(told: str, exact: str) -> None:
    """“2026-11-01 08:00” is the eleventh of January to an account whose language is British English."""
    wanted = mssql_stream()
    row = {"id": 7, "changed": datetime(2026, 11, 1, 8), EXACT: told}

    position = position_of(row, wanted, ZONE)

    assert position[0] == exact
    back = start_of({"after": position}, timedelta(minutes=5))
    assert back is not None
    assert str(back[0]).startswith("2026-11-01T07:55:00")
    assert "." not in str(back[0])


def test_a_rowversion_of_sql_server_needs_no_text() -> None:
    table = Table(sql_server(), {"name": TEXT, "id": NUMBER, "changed": BINARY})
    assert "convert" not in sent(mssql_stream(), table).lower()
    assert "[changed] > 0x0000000000001005" in sent(
        mssql_stream(), table, [kept(bytes.fromhex("0000000000001005"), ZONE)]
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("Orders", "[Orders]"),
        ("dbo.Orders", "[dbo].[Orders]"),
        ("UFDATA_001_2024.dbo.SO_SOMain", "[UFDATA_001_2024].dbo.[SO_SOMain]"),
        ("销售 库.dbo.订单]表", "[销售 库].dbo.[订单]]表]"),
    ],
)
def test_tables_of_other_databases_are_named_in_parts(given: str, named: str) -> None:
    table = Table(sql_server(), {"name": TEXT, "id": NUMBER, "changed": BINARY})
    assert f"FROM {named} WHERE" in sent(mssql_stream(given), table, [7])


def test_oracles_names_in_lower_case_are_any_and_others_as_they_stand() -> None:
    wanted = stream_of(stream("shop.orders", key=("id", "Line No")), "oracle")
    dialect = oracle_of(19)
    table = Table(dialect, dict.fromkeys(("NAME", "ID", "Line No", "CHANGED")))

    statement = sent(wanted, table, [kept(datetime(2026, 11, 1, 8), ZONE), 7, None], most=10)

    assert statement.startswith(
        'SELECT "NAME" AS name, "ID" AS id, "Line No" AS "Line No", "CHANGED" AS changed FROM shop.orders'
    )
    assert statement.endswith('ORDER BY "CHANGED" ASC, "ID" ASC, "Line No" ASC FETCH FIRST 10 ROWS ONLY')
    # No row is counted before rows are ordered in versions that know no FETCH.
    assert "ROWNUM <= 10" in sent(wanted, Table(oracle_of(11, 2), table.kinds), None, most=10)


def test_what_is_empty_comes_last_to_oracle() -> None:
    wanted = stream_of(stream("orders", None, ("house", "batch")), "oracle")
    table = Table(oracle_of(19), dict.fromkeys(("NAME", "HOUSE", "BATCH")), has_gaps=True)

    behind_a_value = sent(wanted, table, ["A", "B1"])
    behind_nothing = sent(wanted, table, ["A", None])

    assert '"BATCH" > :param_3 OR "BATCH" IS NULL' in behind_a_value
    assert behind_nothing.partition("WHERE ")[2].startswith('"HOUSE" > :param_1 OR "HOUSE" IS NULL ORDER BY')


def test_a_row_is_locked_in_each_databases_way_before_it_is_written() -> None:
    rows, names = named_table("dbo.Customer", "mssql"), ("cCusCode", "cCusHand")

    def locked(dialect: Dialect) -> str:
        place = named_column("cCusCode", dialect) == "01001"
        made = locking(rows, names, place, dialect).compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        return " ".join(str(made).split())

    assert locked(sql_server()).startswith("SELECT TOP 2 [cCusCode] AS [cCusCode], [cCusHand] AS [cCusHand] FROM ")
    assert "FROM [dbo].[Customer] WITH (UPDLOCK, HOLDLOCK) WHERE" in locked(sql_server())
    # With FETCH FIRST it would be ORA-02014.
    assert locked(oracle_of(19)).endswith('WHERE "cCusCode" = :cCusCode_1 FOR UPDATE')
