"""What a person sees before an import."""

from __future__ import annotations

from .desk import Desk, table


async def test_columns_are_known_by_key_label_spelling_and_values(desk: Desk) -> None:
    rows = [f"C{n},甲{n},1380013800{n},East" for n in range(5)]
    preview = await desk.preview(table("code,名 称,怎么找他,ＲＥＧＩＯＮ", *rows), "customer")
    found = {each.column: (each.field, each.how) for each in preview.guesses}
    assert found == {
        "code": ("code", "key"),
        "名 称": ("name", "spelling"),
        "怎么找他": ("phone", "values"),
        "ＲＥＧＩＯＮ": ("region", "spelling"),
    }
    assert (preview.tried, preview.inserted, preview.refused) == (5, 5, 0)


async def test_a_relation_with_its_key_is_known(desk: Desk) -> None:
    preview = await desk.preview(table("单号,客户编号,Seller E-mail", "O1,C1,0@example.com"), "order")
    by_column = {each.column: (each.field, each.match) for each in preview.guesses}
    assert by_column["客户编号"] == ("customer", "code")


async def test_columns_are_known_by_other_names_for_the_same_thing(desk: Desk) -> None:
    rows = ["C1,甲公司,021-55550001,5 万,2020-01-02,重要", "C2,乙公司,13800138000,10000,2021-01-02,"]
    preview = await desk.preview(table("客户编码,公司名称,联系电话,信用额度（元）,成立时间,备注", *rows), "customer")
    assert {each.column: (each.field, each.how, each.sure) for each in preview.guesses} == {
        "客户编码": ("code", "meaning", 0.85),
        "公司名称": ("name", "meaning", 0.85),
        "联系电话": ("phone", "meaning", 0.85),
        "信用额度（元）": ("credit", "meaning", 0.85),
        "成立时间": ("since", "meaning", 0.85),
        "备注": ("limit_note", "meaning", 0.85),
    }
    assert (preview.inserted, preview.refused) == (2, 0)


async def test_a_related_record_is_known_by_what_it_is_called(desk: Desk) -> None:
    preview = await desk.preview(table("Order No,公司,业务员,价税合计,订单日期", "O1,C1,王芳,12,2026-01-02"), "order")
    assert {each.column: each.field for each in preview.guesses} == {
        "Order No": "number", "公司": "customer", "业务员": "seller", "价税合计": "amount", "订单日期": "at",
    }  # fmt: skip


async def test_columns_of_a_real_retail_export_are_known(desk: Desk) -> None:
    head = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"
    preview = await desk.preview(table(head, "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085,UK"), "order")
    assert {each.column: each.field for each in preview.guesses if each.field} == {
        "Invoice": "number", "InvoiceDate": "at", "Customer ID": "customer",
    }  # fmt: skip


async def test_two_columns_never_go_to_one_field(desk: Desk) -> None:
    preview = await desk.preview(table("名称,手机,电话号码,电话", "甲,13800138000,021-55550001,"), "customer")
    assert [(each.column, each.field) for each in preview.guesses] == [
        ("名称", "name"), ("手机", None), ("电话号码", None), ("电话", "phone"),
    ]  # fmt: skip
    preview = await desk.preview(table("名称,电话号码,手机", "甲,021-55550001,13800138000"), "customer")
    assert [each.field for each in preview.guesses] == ["name", None, "phone"]


async def test_another_name_counts_only_where_the_cells_fit_and_a_label_less_where_they_do_not(desk: Desk) -> None:
    rows = [f"甲{n},见名片,很久以前" for n in range(4)]
    preview = await desk.preview(table("名称,手机,成立日期", *rows), "customer")
    assert [(each.field, each.sure) for each in preview.guesses] == [("name", 1.0), (None, None), ("since", 0.3)]


async def test_what_is_said_of_a_related_record_is_not_the_record(desk: Desk) -> None:
    preview = await desk.preview(table("单号,客户电话,金额", "O1,13800138000,1"), "order")
    # An order has no phone: the column is left to a person.
    assert [each.field for each in preview.guesses] == ["number", None, "amount"]


async def test_a_preview_tells_the_first_faults_and_writes_nothing(desk: Desk) -> None:
    preview = await desk.preview(table("编号,名称,授信额度", "C1,甲,1", "C2,乙,x", "C1,丙,1", "C4,丁,-1"), "customer")
    assert (preview.inserted, preview.refused) == (1, 3)
    assert [(fault.row, fault.field) for fault in preview.faults] == [(3, "credit"), (4, "code"), (5, None)]
    assert preview.rows[0] == ("C1", "甲", "1")
    assert await desk.rows("customer") == []
    assert await desk.history("import:trial") == []


async def test_a_preview_draws_no_numbers(desk: Desk) -> None:
    await desk.preview(table("单号", "O1", "O2"), "order")
    await desk.import_(table("单号", "O1"), "order")
    assert (await desk.rows("order"))[0]["serial"] == "SO-2026-0001"


async def test_a_file_without_a_known_column_still_previews(desk: Desk) -> None:
    preview = await desk.preview(table("x,y", "1,2"), "customer")
    assert [each.field for each in preview.guesses] == [None, None]
    assert preview.document("zh")["rows"] == [["1", "2"]]
