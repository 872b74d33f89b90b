"""Rows that the chosen key does not tell apart: of those with one key one stays, and that is told, for else a table
keyed by its invoice would keep one line of each and say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tongmai.kit import Fault, Text
from tongmai.link.source import RawRow, SetAside

# What is said of a stream's key stands under this one, for it is the key's fault and no single row's.
ALIKE = "#"


def alike_in(rows: Iterable[RawRow], key: Sequence[str]) -> tuple[SetAside, ...]:
    """What is to be said of a page in which several rows have one key, by the key that has the most."""
    times = Counter(row.key for row in rows)
    most = times.most_common(1)
    return tuple(set_aside(key, each, count) for each, count in most if count > 1)


def set_aside(key: Sequence[str], value: str, count: int) -> SetAside:
    """What is to be said of ``count`` rows that have the same ``value`` in the columns of the key."""
    return SetAside(ALIKE, (_not_told_apart(key, value, count),))


def _not_told_apart(key: Sequence[str], value: str, count: int) -> Fault:
    return Fault(
        "source.key_not_unique",
        Text(
            f"键列（{'、'.join(key)}）认不出每一行：{count} 行都是“{value[:60]}”，只留下一行",
            f"The key ({', '.join(key)}) does not tell rows apart: {count} are “{value[:60]}”, only one is kept",
        ),
        Text(
            "请在键列中再加一列（如行号），使每一行都不同",
            "Add a column to the key (a line number, for example), so that no two rows are alike",
        ),
    )
