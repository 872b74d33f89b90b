"""How closely two figures go together: against numpy's least squares, and what it refuses to say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tongmai.boards.association import FEWEST, fitted

_NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda each: round(each, 3))
_POINTS = st.lists(st.tuples(_NUMBERS, _NUMBERS), min_size=FEWEST, max_size=60)


@given(_POINTS)
@settings(max_examples=60)
def test_the_line_and_its_share_are_those_of_least_squares(points: list[tuple[float, float]]) -> None:
    x, y = np.array(points).T
    assume(x.std() > 1e-3 * max(1.0, abs(x).max()))
    assume(y.std() > 1e-3 * max(1.0, abs(y).max()))
    found = fitted(points)
    assert found is not None
    slope, intercept = np.polyfit(x, y, 1)
    r2 = float(np.corrcoef(x, y)[0, 1] ** 2)
    assert math.isclose(found.slope, slope, rel_tol=1e-6, abs_tol=1e-6 * (1 + abs(slope)))
    assert math.isclose(found.intercept, intercept, rel_tol=1e-6, abs_tol=1e-5 * (1 + abs(y).max()))
    assert math.isclose(found.r2, r2, rel_tol=1e-6, abs_tol=1e-9)
    assert -1e-12 <= found.least <= found.r2 + 1e-12 <= found.most + 2e-12 <= 1 + 1e-9
    assert found.is_clear == (found.least > 0)


def test_the_range_is_fishers() -> None:
    """r = 0.6 of 28 records: z = 0.693 ± 0.392."""
    x = np.arange(28, dtype=float)
    noise = np.cos(np.arange(28) * 2.1)
    noise -= np.polyval(np.polyfit(x, noise, 1), x)
    y = 0.6 * (x - x.mean()) / x.std() + 0.8 * noise / noise.std()
    found = fitted(list(zip(x.tolist(), y.tolist(), strict=True)))
    assert found is not None
    assert found.r2 == pytest.approx(0.36, abs=1e-9)
    assert (found.least, found.most) == pytest.approx((0.2924**2, 0.7951**2), abs=1e-3)


def test_too_few_or_figures_without_spread_say_nothing() -> None:
    assert fitted([(float(n), float(n)) for n in range(FEWEST - 1)]) is None
    assert fitted([(3.0, float(n)) for n in range(20)]) is None
    assert fitted([(float(n), 0.1 + 0.2) for n in range(20)]) is None


def test_a_loose_cloud_is_not_clear_and_a_line_is() -> None:
    loose = fitted([(float(n), math.sin(n * 12.9898) * 43758.5453 % 1) for n in range(12)])
    line = fitted([(float(n), 5 - 2.0 * n) for n in range(12)])
    assert loose is not None
    assert not loose.is_clear
    assert line is not None
    assert line.is_clear
    assert (line.slope, line.r2, line.least) == pytest.approx((-2.0, 1.0, 1.0))
