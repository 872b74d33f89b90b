"""Taking back a whole import."""

from __future__ import annotations

import pytest

from tongmai.kit import Conflict, Denied, NotFound
from tongmai.records import verify_history

from .desk import ROOT, Desk, table

CUSTOMERS = table("编号,名称,授信额度", "C1,甲,100", "C2,乙,200")


async def test_what_was_made_goes_and_what_was_changed_comes_back(desk: Desk) -> None:
    await desk.import_(CUSTOMERS, "customer")
    job = await desk.import_(
        table("编号,名称,授信额度", "C1,甲甲,150", "C3,丙,5", "C1,甲甲,160", "C3,丙,6"),
        "customer", mode="merge", key=["code"],
    )  # fmt: skip
    undo = await desk.undo(job)
    assert undo.result is not None
    assert {key: undo.result[key] for key in ("deleted", "restored", "kept")} == {
        "deleted": 1,
        "restored": 1,
        "kept": 0,
    }
    rows = {row["code"]: (row["name"], row["credit"]) for row in await desk.rows("customer")}
    assert rows == {"C1": ("甲", 100), "C2": ("乙", 200)}
    assert (await desk.job(job.id)).state == "undone"
    assert {entry["action"] for entry in await desk.history(f"undo-import:{job.id}")} == {"delete", "update"}
    assert (await verify_history(desk.database, desk.workspace)).ok


async def test_what_somebody_touched_since_is_kept_and_listed(desk: Desk) -> None:
    job = await desk.import_(CUSTOMERS, "customer")
    rows = {row["code"]: row for row in await desk.rows("customer")}
    await desk.gateway.update(ROOT, desk.workspace, "customer", rows["C1"]["id"], {"credit": 7})
    undo = await desk.undo(job)
    assert undo.result is not None
    assert (undo.result["deleted"], undo.result["kept"]) == (1, 1)
    assert [row["code"] for row in await desk.rows("customer")] == ["C1"]
    (kept,) = await desk.read_csv(undo.result["kept_file"])
    assert kept["记录"] == rows["C1"]["id"]
    assert "保留" in kept["原因"]


async def test_many_records_are_taken_back_in_steps(desk: Desk) -> None:
    lines = [f"C{n},客户{n},{n}" for n in range(1, 1301)]
    job = await desk.import_(table("编号,名称,授信额度", *lines), "customer")
    undo = await desk.undo(job)
    assert undo.result is not None
    assert undo.result["deleted"] == 1300
    assert await desk.rows("customer") == []


async def test_a_value_that_somebody_else_took_meanwhile_stays_theirs(desk: Desk) -> None:
    await desk.import_(CUSTOMERS, "customer")
    job = await desk.import_(table("编号,名称", "C1,新甲"), "customer", mode="update", key=["code"])
    await desk.import_(table("编号,名称", "C9,甲"), "customer")
    undo = await desk.undo(job)
    assert undo.result is not None
    assert undo.result["restored"] == 1
    region = table("编号,名称,地区", "D1,同名,华东", "D2,别名,华东")
    await desk.import_(region, "customer")
    renamed = await desk.import_(table("编号,名称", "D1,改名"), "customer", mode="update", key=["code"])
    await desk.import_(table("编号,名称", "D2,同名"), "customer", mode="update", key=["code"])
    undo = await desk.undo(renamed)
    assert undo.result is not None
    assert (undo.result["restored"], undo.result["kept"]) == (0, 1)


async def test_only_who_imported_or_manages_jobs_may(desk: Desk) -> None:
    seller, other = await desk.actor("王芳"), await desk.actor("李强")
    job = await desk.import_(CUSTOMERS, "customer", seller)
    with pytest.raises(Denied):
        await desk.transfer.undos.start(other, desk.workspace, job.id)
    undo = await desk.undo(job, seller)
    assert undo.result is not None
    assert undo.result["deleted"] == 2
    with pytest.raises(Conflict):
        await desk.transfer.undos.start(seller, desk.workspace, job.id)
    with pytest.raises(NotFound):
        await desk.transfer.undos.start(seller, desk.workspace, undo.id)
