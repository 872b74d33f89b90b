"""The values of business papers: label and value in all the ways they stand, ambiguity told as doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.papers import QUOTATION

from tongmai.link.capture.finding import (
    Found,
    amounts_in,
    capital_amount,
    dates_in,
    find_values,
    organisation_in,
    paper_kind,
)
from tongmai.scan import Box, Page, ReadBy, Scan, Word


def paper(*rows: Sequence[str], by: ReadBy = "text", sure: float = 1.0) -> Scan:
    """Rows of pieces, each row a line from left to right."""
    words = tuple(
        Word(text, Box(column / len(row), line / len(rows), (column + 0.9) / len(row), (line + 0.8) / len(rows)), sure)
        for line, row in enumerate(rows)
        for column, text in enumerate(row)
        if text
    )
    return Scan((Page(1, 595.0, 842.0, words, by),))


def one(scan: Scan, field: str) -> Found:
    return next(each for each in find_values(scan) if each.field == field)


def test_a_chinese_quotation_is_read_whole() -> None:
    scan = paper(*QUOTATION)
    said = {each.field: each.value for each in reversed(find_values(scan))}
    assert paper_kind(scan) == "quotation"
    assert said == {
        "number": "QT-2026-0117", "date": "2026-10-28", "customer": "杭州市第一人民医院", "phone": "057187654321",
        "supplier": "上海通脉医疗器械有限公司", "amount": "128000.00", "currency": "CNY", "product": "BS-2000M",
    }  # fmt: skip
    models = [each.value for each in find_values(scan) if each.field == "product"]
    assert models == ["BS-2000M", "TD5A-WS"]


@pytest.mark.parametrize(
    "rows",
    [
        [["合同编号：HT-2026-31"]],
        [["合同编号", "HT-2026-31"]],
        [["合同编号：", "HT-2026-31", "签订日期", "2026-11-02"]],
        [["合同编号", "签订日期"], ["HT-2026-31", "2026-11-02"]],
        [["Contract No.: HT-2026-31"]],
        [["甲方：杭州一院 合同编号：HT-2026-31"]],
    ],
)
def test_a_value_stands_behind_beside_or_below_its_label(rows: list[list[str]]) -> None:
    assert one(paper(*rows), "number").value == "HT-2026-31"


def test_the_place_is_that_of_the_value_not_of_its_label() -> None:
    found = one(paper(["合同金额：", "¥128,000.00"]), "amount")
    assert (found.text, found.box.left) == ("¥128,000.00", 0.5)
    inside = one(paper(["Invoice Number: 42183017"]), "number")
    assert inside.box.left > 0.5
    # Four letters and a mark of double breadth stand before twelve of single breadth.
    chinese = one(paper(["合同编号 HT-2026-0031"]), "number")
    assert chinese.box.left == pytest.approx(0.9 * 9 / 21, abs=0.001)


def test_a_column_of_models_ends_where_the_total_begins() -> None:
    rows = (["型号", "数量"], ["BS-2000M", "1"], ["TD5A-WS", "2"], ["合同总金额：¥128,000.00"])
    assert [each.value for each in find_values(paper(*rows)) if each.field == "product"] == ["BS-2000M", "TD5A-WS"]


def test_figures_and_capitals_that_agree_leave_hardly_a_doubt() -> None:
    agree = one(paper(["合计金额：¥128,000.00"], ["大写：人民币壹拾贰万捌仟元整"]), "amount")
    alone = one(paper(["合计金额：¥128,000.00"]), "amount")
    assert (agree.value, alone.value) == ("128000.00", "128000.00")
    assert agree.confidence > alone.confidence


def test_figures_and_capitals_that_differ_are_told_as_doubt() -> None:
    found = one(paper(["合计金额：¥128,000.00"], ["大写：人民币壹拾贰万陆仟元整"]), "amount")
    assert found.value == "126000.00"
    assert found.confidence <= 0.5
    assert "不一致" in found.reason.zh


def test_a_total_is_neither_the_subtotal_nor_the_tax() -> None:
    rows = (["Subtotal", "$ 262.90"], ["Tax 15%", "$ 16.94"], ["Total", "$ 279.84"])
    total = one(paper(*rows), "amount")
    assert total.value == "279.84"
    assert total.confidence > one(paper(rows[2]), "amount").confidence
    assert one(paper(*rows), "currency").value == "USD"


def test_a_day_that_can_be_read_two_ways_is_unsure_unless_the_paper_shows_its_way() -> None:
    open_ = one(paper(["Invoice Date: 03/04/2026"]), "date")
    settled = one(paper(["Invoice Date: 03/04/2026"], ["Due Date: 04/28/2026"]), "date")
    assert open_.confidence < 0.7
    assert (settled.value, settled.confidence > 0.9) == ("2026-03-04", True)


def test_a_due_date_is_not_the_papers_own() -> None:
    found = one(paper(["Due Date: 2026-12-01"], ["Date: 2026-11-02"]), "date")
    assert found.value == "2026-11-02"
    assert one(paper(["有效期至：2026-12-01", "报价日期：2026-11-02"]), "date").value == "2026-11-02"


def test_letters_read_with_doubt_make_values_of_doubt() -> None:
    clear, blurred = paper(["合同编号：HT-1234"]), paper(["合同编号：HT-1234"], by="ocr", sure=0.7)
    assert one(blurred, "number").confidence == pytest.approx(0.7 * one(clear, "number").confidence, abs=0.01)


def test_nothing_is_found_where_nothing_stands() -> None:
    assert find_values(paper(["今天天气不错"])) == []
    assert find_values(Scan(())) == []
    assert paper_kind(paper(["8"], by="ocr")) == "photo"


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("¥128,000.00", "128000.00", "CNY"), ("12.8万元", "128000.00", "CNY"), ("RMB 3,000", "3000.00", "CNY"),
        ("€ 1.999,00", "1999.00", "EUR"), ("56,02 €", "56.02", "EUR"), ("Rs 1939", "1939.00", "INR"),
        ("US$ 1,234.5", "1234.50", "USD"), ("1 234,56 EUR", "1234.56", "EUR"), ("￥９８０．００", "980.00", "CNY"),
        ("合计人民币128,000元", "128000.00", "CNY"), ("1.5亿元", "150000000.00", "CNY"), ("HK$88", "88.00", "HKD"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, value: str, currency: str) -> None:
    (found,) = amounts_in(text)
    assert (str(found.value), found.currency) == (value, currency)


@pytest.mark.parametrize("text", ["13%", "2026-11-02", "HT-2026-31", "第3条", "0571-87654321", "01.05.14-31.05.14"])
def test_what_only_looks_like_an_amount_is_no_money(text: str) -> None:
    assert not any(each.is_money for each in amounts_in(text))


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([",", ""]))
def test_an_amount_written_out_is_read_back(value: Decimal, thousands: str) -> None:
    text = f"¥{value:{thousands}.2f}"
    assert [each.value for each in amounts_in(text)] == [value]


@given(st.integers(1, 10**12 - 1), st.integers(0, 99))
def test_an_amount_in_capitals_is_read_back(whole: int, cents: int) -> None:
    found = capital_amount(in_capitals(whole, cents))
    assert found is not None
    assert found[0] == whole + Decimal(cents) / 100


def in_capitals(whole: int, cents: int) -> str:
    """As a bank writes it: 人民币壹拾贰万零伍元叁角整."""
    digits, units = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")
    text = ""
    for size, name in ((8, "亿"), (4, "万"), (0, "")):
        group = whole // 10**size % 10**4
        part = ""
        for power in (3, 2, 1, 0):
            digit = group // 10**power % 10
            if digit:
                part += digits[digit] + units[power]
            elif part and not part.endswith("零") and group % 10**power:
                part += "零"
        if part:
            gap = "零" if text and group < 1000 else ""
            text += gap + part + name
    tail = (f"{digits[cents // 10]}角" if cents >= 10 else "") + (f"{digits[cents % 10]}分" if cents % 10 else "")
    return f"人民币{text}元{tail or '整'}"


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_a_day_is_read_in_every_way_it_is_written(day: date) -> None:
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[day.month - 1]
    for text in (
        day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}",
        f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", in_chinese(day),
    ):  # fmt: skip
        (found,) = dates_in(text)
        assert (found.day, found.sure) == (day, 1.0), text
    (european,) = dates_in(f"{day:%d.%m.%Y}", "day")
    assert european.day == day


def in_chinese(day: date) -> str:
    letters = "〇一二三四五六七八九"

    def small(number: int) -> str:
        tens, ones = divmod(number, 10)
        return (("" if tens == 1 else letters[tens]) + "十" if tens else "") + (letters[ones] if ones else "")

    year = "".join(letters[int(each)] for each in str(day.year))
    return f"{year}年{small(day.month)}月{small(day.day)}日"


def test_a_day_that_is_none_is_not_read() -> None:
    assert dates_in("2026-02-30 2026年13月1日 99/99/2026") == []
    assert dates_in(str(date(2026, 1, 1) + timedelta(days=58)))[0].day == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("甲方：杭州市第一人民医院（盖章）", "杭州市第一人民医院"),
        ("由上海通脉医疗器械有限公司供货", "上海通脉医疗器械有限公司"),
        ("Amazon Web Services, Inc.", "Amazon Web Services, Inc."),
        ("Coolblue B.V.", "Coolblue B.V."),
        ("今天去了一趟", None),
    ],
)
def test_company_names_are_known_by_their_form(text: str, name: str | None) -> None:
    assert organisation_in(text) == name
