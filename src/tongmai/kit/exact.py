"""Numbers of JSON as they are written, digit by digit; but only such as can be written out."""

from __future__ import annotations

from decimal import Decimal

# As many digits as Python reads of a whole number. 1e-999999999 is short here and a thousand million letters elsewhere.
_MOST_DIGITS = 4_300


def exact_number(text: str) -> Decimal:
    """A number with a point or an exponent, for ``parse_float`` of a JSON reader. Raises ``ValueError`` for one that
    would be more than 4,300 digits long if it were written out."""
    number = Decimal(text)
    if len(text) > _MOST_DIGITS or (number and abs(number.adjusted()) > _MOST_DIGITS):
        raise ValueError(f"a number of more than {_MOST_DIGITS} digits")
    # Of zero the exponent says nothing, and would be written out as well.
    return number if number or abs(number.adjusted()) <= _MOST_DIGITS else Decimal(0)
