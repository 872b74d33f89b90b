"""Imports keep the policies: what an actor may not do one by one, no file does for them."""

from __future__ import annotations

import pytest

from tongmai.kit import Denied, Invalid, NotFound

from .desk import ROOT, Desk, table


async def test_without_the_right_to_import_nothing_starts(desk: Desk) -> None:
    clerk = await desk.actor("赵敏")
    with pytest.raises(Denied) as caught:
        await desk.start(table("编号,名称", "C1,甲"), "customer", clerk)
    assert any("导入" in fault.text.zh for fault in caught.value.faults)


async def test_a_field_that_may_not_be_seen_is_refused_as_one_that_is_not_there(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    told = []
    for name in ("cost", "qqqq"):
        columns = [{"column": each, "field": each} for each in ("code", "name", name)]
        with pytest.raises(Invalid) as caught:
            await desk.start(table(f"code,name,{name}", "C1,甲,3"), "customer", seller, columns=columns)
        told.append(str(caught.value.problem("zh")).replace(name, "…"))
    assert told[0] == told[1]


async def test_who_may_not_give_records_away_brings_in_his_own_and_nobody_elses(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    columns = [{"column": each, "field": each} for each in ("number", "owner")]
    content = table("number,owner", "O1,王芳", "O2,李强", "O3,")
    job = await desk.import_(content, "order", seller, columns=columns)
    assert {row["number"]: row["owner"]["label"] for row in await desk.rows("order")} == {"O1": "王芳", "O3": "王芳"}
    (refused,) = await desk.refused(job, seller)
    assert refused["number"] == "O2"
    assert "没有权限" in refused["原因"]
    # Who may not change the owner brings none for records that are there.
    with pytest.raises(Denied):
        await desk.start(content, "order", seller, columns=columns, mode="merge", key=["number"])


async def test_a_guessed_mapping_leaves_out_what_may_not_be_set(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    await desk.import_(table("编号,名称,成本", "C1,甲,3"), "customer", seller)
    (row,) = await desk.rows("customer")
    assert (row["cost"], row["owner"]["label"]) == (None, "王芳")


async def test_rows_of_others_are_neither_seen_nor_changed(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    await desk.import_(table("编号,名称", "C1,别人的"), "customer")
    job = await desk.import_(
        table("编号,名称,授信额度", "C1,改名,5", "C2,自己的,5"), "customer", seller, mode="merge", key=["code"]
    )
    assert job.result is not None
    assert (job.result["inserted"], job.result["updated"], job.result["refused"]) == (1, 0, 1)
    (refused,) = await desk.refused(job, seller)
    assert refused["编号"] == "C1"
    update = await desk.import_(table("编号,授信额度", "C1,9"), "customer", seller, mode="update", key=["code"])
    assert update.result is not None
    assert update.result["refused"] == 1
    assert {row["code"]: row["name"] for row in await desk.rows("customer")} == {"C1": "别人的", "C2": "自己的"}


async def test_a_row_for_somebody_else_falls_out_of_ones_own_scope(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    columns = [{"column": each, "field": each} for each in ("code", "name", "owner")]
    job = await desk.import_(table("code,name,owner", "C1,甲,李强", "C2,乙,王芳"), "customer", seller, columns=columns)
    assert job.result is not None
    assert (job.result["inserted"], job.result["refused"]) == (1, 1)
    gave = await desk.import_(
        table("code,name,owner", "C2,乙,李强"), "customer", seller, columns=columns, mode="merge", key=["code"]
    )
    assert gave.result is not None
    assert gave.result["refused"] == 1
    assert "没有权限" in (await desk.refused(gave, seller))[0]["原因"]


async def test_relations_are_found_only_among_what_one_sees(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    await desk.import_(table("编号,名称", "C1,别人的"), "customer")
    await desk.import_(table("编号,名称", "C2,自己的"), "customer", seller)
    job = await desk.import_(table("单号,客户编号", "O1,C1", "O2,C2"), "order", seller)
    assert job.result is not None
    assert (job.result["inserted"], job.result["refused"]) == (1, 1)


async def test_nobody_makes_administrators_by_a_file(desk: Desk) -> None:
    columns = [{"column": "name", "field": "name"}, {"column": "roles", "field": "roles"}]
    with pytest.raises(Denied):
        await desk.start(table("name,roles", "黑客,administrator"), "person", await desk.actor("王芳"), columns=columns)
    job = await desk.import_(table("name,roles", "老板,administrator"), "person", columns=columns)
    assert job.result is not None
    assert job.result["inserted"] == 1
    last = await desk.import_(table("name,roles", "老板,sales"), "person", columns=columns, mode="update", key=["name"])
    assert last.result is not None
    assert last.result["refused"] == 1


async def test_a_file_of_somebody_else_is_not_there(desk: Desk) -> None:
    seller, other = await desk.actor("王芳"), await desk.actor("李强")
    file = await desk.upload(table("编号,名称", "C1,甲"), actor=seller)
    from tongmai.records.transfer import ImportRequest

    with pytest.raises(NotFound):
        await desk.transfer.imports.start(other, desk.workspace, ImportRequest(object="customer", file=file))


async def test_a_person_who_left_imports_no_more(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    job = await desk.start(table("编号,名称", "C1,甲"), "customer", seller)
    await desk.gateway.update(ROOT, desk.workspace, "person", seller.id, {"active": False})
    await desk.run_jobs()
    done = await desk.job(job)
    assert done.state == "failed"
    assert await desk.rows("customer") == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"mode": "merge"}, "import.no_key"),
        ({"mode": "merge", "key": ["phone"]}, "import.key_not_mapped"),
        ({"mode": "merge", "key": ["nope"]}, "field.unknown"),
        ({"columns": [{"column": "编号", "field": "created_at"}]}, "field.read_only"),
        ({"columns": [{"column": "没有", "field": "code"}]}, "import.unknown_column"),
        ({"columns": [{"column": "编号", "field": "codes"}]}, "field.unknown"),
        ({"columns": [{"column": "编号", "field": "code"}, {"column": "名称", "field": "code"}]}, "import.field_twice"),
        ({"columns": []}, "import.nothing_mapped"),
    ],
)  # fmt: skip
async def test_a_bad_mapping_is_refused_with_the_way_out(desk: Desk, more: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        await desk.start(table("编号,名称", "C1,甲"), "customer", **more)
    assert [fault.code for fault in caught.value.faults] == [code]


@pytest.mark.parametrize("name", ['编号"; DROP TABLE x; --', "编号'", "$1", "pg_sleep(9)"])
async def test_hostile_headers_are_only_names(desk: Desk, name: str) -> None:
    columns = [{"column": name, "field": "code"}, {"column": "名称", "field": "name"}]
    quoted = '"' + name.replace('"', '""') + '"'
    job = await desk.import_(table(f"{quoted},名称", "C1,甲'); DROP TABLE customer; --"), "customer", columns=columns)
    assert job.result is not None
    assert job.result["inserted"] == 1
    assert (await desk.rows("customer"))[0]["name"] == "甲'); DROP TABLE customer; --"
