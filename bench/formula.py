"""What a condition costs a row as a Python closure, beside the same condition written by hand. Ratios of one run.

``python bench/formula.py`` prints a line a formula: microseconds a row of both, and the ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from tongmai.formula import DATE, NUMBER, TEXT, Moment, Symbol, Type, compile_python, parse
from tongmai.kit import WorkingCalendar

ROWS = 100_000
BEST_OF = 5
_FIELDS: dict[str, tuple[str, Type]] = {
    "gap": ("最近沟通间隔", NUMBER),
    "kinds": ("品类数", NUMBER),
    "amount": ("金额", NUMBER),
    "name": ("名称", TEXT),
    "signed": ("签约日期", DATE),
}

Row = Mapping[str, object]
ByHand = Callable[[Row, Moment], object]


@dataclass(frozen=True)
class Fields:
    object_key: str = "customer"

    def find(self, name: str) -> Symbol | None:
        return next((Symbol(key, type_) for key, (label, type_) in _FIELDS.items() if name in (key, label)), None)

    def names(self) -> list[str]:
        return list(_FIELDS)

    def through(self, key: str) -> None:
        return None


def _typical(row: Row, moment: Moment) -> object:
    gap, kinds = row.get("gap"), row.get("kinds")
    return gap is not None and gap <= 7 and kinds is not None and kinds >= 3  # type: ignore[operator]


def _arithmetic(row: Row, moment: Moment) -> object:
    amount, kinds = row.get("amount"), row.get("kinds")
    return amount is not None and kinds is not None and amount * kinds > 1000  # type: ignore[operator]


def _dates(row: Row, moment: Moment) -> object:
    signed = row.get("signed")
    return signed is not None and (moment.today - signed).days > 90  # type: ignore[operator]


def _text(row: Row, moment: Moment) -> object:
    return "华东" in str(row.get("name") or "").lower()


CASES: tuple[tuple[str, ByHand], ...] = (
    ("[最近沟通间隔] <= 7 AND 品类数 >= 3", _typical),
    ("金额 * 品类数 > 1000", _arithmetic),
    ("DAYS_SINCE(签约日期) > 90", _dates),
    ("名称 包含 '华东'", _text),
)


def _microseconds(evaluate: ByHand, rows: list[Row], moment: Moment) -> float:
    best = float("inf")
    for _ in range(BEST_OF):
        started = time.perf_counter()
        for row in rows:
            evaluate(row, moment)
        best = min(best, time.perf_counter() - started)
    return best / len(rows) * 1e6


def main() -> None:
    moment = Moment(datetime(2026, 3, 4, tzinfo=UTC), "Asia/Shanghai", WorkingCalendar())
    rows: list[Row] = [
        {
            "gap": n % 15,
            "kinds": Decimal(n % 6),
            "amount": Decimal(n % 5_000) / 4,
            "name": f"华东 {n}" if n % 3 else "other",
            "signed": date(2025, 1 + n % 12, 1 + n % 28),
        }
        for n in range(ROWS)
    ]
    for text, by_hand in CASES:
        own = _microseconds(compile_python(parse(text, Fields()).tree), rows, moment)
        other = _microseconds(by_hand, rows, moment)
        print(f"{text:<40} {own:6.2f} us/row   by hand {other:6.2f}   ratio {own / other:5.2f}")


if __name__ == "__main__":
    main()
