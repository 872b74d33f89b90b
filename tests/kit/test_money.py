from __future__ import annotations

from decimal import Decimal

from tongmai.kit import round_money


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    assert round_money(Decimal("2.345")) == Decimal("2.35")
    assert round_money(Decimal("-2.345")) == Decimal("-2.35")
    assert round_money(Decimal("2.344999")) == Decimal("2.34")
