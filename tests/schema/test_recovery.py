"""What ``kill -9`` leaves of a structural change another process finishes or takes back: nothing is half done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tongmai.kit import Unavailable
from tongmai.model import AddField, ChangeField, Changeset
from tongmai.schema import Progress

from .company import Company, field

PROGRAM = Path(__file__).parents[1] / "to_be_killed.py"
ROWS = 30_000


@asynccontextmanager
async def other_process(company: Company, changeset: Changeset) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that applies the changeset; killed at the end of the block at the latest."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), "apply", company.database.dsn, company.workspace.key, changeset.model_dump_json(),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(company: Company, condition: str, process: asyncio.subprocess.Process) -> None:
    """Watches the database until the condition holds; the process must still be at it or have just ended."""
    for _ in range(4_000):
        if (await company.fetch(f"SELECT {condition}")) == [(True,)]:
            return
        if process.returncode is not None:
            assert process.stderr is not None
            raise AssertionError((await process.stderr.read()).decode())
        await asyncio.sleep(0.003)
    raise AssertionError(f"never came to {condition}")


async def leftovers(company: Company) -> list[tuple[object, ...]]:
    """Triggers, functions, invalid indexes and changes under way that nobody needs."""
    return await company.fetch(
        """
        SELECT 'trigger', tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal
        UNION ALL SELECT 'function', proname::text FROM pg_proc WHERE pronamespace = $1::regnamespace
                  AND proname LIKE '\\_fill%'
        UNION ALL SELECT 'index', c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                  WHERE c.relnamespace = $1::regnamespace AND NOT (i.indisvalid AND i.indisready)
        """,
        company.workspace.schema,
    ) + await company.fetch(f"SELECT 'change', state FROM {company.schema('_change')} WHERE state = 'applying'")


async def customers(company: Company) -> None:
    await company.add_object("customer", field("name"), field("size"))
    async with company.database.write() as tx:
        await tx.execute(
            f"INSERT INTO {company.schema('customer')} (id, created_at, changed_at, name, size) "
            f"SELECT uuidv7(), now(), now(), 'c' || n, n::text FROM generate_series(1, {ROWS}) n"
        )


MOMENTS = {
    "noted": "EXISTS (SELECT FROM {change} WHERE state = 'applying')",
    "column made": "EXISTS (SELECT FROM {change} WHERE state = 'applying' AND step = 1)",
    "half filled": "EXISTS (SELECT FROM {change} WHERE state = 'applying' AND step = 1) "
    "AND EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'tongmai-schema' AND query LIKE '%span%')",
    "filled": "EXISTS (SELECT FROM {change} WHERE state = 'applying' AND step = 2)",
    "index half built": "EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = '{customer}'::regclass)",
}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_type_change_killed_at_any_moment_is_finished_by_another_process(company: Company, moment: str) -> None:
    await customers(company)
    after = await company.changed("customer", "size", type="number", unique=True)
    condition = MOMENTS[moment].format(change=company.schema("_change"), customer=company.schema("customer"))
    async with other_process(company, Changeset(actions=(ChangeField(object="customer", after=after),))) as process:
        await until(company, condition, process)
        process.kill()
    await company.editor.resume()
    await company.catalogues.reload(company.workspace)
    assert (await company.catalogue()).object_by_key["customer"].by_key["size"].type == "number"
    values = await company.values("customer", "size")
    assert sorted(values) == [Decimal(n) for n in range(1, ROWS + 1)]
    assert await leftovers(company) == []


async def test_a_change_killed_once_it_is_in_force_is_tidied_up_by_another_process(company: Company) -> None:
    await customers(company)
    after = await company.changed("customer", "size", type="number")
    change = company.schema("_change")
    async with other_process(company, Changeset(actions=(ChangeField(object="customer", after=after),))) as process:
        await until(company, f"EXISTS (SELECT FROM {change} WHERE state = 'applying' AND step = 1)", process)
        # A long read keeps the steps after the switch from their lock; the switch itself needs no table.
        async with company.database.snapshot() as tx:
            await tx.fetch(f"SELECT FROM {company.schema('customer')} LIMIT 1")
            await until(company, f"EXISTS (SELECT FROM {change} WHERE state = 'applied' AND step = 3)", process)
            process.kill()
            await process.wait()
    assert await leftovers(company) != []
    await company.editor.resume()
    assert await leftovers(company) == []
    await company.catalogues.reload(company.workspace)
    assert sorted(await company.values("customer", "size")) == [Decimal(n) for n in range(1, ROWS + 1)]


async def test_what_cannot_be_finished_is_taken_back(company: Company) -> None:
    await customers(company)
    change = company.schema("_change")
    added = AddField(object="customer", field=field("serial"))
    after = await company.changed("customer", "size", type="number", unique=True)
    changeset = Changeset(actions=(added, ChangeField(object="customer", after=after)))
    async with other_process(company, changeset) as process:
        await until(company, f"EXISTS (SELECT FROM {change} WHERE state = 'applying' AND step = 2)", process)
        process.kill()
    await company.insert("customer", {"size": "1"})
    await company.editor.resume()
    await company.catalogues.reload(company.workspace)
    customer = (await company.catalogue()).object_by_key["customer"]
    assert customer.by_key["size"].type == "text"
    assert "serial" not in customer.by_key
    (state,) = await company.fetch(f"SELECT state, error->0->>'code' FROM {change} ORDER BY id DESC LIMIT 1")
    assert state == ("failed", "unique.duplicates")
    columns = await company.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
        company.schema("customer"),
    )
    assert {name for (name,) in columns}.isdisjoint({"serial", "size__2"})
    assert await leftovers(company) == []


async def test_the_next_change_finishes_what_was_left(company: Company) -> None:
    await customers(company)
    after = await company.changed("customer", "size", type="number")
    async with other_process(company, Changeset(actions=(ChangeField(object="customer", after=after),))) as process:
        await until(company, f"EXISTS (SELECT FROM {company.schema('_change')} WHERE step = 1)", process)
        process.kill()
    await company.add_field("customer", field("area"))
    customer = (await company.catalogue()).object_by_key["customer"]
    assert customer.by_key["size"].type == "number"
    assert "area" in customer.by_key


async def test_a_field_added_in_one_process_is_seen_in_another(company: Company) -> None:
    await company.add_object("customer", field("name"))
    heard: asyncio.Queue[int] = asyncio.Queue()
    stop = company.catalogues.on_change(lambda key, catalogue: heard.put_nowait(catalogue.version))
    added = AddField(object="customer", field=field("area"))
    async with other_process(company, Changeset(actions=(added,))) as process:
        version = await asyncio.wait_for(heard.get(), 20)
        assert await process.wait() == 0
    stop()
    catalogue = company.catalogues.peek(company.workspace)
    assert catalogue is not None
    assert catalogue.version == version
    assert "area" in catalogue.object_by_key["customer"].by_key


async def test_a_connection_lost_in_the_middle_is_said_and_the_next_change_carries_on(company: Company) -> None:
    await customers(company)
    after = await company.changed("customer", "size", type="number")
    changeset = Changeset(actions=(ChangeField(object="customer", after=after),))

    async def cut_off(progress: Progress) -> None:
        if progress.rows:
            await company.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongmai-schema'"
            )

    with pytest.raises(Unavailable, match="connection to the database was lost"):
        await company.editor.apply(company.workspace, changeset, None, on_progress=cut_off)
    await company.add_field("customer", field("area"))
    assert sorted(await company.values("customer", "size")) == [Decimal(n) for n in range(1, ROWS + 1)]
    assert await leftovers(company) == []


async def test_the_switch_waits_for_the_disk(company: Company) -> None:
    """As the server's own setting wants it. The steps before do not wait: what has the switch has them too."""
    await company.add_object("customer", field("name"))
    schema = company.schema
    async with company.database.write() as tx:
        database = await tx.fetch_value("SELECT quote_ident(current_database())")
        await tx.execute(
            f"ALTER DATABASE {database} SET synchronous_commit = local;"
            f"CREATE TABLE {schema('_probe')} (waits text);"
            f"CREATE FUNCTION {schema('_probe_it')}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN INSERT INTO {schema('_probe')} VALUES (current_setting('synchronous_commit'));"
            f" RETURN NEW; END $$;"
            f"CREATE TRIGGER probe AFTER INSERT ON {schema('_catalogue')} FOR EACH ROW"
            f" EXECUTE FUNCTION {schema('_probe_it')}()"
        )
    try:
        await company.add_field("customer", field("level"))
    finally:
        async with company.database.write() as tx:
            await tx.execute(f"ALTER DATABASE {database} RESET synchronous_commit")
    assert await company.fetch(f"SELECT waits FROM {schema('_probe')}") == [("local",)]
