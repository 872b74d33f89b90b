"""What a person sees before an import."""

from __future__ import annotations

from .desk import Desk, table


async def test_columns_are_known_by_key_label_spelling_and_values(desk: Desk) -> None:
    rows = [f"C{n},甲{n},1380013800{n},East" for n in range(5)]
    preview = await desk.preview(table("code,名 称,联系方式,ＲＥＧＩＯＮ", *rows), "customer")
    found = {each.column: (each.field, each.how) for each in preview.guesses}
    assert found == {
        "code": ("code", "key"),
        "名 称": ("name", "spelling"),
        "联系方式": ("phone", "values"),
        "ＲＥＧＩＯＮ": ("region", "spelling"),
    }
    assert (preview.tried, preview.inserted, preview.refused) == (5, 5, 0)


async def test_a_relation_with_its_key_is_known(desk: Desk) -> None:
    preview = await desk.preview(table("单号,客户编号,Seller E-mail", "O1,C1,0@example.com"), "order")
    by_column = {each.column: (each.field, each.match) for each in preview.guesses}
    assert by_column["客户编号"] == ("customer", "code")


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
