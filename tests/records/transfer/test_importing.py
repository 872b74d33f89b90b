"""Imports as a person sees them: what went in, what was refused and why, and that the account adds up."""

from __future__ import annotations

from .desk import Desk, table


async def test_rows_go_in_with_defaults_and_history(desk: Desk) -> None:
    job = await desk.import_(
        table(
            "编号,名称,地区,标签,电话,成立日期", "C1,通脉科技,华东,重点;新客,13800138000,2020年1月2日", "C2,乙公司,,,,"
        ),
        "customer",
    )
    assert job.result is not None
    assert {key: job.result[key] for key in ("read", "inserted", "refused")} == {"read": 2, "inserted": 2, "refused": 0}
    first, second = await desk.rows("customer", sort="code")
    assert (first["name"], first["region"], first["tags"], first["since"]) == (
        "通脉科技",
        "east",
        ["vip", "new"],
        "2020-01-02",
    )
    assert (second["credit"], second["limit_note"], second["version"]) == (1000, "额度 1000", 1)
    entries = await desk.history(f"import:{job.id}")
    assert [entry["action"] for entry in entries] == ["create", "create"]
    assert {entry["via"] for entry in entries} == {"system:test"}


async def test_each_refused_row_comes_back_with_every_reason(desk: Desk) -> None:
    job = await desk.import_(
        table(
            "编号,名称,地区,授信额度,成立日期",
            "C1,甲,华东,5,2020-01-01",
            "C2,乙,火星,abc,2020-01-01",
            ",丙,华东,5,",
            "C4,丁,华东,-1,",
            "C1,戊,华东,5,",
            "C6,甲,华东,5,",
        ),
        "customer",
    )
    assert job.result is not None
    assert (job.result["read"], job.result["inserted"], job.result["refused"]) == (6, 1, 5)
    refused = await desk.refused(job)
    reasons = {row["行号"]: row["原因"] for row in refused}
    assert list(reasons) == ["3", "4", "5", "6", "7"]
    assert "region" in reasons["3"] and "credit" in reasons["3"]
    assert "必填" in reasons["4"]
    assert "授信额度不能为负" in reasons["5"]
    assert "编号" in reasons["6"]
    assert "名称" in reasons["7"]
    assert refused[0]["名称"] == "乙"
