"""Every function's example holds in every engine; the functions of floating point agree to their last digits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.formula import Function, compile_python, functions, parse

from .formula_browser import BrowserDesk, missing
from .formula_desk import ME, MOMENT, SCOPE, DuckdbDesk, PostgresDesk, same

ROW: dict[str, object] = {
    "amount": Decimal("12.5"),
    "name": "华东",
    "created": datetime(2026, 3, 1, 2, tzinfo=UTC),
    "signed": date(2026, 2, 27),
    "owner": ME,
    "level": "red",
    "tags": ["key", "east"],
    "place": {"lat": 31.23, "lng": 121.47},
}


@pytest.fixture(scope="module")
def postgres_desk(postgres_dsn: str) -> Iterator[PostgresDesk]:
    desk = PostgresDesk(postgres_dsn)
    desk.fill([ROW])
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def duckdb_desk() -> Iterator[DuckdbDesk]:
    desk = DuckdbDesk()
    desk.fill([ROW])
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def browser_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserDesk]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    desk = BrowserDesk(tmp_path_factory.mktemp("browser"))
    yield desk
    desk.close()


def _shown(value: object) -> str:
    """As the reference shows results."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{MOMENT.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.name)
def test_the_example_gives_what_the_reference_shows(function: Function) -> None:
    tree = parse(function.example, SCOPE).tree
    assert _shown(compile_python(tree)(ROW, MOMENT)) == function.shows


def test_every_example_gives_the_same_in_every_engine(
    postgres_desk: PostgresDesk, duckdb_desk: DuckdbDesk, browser_desk: BrowserDesk
) -> None:
    trees = [parse(function.example, SCOPE).tree for function in functions()]
    mine = [compile_python(tree)(ROW, MOMENT) for tree in trees]
    for other in (postgres_desk.evaluate(trees), duckdb_desk.evaluate(trees), browser_desk.evaluate(trees, [ROW])):
        for function, tree, one, two in zip(functions(), trees, mine, other[0], strict=True):
            assert same(one, two, tree.type), f"{function.example}: Python {one!r}, other {two!r}"


_FLOATING = st.sampled_from(
    ["SQRT(金额)", "LN(金额)", "LOG10(金额)", "EXP(金额 / 100)", "金额 ^ 2.5", "金额 ^ 0", "金额 ^ -3", "1.01 ^ 金额"]
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(_FLOATING, min_size=1, max_size=5),
    amount=st.one_of(
        st.decimals(-50, 5_000, places=3), st.sampled_from([Decimal(0), Decimal("1E-10"), Decimal(10) ** 16])
    ),
)
def test_floating_point_functions_agree_to_the_last_digit_but_one(
    postgres_desk: PostgresDesk, duckdb_desk: DuckdbDesk, browser_desk: BrowserDesk, texts: list[str], amount: Decimal
) -> None:
    trees = [parse(text, SCOPE).tree for text in texts]
    row: dict[str, object] = {"amount": amount}
    mine = [compile_python(tree)(row, MOMENT) for tree in trees]
    postgres_desk.fill([row])
    duckdb_desk.fill([row])
    for other in (postgres_desk.evaluate(trees), duckdb_desk.evaluate(trees), browser_desk.evaluate(trees, [row])):
        for text, one, two in zip(texts, mine, other[0], strict=True):
            assert (one is None) == (two is None), f"{text} of {amount}: {one!r}, {two!r}"
            if isinstance(one, Decimal):
                tolerance = max(abs(one) * Decimal("1e-11"), Decimal("1e-10"))
                assert abs(one - Decimal(str(two))) <= tolerance, f"{text} of {amount}: {one!r}, {two!r}"


def test_distances_agree(postgres_desk: PostgresDesk, duckdb_desk: DuckdbDesk, browser_desk: BrowserDesk) -> None:
    tree = parse("DISTANCE_KM([place], customer.place)", SCOPE).tree
    row: dict[str, object] = {
        "place": {"lat": 31.2304, "lng": 121.4737},
        "customer.place": {"lat": 39.9042, "lng": 116.4074},
    }
    found = compile_python(tree)(row, MOMENT)
    assert isinstance(found, Decimal)
    assert abs(found - Decimal("1067.3")) < 1
    assert same(found, browser_desk.evaluate([tree], [row])[0][0], tree.type)


def test_names_lead_to_one_function_each() -> None:
    names = [name.upper() for function in functions() for name in (function.name, *function.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.name)
def test_every_function_has_words_in_both_languages_and_a_chinese_name(function: Function) -> None:
    assert function.zh.endswith("。")
    assert function.en.endswith(".")
    assert any(not alias.isascii() for alias in function.aliases)
    assert function.rewrites is not None or (function.python is not None or function.name in {"IF", "COALESCE"})
