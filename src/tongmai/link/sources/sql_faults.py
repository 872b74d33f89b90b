"""What a database will not do, in its own words and with a way out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import exc as sql_exc

from tongmai.kit import Fault, Text

# Sign-in failed, database not there, account locked or its password out of date: SQL Server's and MySQL's numbers.
_REFUSED_CODES = frozenset({18456, 18452, 18470, 18486, 18487, 18488, 4060, 1044, 1045, 1049})
_REFUSED_STATES = frozenset({"28P01", "28000", "3D000"})
# The network, a time-out, a lock that was not to be had, a deadlock, a connection that was ended or one too many:
# another time it may do. SQL Server's (its driver's own from 20001), MySQL's; SQLSTATE's classes are PostgreSQL's.
_AWAY_CODES = frozenset(
    {-2, 1040, 1053, 1204, 1205, 1213, 1222, 1317, 1927, 1969, 2002, 2003, 2006, 2013, 3024, *range(20_001, 20_100)}
)
# What PostgreSQL says before it knows who asks has no state.
_REFUSED_WORDS = ("authentication failed", "does not exist", "is not permitted to log in", "no pg_hba.conf entry")
_AWAY_CLASSES = frozenset({"08", "40", "53", "55", "57"})
TOO_MANY_ALIKE = Fault(
    "source.too_many_alike",
    Text(
        "一整页的行时间戳和键都相同，分不出先后，不能继续",
        "A whole page has one time-stamp and key: nothing tells what follows",
    ),
    Text(
        "请在键列中再加一列，或把每页行数调大，或用查询把时间戳取到毫秒",
        "Add a column to the key, make the page larger, or cut the time-stamp to milliseconds",
    ),
)


def missing_of(stream: str, name: str, there: Collection[str], names: AbstractSet[str]) -> list[Fault]:
    """A fault for each column that is wanted and not there, with those that are."""
    listed = list(there)[:20]
    zh, en = "、".join(listed), ", ".join(listed)
    return [
        Fault(
            "source.column_missing",
            Text(f"“{name}”没有列“{each}”", f"“{name}” has no column “{each}”"),
            Text(
                f"请改正数据流的列，或在来源中补上；现有：{zh}",
                f"Correct the stream's columns, or add it; there are: {en}",
            ),
            field=stream,
        )
        for each in sorted(names - set(there))
    ]


def unreadable(stream: str, name: str, error: Exception) -> Fault:
    said = short(error)
    zh, en = f"不能读取“{name}”：{said}", f"“{name}” cannot be read: {said}"
    return Fault("source.table_missing", Text(zh, en), field=stream)


def gone_of(stream: str, name: str, gone: Collection[str]) -> Fault:
    """Read as nothing, a column that is gone would empty the fields that are filled from it."""
    listed = sorted(gone)
    return Fault(
        "source.column_gone",
        Text(f"“{name}”不再有列：{'、'.join(listed)}", f"“{name}” has no longer: {', '.join(listed)}"),
        Text(
            "若已改名或删除，请修改映射，再从头重新拉取",
            "If it was renamed or dropped, change the mappings and pull everything anew",
        ),
        field=stream,
    )


def told(error: Exception) -> Fault:
    return Fault("source.sql", Text(f"数据库的答复：{short(error)}", f"The database says: {short(error)}"))


def is_refused(error: Exception) -> bool:
    """Whether the database knows us not, or not that database: asking again would only lock the account."""
    orig = getattr(error, "orig", None) or error
    if getattr(orig, "sqlstate", None) in _REFUSED_STATES:
        return True
    if _first(orig) in _REFUSED_CODES:
        return True
    said = str(orig)
    return "FATAL" in said and any(words in said for words in _REFUSED_WORDS)


def _first(orig: object) -> object:
    """What a driver's error begins with: a number, with most."""
    args = getattr(orig, "args", ())
    first = args[0] if args else None
    return first[0] if isinstance(first, tuple) and first else first


def is_away(error: sql_exc.DBAPIError) -> bool:
    """Whether what failed may pass; what a database will not have, it will not have tomorrow either."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, sql_exc.OperationalError):
        return False
    orig: object = error.orig
    state, first = getattr(orig, "sqlstate", None), _first(orig)
    # The number first: to MySQL's server a lock that is not to be had is a state as any other.
    if isinstance(first, int):
        return first in _AWAY_CODES
    if isinstance(state, str):
        return state[:2] in _AWAY_CLASSES
    # SQLite has words only; PostgreSQL's driver has no state where no server answered.
    return "locked" in str(orig) or "busy" in str(orig) or "connect" in str(orig)


def not_opened(columns: Sequence[str]) -> Text:
    listed = "、".join(columns)
    return Text(
        f"数据源没有开放这些列的写入：{listed}；请在数据源的“可写列”中列出",
        f"The source does not open these columns for writing: {', '.join(columns)}; list them under “Writable columns”",
    )


def refused(error: Exception) -> Fault:
    said = short(error)
    return Fault(
        "source.refused",
        Text(f"数据库不接受这个用户、密码或库名：{said}", f"The database refuses this user, password or name: {said}"),
        Text("请核对用户名、密码和数据库名", "Check the user, the password and the database's name"),
    )


def short(error: Exception) -> str:
    """What the driver said, without the statement and its parameters."""
    orig = getattr(error, "orig", None) or error
    args = orig.args[0] if len(orig.args) == 1 and isinstance(orig.args[0], tuple) else orig.args
    parts = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in args]
    return " ".join(" ".join(parts or [str(orig)]).partition("DB-Lib")[0].split())[:300]
