"""Workspaces: one company, one PostgreSQL schema with the system tables of ``layout/``."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from tongmai.kit import Clock, Conflict, Fault, Invalid, Text, new_id
from tongmai.store.database import Database
from tongmai.store.layouts import apply_layout, newest_layout
from tongmai.store.names import quote_ident
from tongmai.store.partitions import coming_months, make_history_partition
from tongmai.store.raw_months import make_coming_raw_months
from tongmai.store.transactions import ReadTx, WriteTx

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COLUMNS = "id, key, label_zh, label_en, schema_name, zone, currency, layout_version, lock_class, created_at"


@dataclass(frozen=True, slots=True)
class Workspace:
    """``schema`` is the bare schema name (``w_acme``); ``zone`` an IANA time zone; ``currency`` an ISO 4217 code.

    ``lock_class`` is the first half of the workspace's own advisory locks.
    """

    id: UUID
    key: str
    label: Text
    schema: str
    zone: str
    currency: str
    layout_version: int
    lock_class: int
    created_at: datetime

    @property
    def quoted_schema(self) -> str:
        """The schema's name as it stands in SQL."""
        return quote_ident(self.schema)


async def create_workspace(
    tx: WriteTx, key: str, label: Text, zone: str = "Asia/Shanghai", *, clock: Clock, currency: str = "CNY"
) -> Workspace:
    """Makes a workspace with its system tables, in the caller's transaction.

    Raises ``Invalid`` for a key, zone or currency that cannot be, ``Conflict`` if the key is taken.
    """
    _check(key, zone, currency)
    row = await tx.fetch_row(
        f"""
        INSERT INTO tongmai.workspace
            (id, key, label_zh, label_en, schema_name, zone, currency, layout_version, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (key) DO NOTHING
        RETURNING {_COLUMNS}
        """,  # noqa: S608
        new_id(clock), key, label.zh, label.en, f"w_{key}", zone, currency, newest_layout(), clock.now(),
    )  # fmt: skip
    if row is None:
        raise Conflict.of(
            "workspace.exists", f"工作区 {key} 已存在", f"there is a workspace {key} already", field="key"
        )
    found = _workspace(row)
    await tx.execute(f"CREATE SCHEMA {found.quoted_schema}")
    await apply_layout(tx, found.quoted_schema, found.lock_class, after=0)
    # Before the first row: the sealer makes those to come.
    for month in coming_months(clock.now()):
        await make_history_partition(tx, found.quoted_schema, month)
    await make_coming_raw_months(tx, found.quoted_schema, clock.now())
    return found


async def find_workspace(tx: ReadTx, key: str) -> Workspace | None:
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM tongmai.workspace WHERE key = $1", key)  # noqa: S608
    return None if row is None else _workspace(row)


async def list_workspaces(tx: ReadTx) -> list[Workspace]:
    """All workspaces, by key."""
    return [
        _workspace(row)
        for row in await tx.fetch(f"SELECT {_COLUMNS} FROM tongmai.workspace ORDER BY key")  # noqa: S608
    ]


async def drop_workspace(tx: WriteTx, workspace: Workspace) -> None:
    """Removes a workspace with all its records, its memberships, sessions, tokens and jobs. The audit log stays."""
    await tx.execute(f"DROP SCHEMA IF EXISTS {workspace.quoted_schema} CASCADE")
    await tx.execute("DELETE FROM tongmai.workspace WHERE id = $1", workspace.id)


async def upgrade_layouts(database: Database) -> int:
    """Applies the steps of the layout that a workspace does not have yet, a transaction each; how many it touched.

    Safe to run in several processes at once: the workspace's row is locked while its steps run.
    """
    async with database.read() as reading:
        behind = await reading.fetch("SELECT id FROM tongmai.workspace WHERE layout_version < $1", newest_layout())
    upgraded = 0
    for each in behind:
        async with database.write() as tx:
            row = await tx.fetch_row(
                f"SELECT {_COLUMNS} FROM tongmai.workspace WHERE id = $1 AND layout_version < $2 FOR UPDATE",  # noqa: S608
                each["id"],
                newest_layout(),
            )
            if row is None:
                continue
            found = _workspace(row)
            await apply_layout(tx, found.quoted_schema, found.lock_class, after=found.layout_version)
            await tx.execute(
                "UPDATE tongmai.workspace SET layout_version = $2 WHERE id = $1", found.id, newest_layout()
            )
            upgraded += 1
    return upgraded


def _check(key: str, zone: str, currency: str) -> None:
    faults = []
    if not _KEY.fullmatch(key):
        faults.append(
            Fault(
                "workspace.key",
                Text("工作区标识须以小写字母开头，只含小写字母、数字和下划线，最长 40 个字符",
                     "a workspace's key begins with a lower-case letter and has at most 40 of a-z, 0-9 and _"),
                Text("例如 acme", "for example acme"),
                field="key",
            )
        )  # fmt: skip
    if zone not in zoneinfo.available_timezones():
        faults.append(
            Fault(
                "workspace.zone",
                Text(f"没有时区 {zone!a}", f"there is no time zone {zone!a}"),
                Text("例如 Asia/Shanghai", "for example Asia/Shanghai"),
                field="zone",
            )
        )
    if not _CURRENCY.fullmatch(currency):
        faults.append(
            Fault(
                "workspace.currency",
                Text(f"{currency!a} 不是货币代码", f"{currency!a} is not a currency code"),
                Text("例如 CNY", "for example CNY"),
                field="currency",
            )
        )
    if faults:
        raise Invalid(tuple(faults))


def _workspace(row: Record) -> Workspace:
    return Workspace(
        id=row["id"],
        key=row["key"],
        label=Text(row["label_zh"], row["label_en"]),
        schema=row["schema_name"],
        zone=row["zone"],
        currency=row["currency"],
        layout_version=row["layout_version"],
        lock_class=row["lock_class"],
        created_at=row["created_at"],
    )
