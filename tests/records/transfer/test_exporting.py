"""Exports: what an actor may see, in every format, safe to open, and readable by an import again."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from python_calamine import CalamineWorkbook

from tongmai.kit import Denied, Invalid, TooLarge

from .desk import ROOT, Desk, table

CUSTOMERS = table(
    "编号,名称,地区,标签,电话,授信额度,成立日期,成本",
    "C1,甲,华东,重点;新客,13800138000,100.50,2020-01-02,7",
    'C2,"乙,""公司""",,,,200,,8',
)


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_csv_reads_as_people_write(desk: Desk) -> None:
    await desk.import_(CUSTOMERS, "customer")
    first, second = rows_of(await desk.export("customer", sort="code"))
    assert (first["编号"], first["地区"], first["标签"], first["电话"]) == ("C1", "华东", "重点;新客", "13800138000")
    assert (first["授信额度"], first["成立日期"]) == ("100.50", "2020-01-02")
    assert second["名称"] == '乙,"公司"'


async def test_what_is_exported_comes_back_by_an_import(desk: Desk) -> None:
    await desk.import_(CUSTOMERS, "customer")
    await desk.import_(table("单号,客户编号,销售,金额,下单时间", "O1,C1,王芳,50,2026-11-02 08:30:00"), "order")
    for format in ("csv", "xlsx"):
        for object_key, key in (("customer", "code"), ("order", "number")):
            content = await desk.export(object_key, format=format)
            job = await desk.import_(content, object_key, mode="merge", key=[key])
            assert job.result is not None
            assert job.result["unchanged"] == job.result["read"] > 0, (format, object_key, await desk.refused(job))


async def test_masks_policies_filters_and_fields_hold(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    await desk.import_(CUSTOMERS, "customer")
    await desk.import_(table("编号,名称", "S1,自己的", "S2,也是"), "customer", seller)
    rows = rows_of(await desk.export("customer", seller))
    assert sorted(row["编号"] for row in rows) == ["S1", "S2"]
    assert "成本" not in rows[0]
    filtered = rows_of(await desk.export("customer", seller, filter="编号 = 'S2'", fields=["name"]))
    assert filtered == [{"名称": "也是"}]
    with pytest.raises(Invalid) as unknown:
        await desk.export("customer", seller, fields=["cost"])
    assert unknown.value.faults[0].code == "field.unknown"
    with pytest.raises(Denied):
        await desk.export("customer", await desk.actor("赵敏"))
    with pytest.raises(Denied):
        await desk.export("order", seller)
    with pytest.raises(Invalid):
        await desk.export("customer", filter="没有 = 1")


async def test_cells_that_would_run_as_formulas_are_texts(desk: Desk) -> None:
    evil = [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "-12.5",
        "+8613800138000",
        "'=quoted",
        "＝1+1",
        "＠SUM(A1)",
    ]
    await desk.import_(table("编号,名称", *(f'E{n},"{name}"' for n, name in enumerate(evil))), "customer")
    content = await desk.export("customer", sort="code", fields=["code", "name"])
    names = [row["名称"] for row in rows_of(content)]
    assert names[:6] == ["'=1+1", "'+cmd|' /C calc'!A0", "'-2+3", "'@SUM(A1)", "-12.5", "+8613800138000"]
    # What a Chinese spreadsheet takes for the narrow sign.
    assert names[-2:] == ["'＝1+1", "'＠SUM(A1)"]
    job = await desk.import_(content, "customer", mode="merge", key=["code"])
    assert job.result is not None
    assert job.result["unchanged"] == len(evil)
    workbook = await desk.export("customer", format="xlsx", fields=["name"])
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


async def test_json_lines_and_parquet_keep_keys_ids_and_types(desk: Desk, tmp_path: Path) -> None:
    await desk.import_(CUSTOMERS, "customer")
    await desk.import_(table("单号,客户编号,金额,下单时间", "O1,C1,50,2026-11-02 08:30:00"), "order")
    lines = [orjson.loads(line) for line in (await desk.export("order", format="jsonl")).splitlines()]
    assert lines[0]["customer"]["label"] == "甲"
    path = tmp_path / "a.parquet"
    path.write_bytes(await desk.export("customer", format="parquet", sort="code", headings="keys"))
    found: Any = duckdb.sql(f"SELECT region, tags, credit, since FROM '{path}'").fetchall()
    assert [str(each) for each in found[0]] == ["east", "['vip', 'new']", "100.5000000000", "2020-01-02"]
    path.write_bytes(await desk.export("order", format="parquet", headings="keys"))
    assert duckdb.sql(f"SELECT \"at\" AT TIME ZONE 'Asia/Shanghai' FROM '{path}'").fetchall()[0][0].hour == 8


async def test_an_empty_export_still_has_its_header(desk: Desk, tmp_path: Path) -> None:
    assert rows_of(await desk.export("customer")) == []
    path = tmp_path / "a.xlsx"
    path.write_bytes(await desk.export("customer", format="xlsx", fields=["code", "name"]))
    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[0] == ["编号", "名称"]


async def test_a_sheet_too_long_for_xlsx_is_refused_with_the_way_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.import_(CUSTOMERS, "customer")
    monkeypatch.setattr("tongmai.records.transfer.exporting.MOST_ROWS", 1)
    with pytest.raises(TooLarge) as caught:
        await desk.export("customer", format="xlsx")
    assert caught.value.faults[0].way_out is not None


async def test_an_export_as_a_job_leaves_a_file_for_who_asked(desk: Desk) -> None:
    from tongmai.records.transfer import ExportRequest

    await desk.import_(CUSTOMERS, "customer")
    id = await desk.transfer.exports.start(ROOT, desk.workspace, ExportRequest(object="customer"))
    await desk.run_jobs()
    job = await desk.job(id)
    assert job.result is not None
    assert job.result["rows"] == 2
    assert len(await desk.read_csv(job.result["file"])) == 2


async def test_each_export_is_in_the_audit_log(desk: Desk) -> None:
    seller = await desk.actor("王芳")
    await desk.export("customer", seller, filter="编号 = 'S2'")
    async with desk.database.read() as tx:
        (row,) = await tx.fetch(
            "SELECT actor, detail FROM tongmai.audit WHERE kind = 'export' AND workspace_id = $1", desk.workspace.id
        )
    assert row["actor"] == seller.id
    assert orjson.loads(row["detail"])["filter"] == "编号 = 'S2'"
