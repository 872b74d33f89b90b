"""What fields, objects and metrics are called changes no value: no name of a company's own meets one of a statement."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.conftest import START
from tests.generic.test_metrics_over_time import at_moments
from tests.metrics.shop import Shop, open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.metrics import Binder, Metrics
from tongmai.model import AddMetric, AddObject, Changeset, MetricDef, ObjectDef, RuleDef
from tongmai.replica import Replica
from tongmai.rules import BacktestRequest, Backtests
from tongmai.rules.entries import changes_between
from tongmai.rules.judging import judged
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)
# Aliases, columns and tables of our own statements.
OURS = (
    "shown", "n", "o", "t", "d", "s", "r", "c", "m", "w", "e", "k", "h", "x", "v", "q", "u", "a", "b", "f", "g", "i", "j",
    "subject", "value", "rows", "filled", "step", "moment", "moments", "latest", "present", "later", "earlier", "overlay",
    "born", "changes", "folded", "carried", "known", "at", "as_of", "today", "now", "upto", "entry", "cause", "whose",
    "edge", "epoch", "engine", "computed_at", "record_id", "begins", "seen", "told", "start", "until", "a0", "e0", "i0",
    "g0_a0", "at_", "key", "object", "day", "id_", "order", "group", "select", "user", "table", "class", "since",
)  # fmt: skip
# What a metric may not be called.
FREE = tuple(
    each for each in OURS if each not in ("at_", "id_", "record_id", "epoch", "as_of", "computed_at", "version")
)
ROLES = ("customer", "order", "name", "level", "link", "placed", "amount", "state")
MEASURES = ("gap", "count", "total", "mean", "last", "pace", "ratio", "worth")
names = st.tuples(
    st.lists(st.sampled_from(OURS), min_size=len(ROLES), max_size=len(ROLES), unique=True),
    st.lists(st.sampled_from(FREE), min_size=len(MEASURES), max_size=len(MEASURES), unique=True),
)
PLAIN = {**{each: f"plain_{each}" for each in ROLES}, **{each: f"the_{each}" for each in MEASURES}}


@dataclass
class Named:
    """A shop of two objects under given names."""

    shop: Shop
    names: Mapping[str, str]

    def metrics(self) -> tuple[MetricDef, ...]:
        def of(key: str, measure: dict[str, Any], **more: Any) -> MetricDef:
            parts = {
                "key": n[key], "label": f"指标·{key}", "object": n["customer"], "source": n["order"], "path": n["link"],
                "at": n["placed"], "measure": measure,
            }  # fmt: skip
            return MetricDef.model_validate({**parts, **more})

        n = self.names
        monthly = {"kind": "rolling", "days": 5}
        own = {"source": n["customer"], "path": "", "at": "created_at"}
        return (
            of("gap", {"kind": "days_since"}, where=f"{n['state']} IS BLANK OR {n['state']} <> 'void'"),
            of("count", {"kind": "count"}, window=monthly),
            of("total", {"kind": "sum", "value": n["amount"]}, window={"kind": "calendar", "unit": "week"}),
            of("mean", {"kind": "average", "value": f"{n['amount']} * 2"}, comparison={"kind": "team_mean"}),
            of("last", {"kind": "last", "value": n["amount"]}, comparison={"kind": "benchmark", "value": "3"}),
            of("pace", {"kind": "rate", "per": "week"}, window=monthly),
            of("ratio", {"kind": "ratio", "numerator": n["total"], "denominator": n["count"]}),
            of("worth", {"kind": "formula", "formula": f"IF({n['level']} = 'A', {n['gap']}, {n['total']})"}, **own),
        )

    async def begin(self) -> None:
        n = self.names
        fields = [
            {"key": n["link"], "type": "relation", "label": "关系字段", "options": {"target": n["customer"]}},
            {"key": n["placed"], "type": "datetime", "label": "下单字段"},
            {"key": n["amount"], "type": "number", "label": "金额字段"},
            {"key": n["state"], "type": "text", "label": "状态字段"},
        ]
        whose = [{"key": n[each], "type": "text", "label": f"字段·{each}"} for each in ("name", "level")]
        objects = (
            {"key": n["customer"], "label": "客户对象", "title": n["name"], "fields": whose},
            {"key": n["order"], "label": "订单对象", "fields": fields},
        )
        actions = tuple(AddObject(object=ObjectDef.model_validate(each)) for each in objects)
        await self.shop.editor.apply(self.shop.workspace, Changeset(actions=actions), None)
        added = tuple(AddMetric(metric=each) for each in self.metrics())
        await self.shop.editor.apply(self.shop.workspace, Changeset(actions=added), None)

    async def live(self) -> None:
        """Three customers, nine days of orders, some of them changed."""
        n, shop = self.names, self.shop
        people = [{n["name"]: f"c{number}", n["level"]: "AB"[number % 2]} for number in range(3)]
        made = [await shop.make(n["customer"], **each) for each in people]
        for day in range(9):
            shop.clock.moment = START + timedelta(days=day)
            given = {n["link"]: made[day % 2], n["placed"]: shop.clock.now(), n["amount"]: day * 3}
            order = await shop.make(n["order"], **given)
            if day % 3 == 1:
                await shop.change(n["order"], order, **{n["state"]: "void", n["amount"]: day})
        shop.clock.moment = START + timedelta(days=20)
        await shop.seal()


async def values(named: Named, metrics: Metrics) -> list[tuple[Any, ...]]:
    """Every metric of every customer by its name, by one engine."""
    n, shop = named.names, named.shop
    await metrics.full(shop.workspace, START + timedelta(days=9), objects=[n["customer"]])
    columns = ", ".join(f'm."{n[each]}", m."{n[each]}__why"' for each in MEASURES)
    rows = await shop.fetch(
        f'SELECT o."{n["name"]}" AS "whose name", {columns}, m."{n["mean"]}__base", m."{n["last"]}__base"'
        f' FROM {{schema}}."_metric_{n["customer"]}" m JOIN {{schema}}."{n["customer"]}" o ON o.id = m.record_id ORDER BY 1'
    )
    return [tuple(row) for row in rows]


async def over_time(named: Named, replica: Replica) -> list[tuple[Any, ...]]:
    n = named.names
    moments = [START + timedelta(days=day) for day in (3, 6, 9)]
    found = await at_moments(named.shop, replica, n["customer"], moments, known=False)
    return [
        tuple(row[n[each]] for each in MEASURES)
        for rows in found
        for row in sorted(rows, key=lambda row: row["record_id"])
    ]


async def read(named: Named) -> tuple[Any, ...]:
    """Orders as a list, as a list of the past, in groups, and as the feed tells of them."""
    n, shop = named.names, named.shop
    asked = {"filter": f"{n['amount']} > 2", "sort": n["placed"], "fields": (n["amount"], n["state"], n["link"])}
    place = (shop.system, shop.workspace, n["order"])
    lists = [await shop.gateway.list(*place, **asked, as_of=at) for at in (None, START + timedelta(days=5))]
    items = [[(each[n["amount"]], each[n["state"]]) for each in orjson.loads(found)["items"]] for found in lists]
    query = {"object": n["order"], "group_by": [n["state"]], "measures": {"all": f"sum({n['amount']})"}}
    groups = await shop.gateway.query(shop.system, shop.workspace, query)
    rows = sorted(str([*each.values()]) for each in orjson.loads(groups)["rows"])
    page = await shop.gateway.feed(shop.system, shop.workspace, after=(0, 0))
    feed = [(each["version"], each["action"]) for each in map(orjson.loads, (event.body for event in page))]
    return items, rows, feed


async def tried(named: Named, replica: Replica, engine: str) -> tuple[Any, ...]:
    n, shop = named.names, named.shop
    rule = RuleDef.model_validate({
        "key": "silent", "label": "r", "object": n["customer"], "when": {"kind": "becomes"},
        "if": f"{n['gap']} >= 1 OR {n['worth']} > 8",
        "then": [{"kind": "notify", "to": ["owner"], "title": f"{{{n['name']}}} {{{n['mean']}}}"}],
    })  # fmt: skip
    asked = BacktestRequest.model_validate(
        {"from": START.date(), "to": START.date() + timedelta(days=9), "rule": rule, "engine": engine}
    )
    found: dict[str, Any] = await Backtests(shop.metrics, lambda _: replica).run(shop.workspace, asked)
    sample = [(each["day"], _numbers_of(each["seen"])) for each in found["sample"]]
    return found["hits"], [each["hits"] for each in found["days"]], sorted(map(str, sample))


async def entered(named: Named) -> list[tuple[Any, ...]]:
    n, shop = named.names, named.shop
    rule = RuleDef.model_validate({
        "key": "placed", "label": "r", "object": n["order"], "when": {"kind": "changed", "actions": ["create"]},
        "if": f"{n['link']}.{n['count']} >= 1 AND {n['link']}.{n['total']} > 3",
        "then": [{"kind": "notify", "to": ["owner"], "title": f"{{{n['link']}.{n['worth']}}} {{{n['link']}.{n['mean']}}}"}],
    })  # fmt: skip
    binder = Binder()
    entries = binder.statement(changes_between(shop.workspace, rule, binder))
    catalogue = await shop.catalogues.newest(shop.workspace)
    given = {"from": START - timedelta(days=1), "to": shop.clock.now()}
    async with shop.database.read() as tx:
        found = await judged(tx, shop.workspace, catalogue, rule, entries, given)
    return [(each.at, _numbers_of(each.seen), each.told["0.title"]) for each in found]


def _numbers_of(seen: Mapping[str, Any]) -> list[str]:
    """Values without their names; 1 and 1.0 are one number in JSON."""
    return sorted(str(float(each)) if isinstance(each, int | float) else str(each) for each in seen.values())


async def everything(database: Database, settings: Settings, chosen: Mapping[str, str]) -> dict[str, Any]:
    clock = FixedClock(START)
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"names_{next(_numbers)}", Text("名", "Names"), clock=clock)
    replica = Replica(database, workspace, clock, settings)
    try:
        named = Named(await open_shop(database, workspace, clock, settings), chosen)
        await named.begin()
        await named.live()
        await replica.rebuild()
        columnar = Metrics(database, named.shop.catalogues, clock, replica=lambda _: replica, fewest_rows=0)
        return {
            "postgres": await values(named, named.shop.metrics),
            "duckdb": await values(named, columnar),
            "over time": await over_time(named, replica),
            "read": await read(named),
            "tried in postgres": await tried(named, replica, "postgres"),
            "tried in duckdb": await tried(named, replica, "duckdb"),
            "entries": await entered(named),
        }
    finally:
        replica.duck.close()
        async with database.write() as tx:
            await drop_workspace(tx, workspace)


_plain: dict[str, Any] = {}


@given(chosen=names)
@example((["s", "c", "shown", "n", "t", "present", "g", "o"], ["n", "today", "now", "subject", "m", "w", "a", "g0_a0"]))
@example((["o", "t", "b", "h", "later", "n", "earlier", "d"], ["value", "rows", "as_of_x", "step", "e", "r", "v", "i"]))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_no_name_changes_a_value(
    database: Database, settings: Settings, chosen: tuple[list[str], list[str]]
) -> None:
    if not _plain:
        _plain.update(await everything(database, settings, PLAIN))
        assert _plain["postgres"] == _plain["duckdb"] and _plain["tried in postgres"] == _plain["tried in duckdb"]
    fields, measures = chosen
    mapped = {**dict(zip(ROLES, fields, strict=True)), **dict(zip(MEASURES, measures, strict=True))}
    # The shop has an object of that name; and a metric bears no name of a field of its object.
    mapped |= {each: "order_x" for each in ("customer", "order") if mapped[each] == "order"}
    taken = {mapped["name"], mapped["level"]}
    mapped |= {each: f"{mapped[each]}_x" for each in MEASURES if mapped[each] in taken}
    assert await everything(database, settings, mapped) == _plain
