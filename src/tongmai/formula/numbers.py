"""What a number is, so that four engines agree: a decimal with at most 17 digits before the point and 10 after it.

Sums are exact. Products and quotients are rounded half away from zero to 10 places. What leaves the range, and what is
divided by zero, is blank. Ten places and 17 digits are what a quotient needs to be exact in DuckDB's 128-bit integers
(17 + 10 + 11 ≤ 38 digits) and more than money needs. LN, EXP, POWER and SQRT are worked out in binary floating point
and kept to 12 significant digits.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from tongmai.formula.tree import Call, FieldRef, Literal, Param, Tree

PLACES = 10
DIGITS = 17
LIMIT = Decimal(10) ** DIGITS
SIGNIFICANT = 12

_STEP = Decimal(1).scaleb(-PLACES)
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
"""Wide enough that no sum or product of two numbers in range is ever rounded by it."""

FIELD_DIGITS = 20
"""Number fields hold less than 10^20 and at most ten decimal places: ``model`` refuses more."""


def in_range(value: Decimal) -> Decimal | None:
    """``value`` rounded to 10 places; None (blank) where it is too large or not a number."""
    if not value.is_finite() or abs(value) >= LIMIT:
        return None
    rounded = value if _places(value) <= PLACES else value.quantize(_STEP, context=EXACT)
    return None if abs(rounded) >= LIMIT else rounded


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "a finite number"
    return -exponent


def divide(left: Decimal | int, right: Decimal | int) -> Decimal | None:
    """Blank where a side is out of range or the divisor is 0."""
    top, bottom = Decimal(left), Decimal(right)
    if not bottom or abs(top) >= LIMIT or abs(bottom) >= LIMIT:
        return None
    # Eleven places, cut off, hold all that half-away rounding to ten needs to know: no double rounding.
    eleven = EXACT.divide_int(top.scaleb(PLACES + 1, EXACT), bottom)
    return in_range(eleven.scaleb(-PLACES - 1, EXACT))


def from_float(value: float) -> Decimal | None:
    """A result of binary floating point as a number: 12 significant digits."""
    if not math.isfinite(value):
        return None
    return in_range(Decimal(f"{value:.{SIGNIFICANT - 1}e}"))


def plain(value: Decimal | int) -> str:
    """A number as people write it: no exponent, no zeros at the end."""
    number = Decimal(value)
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def width(tree: Tree) -> tuple[int, int]:
    """At most how many digits before and after the point a number tree can have.

    Lets engines leave out rounding and range checks where they could not do anything.
    """
    if isinstance(tree, Literal) and isinstance(tree.value, Decimal):
        return max(tree.value.adjusted() + 1, 1), max(_places(tree.value), 0)
    if isinstance(tree, FieldRef | Param):
        return FIELD_DIGITS, PLACES
    if isinstance(tree, Call) and len(tree.args) == 2:
        return _operator_width(tree)
    if isinstance(tree, Call) and tree.function == "negate":
        return width(tree.args[0])
    return DIGITS, PLACES


def _operator_width(tree: Call) -> tuple[int, int]:
    digits, places = unbounded_width(tree)
    return min(digits, DIGITS), min(places, PLACES)


def unbounded_width(tree: Call) -> tuple[int, int]:
    """What a sum or product would have if it were neither rounded nor checked."""
    if tree.function not in {"+", "-", "*"} or any(arg.type.kind != tree.type.kind for arg in tree.args):
        return DIGITS, PLACES
    (left_digits, left_places), (right_digits, right_places) = (width(arg) for arg in tree.args)
    if tree.function == "*":
        return left_digits + right_digits, left_places + right_places
    return max(left_digits, right_digits) + 1, max(left_places, right_places)
