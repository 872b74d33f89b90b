"""A spreadsheet as a new object."""

from __future__ import annotations

from tongmai.model import FieldDef
from tongmai.records.transfer import guess_fields


def guess(header: list[str], *rows: list[object]) -> dict[str, FieldDef]:
    return {field.label.zh: field for field in guess_fields(header, rows, "Asia/Shanghai")}


def test_types_are_told_from_cells_and_headings() -> None:
    header = ["客户名称", "手机号", "邮箱", "金额", "折扣", "签约日期", "是否成交", "编号", "备注", "数量"]
    row = ["甲", "13800138000", "a@b.cn", "1,200.50", "35%", "2026年1月2日", "是", "00012", "x" * 300, "3"]
    found = guess(header, *[row] * 5)
    assert {label: field.type for label, field in found.items()} == {
        "客户名称": "text",
        "手机号": "phone",
        "邮箱": "email",
        "金额": "money",
        "折扣": "percent",
        "签约日期": "date",
        "是否成交": "boolean",
        "编号": "text",
        "备注": "long_text",
        "数量": "number",
    }
    assert found["客户名称"].key == "ke_hu_ming_cheng"


def test_few_words_that_repeat_are_options() -> None:
    found = guess(["阶段"], *[[word] for word in ("初访", "报价", "成交") * 20])
    assert found["阶段"].type == "choice"
    options = found["阶段"].options["choices"]
    assert isinstance(options, list)
    assert len(options) == 3


def test_keys_never_collide_nor_take_the_systems_names() -> None:
    fields = guess_fields(["id", "ID", "owner", "1号", "％", "名称", "名称 "], [["1"] * 7], "Asia/Shanghai")
    keys = [field.key for field in fields]
    assert len(set(keys)) == 7
    assert not {"id", "owner"} & set(keys)
