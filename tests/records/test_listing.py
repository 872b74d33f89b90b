from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tongmai.kit import Denied, FixedClock, Invalid, NotFound

from .company import Company


async def _ten(company: Company) -> list[UUID]:
    """Customers n0 … n9; every third has no price."""
    values = [{"name": f"n{n}", "price": None if n % 3 == 0 else n // 2, "level": "ab"[n % 2]} for n in range(10)]
    return list((await company.gateway.create(company.system, company.workspace, "customer", values)).ids)


async def _walk(company: Company, **options: Any) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    cursor = None
    while True:
        page = await company.list("customer", cursor=cursor, **options)
        assert page["count"] == 10 and page["count_is_exact"]
        found += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_the_newest_come_first_without_an_order(company: Company) -> None:
    await _ten(company)
    assert await company.names("customer", limit=3) == ["n9", "n8", "n7"]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price", "n1 n2 n4 n5 n7 n8 n0 n3 n6 n9"),
        ("-price", "n8 n7 n5 n4 n2 n1 n9 n6 n3 n0"),
        ("price,-name", "n1 n2 n5 n4 n7 n8 n9 n6 n3 n0"),
        ("level,-price", "n8 n4 n2 n6 n0 n7 n5 n1 n9 n3"),
        ("-level,price,name", "n1 n5 n7 n3 n9 n2 n4 n8 n0 n6"),
        ("name", "n0 n1 n2 n3 n4 n5 n6 n7 n8 n9"),
        ("[报价]，名称", "n1 n2 n4 n5 n7 n8 n0 n3 n6 n9"),
    ],
)
async def test_pages_follow_one_another_in_order_with_blanks_last(
    company: Company, sort: str, expected: str, limit: int
) -> None:
    await _ten(company)
    assert await _walk(company, sort=sort, limit=limit) == expected.split()


async def test_a_page_is_not_disturbed_by_records_made_meanwhile(company: Company) -> None:
    await _ten(company)
    first = await company.list("customer", sort="name", limit=4)
    await company.make("customer", name="n00")
    second = await company.names("customer", sort="name", limit=4, cursor=first["next_cursor"])
    assert second == ["n4", "n5", "n6", "n7"]


async def test_a_cursor_of_another_order_is_refused(company: Company) -> None:
    await _ten(company)
    cursor = (await company.list("customer", sort="name", limit=4))["next_cursor"]
    for bad in (
        {"sort": "-name", "cursor": cursor},
        {"cursor": "!!"},
        {"cursor": cursor[:-4], "sort": "name"},
        {"cursor": "W10"},
    ):
        with pytest.raises(Invalid) as caught:
            await company.list("customer", **bad)
        assert caught.value.faults[0].field == "cursor"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price >= 3", ["n7", "n8"]),
        ("报价 为空", ["n0", "n3", "n6", "n9"]),
        ("price = 1 OR name = 'n9'", ["n2", "n9"]),
        ("NOT price > 2", ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n9"]),
        ("等级 = 'a' AND margin IS BLANK", ["n0", "n2", "n4", "n6", "n8"]),
        ("name IN ('n1', 'n2', 'x')", ["n1", "n2"]),
        ("owner.name = 'x'", []),
    ],
)
async def test_filters_are_formulas(company: Company, text: str, expected: list[str]) -> None:
    await _ten(company)
    assert await company.names("customer", filter=text, sort="name") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price > 1", "n8 n7 n5 n4"),
        ("price = 2 OR price IS BLANK", "n5 n4 n9 n6 n3 n0"),
        ("price != 2", "n8 n7 n2 n1 n9 n6 n3 n0"),
        ("NOT price > 1", "n2 n1 n9 n6 n3 n0"),
        ("level = 'a' AND price >= 0", "n8 n4 n2"),
        ("price = 4", "n8"),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 9])
async def test_blanks_are_left_out_of_an_order_only_where_the_filter_leaves_them_out(
    company: Company, text: str, expected: str, limit: int
) -> None:
    await _ten(company)
    found: list[str] = []
    cursor = None
    while True:
        page = await company.list("customer", filter=text, sort="-price", limit=limit, cursor=cursor)
        found += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == expected.split()


