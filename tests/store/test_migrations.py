"""The migrations lead exactly to the tables that the code speaks of."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tongmai.store import Database, Workspace, migrations, upgrade_layouts
from tongmai.store.migrations import SCHEMA
from tongmai.store.tables import metadata


def _differences(dsn: str) -> list[object]:
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(dsn, options="-c search_path=public"),
        poolclass=sqlalchemy.NullPool,
    )

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return name == SCHEMA if kind == "schema" else True

    options = {
        "include_schemas": True, "include_name": ours, "version_table_schema": SCHEMA, "compare_server_default": True
    }  # fmt: skip
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_migrated_tables_are_those_of_the_metadata(database: Database) -> None:
    assert await asyncio.to_thread(_differences, database.dsn) == []


def test_the_named_head_is_the_newest_script() -> None:
    folder = Path(migrations.__file__).parent
    scripts = ScriptDirectory(str(folder))
    assert scripts.get_heads() == [migrations.HEAD]


@pytest.mark.parametrize("key", ["A", "1a", "a b", ""])
async def test_the_database_itself_refuses_a_bad_workspace_key(database: Database, key: str) -> None:
    with pytest.raises(Exception, match="workspace_key_check"):
        async with database.write() as tx:
            await tx.execute(
                "INSERT INTO tongmai.workspace (id, key, label_zh, label_en, schema_name, layout_version, created_at) "
                "VALUES (gen_random_uuid(), $1, '', '', 'w', 1, now())",
                key,
            )


async def test_logins_differ_in_more_than_case(database: Database) -> None:
    with pytest.raises(Exception, match="account_login_key"):
        async with database.write() as tx:
            for login in ("Li@example.com", "li@EXAMPLE.com"):
                await tx.execute(
                    "INSERT INTO tongmai.account (id, login, created_at) VALUES (gen_random_uuid(), $1, now())", login
                )


async def test_a_workspace_that_is_up_to_date_is_left_alone(database: Database, workspace: Workspace) -> None:
    assert await upgrade_layouts(database) == 0
