"""Which of the driver's errors are faults of the machine, and what is said about them.

Faults of the machine become ``kit.Unavailable`` (safe to try again). What a statement itself did wrong (a constraint,
a type, a missing table) passes through as asyncpg's own error: the rooms above know what it means. A conflict between
transactions (serialization, deadlock, a table changed under a cached plan) passes too: ``Database.write_retry``
answers it.
"""

from __future__ import annotations

import asyncpg

from tongmai.kit import Text, TongmaiError, Unavailable

# What a statement can raise here; TimeoutError is an OSError.
DRIVER_ERRORS: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

CONFLICTS: tuple[type[Exception], ...] = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)

_AGAIN = Text("稍后再试", "try again in a moment")

_BY_STATE: dict[str, tuple[str, str, str, Text]] = {
    "53100": (
        "database.disk_full",
        "数据库所在磁盘已满，没有写入",
        "the database's disk is full, nothing was written",
        Text("清理磁盘后重试", "free some space, then try again"),
    ),
    "53300": ("database.too_many_connections", "数据库连接已满", "the database has no connection left", _AGAIN),
    "55P03": ("database.locked", "所需的数据正被其他操作占用", "something else holds what this needs", _AGAIN),
    "57014": (
        "database.timeout",
        "数据库查询超时，已中止",
        "the database took too long and was stopped",
        Text("缩小范围后重试", "ask for less, then try again"),
    ),
    "25006": (
        "database.read_only",
        "数据库当前只读，没有写入",
        "the database is read-only at the moment, nothing was written",
        _AGAIN,
    ),
    "25P03": ("database.idle_transaction", "事务闲置过久，已回滚", "the transaction idled too long", _AGAIN),
    "25P04": ("database.long_transaction", "事务耗时过久，已回滚", "the transaction took too long", _AGAIN),
}
_LOST = ("database.lost", "与数据库的连接中断", "the connection to the database was lost", _AGAIN)
_BUSY = ("database.busy", "数据库连接都在使用中", "all connections to the database are in use", _AGAIN)
_RESOURCES = ("database.resources", "数据库资源不足", "the database is out of resources", _AGAIN)


def translate(error: Exception) -> Exception:
    """``Unavailable`` for a fault of the machine, else the error itself."""
    if isinstance(error, asyncpg.PostgresError):
        return _of_server(error)
    if isinstance(error, TimeoutError):
        return _unavailable(_BUSY)
    if isinstance(error, OSError) or (isinstance(error, asyncpg.InterfaceError) and _says_closed(error)):
        return _unavailable(_LOST)
    # A server that dies between two messages leaves the driver's own state machine confused.
    if isinstance(error, asyncpg.InternalClientError) and not isinstance(error, CONFLICTS):
        return _unavailable(_LOST)
    return error


def disk_full() -> TongmaiError:
    return _unavailable(_BY_STATE["53100"])


def outcome_unknown(error: Exception) -> TongmaiError:
    """The connection broke while a commit was under way: nobody knows whether it was done."""
    return Unavailable.of(
        "database.outcome_unknown",
        "提交时与数据库的连接中断，不能确定是否已写入",
        "the connection to the database broke during the commit: it may or may not have been written",
        way_out=Text("查看记录后再决定是否重做", "look at the record before doing it again"),
        extra={"cause": type(error).__name__},
    )


def _of_server(error: asyncpg.PostgresError) -> Exception:
    state = error.sqlstate or ""
    known = _BY_STATE.get(state)
    if known is not None:
        return _unavailable(known)
    # 08: connection; 57P: shutdown, crash, cannot connect now; 53: out of memory and the like; 58: the disk.
    if state.startswith(("08", "57P")):
        return _unavailable(_LOST)
    if state.startswith(("53", "58")):
        return _unavailable(_RESOURCES)
    return error


def _says_closed(error: asyncpg.InterfaceError) -> bool:
    """Whether the driver speaks of a connection that is gone, for which it has no class of its own."""
    words = str(error)
    return "closed" in words or "closing" in words or "released back to the pool" in words


def _unavailable(what: tuple[str, str, str, Text]) -> TongmaiError:
    code, zh, en, way_out = what
    return Unavailable.of(code, zh, en, way_out=way_out)