async def test_filters_and_orders_go_through_relations(company: Company) -> None:
    parent = await company.make("customer", name="总部", price=100)
    await company.make("customer", name="分部", parent=str(parent))
    assert await company.names("customer", filter="parent.price > 50") == ["分部"]
    assert await company.names("customer", filter="[上级客户].[名称] = '总部'") == ["分部"]
    assert await company.names("customer", sort="parent.name,name") == ["分部", "总部"]
    assert await company.names("customer", sort="parent") == ["分部", "总部"]


async def test_a_choice_is_sorted_as_its_options_stand(company: Company) -> None:
    known = await company.make("customer", name="一", code="C1")
    for title, stage in (("三", "won"), ("一", "lead"), ("二", "talk")):
        await company.make("deal", title=title, stage=stage, customer=str(known))
    assert await company.names("deal", sort="stage") == ["一", "二", "三"]
    assert await company.names("deal", sort="-stage") == ["三", "二", "一"]


async def test_relations_show_labels_and_lists_keep_their_order(company: Company) -> None:
    one, two = await company.make("customer", name="一"), await company.make("customer", name="二")
    three = await company.make("customer", name="三", parent=str(one), partners=[str(two), str(one)])
    record = await company.get("customer", three)
    assert record["parent"] == {"id": str(one), "label": "一"}
    assert record["partners"] == [{"id": str(two), "label": "二"}, {"id": str(one), "label": "一"}]


async def test_every_kind_of_value_comes_back_as_it_was_given(company: Company) -> None:
    made = await company.make(
        "customer", name="全", price="12345678901234.56", tags=["vip", "new"], extra={"深": [1, None, "x"]},
        cycle=5400, place={"lat": 31.2, "lng": 121.5}, phone="021-12345678",
    )  # fmt: skip
    record = await company.get("customer", made)
    assert record["tags"] == ["vip", "new"]
    assert record["extra"] == {"深": [1, None, "x"]}
    assert record["cycle"] == 5400
    assert record["place"] == {"lat": 31.2, "lng": 121.5}
    assert record["price"] == 12345678901234.56
    deal = await company.make("deal", title="单", closes="2026-12-01", met="2026-11-02T10:00:00+08:00")
    shown = await company.get("deal", deal)
    assert (shown["closes"], shown["met"]) == ("2026-12-01", "2026-11-02T02:00:00+00:00")


async def test_durations_and_places_work_in_filters(company: Company) -> None:
    await company.make("customer", name="快", cycle=3600)
    await company.make("customer", name="慢", cycle=3600 * 24 * 9)
    assert await company.names("customer", filter="cycle > 7天") == ["慢"]
    assert await company.names("customer", filter="cycle <= 60分钟") == ["快"]


async def test_chosen_fields_only(company: Company) -> None:
    await company.make("customer", name="一", price=3)
    page = await company.list("customer", fields=("price", "name"))
    assert list(page["items"][0]) == ["id", "version", "price", "name"]
    with pytest.raises(Invalid):
        await company.list("customer", fields=("nonsense",))


async def test_what_is_wrong_with_a_request_is_told(company: Company) -> None:
    for bad, field in (
        ({"filter": "nmae = 1"}, "filter"),
        ({"filter": "name"}, "filter"),
        ({"filter": "x" * 10_001}, "filter"),
        ({"sort": "nonsense"}, "sort"),
        ({"sort": "extra"}, "sort"),
        ({"sort": "name,price,level,code,phone,margin"}, "sort"),
        ({"limit": 501}, "limit"),
        ({"limit": 0}, "limit"),
        ({"search": "!"}, "search"),
        ({"filter": "price > 99999999999999"}, None),
    ):
        if field is None:
            await company.list("customer", **bad)
            continue
        with pytest.raises(Invalid) as caught:
            await company.list("customer", **bad)
        assert caught.value.faults[0].field == field, bad
    with pytest.raises(NotFound):
        await company.list("nonsense")


async def test_counts_beyond_a_thousand_are_estimates(company: Company) -> None:
    for _ in range(3):
        rows = [{"name": f"x{n}", "price": n} for n in range(1000)]
        await company.gateway.create(company.system, company.workspace, "customer", rows)
    page = await company.list("customer", limit=1)
    assert not page["count_is_exact"]
    assert 2000 <= page["count"] <= 4500
    assert (await company.list("customer", filter="price < 100"))["count"] == 300
    assert (await company.list("customer", count=False))["count"] is None


