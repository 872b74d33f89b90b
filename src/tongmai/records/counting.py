"""How many records a list has: exact up to a thousand, beyond that estimated from pages spread over the table."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

COUNTED_EXACTLY = 1000
# Each holds a dozen or more records: enough to tell 20,000 from 30,000, and some 50 µs of work.
_SAMPLED_PAGES = 24


def counting_ctes(table: str, joins: str, where: str) -> str:
    """The CTEs ``capped`` and ``counted`` (``n bigint``, ``exact boolean``) of the rows ``t`` of ``table``.

    The estimate is worked out only where the count was capped. It has two significant digits, so that nobody takes it
    for a count.
    """
    source = f"FROM {table} AS t {joins} WHERE {where}"
    return (
        f"capped AS MATERIALIZED (SELECT count(*) AS n FROM (SELECT {source} LIMIT"
        f" {COUNTED_EXACTLY + 1}) AS first_ones),"
        f" counted AS MATERIALIZED (SELECT CASE WHEN capped.n <= {COUNTED_EXACTLY} THEN capped.n"
        f" ELSE greatest(capped.n, {_estimate(table, source)}) END AS n, capped.n <= {COUNTED_EXACTLY} AS exact"
        " FROM capped)"
    )


def _estimate(table: str, source: str) -> str:
    begin = "('(' || (g.n * pages.n / %d) || ',0)')::tid" % _SAMPLED_PAGES  # noqa: UP031 - SQL has braces of its own
    end = "('(' || (g.n * pages.n / %d + 1) || ',0)')::tid" % _SAMPLED_PAGES  # noqa: UP031
    sampled = f"SELECT count(*) AS n {source} AND t.ctid >= {begin} AND t.ctid < {end}"
    whole = (
        f"SELECT sum(sampled.n) * pages.n / {_SAMPLED_PAGES} AS n"
        f" FROM (SELECT pg_relation_size({_literal(table)}::regclass) /"
        f" current_setting('block_size')::bigint AS n) AS pages"
        f" CROSS JOIN generate_series(0, {_SAMPLED_PAGES - 1}) AS g(n) CROSS JOIN LATERAL ({sampled}) AS sampled"
        " GROUP BY pages.n"
    )
    return f"(SELECT round(whole.n, 2 - length(trunc(whole.n)::text))::bigint FROM ({whole}) AS whole)"


def _literal(table: str) -> str:
    """A quoted, qualified table name as a text constant."""
    return "'" + table.replace("'", "''") + "'"
