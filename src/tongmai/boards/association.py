"""How closely two figures of the same records go together: the straight line that lies nearest, and how much of the
one's spread goes with the other's. Pure.

It says what goes together and never what causes what (AMB-30); with few records even that may be chance, so the share
is given with the range in which it lies 95 times of 100 (Fisher's z; Bonett & Wright 2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Fewer say nothing at all.
FEWEST = 8
_Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Fit:
    """``y ≈ intercept + slope · x`` over ``n`` records. ``r2`` lies between ``least`` and ``most`` 95 times of 100;
    ``is_clear`` if the two go together at all then."""

    n: int
    slope: float
    intercept: float
    r2: float
    least: float
    most: float

    @property
    def is_clear(self) -> bool:
        return self.least > 0

    def document(self) -> dict[str, float | int | bool]:
        return {
            "n": self.n, "slope": self.slope, "intercept": self.intercept, "r2": self.r2, "least": self.least,
            "most": self.most, "is_clear": self.is_clear,
        }  # fmt: skip


def fitted(points: Sequence[tuple[float, float]]) -> Fit | None:
    """None where nothing can be said: fewer than ``FEWEST`` records, or one of the figures is the same for all."""
    n = len(points)
    if n < FEWEST:
        return None
    mean_x, mean_y = math.fsum(x for x, _ in points) / n, math.fsum(y for _, y in points) / n
    xx = math.fsum((x - mean_x) ** 2 for x, _ in points)
    yy = math.fsum((y - mean_y) ** 2 for _, y in points)
    # What is left by rounding is no spread.
    if xx <= _rounding(points, mean_x, 0) or yy <= _rounding(points, mean_y, 1):
        return None
    xy = math.fsum((x - mean_x) * (y - mean_y) for x, y in points)
    slope = xy / xx
    r = max(-1.0, min(1.0, xy / math.sqrt(xx * yy)))
    least, most = _range(r, n)
    return Fit(n, slope, mean_y - slope * mean_x, r * r, least, most)


def _rounding(points: Sequence[tuple[float, float]], mean: float, axis: int) -> float:
    largest = max(abs(point[axis]) for point in points)
    return len(points) * (max(largest, abs(mean)) * 1e-12) ** 2


def _range(r: float, n: int) -> tuple[float, float]:
    """Of r², from that of r; 0 is the least where r may be of either sign."""
    if abs(r) >= 1.0:
        return 1.0, 1.0
    z, spread = math.atanh(r), _Z_95 / math.sqrt(n - 3)
    low, high = math.tanh(z - spread), math.tanh(z + spread)
    return (0.0 if low < 0 < high else min(low * low, high * high)), max(low * low, high * high)