async def test_search_finds_parts_and_initials(company: Company) -> None:
    await company.make("customer", name="通脉科技有限公司", phone="13800138000")
    await company.make("customer", name="北京大学")
    for text in ("通脉", "tmkj", "科技有限", "13800138", "  通脉 科技 "):
        assert await company.names("customer", search=text) == ["通脉科技有限公司"], text
    assert await company.names("customer", search="脉通") == []
    found = await company.gateway.search(company.system, company.workspace, "北京")
    assert '"label" : "北京大学"' in found.decode()


async def test_each_pair_of_letters_and_digits_narrows_a_search_down(company: Company) -> None:
    await company.make("customer", name="通脉科技有限公司 A7", phone="13800138000")
    await company.make("customer", name="通脉贸易有限公司 B7", phone="13911139111")
    both = ["通脉科技有限公司 A7", "通脉贸易有限公司 B7"]
    for text, wanted in {
        "tm": both,
        "kj": both[:1],
        "00": both[:1],
        "tm 91": both[1:],
        "tm kj": both[:1],
        "tm kj 13": both[:1],
        "有限 tm my 11": both[1:],
        "tm kj 91": [],
        "zz": [],
    }.items():
        assert sorted(await company.names("customer", search=text)) == wanted, text


async def test_a_search_by_pairs_is_estimated_as_any_other(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongmai.records.counting.COUNTED_EXACTLY", 1)
    monkeypatch.setattr("tongmai.records.reading.COUNTED_EXACTLY", 1, raising=False)
    for n in range(5):
        await company.make("customer", name=f"通脉 ab{n}")
    for _ in range(2):
        assert len(await company.names("customer", search="tm ab")) == 5


async def test_lists_of_the_past_show_what_was_there(company: Company, clock: FixedClock) -> None:
    one = await company.make("customer", name="一", price=1)
    moment = clock.now()
    clock.advance(timedelta(minutes=1))
    await company.change("customer", one, name="壹", price=None)
    two = await company.make("customer", name="二", parent=str(one))
    later = clock.now()
    clock.advance(timedelta(minutes=1))
    await company.gateway.delete(company.system, company.workspace, "customer", one)
    assert await company.names("customer", as_of=moment) == ["一"]
    assert await company.names("customer", as_of=moment, filter="price = 1") == ["一"]
    assert await company.names("customer", as_of=later) == ["二", "壹"]
    assert (await company.get("customer", two, as_of=later))["parent"] == {"id": str(one), "label": "壹"}
    assert await company.names("customer", as_of=moment - timedelta(days=1)) == []
    assert (await company.get("customer", one, as_of=moment))["version"] == 1
    with pytest.raises(NotFound):
        await company.get("customer", two, as_of=moment)


async def test_one_statement_a_list_and_one_a_creation(company: Company) -> None:
    await company.list("customer", filter="price > 1", sort="-price", search="通脉")
    assert await _statements(company, company.list("customer", filter="price > 1", sort="-price", search="通脉")) == 1
    assert await _statements(company, company.make("customer", name="一")) == 1
    assert await _statements(company, company.make("deal", title="带自动编号")) == 2


async def test_working_days_are_no_part_of_a_statements_text(company: Company) -> None:
    await company.make("deal", title="一", closes="2026-03-09")
    await company.make("deal", title="二", closes="2026-03-10")
    one = "WORKDAYS_BETWEEN('2026-03-06', closes) = 1 AND ADD_WORKDAYS(closes, 1) = '2026-03-10'"
    (sql,) = await _sent(company, company.list("deal", filter=one))
    assert len(sql) < 10_000
    assert await company.names("deal", filter=one) == ["一"]


async def _statements(company: Company, work: Any) -> int:
    """How many statements the work sends, transactions' begin and commit aside."""
    return len(await _sent(company, work))


async def _sent(company: Company, work: Any) -> list[str]:
    from tongmai.store import ReadTx

    seen: list[str] = []
    originals = {name: getattr(ReadTx, name) for name in ("fetch", "fetch_row", "fetch_value")}

    def counted(original: Any) -> Any:
        async def call(self: Any, sql: str, *args: object) -> Any:
            seen.append(sql)
            return await original(self, sql, *args)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name, original in originals.items():
            patch.setattr(ReadTx, name, counted(original))
        await work
    return seen


async def test_who_reads_nothing_of_an_object_is_told_so(company: Company) -> None:
    with pytest.raises(Denied):
        await company.list("deal", company["丁"])
