"""The law of the formula room: every engine gives the same answer. Formulas are generated as text, over random rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.formula import BOOLEAN, Tree, compile_python, from_json, parse, to_json, to_text

from .formula_browser import BrowserDesk, missing
from .formula_desk import MOMENT, SCOPE, DuckdbDesk, PostgresDesk, in_python, same
from .formula_texts import conditions, formulas, rows

Rows = Sequence[Mapping[str, object]]

_DEEP = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def postgres_desk(postgres_dsn: str) -> Iterator[PostgresDesk]:
    desk = PostgresDesk(postgres_dsn)
    yield desk
    desk.close()


@pytest.fixture(scope="module", params=[False, True], ids=["search", "counts"])
def duckdb_desk(request: pytest.FixtureRequest) -> Iterator[DuckdbDesk]:
    desk = DuckdbDesk(columnar=request.param)
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def browser_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserDesk]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    desk = BrowserDesk(tmp_path_factory.mktemp("browser"))
    yield desk
    desk.close()


def _compare(texts: Sequence[str], trees: Sequence[Tree], rows: Rows, other: Sequence[Sequence[object]]) -> None:
    for row, mine, theirs in zip(rows, in_python(trees, rows), other, strict=True):
        for text, tree, one, two in zip(texts, trees, mine, theirs, strict=True):
            assert same(one, two, tree.type), f"{text}\nrow {row}\nPython {one!r}, other {two!r}"


@_DEEP
@given(texts=st.lists(formulas(2), min_size=1, max_size=6), rows=st.lists(rows(), min_size=1, max_size=4))
def test_postgresql_gives_what_python_gives(postgres_desk: PostgresDesk, texts: list[str], rows: Rows) -> None:
    trees = [parse(text, SCOPE).tree for text in texts]
    postgres_desk.fill(rows)
    _compare(texts, trees, rows, postgres_desk.evaluate(trees))


@_DEEP
@given(texts=st.lists(formulas(2), min_size=1, max_size=6), rows=st.lists(rows(), min_size=1, max_size=4))
def test_duckdb_gives_what_python_gives(duckdb_desk: DuckdbDesk, texts: list[str], rows: Rows) -> None:
    trees = [parse(text, SCOPE).tree for text in texts]
    duckdb_desk.fill(rows)
    _compare(texts, trees, rows, duckdb_desk.evaluate(trees))


@_DEEP
@given(text=conditions(2), rows=st.lists(rows(), min_size=1, max_size=5))
def test_where_keeps_the_rows_that_python_keeps(postgres_desk: PostgresDesk, text: str, rows: Rows) -> None:
    tree = parse(text, SCOPE, expect=BOOLEAN).tree
    postgres_desk.fill(rows)
    keep = compile_python(tree)
    assert postgres_desk.where(tree) == [n for n, row in enumerate(rows) if keep(row, MOMENT)]


@_DEEP
@given(texts=st.lists(formulas(2), min_size=1, max_size=6), rows=st.lists(rows(), min_size=1, max_size=4))
def test_the_browser_gives_what_python_gives(browser_desk: BrowserDesk, texts: list[str], rows: Rows) -> None:
    trees = [parse(text, SCOPE).tree for text in texts]
    _compare(texts, trees, rows, browser_desk.evaluate(trees, rows))


@_DEEP
@given(text=formulas(2))
def test_a_formula_comes_back_from_its_text_and_from_json(text: str) -> None:
    tree = parse(text, SCOPE).tree
    assert parse(to_text(tree, SCOPE, "zh"), SCOPE, expect=tree.type).tree == tree
    assert parse(to_text(tree, SCOPE, "en"), SCOPE, expect=tree.type).tree == tree
    assert from_json(to_json(tree)) == tree


@_DEEP
@given(texts=st.lists(formulas(2), min_size=1, max_size=6), rows=st.lists(rows(), min_size=1, max_size=2))
def test_sql_rendered_in_pieces_gives_the_same(postgres_desk: PostgresDesk, texts: list[str], rows: Rows) -> None:
    trees = [parse(text, SCOPE).tree for text in texts]
    postgres_desk.fill(rows)
    _compare(texts, trees, rows, postgres_desk.evaluate(trees, tall=3))
