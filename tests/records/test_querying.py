from __future__ import annotations

import pytest

from tongmai.kit import Invalid

from .company import Company


@pytest.fixture
async def deals(company: Company) -> Company:
    north = await company.make("customer", name="北方", code="C1", level="a")
    south = await company.make("customer", name="南方", code="C2", level="b")
    rows = [
        ("一", north, 100, "won", "2026-01-15", "2026-01-31T17:00:00+00:00"),
        ("二", north, 200, "talk", "2026-01-20", "2026-01-31T15:00:00+00:00"),
        ("三", south, 300, "lead", "2026-02-01", "2026-02-10T00:00:00+00:00"),
        ("四", south, None, "lead", None, None),
        ("五", None, 50, "talk", "2026-05-01", "2026-05-01T00:00:00+00:00"),
    ]
    for title, customer, amount, stage, closes, met in rows:
        await company.make(
            "deal", title=title, customer=customer and str(customer), amount=amount, stage=stage, closes=closes, met=met
        )
    return company


async def test_groups_stand_in_the_order_of_the_options(deals: Company) -> None:
    rows = await deals.query(object="deal", group_by=["stage"], measures={"n": "count", "total": "sum(amount)"})
    assert rows == [
        {"stage": "lead", "n": 2, "total": 300},
        {"stage": "talk", "n": 2, "total": 250},
        {"stage": "won", "n": 1, "total": 100},
    ]


async def test_every_measure(deals: Company) -> None:
    measures = {
        "n": "count", "valued": "count(amount)", "kinds": "count_distinct(stage)", "total": "sum(amount)",
        "mean": "avg(amount)", "least": "min(amount)", "most": "max(amount)", "middle": "median(amount)",
        "won": {"function": "sum", "of": "amount", "where": "stage = 'won'"}, "first": "min(closes)",
    }  # fmt: skip
    (row,) = await deals.query(object="deal", measures=measures)
    assert row == {
        "n": 5, "valued": 4, "kinds": 3, "total": 650, "mean": 162.5, "least": 50, "most": 300, "middle": 150,
        "won": 100, "first": "2026-01-15",
    }  # fmt: skip


async def test_measures_of_nothing(deals: Company) -> None:
    (row,) = await deals.query(
        object="deal", filter="amount > 9999", measures={"n": "count", "t": "sum(amount)", "m": "median(amount)"}
    )
    assert row == {"n": 0, "t": None, "m": None}


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        ("day", ["2026-01-15", "2026-01-20", "2026-02-01", "2026-05-01", None]),
        ("week", ["2026-01-12", "2026-01-19", "2026-01-26", "2026-04-27", None]),
        ("month", ["2026-01-01", "2026-02-01", "2026-05-01", None]),
        ("quarter", ["2026-01-01", "2026-04-01", None]),
        ("year", ["2026-01-01", None]),
    ],
)
async def test_dates_fall_into_buckets(deals: Company, bucket: str, expected: list[str | None]) -> None:
    rows = await deals.query(object="deal", group_by=[f"closes:{bucket}"], measures={"n": "count"})
    assert [row["closes"] for row in rows] == expected
    assert sum(row["n"] for row in rows) == 5


async def test_moments_fall_into_the_workspaces_days(deals: Company) -> None:
    rows = await deals.query(object="deal", group_by=["met:month"], measures={"n": "count"})
    # 17:00 UTC on the last of January is the first of February in Shanghai; 15:00 is not.
    assert {row["met"]: row["n"] for row in rows} == {"2026-01-01": 1, "2026-02-01": 2, "2026-05-01": 1, None: 1}


async def test_groups_through_relations_bear_labels(deals: Company) -> None:
    rows = await deals.query(object="deal", group_by=["customer"], measures={"n": "count"}, sort="-n")
    assert [(row["customer"] and row["customer"]["label"], row["n"]) for row in rows] == [
        ("北方", 2),
        ("南方", 2),
        (None, 1),
    ]
    rows = await deals.query(object="deal", group_by=["customer.level"], measures={"t": "sum(amount)"})
    assert rows == [{"level": "a", "t": 300}, {"level": "b", "t": 300}, {"level": None, "t": 50}]


async def test_having_sort_and_limit_speak_of_the_results(deals: Company) -> None:
    rows = await deals.query(
        object="deal",
        group_by=["stage"],
        measures={"n": "count", "total": "sum(amount)"},
        having="n > 1",
        sort="total",
        limit=1,
    )
    assert rows == [{"stage": "talk", "n": 2, "total": 250}]


async def test_what_is_wrong_with_a_query_is_told_at_once(deals: Company) -> None:
    with pytest.raises(Invalid) as caught:
        await deals.query(
            object="deal",
            group_by=["nonsense", "title:month"],
            measures={"a": "sum(title)", "b": "sum(x)"},
            sort="zzz",
            having="q > 1",
        )
    assert len(caught.value.faults) == 6
    for bad in (
        {"object": "deal"},
        {"object": "deal", "measures": {"x": "drop(amount)"}},
        {"object": "deal", "measures": {"X y": "count"}},
        {"object": "deal", "group_by": ["stage"] * 6},
        {"object": "deal", "group_by": ["stage"], "limit": 10_001},
        {"object": "deal", "group_by": ["stage", "stage"]},
        {"object": "deal", "measures": {"x": "sum"}},
    ):
        with pytest.raises(Invalid):
            await deals.query(**bad)


async def test_a_query_of_the_past(deals: Company) -> None:
    from datetime import timedelta

    before = deals.clock.now()
    deals.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    await deals.make("deal", title="六", amount=1000)
    (row,) = await deals.query(object="deal", measures={"total": "sum(amount)"}, as_of=before.isoformat())
    assert row == {"total": 650}
