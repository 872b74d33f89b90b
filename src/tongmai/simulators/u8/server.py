"""U8's database server: SQL Server's protocol over an account book in SQLite. Reads only, one account.

The dialect is taken as T-SQL and written for SQLite by sqlglot; what an SQL Server client asks about the server itself
is answered here. Sign-in is checked; encryption is not offered, so listen on loopback only.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import sqlite3
import struct
from collections.abc import Sequence
from typing import cast

import sqlglot
from sqlglot import exp

from tongmai.simulators.u8 import tds
from tongmai.simulators.u8.company import TABLES, AccountBook, Kind

_PACKET = 4096
_LARGEST_MESSAGE = 4 * 1024 * 1024
_NO_ANSWER = re.compile(r"^\s*(SET|BEGIN\s+TRAN|COMMIT|ROLLBACK|IF\s+@@TRANCOUNT|DECLARE|PRINT)\b", re.IGNORECASE)
_USE = re.compile(r"^\s*USE\s+\[?(\w+)\]?", re.IGNORECASE)
_VERSION = "Microsoft SQL Server 2016 (SP3) - 13.0.6300.2 (X64) Simulated for Tongmai"
_ASKED: tuple[tuple[re.Pattern[str], str, object], ...] = (
    (re.compile(r"@@version", re.IGNORECASE), "version", _VERSION),
    (re.compile(r"serverproperty", re.IGNORECASE), "property", "13.0.6300.2"),
    (re.compile(r"schema_name\(\)", re.IGNORECASE), "schema", "dbo"),
    (re.compile(r"transaction_isolation_level", re.IGNORECASE), "level", "READ COMMITTED"),
    (re.compile(r"@@spid", re.IGNORECASE), "spid", 51),
)
_KINDS: dict[Kind, tds.ColumnKind] = {
    "text": "text", "integer": "integer", "money": "decimal", "moment": "moment", "rowversion": "bytes", "bit": "bit",
}  # fmt: skip
_BY_NAME: dict[str, Kind] = {name.lower(): kind for table in TABLES.values() for name, kind in table.items()}


class U8Server:
    """``async with U8Server(book) as server``: listens on ``server.port`` until the block ends."""

    def __init__(
        self,
        book: AccountBook,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "reader",
        password: str = "u8-demo",  # noqa: S107 - the simulator's own, shown when it starts
        database: str = "UFDATA_001_2026",
        may_write: bool = False,
    ) -> None:
        self.book = book
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.batches: list[str] = []
        self.may_write = may_write
        self._break_after: int | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> U8Server:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    def break_after(self, batches: int) -> None:
        """The connection ends in the middle of an answer, once, after so many ordered reads."""
        self._break_after = batches

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._talk(reader, writer)
        except (tds.WireError, asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            # A client that goes away or talks something else has nothing to be told; so at the server's end.
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind, body = await _receive(reader)
        if kind == tds.PRELOGIN:
            await _send(writer, tds.prelogin_reply())
            kind, body = await _receive(reader)
        if kind != tds.LOGIN:
            raise tds.WireError("no LOGIN7")
        login = tds.read_login(body)
        tokens = tds.Tokens(login.version)
        if not self._may(login):
            await _send(writer, tokens.error(18456, f"用户 '{login.user}' 登录失败。", severity=14))
            return
        await _send(writer, tokens.signed_in(login.database or self.database, _PACKET))
        while True:
            kind, body = await _receive(reader)
            if kind == tds.ATTENTION:
                await _send(writer, tokens.done(attention=True))
            elif kind == tds.BATCH:
                await self._answer(writer, tokens, tds.read_batch(body, login.version))
            else:
                await _send(writer, tokens.error(2812, "此模拟器只接受 SQL 批处理。"))

    def _may(self, login: tds.Login) -> bool:
        same_user = hmac.compare_digest(login.user.lower().encode(), self.user.lower().encode())
        return same_user and hmac.compare_digest(login.password.encode(), self.password.encode())

    async def _answer(self, writer: asyncio.StreamWriter, tokens: tds.Tokens, batch: str) -> None:
        use = _USE.match(batch)
        if use is not None:
            known = use.group(1).lower() == self.database.lower()
            told = tokens.database(use.group(1)) + tokens.done()
            await _send(writer, told if known else tokens.error(911, f"数据库 '{use.group(1)}' 不存在。"))
            return
        if not batch.strip() or _NO_ANSWER.match(batch):
            await _send(writer, tokens.done())
            return
        self.batches.append(batch)
        answer = self._run(tokens, batch)
        if self._break_after is not None and "ORDER BY" in batch:
            self._break_after -= 1
            if self._break_after < 0:
                self._break_after = None
                # The first packet of the answer and no more.
                writer.write(struct.pack(">BBHHBB", tds.REPLY, 0, 8 + 20, 0, 1, 0) + answer[:20])
                await writer.drain()
                raise tds.WireError("broken on purpose")
        await _send(writer, answer)

    def _run(self, tokens: tds.Tokens, batch: str) -> bytes:
        for asked, name, value in _ASKED:
            if asked.search(batch):
                kind: tds.ColumnKind = "text" if isinstance(value, str) else "integer"
                column = tds.Column(name, kind)
                return tokens.columns([column]) + tokens.row([column], [value]) + tokens.done(1)
        try:
            tree = _read(batch)
            if isinstance(tree, exp.Update):
                return self._change(tokens, tree)
            cursor = self.book.connection.execute(tree.sql(dialect="sqlite"))
            rows = cursor.fetchall()
        except sqlglot.errors.SqlglotError as error:
            return tokens.error(102, f"附近有语法错误：{str(error)[:200]}")
        except sqlite3.Error as error:
            return tokens.error(*_said(error))
        names = [each[0] for each in cursor.description]
        columns = [_column(name, [row[index] for row in rows]) for index, name in enumerate(names)]
        content = [tokens.row(columns, row) for row in rows]
        return tokens.columns(columns) + b"".join(content) + tokens.done(len(rows))

    def _change(self, tokens: tds.Tokens, tree: exp.Update) -> bytes:
        """What is changed gets the next rowversion."""
        table = tree.this.name
        if not self.may_write:
            return tokens.error(229, f"拒绝了对对象 '{table}' 的 UPDATE 权限。", severity=14)
        for name, stamp in self.book.next_stamp(table).items():
            tree.append("expressions", exp.EQ(this=exp.column(name), expression=exp.HexString(this=stamp.hex())))
        return tokens.done(self.book.connection.execute(tree.sql(dialect="sqlite")).rowcount)


def _read(batch: str) -> exp.Expression:
    """One SELECT or UPDATE, without the schema and hints of its tables. Raises sqlglot's errors for anything else."""
    parsed = sqlglot.parse(batch, read="tsql")
    statements = [each for each in parsed if each is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query | exp.Update):
        raise sqlglot.errors.ParseError("SELECT or UPDATE only")
    tree = cast("exp.Expression", statements[0])
    for table in tree.find_all(exp.Table):
        table.set("db", None)
        table.set("catalog", None)
        table.set("hints", None)
    for national in list(tree.find_all(exp.National)):
        national.replace(exp.Literal.string(national.name))
    return tree


