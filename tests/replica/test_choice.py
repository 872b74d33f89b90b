"""Which engine answers, and what is told about it."""

from __future__ import annotations

import pytest
from tests.replica.desk import Desk

from tongmai.access import Policies, SystemActor
from tongmai.kit import Unavailable
from tongmai.model import AddMetric, AddSegment, Changeset, MetricDef, SegmentDef
from tongmai.records import Gateway, Place, Structure
from tongmai.replica import ReplicaEngine, ReplicaReader
from tongmai.schema import SchemaEditor

COUNT = {"object": "customer", "measures": {"n": "count"}}


async def test_the_answer_tells_its_engine_and_epoch_and_on_demand_why(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.bring_up()
    plain = await desk.ask(**COUNT)
    assert set(plain) == {"rows", "is_complete", "engine", "epoch"}
    explained = await desk.ask(**COUNT, explain=True)
    assert explained["engine"] == "duckdb"
    assert explained["epoch"] == (await desk.replica.status()).epoch
    assert explained["explain"]["estimated_rows"] == 1
    assert "everything that was written" in explained["explain"]["why"]["en"]


async def test_what_was_said_in_two_languages_is_counted_in_the_askers_own(desk: Desk) -> None:
    await desk.company.make("task", title="回访", title_en="Call back")
    await desk.company.make("task", title="核价")
    await desk.bring_up()
    by_title = {"object": "task", "group_by": ["title"], "measures": {"n": "count"}, "sort": "title"}
    for language, titles in (("zh", {"回访", "核价"}), ("en", {"Call back", "核价"})):
        for rows in await desk.both(SystemActor("test", language), **by_title):  # type: ignore[arg-type]
            assert {row["title"] for row in rows} == titles


async def test_what_was_just_written_is_in_the_answer(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.bring_up()
    await desk.company.make("customer", name="乙公司")
    answer = await desk.ask(**COUNT, explain=True)
    assert (answer["engine"], answer["rows"]) == ("postgresql", [{"n": 2}])
    assert "more was written since" in answer["explain"]["why"]["en"]
    with pytest.raises(Unavailable, match="more was written since"):
        await desk.ask(**COUNT, engine="duckdb")


async def test_older_figures_are_given_to_who_is_content_with_them(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.bring_up()
    epoch = (await desk.replica.status()).epoch
    assert epoch is not None
    await desk.company.make("customer", name="乙公司")
    await desk.seal()
    by_epoch = await desk.ask(**COUNT, at_least=epoch)
    by_age = await desk.ask(**COUNT, max_age_s=60)
    assert (by_epoch["engine"], by_epoch["rows"], by_epoch["epoch"]) == ("duckdb", [{"n": 1}], epoch)
    assert by_age["rows"] == [{"n": 1}]
    assert (await desk.ask(**COUNT, at_least=epoch + 1))["rows"] == [{"n": 2}]


async def test_few_records_are_left_to_postgresql(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.bring_up()
    company = desk.company
    usual = Gateway(company.database, company.catalogues, company.clock, desk.settings)
    usual.use_engine(ReplicaEngine(company.database, desk.settings, lambda _: desk.replica))
    answer = await usual.query(company.system, company.workspace, {**COUNT, "explain": True})
    assert b'"engine":"postgresql"' in answer
    assert "PostgreSQL is quicker" in answer.decode()


async def test_the_past_is_postgresqls(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.bring_up()
    answer = await desk.ask(**COUNT, as_of=desk.company.clock.now().isoformat(), explain=True)
    assert answer["engine"] == "postgresql"
    assert "history" in answer["explain"]["why"]["en"]


async def test_a_sum_beyond_what_duckdb_holds_is_worked_out_by_postgresql(desk: Desk) -> None:
    for n in range(2):
        await desk.company.make("customer", name=f"客户{n}", price="99999999999999999999.99")
    await desk.bring_up()
    answer = await desk.ask(object="customer", measures={"t": "sum(price * price)", "m": "max(price)"})
    assert answer["rows"][0]["m"] > 0


async def test_each_person_gets_the_same_figures_from_either_engine(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司", price="5", cost="1", owner=str(desk.company["甲"].id))
    await desk.company.make("customer", name="乙公司", price="7", cost="2", owner=str(desk.company["乙"].id))
    await desk.bring_up()
    shown = {}
    for name, of in (("甲", "price"), ("乙", "price"), ("丙", "cost"), ("丁", "cost")):
        duck, postgres = await desk.both(
            desk.company[name], object="customer", measures={"n": "count", "t": f"sum({of})"}
        )
        assert duck == postgres
        shown[name] = (duck[0]["n"], duck[0]["t"])
    assert shown == {"甲": (1, 5), "乙": (1, 7), "丙": (1, 1), "丁": (2, 3)}


async def test_text_of_a_person_is_never_sql(desk: Desk) -> None:
    await desk.company.make("customer", name="'); DROP TABLE x; --")
    await desk.bring_up()
    condition = 'name = "\'); DROP TABLE x; --"'
    duck, postgres = await desk.both(**COUNT, filter=condition)
    assert duck == postgres == [{"n": 1}]


async def test_questions_about_metrics_and_classes_are_postgresqls(desk: Desk) -> None:
    company = desk.company
    metric = MetricDef.model_validate({
        "key": "deals", "label": "商机数", "object": "customer", "source": "customer", "measure": {"kind": "count"},
    })  # fmt: skip
    segment = SegmentDef.model_validate(
        {"key": "heat", "label": "热度", "object": "customer", "classes": [{"key": "cold", "label": "冷"}]}
    )
    changes = Changeset(actions=(AddMetric(metric=metric), AddSegment(segment=segment)))
    await SchemaEditor(company.database, company.catalogues, company.clock, desk.settings).apply(
        company.workspace, changes, None
    )
    await company.make("customer", name="甲公司")
    await desk.bring_up()
    for asked in ({"group_by": ["heat"]}, {"filter": "deals > 1"}, {"measures": {"s": "sum(deals)"}}):
        answer = await desk.ask(**{**COUNT, **asked}, explain=True)
        assert answer["engine"] == "postgresql"
        assert "kept in PostgreSQL" in answer["explain"]["why"]["en"]
    assert (await desk.ask(**COUNT))["engine"] == "duckdb"


async def test_the_whole_history_is_the_products_own(desk: Desk) -> None:
    company = desk.company
    await company.make("customer", name="甲公司")
    await desk.bring_up()
    catalogue = await company.catalogues.newest(company.workspace)
    with desk.replica.shelf.lease() as manifest:
        places = [
            Place(company.workspace, Structure(catalogue), actor, Policies())
            for actor in (company.system, company["甲"])
        ]
        own, other = (ReplicaReader(each, company.clock.now(), manifest, desk.replica.shelf) for each in places)
        count = f"SELECT count(*) FROM ({own.history()}) AS h WHERE h.action = 'create' AND h.object = 'customer'"
        assert await desk.replica.duck.run(lambda session: session.execute(count).fetchall()) == [(1,)]
        with pytest.raises(PermissionError):
            other.history()
