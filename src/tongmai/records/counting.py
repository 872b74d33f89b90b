"""How many records a list has: exact up to a thousand, beyond that estimated from pages spread over the table."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

COUNTED_EXACTLY = 1000
# Each holds a dozen or more records: enough to tell 20,000 from 30,000, and some 50 µs of work.
_SAMPLED_PAGES = 24
_KEPT_S = 10.0
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Count:
    """``n`` is None where nobody asked for it."""

    n: int | None
    exact: bool


NOT_COUNTED = Count(None, False)


class Estimates:
    """Estimates made a moment ago, by question and asker: whoever turns back to a long list need not wait for another.

    Only what is an estimate anyway is kept, and never for longer than some seconds. For one event loop.
    """

    def __init__(self, seconds: float = _KEPT_S) -> None:
        self._seconds = seconds
        self._found: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def recall(self, key: Hashable) -> int | None:
        found = self._found.get(key)
        return found[1] if found is not None and found[0] > _now() else None

    def keep(self, key: Hashable, n: int) -> None:
        self._found[key] = (_now() + self._seconds, n)
        self._found.move_to_end(key)
        if len(self._found) > _MOST_KEPT:
            self._found.popitem(last=False)


def capped_sql(source: str) -> str:
    """The number of rows of ``FROM … WHERE …``, no further than one beyond what is counted exactly."""
    return f"SELECT count(*) FROM (SELECT {source} LIMIT {COUNTED_EXACTLY + 1}) AS first_ones"


def estimate_sql(table: str, joins: str, where: str) -> str:
    """About how many of the rows ``t`` of ``table`` there are, ``bigint`` and more than are counted exactly.

    It has two significant digits, so that nobody takes it for a count.
    """
    begin = "('(' || (g.n * pages.n / %d) || ',0)')::tid" % _SAMPLED_PAGES  # noqa: UP031 - SQL has braces of its own
    end = "('(' || (g.n * pages.n / %d + 1) || ',0)')::tid" % _SAMPLED_PAGES  # noqa: UP031
    sampled = f"SELECT count(*) AS n FROM {table} AS t {joins} WHERE {where} AND t.ctid >= {begin} AND t.ctid < {end}"
    whole = (
        f"SELECT sum(sampled.n) * pages.n / {_SAMPLED_PAGES} AS n"
        f" FROM (SELECT pg_relation_size({_literal(table)}::regclass) /"
        f" current_setting('block_size')::bigint AS n) AS pages"
        f" CROSS JOIN generate_series(0, {_SAMPLED_PAGES - 1}) AS g(n) CROSS JOIN LATERAL ({sampled}) AS sampled"
        " GROUP BY pages.n"
    )
    return (
        f"SELECT greatest({COUNTED_EXACTLY + 1}, round(whole.n, 2 - length(trunc(whole.n)::text))::bigint)"
        f" FROM ({whole}) AS whole"
    )


def _literal(table: str) -> str:
    """A quoted, qualified table name as a text constant."""
    return "'" + table.replace("'", "''") + "'"


def _now() -> float:
    # Not the product's clock: this is about staleness, which stands outside the business's time.
    return asyncio.get_running_loop().time()
