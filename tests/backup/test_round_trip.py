"""A backup gives back what was there, under its own name or another, while others work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tongmai.backup import back_up, back_up_all, read_manifest, restore
from tongmai.kit import Conflict
from tongmai.records import verify_history
from tongmai.store import drop_workspace

from .conftest import ROOT, Company


async def save(company: Company, place: Path) -> None:
    done = await back_up(company.database, company.files.store, company.clock, company.workspace, place)
    assert (done.files, done.missing) == (1, ())


async def test_what_was_lost_comes_back(company: Company, place: Path) -> None:
    before = await company.notes()
    key = company.workspace.key
    await save(company, place)
    async with company.database.write() as tx:
        await drop_workspace(tx, company.workspace)
    assert await company.find(key) is None
    restored = await restore(company.database, company.files.store, company.clock, place)
    assert restored.ok
    assert restored.workspace.id == company.workspace.id
    assert restored.workspace.label.zh == "公司'一"
    await company.catalogues.reload(restored.workspace)
    assert await company.notes(restored.workspace) == before
    found = await company.files.find(ROOT, restored.workspace, company.file)
    content = b"".join([chunk async for chunk in company.files.content(restored.workspace, found)])
    assert content == b"contract " * 1000
    async with company.database.read() as tx:
        login = await tx.fetch_value(
            "SELECT a.login FROM tongmai.membership AS m JOIN tongmai.account AS a ON a.id = m.account_id"
            " WHERE m.workspace_id = $1",
            restored.workspace.id,
        )
    assert login == f"wang@{key}"


async def test_a_copy_under_another_name_lives_on_its_own(company: Company, place: Path) -> None:
    before = await company.notes()
    await save(company, place)
    other = f"{company.workspace.key}_copy"
    restored = await restore(company.database, company.files.store, company.clock, place, key=other)
    assert restored.ok
    copy = restored.workspace
    assert copy.id != company.workspace.id
    assert copy.lock_class != company.workspace.lock_class
    assert await company.notes(copy) == before
    await company.add("只在副本", copy)
    assert (await company.notes(copy))[-1]["number"] == "N-0003"
    assert await company.notes() == before
    assert (await verify_history(company.database, copy)).ok
    async with company.database.read() as tx:
        old_name_left = await tx.fetch_value(
            "SELECT count(*) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
            " WHERE n.nspname = $1 AND p.prosrc LIKE '%' || $2 || '.%'",
            copy.schema,
            company.workspace.schema,
        )
    assert old_name_left == 0


async def test_nothing_is_replaced_unasked(company: Company, place: Path) -> None:
    await save(company, place)
    await company.add("之后的")
    with pytest.raises(Conflict):
        await restore(company.database, company.files.store, company.clock, place)
    assert len(await company.notes()) == 3
    restored = await restore(company.database, company.files.store, company.clock, place, replace=True)
    assert restored.ok
    assert restored.workspace.id == company.workspace.id
    assert len(await company.notes(restored.workspace)) == 2


async def test_people_work_on_while_another_workspace_is_saved_and_restored(company: Company, place: Path) -> None:
    done = asyncio.Event()

    async def work() -> int:
        count = 0
        while not done.is_set() or count < 5:
            await company.add(f"期间{count}")
            count += 1
        return count

    working = asyncio.create_task(work())
    await save(company, place)
    other = f"{company.workspace.key}_copy"
    restored = await restore(company.database, company.files.store, company.clock, place, key=other)
    done.set()
    count = await working
    assert restored.ok
    assert len(await company.notes()) == 2 + count
    # One moment: what is in the copy is a beginning of what was written.
    titles = [row["title"] for row in await company.notes(restored.workspace) if row["title"].startswith("期间")]
    assert sorted(titles, key=lambda each: int(each[2:])) == [f"期间{n}" for n in range(len(titles))]


async def test_all_workspaces_get_a_file_each(company: Company, tmp_path: Path) -> None:
    done = await back_up_all(company.database, company.files.store, company.clock, tmp_path / "all")
    mine = next(each for each in done if each.workspace == company.workspace.key)
    assert mine.path.name == f"{company.workspace.key}-20261102-010000.tongmai"
    assert mine.path.stat().st_mode & 0o777 == 0o600
    assert read_manifest(mine.path).workspace_id == company.workspace.id


async def test_a_file_whose_content_is_gone_is_named(company: Company, place: Path) -> None:
    await company.files.store.delete(company.workspace.id, company.file)
    done = await back_up(company.database, company.files.store, company.clock, company.workspace, place)
    assert done.missing == (company.file,)
    assert read_manifest(place).missing == (company.file,)
