"""Brings the platform tables to the state this program expects, one program at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg

from tongmai.kit import Text, Unavailable
from tongmai.store.faults import DRIVER_ERRORS, translate
from tongmai.store.migrations import HEAD, SCHEMA

# Any number will do as long as nothing else takes it: "tongmai" in ASCII.
LOCK_KEY = 0x746F6E676D6169


async def migrate(dsn: str) -> None:
    """Runs the migrations that are missing, in one transaction under an advisory lock.

    Raises ``Unavailable`` if the tables were made by a newer program: this one would not understand them.
    """
    try:
        if await _revision(dsn) != HEAD:
            await asyncio.to_thread(_upgrade, dsn)
    except DRIVER_ERRORS as error:
        raise translate(error) from error


async def _revision(dsn: str) -> str | None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if await connection.fetchval("SELECT to_regclass($1)", f"{SCHEMA}.alembic_version") is None:
            return None
        found: str | None = await connection.fetchval(f"SELECT version_num FROM {SCHEMA}.alembic_version")  # noqa: S608
        return found
    finally:
        await connection.close()


def _upgrade(dsn: str) -> None:
    # Alembic and SQLAlchemy take a third of a second to load, which an up-to-date database spares.
    import psycopg
    import sqlalchemy
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=sqlalchemy.NullPool
    )
    try:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            connection.execute(sqlalchemy.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.set_main_option("path_separator", "os")
            command.upgrade(config, "head")
    except CommandError as error:
        raise Unavailable.of(
            "database.newer",
            f"数据库由更新版本的通脉建立：{error}",
            f"the database was set up by a newer Tongmai: {error}",
            way_out=Text("升级本程序", "upgrade this program"),
        ) from error
    finally:
        engine.dispose()
