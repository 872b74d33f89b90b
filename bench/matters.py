"""What a day is drawn from: 10,000 open signals among 100,000, and 2,000 tasks, beside hand-written SQL for the groups.

    python -m bench.matters

The hand-written statement knows no policies: it counts by level and rule, takes the first three rows of each, and is
told the same rows by the same driver. A tenth of the rows shows how the time grows. Trust the ratios.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from statistics import quantiles
from time import perf_counter
from uuid import UUID

from bench.fresh import fresh_database
from tongmai.access import Actor, Person, SystemActor
from tongmai.kit import Settings, SystemClock, Text
from tongmai.model import AddRole, Changeset, RoleDef
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace
from tongmai.work import MattersAsked, Work, open_work

OPEN, TASKS, RULES, PEOPLE = 10_000, 2_000, 30, 25
WARM_UP, CALLS = 3, 20
# Of a list (docs/architecture.md, section 6).
BUDGET = 1.5

_BY_HAND = """
    WITH seen AS MATERIALIZED (
      SELECT *, row_number() OVER (PARTITION BY level, rule ORDER BY started_at, id) AS n FROM {schema}.signal
      WHERE state IN ('new', 'seen') AND ended_at IS NULL AND deleted_at IS NULL)
    SELECT json_agg(g)::text FROM (
      SELECT level, rule, count(*), min(started_at), json_agg(seen) FILTER (WHERE n <= 3) FROM seen
      GROUP BY level, rule ORDER BY level, min(started_at)) AS g
"""


async def main() -> int:
    async with fresh_database(statement_timeout_s=120) as (database, settings):
        return await _measure(database, settings)


async def _measure(database: Database, settings: Settings) -> int:
    clock = SystemClock()
    catalogues = CatalogueStore(database)
    workspace = await create_workspace(database, catalogues, clock, "bench", Text("测试", "Bench"))
    scopes = {"signal": "subtree", "task": "subtree", "person": "all"}
    grants = [{"object": key, "read": scope, "fields": "read"} for key, scope in scopes.items()]
    lead = RoleDef.model_validate({"key": "lead", "label": {"zh": "主管", "en": "Lead"}, "grants": grants})
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, Changeset(actions=(AddRole(role=lead),)), None)
    gateway = Gateway(database, catalogues, clock, settings)
    system = SystemActor("bench")
    people = (await gateway.create(system, workspace, "person", [{"name": f"人员{n}"} for n in range(PEOPLE)])).ids
    work = open_work(database, catalogues, gateway, clock, settings)
    actor = Actor(Person(people[0], "人员0", None, ("lead",), (), tuple(people), tuple(people)))
    await _fill(database, workspace, people, 0, OPEN // 10)
    (tenth,) = await _time(lambda: _groups(work, actor, workspace, "signal"))
    await _fill(database, workspace, people, OPEN // 10, OPEN)
    ours, by_hand, tasks = await _time(
        lambda: _groups(work, actor, workspace, "signal"),
        lambda: _by_hand(database, workspace),
        lambda: _groups(work, actor, workspace, "task"),
    )
    ratio = ours / by_hand
    verdict = "ok" if ratio <= BUDGET else "OVER"
    print(
        f"groups of {OPEN:,} open signals  {ours:7.1f} ms   by hand {by_hand:7.1f} ms"
        f"   ratio {ratio:4.2f}  (budget {BUDGET}) {verdict}"
    )
    print(f"groups of a tenth of them     {tenth:7.1f} ms   {ours / tenth:4.1f} × for ten times the rows")
    print(f"groups of {TASKS:,} own tasks     {tasks:7.1f} ms")
    return int(ratio > BUDGET)


async def _groups(work: Work, actor: Actor, workspace: Workspace, kind: str) -> object:
    asked = MattersAsked("signal") if kind == "signal" else MattersAsked("task", "mine")
    return await work.matters.gather(actor, workspace, asked)


async def _by_hand(database: Database, workspace: Workspace) -> object:
    async with database.read() as tx:
        return await tx.fetch_value(_BY_HAND.replace("{schema}", workspace.quoted_schema))


async def _fill(database: Database, workspace: Workspace, people: Sequence[UUID], first: int, last: int) -> None:
    """Open signals ``first`` to ``last`` with nine closed ones each; with the first of them the tasks."""
    schema = workspace.quoted_schema
    async with database.write() as tx:
        await tx.execute(
            f"INSERT INTO {schema}.signal (id, owner, created_at, changed_at, title, kind, level, state, rule, episode,"
            " started_at, subject_object, subject_id, subject)"
            " SELECT uuidv7(), ($3::uuid[])[1 + n % $4], now(), now(), '信号 ' || n, 'bench',"
            " (ARRAY['red', 'yellow', 'info'])[1 + n % 3], CASE WHEN n % 10 = 0 THEN 'new' ELSE 'acted' END,"
            " 'rule_' || n / 10 % $5, n::text, now() - n * interval '1 minute', 'person',"
            " ($3::uuid[])[1 + n % $4]::text, '人'"
            " FROM generate_series($1::bigint, $2::bigint) AS n",
            first * 10, last * 10 - 1, list(people), len(people), RULES,
        )  # fmt: skip
        if first == 0:
            await tx.execute(
                f"INSERT INTO {schema}.task (id, owner, created_at, changed_at, title, state, rule, due_at, key)"
                " SELECT uuidv7(), $2, now(), now(), '待办 ' || n, 'open',"
                " CASE WHEN n % 3 > 0 THEN 'rule_' || n % $3 END,"
                " now() + (n - 1000) * interval '1 minute', n::text FROM generate_series(1::bigint, $1::bigint) AS n",
                TASKS, people[0], RULES,
            )  # fmt: skip
    async with database.write() as tx:
        await tx.execute(f"ANALYZE {schema}.signal")


async def _time(*works: Callable[[], Awaitable[object]]) -> list[float]:
    """Lower quartiles in ms, call by call in turn, so that all have the same machine."""
    took: list[list[float]] = [[] for _ in works]
    for number in range(WARM_UP + CALLS):
        for times, work in zip(took, works, strict=True):
            started = perf_counter()
            await work()
            if number >= WARM_UP:
                times.append((perf_counter() - started) * 1000)
    return [quantiles(times, n=4)[0] for times in took]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
