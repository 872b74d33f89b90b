"""What is asked of a session with a database before it reads or writes: limits of time, nothing written, exact time.

A statement that hangs, a lock that is not given and a network that is silent end by themselves. MySQL's TIMESTAMP is
told in the session's zone: that is UTC here, whatever the server's own is.
"""

from __future__ import annotations

import ssl
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL

from tongmai.link.sources.sql_moments import read_moments_beyond

_CONNECT_S = 10
_STATEMENT_S = 120
_LOCK_S = 10
# What a driver waits for an answer: longer than the server lets a statement run.
_ANSWER_S = _STATEMENT_S + 10


def open_engine(url: URL) -> Engine:
    """One connection at a time, tried before it is used again. ``sslmode`` stands for TLS with every driver."""
    sslmode = url.query.get("sslmode")
    driver = url.get_driver_name()
    options = _options(driver, sslmode if isinstance(sslmode, str) else None)
    if driver == "psycopg" and "client_encoding" not in url.query:
        # A database that says SQL_ASCII would otherwise be read as bytes.
        options["client_encoding"] = "utf8"
    if driver != "psycopg":
        url = url.difference_update_query(["sslmode"])
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args=options)
    if driver == "psycopg":
        event.listen(engine, "connect", read_moments_beyond)
    return engine


def begin_reading(connection: Connection) -> None:
    """Read only where the database knows such a thing; of SQL Server the account's rights and the rollback must do."""
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("SET TRANSACTION READ ONLY"))
            _limit_postgresql(connection)
        case "mysql" | "mariadb":
            _limit_mysql(connection)
            connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        case "sqlite":
            connection.execute(text("PRAGMA query_only = ON"))
        case "oracle":
            connection.execute(text("SET TRANSACTION READ ONLY"))
        case _:
            pass


def begin_writing(connection: Connection) -> None:
    """Locks are waited for a short time only, and nothing is cut to fit."""
    match connection.dialect.name:
        case "postgresql":
            _limit_postgresql(connection)
        case "mysql" | "mariadb":
            _limit_mysql(connection)
            connection.execute(text("SET SESSION TRANSACTION READ WRITE"))
            connection.execute(text(f"SET SESSION innodb_lock_wait_timeout = {_LOCK_S}"))
            connection.execute(text("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"))
            # A transaction is what it was when it began.
            connection.commit()
        case "mssql":
            connection.execute(text(f"SET LOCK_TIMEOUT {_LOCK_S * 1000}"))
        case "sqlite":
            connection.execute(text("PRAGMA query_only = OFF"))
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case _:
            pass


def _limit_postgresql(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL statement_timeout = '{_STATEMENT_S}s'"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_S}s'"))


def _limit_mysql(connection: Connection) -> None:
    connection.execute(text("SET SESSION time_zone = '+00:00'"))
    if getattr(connection.dialect, "is_mariadb", False):
        connection.execute(text(f"SET SESSION max_statement_time = {_STATEMENT_S}"))
    else:
        connection.execute(text(f"SET SESSION max_execution_time = {_STATEMENT_S * 1000}"))


def _options(driver: str, sslmode: str | None) -> dict[str, Any]:
    """Limits and TLS in each driver's own words."""
    match driver:
        case "pymssql":
            limits = {"login_timeout": _CONNECT_S, "timeout": _STATEMENT_S, "charset": "UTF-8"}
            return {**limits, "encryption": "require"} if sslmode == "require" else limits
        case "psycopg":
            silent = {"keepalives_idle": 30, "tcp_user_timeout": _ANSWER_S * 1000}
            found: dict[str, Any] = {"connect_timeout": _CONNECT_S, **silent}
            # The system's authorities, as everybody's browser trusts them.
            return {**found, "sslrootcert": "system"} if sslmode == "verify-full" else found
        case "pymysql":
            limits = {"connect_timeout": _CONNECT_S, "read_timeout": _ANSWER_S, "write_timeout": _ANSWER_S}
            return limits if sslmode is None else {**limits, "ssl": _tls(sslmode)}
        case "oracledb":
            return {"tcp_connect_timeout": _CONNECT_S}
        case _:
            return {}


def _tls(sslmode: str) -> ssl.SSLContext:
    found = ssl.create_default_context()
    if sslmode == "require":
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found
