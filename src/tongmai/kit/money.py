"""Money is a decimal with two places in the workspace's currency, rounded half up as Chinese invoices are."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MONEY_PLACES = 2
_CENT = Decimal(1).scaleb(-MONEY_PLACES)


def round_money(amount: Decimal) -> Decimal:
    """To the cent, half away from zero, as PostgreSQL's ``round(numeric, 2)`` does, so that both engines agree."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
