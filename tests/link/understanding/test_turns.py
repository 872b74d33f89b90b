"""What is told from one thing said: a price is quoted, whatever somebody writes to hold the reader up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tongmai.link.understanding.turns import Turn, is_quotation

_NOW = datetime(2026, 11, 23, tzinfo=UTC)


def said(text: str) -> Turn:
    return Turn("1", _NOW, by_customer=False, text=text)


@pytest.mark.parametrize(
    "text", ["报价 1,250.00 元", "报价：12.5万/台", "报价￥ 300", "quote: 99 RMB", "报价 1,250, 元/套"]
)
def test_a_price_in_a_quotation(text: str) -> None:
    assert is_quotation(said(text))


@pytest.mark.parametrize("text", ["报价稍后发您", "300 元", "报价单 20261123"])
def test_no_price_or_no_quotation(text: str) -> None:
    assert not is_quotation(said(text))


@pytest.mark.parametrize("unit", ["1", "1,", "1 ", "￥"])
def test_a_row_of_digits_without_end_is_read_in_one_pass(unit: str) -> None:
    """Read on from each of its digits, it would hold the whole program up for an hour."""
    assert not is_quotation(said("报价 " + unit * 200_000))
