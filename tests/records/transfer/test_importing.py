"""Imports as a person sees them: what went in, what was refused and why, and that the account adds up."""

from __future__ import annotations

from .desk import ROOT, Desk, table


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


CUSTOMERS = table("编号,名称,地区,授信额度", "C1,甲,华东,100", "C2,乙,华北,200")


class TestRelations:
    """Cells that name other records."""

    async def test_a_related_record_is_found_by_the_chosen_field_and_the_rule_sees_it(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        job = await desk.import_(
            table("单号,客户编号,金额", "O1,C1,50", "O2,C9,50", "O3,C2,201", "O4,,999999"),
            "order",
        )
        assert job.result is not None
        assert (job.result["inserted"], job.result["refused"]) == (2, 2)
        reasons = {row["单号"]: row["原因"] for row in await desk.refused(job)}
        assert "customer" in reasons["O2"] and "不存在" in reasons["O2"]
        assert "金额超过客户授信" in reasons["O3"]
        orders = await desk.rows("order", sort="number")
        assert orders[0]["customer"]["label"] == "甲"
        assert orders[0]["serial"] == "SO-2026-0001"

    async def test_without_a_chosen_field_id_code_and_title_all_do(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        by_code = {row["code"]: row["id"] for row in await desk.rows("customer")}
        columns = [{"column": "n", "field": "number"}, {"column": "c", "field": "customer"}]
        job = await desk.import_(
            table("n,c", f"O1,{by_code['C1']}", "O2,C2", "O3,甲", "O4,丙"), "order", columns=columns
        )
        assert job.result is not None
        assert (job.result["inserted"], job.result["refused"]) == (3, 1)
        found = {row["number"]: row["customer"]["id"] for row in await desk.rows("order")}
        assert found == {"O1": by_code["C1"], "O2": by_code["C2"], "O3": by_code["C1"]}

    async def test_several_records_in_one_cell(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        columns = [{"column": "n", "field": "number"}, {"column": "c", "field": "others", "match": "code"}]
        job = await desk.import_(table("n;c", 'O1;"C2;C1"', "O2;C1", 'O3;"C1;C7"', "O4;"), "order", columns=columns)
        assert job.result is not None
        assert (job.result["inserted"], job.result["refused"]) == (3, 1)
        by_code = {row["code"]: row["id"] for row in await desk.rows("customer")}
        stored = {row["number"]: row["others"] for row in await desk.rows("order")}
        assert [each["id"] if isinstance(each, dict) else each for each in stored["O1"]] == [
            by_code["C2"],
            by_code["C1"],
        ]
        assert stored["O4"] is None

    async def test_a_missing_record_is_made_once_if_wished(self, desk: Desk) -> None:
        editor_region = table("名称", "华东一队")
        made = await desk.import_(editor_region, "team")
        assert made.result is not None
        columns = [
            {"column": "n", "field": "name"},
            {"column": "t", "field": "team", "match": "name", "create_missing": True},
        ]
        job = await desk.import_(table("n,t", "孙一,华东一队", "孙二,新队", "孙三,新队"), "person", columns=columns)
        assert job.result is not None
        assert (job.result["inserted"], job.result["related"], job.result["refused"]) == (3, 1, 0)
        assert sorted(row["name"] for row in await desk.rows("team")) == ["华东一队", "新队"]
        entries = await desk.history(f"import:{job.id}")
        assert sorted(entry["object"] for entry in entries) == ["person", "person", "person", "team"]

    async def test_owner_and_seller_by_name_or_mail(self, desk: Desk) -> None:
        columns = [{"column": each, "field": each} for each in ("code", "name", "owner")]
        job = await desk.import_(
            table("code,name,owner", "C1,甲,王芳", "C2,乙,1@example.com", "C3,丙,没有这人"), "customer", columns=columns
        )
        assert job.result is not None
        assert (job.result["inserted"], job.result["refused"]) == (2, 1)
        owners = {row["code"]: row["owner"]["label"] for row in await desk.rows("customer")}
        assert owners == {"C1": "王芳", "C2": "李强"}


class TestMerging:
    """Rows that meet records which are there."""

    async def test_found_records_change_and_others_are_made(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        job = await desk.import_(
            table("编号,名称,地区,授信额度", "C1,甲,,150", "C2,乙,华北,200.00", "C3,丙,华北,"),
            "customer", mode="merge", key=["code"],
        )  # fmt: skip
        assert job.result is not None
        assert {k: job.result[k] for k in ("inserted", "updated", "unchanged", "refused")} == {
            "inserted": 1, "updated": 1, "unchanged": 1, "refused": 0,
        }  # fmt: skip
        rows = {row["code"]: row for row in await desk.rows("customer")}
        assert (rows["C1"]["credit"], rows["C1"]["region"], rows["C1"]["version"]) == (150, "east", 2)
        assert (rows["C3"]["credit"], rows["C2"]["version"]) == (1000, 1)
        (changed,) = [each for each in await desk.history(f"import:{job.id}") if each["action"] == "update"]
        assert '"credit": 150' in changed["after"] and '"region"' not in changed["after"]

    async def test_blank_cells_clear_if_wished(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        await desk.import_(table("编号,地区", "C1,"), "customer", mode="update", key=["code"], blanks="clear")
        rows = {row["code"]: row["region"] for row in await desk.rows("customer")}
        assert rows == {"C1": None, "C2": "north"}

    async def test_update_never_makes_a_record(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        job = await desk.import_(table("编号,授信额度", "C1,1", "C9,1", ",5"), "customer", mode="update", key=["code"])
        assert job.result is not None
        assert (job.result["updated"], job.result["inserted"], job.result["refused"]) == (1, 0, 2)
        reasons = {row["编号"]: row["原因"] for row in await desk.refused(job)}
        assert "没有这条记录" in reasons["C9"] and "空" in reasons[""]

    async def test_rows_with_one_key_act_one_after_another(self, desk: Desk) -> None:
        job = await desk.import_(
            table(
                "编号,名称,授信额度",
                "C1,甲,1", "C1,甲,1", "C1,甲,2", "C2,乙,5", "C1,甲,-3", "C1,甲,-3", "C1,甲,4", "C1,甲,4", "C2,乙,5",
            ),
            "customer", mode="merge", key=["code"],
        )  # fmt: skip
        assert job.result is not None
        assert {k: job.result[k] for k in ("read", "inserted", "updated", "unchanged", "refused")} == {
            "read": 9, "inserted": 2, "updated": 2, "unchanged": 3, "refused": 2,
        }  # fmt: skip
        rows = {row["code"]: (row["credit"], row["version"]) for row in await desk.rows("customer")}
        assert rows == {"C1": (4, 3), "C2": (5, 1)}

    async def test_two_rows_that_want_one_unique_value(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        job = await desk.import_(
            table("编号,名称,地区", "C1,同名,华东", "C2,同名,华东"), "customer", mode="merge", key=["code"]
        )
        assert job.result is not None
        assert (job.result["updated"], job.result["refused"]) == (1, 1)
        rows = {row["code"]: row["name"] for row in await desk.rows("customer")}
        assert rows == {"C1": "同名", "C2": "乙"}

    async def test_what_changed_is_found_by_search(self, desk: Desk) -> None:
        await desk.import_(CUSTOMERS, "customer")
        await desk.import_(table("编号,名称", "C1,通脉科技"), "customer", mode="update", key=["code"])
        found = await desk.gateway.list(ROOT, desk.workspace, "customer", search="通脉")
        assert b"C1" in found
        assert b"C1" not in await desk.gateway.list(ROOT, desk.workspace, "customer", search="甲")
