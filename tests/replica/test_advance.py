"""The replica follows the feed: whatever happens to records, both engines tell the same afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import duckdb
from tests.replica.desk import Desk

from tongmai.kit import FixedClock

TOTALS = {
    "object": "customer",
    "group_by": ["level"],
    "measures": {"n": "count", "total": "sum(price)", "mean": "avg(price)", "half": "median(price)"},
}


async def test_a_first_advance_builds_the_replica_and_a_second_has_nothing_to_do(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司", price="12.34", level="a")
    await desk.seal()
    first = await desk.replica.advance()
    second = await desk.replica.advance()
    assert first is not None
    assert second == first
    assert first.epoch > 0


async def test_created_changed_deleted_restored_and_purged_records(desk: Desk) -> None:
    company, workspace = desk.company, desk.company.workspace
    ids = [await company.make("customer", name=f"客户{n}", price=f"{n}.10", level="ab"[n % 2]) for n in range(10)]
    await desk.bring_up()
    await company.change("customer", ids[0], price="99.99", level="b")
    await company.gateway.delete(company.system, workspace, "customer", ids[1])
    await company.gateway.delete(company.system, workspace, "customer", ids[2])
    await company.gateway.restore(company.system, workspace, "customer", ids[2])
    await company.gateway.purge(company.system, workspace, "customer", ids[3])
    await company.make("customer", name="新客户", price="0.01", level="a")
    await desk.bring_up()
    duck, postgres = await desk.both(**TOTALS)
    assert duck == postgres
    assert sum(row["n"] for row in duck) == 9


async def test_records_in_the_bin_are_kept_and_flagged_but_not_counted(desk: Desk) -> None:
    made = await desk.company.make("customer", name="甲公司", price="1")
    await desk.company.gateway.delete(desk.company.system, desk.company.workspace, "customer", made)
    await desk.bring_up()
    status = await desk.replica.status()
    assert status.rows["customer"] == 1
    assert (await desk.ask(object="customer", measures={"n": "count"}, engine="duckdb"))["rows"] == [{"n": 0}]


async def test_a_change_that_is_not_sealed_yet_is_taken_and_taken_again_without_harm(desk: Desk) -> None:
    made = await desk.company.make("customer", name="甲公司", price="1")
    await desk.bring_up()
    await desk.company.change("customer", made, price="2")
    await desk.replica.advance()
    early, _ = await desk.both(object="customer", measures={"total": "sum(price)"})
    await desk.company.change("customer", made, price="3")
    await desk.bring_up()
    late, postgres = await desk.both(object="customer", measures={"total": "sum(price)"})
    assert (early, late) == ([{"total": 2}], [{"total": 3}])
    assert late == postgres


async def test_a_writer_that_commits_late_is_not_missed(desk: Desk) -> None:
    company = desk.company
    async with company.database.write() as tx:
        await company.gateway.create(company.system, company.workspace, "customer", {"name": "慢", "price": "7"}, tx=tx)
        await company.make("customer", name="快", price="1")
        await desk.replica.advance()
    await desk.bring_up()
    duck, postgres = await desk.both(object="customer", measures={"total": "sum(price)"})
    assert duck == postgres == [{"total": 8}]


async def test_records_lie_in_files_of_the_month_they_were_made_in(desk: Desk, clock: FixedClock) -> None:
    await desk.company.make("customer", name="十一月")
    clock.advance(timedelta(days=31))
    await desk.company.make("customer", name="十二月")
    await desk.seal()
    manifest = await desk.replica.rebuild()
    assert [file.month for file in manifest.objects["customer"].base] == ["2026-11", "2026-12"]
    assert {file.month for file in manifest.history} == {"2026-11", "2026-12"}


async def test_what_was_purged_is_in_no_file_that_is_named(desk: Desk) -> None:
    company = desk.company
    secret = await company.make("customer", name="秘密的名字", price="1")
    await company.make("customer", name="另一家", price="2")
    await desk.bring_up()
    await company.change("customer", secret, name="更秘密的名字")
    await desk.bring_up()
    await company.gateway.purge(company.system, company.workspace, "customer", secret)
    await desk.bring_up()
    with desk.replica.shelf.lease() as manifest:
        files = [str(desk.replica.shelf.path(file)) for file in manifest.files]
    for file in files:
        rows = duckdb.sql(f"SELECT * FROM read_parquet('{file}')").fetchall()
        assert "秘密" not in str(rows), file


async def test_every_kind_of_value_arrives_as_it_is_stored(desk: Desk) -> None:
    values = {
        "name": 'Zeile "zwei", 北京', "code": ",", "phone": "13800138000", "level": "a", "tags": ["vip", "new"],
        "cost": "-0.01", "price": "12345678901234567.89", "extra": {"a": ["\"\n,", None, 1.5]}, "cycle": 90,
        "place": {"lat": 31.2, "lng": 121.5},
    }  # fmt: skip
    made = await desk.company.make("customer", **values)
    await desk.company.make("customer", name="NULL", partners=[str(made)], parent=str(made))
    await desk.bring_up()
    stored = await desk.company.fetch(
        "SELECT id, name, code, tags, cost, price, extra::text, cycle, place::text, partners, parent, created_at,"
        " version FROM {schema}.customer ORDER BY name DESC"
    )
    with desk.replica.shelf.lease() as manifest:
        file = manifest.objects["customer"].base[0]
    held = duckdb.connect(config={}).execute(
        "SELECT id, name, code, tags, cost, price, extra, cycle, place, partners, parent, created_at, version"
        f" FROM read_parquet('{desk.replica.shelf.path(file)}') ORDER BY name DESC"
    )
    assert [tuple(row) for row in held.fetchall()] == [tuple(row.values()) for row in stored]


async def test_a_number_too_wide_for_the_files_widens_them(desk: Desk) -> None:
    await desk.company.make("customer", name="小", price="1.25")
    await desk.bring_up()
    await desk.company.make("customer", name="大", price="99999999999999999999.99")
    await desk.bring_up()
    duck, postgres = await desk.both(object="customer", measures={"total": "sum(price)", "mean": "avg(price)"})
    assert duck[0]["total"] == postgres[0]["total"] == Decimal("100000000000000000001.24")


async def test_many_changes_are_folded_into_the_base(desk: Desk, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("tongmai.replica.object_files._SMALL_DELTA", 3)
    ids = [await desk.company.make("customer", name=f"客户{n}", price=n) for n in range(5)]
    await desk.bring_up()
    for n, one in enumerate(ids):
        await desk.company.change("customer", one, price=n * 10)
    await desk.bring_up()
    with desk.replica.shelf.lease() as manifest:
        assert manifest.objects["customer"].delta is None
        assert sum(file.rows for file in manifest.objects["customer"].base) == 5
    assert (await desk.both(**TOTALS))[0] == (await desk.both(**TOTALS))[1]


async def test_compaction_changes_no_answer_and_leaves_one_file_a_month(desk: Desk) -> None:
    ids = [await desk.company.make("customer", name=f"客户{n}", price=n, level="ab"[n % 2]) for n in range(6)]
    await desk.bring_up()
    await desk.company.change("customer", ids[0], price="50")
    await desk.company.gateway.delete(desk.company.system, desk.company.workspace, "customer", ids[1])
    await desk.bring_up()
    before, _ = await desk.both(**TOTALS)
    compacted = await desk.replica.compact()
    after, postgres = await desk.both(**TOTALS)
    assert before == after == postgres
    assert compacted.objects["customer"].delta is None
    assert len(compacted.history) == 1