def _column(name: str, values: Sequence[object]) -> tds.Column:
    known = _BY_NAME.get(name.lower())
    if known is not None:
        return tds.Column(name, _KINDS[known], scale=4 if known == "money" else 0)
    first = next((value for value in values if value is not None), None)
    if isinstance(first, bytes):
        return tds.Column(name, "bytes")
    if isinstance(first, int):
        return tds.Column(name, "integer")
    return tds.Column(name, "float" if isinstance(first, float) else "text")


def _said(error: sqlite3.Error) -> tuple[int, str]:
    """SQLite's fault in SQL Server's number and words."""
    text = str(error)
    missing = re.search(r"no such (table|column): (?:\w+\.)?(\w+)", text)
    if missing is None:
        return 50000, text
    what, name = missing.groups()
    return (208, f"对象名 '{name}' 无效。") if what == "table" else (207, f"列名 '{name}' 无效。")


async def _receive(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """A whole message: its packets until the one marked as the last (2.2.3.1)."""
    body = b""
    while True:
        kind, status, length = struct.unpack(">BBH", await reader.readexactly(4))
        await reader.readexactly(4)
        if length < 8:
            raise tds.WireError("a packet shorter than its head")
        body += await reader.readexactly(length - 8)
        if len(body) > _LARGEST_MESSAGE:
            raise tds.WireError("a message beyond all measure")
        if status & 1:
            return kind, body


async def _send(writer: asyncio.StreamWriter, body: bytes) -> None:
    room = _PACKET - 8
    parts = [body[at : at + room] for at in range(0, len(body), room)] or [b""]
    for number, part in enumerate(parts, 1):
        last = 1 if number == len(parts) else 0
        writer.write(struct.pack(">BBHHBB", tds.REPLY, last, len(part) + 8, 0, number % 256, 0) + part)
    await writer.drain()
