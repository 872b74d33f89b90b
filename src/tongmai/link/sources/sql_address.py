"""Which databases a source may be told to read: one at a host, or an SQLite file in a folder that sources may read.

A source's address is given by who changes the model, not by who runs the machine: it must not lead to files or sockets
of the machine by itself (a socket's path as the host, a library, key or password file among the parameters).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import exc as sql_exc
from sqlalchemy.engine import URL, make_url

from tongmai.kit import Fault, Invalid, Text
from tongmai.link.readable_folders import allowed_folder

# With an instance's name behind a backslash, as SQL Server has it.
_HOST = re.compile(r"[\w.-]+(\\[\w$-]+)?|[0-9A-Fa-f:]+")
# Parameters that say how to speak, and lead nowhere.
_PARAMETERS = frozenset(
    {"charset", "client_encoding", "sslmode", "tds_version", "application_name", "appname", "service_name"}
)
# TLS, in PostgreSQL's words for every driver: without a look at the certificate, and with one.
_SSL_MODES = {"pymssql": ("require",), "pymysql": ("require", "verify-full")}


def read_url(given: str, password: str | None, folders: Sequence[Path], closed: Sequence[Path] = ()) -> URL:
    """The address with its password. Raises ``Invalid`` for one that cannot be, that needs a driver which is not here,
    or that leads into this machine."""
    try:
        url = make_url(given)
        url.get_dialect().import_dbapi()
    except ImportError as error:
        raise Invalid((_no_driver(error),)) from None
    except (sql_exc.ArgumentError, sql_exc.NoSuchModuleError, ValueError):
        raise Invalid(
            (_fault("source.bad_url", "数据库地址不可用", "The database's address cannot be used"),)
        ) from None
    faults = [
        _fault("source.url_parameter", f"数据库地址不能带参数“{name[:60]}”", f"The address may not have “{name[:60]}”")
        for name in sorted(set(url.query) - _PARAMETERS)
    ]
    if url.get_backend_name() == "sqlite":
        _check_file(url, folders, closed)
    elif not _HOST.fullmatch(url.host or ""):
        faults.append(_fault("source.url_host", "数据库地址要写明主机", "The address needs the name of a host"))
    modes, mode = _SSL_MODES.get(url.get_driver_name()), url.query.get("sslmode")
    if modes is not None and mode is not None and mode not in modes:
        known = "、".join(modes)
        faults.append(_fault("source.url_tls", f"sslmode 可用：{known}", f"Of sslmode there is: {', '.join(modes)}"))
    if faults:
        raise Invalid(tuple(faults))
    return url.set(password=password) if password else url


def _check_file(url: URL, folders: Sequence[Path], closed: Sequence[Path]) -> None:
    # Where a link leads to counts, not where it lies.
    path = Path(url.database or "").resolve()
    allowed_folder(str(path.parent), folders, closed, field="options.url")
    if not path.is_file():
        # SQLite would make the file.
        raise Invalid.of("source.no_file", "没有这个数据库文件", "There is no such database file", field="options.url")


def _no_driver(error: ImportError) -> Fault:
    name = (error.name or str(error)).partition(".")[0]
    return Fault(
        "source.no_driver",
        Text(f"这里没有安装数据库驱动“{name}”", f"The driver “{name}” is not installed here"),
        Text(
            "SQL Server 用 mssql+pymssql://，MySQL、MariaDB 用 mysql+pymysql://，Oracle 用 oracle+oracledb://（驱动另行安装）",
            "SQL Server: mssql+pymssql://, MySQL: mysql+pymysql://; with a driver to install, Oracle: oracle+oracledb://",
        ),
        field="options.url",
    )


def _fault(code: str, zh: str, en: str) -> Fault:
    example = "mssql+pymssql://reader@erp:1433/UFDATA_001_2026"
    return Fault(code, Text(zh, en), Text(f"例如 {example}", f"Like {example}"), field="options.url")
