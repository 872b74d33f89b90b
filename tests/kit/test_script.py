from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongmai.kit import simplified


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("華東（上海）機械有限公司", "华东（上海）机械有限公司"),
        ("乾淨 乾坤", "干净 乾坤"),
        ("頭髮 發貨", "头发 发货"),
        ("后天发货", "后天发货"),
        ("Order 12", "Order 12"),
        ("", ""),
    ],
)
def test_words_are_read_as_they_are_meant(written: str, meant: str) -> None:
    assert simplified(written) == meant


@given(st.text(st.sampled_from("瞭乾後裏麼著發頭髮解淨坤a1，换仓") | st.characters()))
def test_positions_stay_and_a_second_time_changes_nothing(text: str) -> None:
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once
