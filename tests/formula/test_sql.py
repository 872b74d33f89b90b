"""The shape of SQL: what indexes serve, what is refused, what no text can reach."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from tongmai.formula import (
    BOOLEAN,
    TEXT,
    Call,
    Dialect,
    FieldRef,
    InlineLiterals,
    Literal,
    Path,
    Tree,
    Type,
    functions,
    render,
    to_sql,
)
from tongmai.formula.sql.allowed import ForeignNode, refuse_foreign_nodes

from .scope import read

DIALECTS: tuple[Dialect, ...] = ("postgres", "duckdb", "spark")


class Table(InlineLiterals):
    """All fields are columns of one table; parameters are numbered by name."""

    def __init__(self, zone: str = "Asia/Shanghai") -> None:
        self.zone = zone

    def column(self, path: Path, type: Type) -> exp.Expression:
        return exp.column(path[-1], table="t", quoted=True)

    def parameter(self, name: str, type: Type) -> exp.Expression:
        return exp.column(name, table="p")

    def working_days(self) -> exp.Expression:
        return exp.column("days", table="p")


def sql(text: str, dialect: Dialect = "postgres", *, as_value: bool = False, zone: str = "Asia/Shanghai") -> str:
    return render(to_sql(read(text).tree, Table(zone), dialect=dialect, as_value=as_value), dialect)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("gap <= 7 AND kinds >= 3", '("t"."gap" <= 7) AND ("t"."kinds" >= 3)'),
        ("level = '红标'", '"t"."level" = \'red\''),
        ("owner = ME()", '"t"."owner" = p.me'),
        ("owner IN MY_PEOPLE()", '"t"."owner" = ANY(p.my_people)'),
        ("level IN ('red', 'gold')", "(\"t\".\"level\" IN ('red', 'gold'))"),
        ("tags 包含 '重点'", '("t"."tags" && ARRAY[\'key\'])'),
        ("name IS BLANK", '("t"."name") IS NULL'),
        ("amount BETWEEN 1 AND 2", '("t"."amount" >= 1) AND ("t"."amount" <= 2)'),
    ],
)
def test_plain_conditions_stay_plain_so_that_an_index_serves_them(text: str, wanted: str) -> None:
    assert sql(text) == wanted


def test_a_day_is_a_range_of_moments_so_that_an_index_serves_it() -> None:
    found = sql("created = '2026-03-04'")
    assert found.startswith('("t"."created" >= ')
    assert '"t"."created" AT TIME ZONE' not in found
    assert "AT TIME ZONE" in sql("created = '2026-03-04'", zone="America/Havana").partition("=")[0]


def test_comparison_of_two_fields_knows_blank_equals_blank() -> None:
    assert sql("amount = gap") == '"t"."amount" IS NOT DISTINCT FROM "t"."gap"'
    assert sql("amount != gap") == '"t"."amount" IS DISTINCT FROM "t"."gap"'


def test_a_value_is_never_null_where_the_type_is_yes_or_no() -> None:
    assert sql("gap <= 7", as_value=True) == 'COALESCE("t"."gap" <= 7, FALSE)'
    assert sql("active", as_value=True) == 'COALESCE("t"."active", FALSE)'


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_function_has_sql_that_its_dialect_reads_back(dialect: Dialect) -> None:
    for function in functions():
        if "[" in function.example:
            continue
        text = render(to_sql(read(function.example).tree, Table(), dialect=dialect, as_value=True), dialect)
        assert len(sqlglot.parse(text, read=dialect)) == 1


@settings(max_examples=200, deadline=None)
@given(word=st.text(max_size=30))
def test_no_text_leaves_its_quotes(word: str) -> None:
    tree: Tree = Call("=", (FieldRef(("name",), TEXT), Literal(word or None, TEXT)), BOOLEAN)
    for dialect in DIALECTS:
        text = render(to_sql(tree, Table(), dialect=dialect), dialect)
        parsed = sqlglot.parse(text, read=dialect)
        assert len(parsed) == 1
        found = parsed[0]
        assert isinstance(found, exp.EQ | exp.NullSafeEQ)
        if isinstance(found.expression, exp.Literal):
            assert found.expression.this == word


def test_labels_and_patterns_are_quoted() -> None:
    evil = "x'); DROP TABLE t; --"
    assert "DROP TABLE t; --'" in sql(f"name = '{evil.replace(chr(39), chr(39) * 2)}'")
    found = sql("MATCHES(name, 'a''; DROP')")
    assert "DROP" not in found


def test_what_no_form_of_ours_writes_is_refused() -> None:
    for text in ("pg_sleep(10)", "(SELECT 1 FROM secrets)", "current_setting('x')", "a || b", "$1"):
        with pytest.raises(ForeignNode):
            refuse_foreign_nodes(sqlglot.parse_one(text, read="postgres"))


def test_an_unknown_call_is_refused() -> None:
    with pytest.raises(ValueError, match="pg_sleep"):
        to_sql(Call("pg_sleep", (Literal(Decimal(1), read("1").type),), TEXT), Table())


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ("amount", "CLAMP(X + 1, 0, kinds)"),
        ("amount", "SUM(X, kinds)"),
        ("amount", "AVERAGE(X, kinds)"),
        ("amount", "MOD(X, kinds)"),
        ("amount", "X ^ 2"),
        ("amount", "IF(X IN (kinds, gap, BLANK), 1, 2)"),
        ("amount", "MONTHS_BETWEEN(signed + X, signed)"),
        ("amount", "IF(IS_WORKDAY(signed + X), 1, 2)"),
        ("signed", "ADD_WORKDAYS(X, kinds)"),
        ("name", "REPLACE(X, 'a', name)"),
        ("level", "IF(LABEL(X) = 'a', level, 'red')"),
        ("tags", "IF(HAS_ALL(X, tags, tags), tags, tags)"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_deep_nesting_makes_text_that_grows_in_proportion(start: str, step: str, dialect: Dialect) -> None:
    def size(depth: int) -> int:
        text = start
        for _ in range(depth):
            text = step.replace("X", text)
        return len(sql(f"({text}) IS BLANK", dialect))

    assert size(16) < 3 * size(8) + 2_000


def test_duckdb_writes_no_part_of_a_long_sum_out_twice() -> None:
    """It makes two of the first part of a NULLIF: a sum of twenty would have become a million."""
    found = sql(" + ".join(["gap"] * 20) + " > 5", "duckdb")
    assert found.count('"gap"') == 20
    assert "NULLIF" not in found
