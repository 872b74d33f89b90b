"""Who wrote a paper without a label for it: told by the letterhead, never as sure, and never the receiver."""

from __future__ import annotations

import pytest

from tongmai.kit import Settings
from tongmai.link.capture.finding import find_values
from tongmai.link.capture.finding.organisations import organisation_in
from tongmai.scan import Box, Page, Scan, Word

Line = tuple[str, float, float, float]


def page(*lines: Line) -> Scan:
    """Lines by text, left, top and height, in thousandths of the page."""
    words = tuple(
        Word(text, Box(left / 1000, top / 1000, min(1.0, (left + 12 * len(text)) / 1000), (top + height) / 1000), 1.0)
        for text, left, top, height in lines
    )
    return Scan((Page(1, 595.0, 842.0, words, "text"),))


def block(left: int, top: int, *lines: str) -> list[Line]:
    return [(text, left, top + 15 * place, 12) for place, text in enumerate(lines)]


BODY: list[Line] = [
    ("Invoice 20177", 70, 330, 20),
    *block(70, 400, "Description", "Steel hinges", "Brass hinges", "Transport"),
    *block(700, 400, "Amount", "120.00", "80.00", "10.00"),
    ("Total", 600, 520, 12),
    ("210.00", 700, 520, 12),
]
RECEIVER = block(70, 150, "Jane Porter", "14 Mill Lane", "10115 Berlin")


def supplier(scan: Scan) -> tuple[str, float] | None:
    return next(((each.value, each.confidence) for each in find_values(scan) if each.field == "supplier"), None)


@pytest.mark.parametrize(
    "letterhead",
    [
        block(700, 60, "Nordwind Beschläge", "Hafenstr. 3", "20457 Hamburg", "Tel. +49 40 1234", "www.nordwind.de"),
        block(70, 60, "Nordwind Beschläge", "Hafenstr. 3", "D-20457 Hamburg", "USt-IdNr. DE811223344"),
        [("Nordwind Beschläge", 70, 40, 30), *block(70, 905, "Nordwind Beschläge", "info@nordwind.de")],
        block(70, 900, "Nordwind Beschläge Kundenservice", "Hafenstr. 3", "20457 Hamburg", "IBAN DE02 1203 0000"),
    ],
    ids=["address and web site", "address and tax number", "large and again in the footer", "footer"],
)
def test_the_letterhead_tells_and_is_to_be_confirmed(letterhead: list[Line]) -> None:
    found = supplier(page(*letterhead, *RECEIVER, *BODY))
    assert found is not None
    assert found[0] == "Nordwind Beschläge"
    assert found[1] < Settings().capture_sure


def test_a_chinese_letterhead_above_the_buyer_is_the_seller() -> None:
    scan = page(
        ("苏州安和医疗器械有限公司", 300, 40, 26),
        *block(300, 80, "地址：苏州市工业园区星湖街8号", "电话：0512-66668888"),
        ("报价单", 450, 140, 24),
        *block(70, 200, "客户名称：杭州市第一人民医院", "报价日期：2026年10月28日"),
        ("合计：¥1,200.00", 70, 500, 14),
    )
    said = {each.field: each.value for each in find_values(scan)}
    assert (said["supplier"], said["customer"]) == ("苏州安和医疗器械有限公司", "杭州市第一人民医院")


@pytest.mark.parametrize("label", ["Bill to", "Ship to", "Afleveradres", "收货单位"])
def test_a_receivers_address_is_no_letterhead(label: str) -> None:
    received = block(70, 150, label, "Porter Hardware", "14 Mill Lane", "10115 Berlin", "Tel. +49 30 5678")
    found = supplier(page(*received, *BODY))
    assert found is None or found[0] != "Porter Hardware"


def test_an_address_alone_does_not_tell_a_sender() -> None:
    """The receiver's, behind the window of an envelope, looks the same."""
    assert supplier(page(*RECEIVER, *BODY)) is None


def test_a_mail_box_anybody_may_have_says_nothing() -> None:
    with_box = page(*block(70, 60, "porter", "porter@gmail.com"), *BODY)
    own = page(*block(70, 60, "porter", "sales@porter.de"), *BODY)
    assert (supplier(with_box), supplier(own) is not None) == (None, True)


def test_a_label_goes_before_a_letterhead() -> None:
    letterhead = block(700, 60, "Nordwind Beschläge", "Hafenstr. 3", "20457 Hamburg", "www.nordwind.de")
    scan = page(*letterhead, ("Sold by: Eastwind Trading Ltd.", 70, 250, 12), *BODY)
    found = supplier(scan)
    assert found is not None
    assert found[0] == "Eastwind Trading Ltd."


def test_a_word_without_end_is_read_in_one_pass() -> None:
    """Taken for a company's name from each of its letters on, it would hold the whole program up for hours."""
    assert organisation_in("A1" * 150_000) is None
    assert organisation_in("Sold by Eastwind & Sons of Trading Ltd.") == "Eastwind & Sons of Trading Ltd."
