"""Back-tests: a rule or segment, live or a draft, run over the company's own past; nothing is written but the result.

It is the live fold over past moments. Rows are as they were known then (``known``), or as they are now and counted from
their own moments (``today``), which the result says. What is not over yet counts in no share.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import duckdb

from tongmai.formula import BOOLEAN, parse
from tongmai.kit import Fault, Invalid, Text
from tongmai.metrics import Metrics, find_segment
from tongmai.model import (
    Becomes,
    Catalogue,
    Changed,
    Enters,
    Happens,
    MetricDef,
    Notify,
    ObjectScope,
    RuleDef,
    SegmentDef,
    check_catalogue,
    people_of,
)
from tongmai.rules.backtest_course import AMONG, OUTCOME, Course, Report
from tongmai.rules.backtest_engines import FindReplica, opened_scene
from tongmai.rules.backtest_entries import hit_entries
from tongmai.rules.backtest_reads import fields_read, reduced
from tongmai.rules.backtest_request import BacktestRequest, as_condition
from tongmai.rules.backtest_scene import Ground
from tongmai.rules.backtest_state import State, Version
from tongmai.rules.backtest_steps import Step, end_of, steps_of
from tongmai.rules.backtest_tally import Outcome, comparison, version_document
from tongmai.rules.backtest_values import day_by_day
from tongmai.store import Workspace

Progress = Callable[[int, int, Mapping[str, object] | None], Awaitable[None]]
_UNKNOWN_PAST = Text(
    "历史从 {} 开始，此前的情况无从得知；可改用 basis=today，按现有数据自身的时间回放",
    "History begins on {}: nothing is known of the time before; with basis=today the present rows are counted from"
    " their own moments",
)


@dataclass(frozen=True)
class _Plan:
    """A request made ready."""

    request: BacktestRequest
    ground: Ground
    course: Course
    days: tuple[date, ...]
    outcome: Outcome | None


@dataclass(frozen=True)
class Outlook:
    """Of a run that has not begun: the fields (object, key) that it reads, the moments that it looks at, and the
    metrics for which each moment needs a pass over all rows."""

    reads: frozenset[tuple[str, str]]
    moments: int
    day_by_day: tuple[MetricDef, ...]


class Backtests:
    """One per process, over the metrics of it. ``find`` gives the replica of a workspace, if there is one.

    ``tell_s`` and ``keep_s``: so often a run tells how far it is, and from where another attempt would go on.
    """

    tell_s = 0.5
    keep_s = 5.0

    def __init__(self, metrics: Metrics, find: FindReplica) -> None:
        self._metrics = metrics
        self._database = metrics.database
        self._find = find

    async def outlook(self, workspace: Workspace, request: BacktestRequest) -> Outlook:
        """What the run will read and how far it has to go.

        Raises ``Invalid`` with every fault of it, ``NotFound`` for a segment that is not there.
        """
        plan = await self._plan(workspace, request)
        moments = len(plan.course.steps)
        return Outlook(fields_read(plan.ground), moments, day_by_day(reduced(plan.ground), moments))

    async def run(
        self,
        workspace: Workspace,
        request: BacktestRequest,
        *,
        progress: Progress | None = None,
        checkpoint: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        """The whole result as JSON can hold it. ``progress`` hears steps done, steps in all and, now and then, a
        checkpoint from which another run goes on; what it raises ends the run.

        Records and people are told by their ids; who may see them is decided where the result is shown.
        """
        began = time.perf_counter()
        plan = await self._plan(workspace, request)
        steps = plan.course.steps
        told = kept = time.monotonic()

        async def report(at: State) -> None:
            nonlocal told, kept
            now = time.monotonic()
            if progress is None or now - told < self.tell_s:
                return
            told = now
            keep = now - kept >= self.keep_s
            await progress(at.steps, len(steps), at.encode() if keep else None)
            if keep:
                kept = time.monotonic()

        try:
            state, engine, why = await self._carried_out(plan, checkpoint, report, request.engine)
        except duckdb.Error:
            # A sum of more than 38 digits, say: PostgreSQL has room for it, or words for what is wrong.
            if request.engine == "duckdb":
                raise
            state, engine, _ = await self._carried_out(plan, checkpoint, report, "postgres")
            why = Text("DuckDB 无法计算", "DuckDB could not work it out")
        result = await asyncio.to_thread(_document, plan, state)
        notes = await self._notes(plan)
        return {
            **result,
            "engine": engine,
            "why": {"zh": why.zh, "en": why.en},
            "notes": [{"zh": each.zh, "en": each.en} for each in notes],
            "seconds": round(time.perf_counter() - began, 3),
        }

    async def _carried_out(
        self, plan: _Plan, checkpoint: Mapping[str, object] | None, report: Report, wanted: str
    ) -> tuple[State, str, Text]:
        """What was found, by which engine and why."""
        state = State.decode(dict(checkpoint)) if checkpoint else State()
        if not state.steps:
            await self._begin(plan, state)
        moments = [step.at for step in plan.course.steps]
        async with opened_scene(self._database, self._find, plan.ground, moments, wanted) as scene:
            await plan.course.run(scene, state, report)
        return state, scene.engine, scene.why

    async def _plan(self, workspace: Workspace, request: BacktestRequest) -> _Plan:
        catalogue = await self._metrics.catalogues.newest(workspace)
        rules = [each for each in (request.tried, request.other) if each is not None]
        if len({each.object for each in rules}) > 1:
            raise Invalid.of(
                "backtest.objects",
                "两个版本须属于同一对象",
                "Both versions must be over one object",
                field="against",
                way_out=Text("请选择同一对象的版本", "Choose versions over the same object"),
            )
        segments = [_segment_of(catalogue, request, rule, number) for number, rule in enumerate(rules)]
        _require_sound(catalogue, request, rules, segments)
        formula = request.outcome_formula
        conditions = {str(number): _condition_of(rule) for number, rule in enumerate(rules)}
        if formula is not None:
            conditions |= {OUTCOME: as_condition(rules[0], formula), AMONG: as_condition(rules[0], request.among)}
        tables = {str(number): each for number, each in enumerate(segments) if each is not None}
        ground = Ground(workspace, catalogue, request.basis, conditions, tables)
        era = ground.era(self._metrics.clock.now())
        outcome = None if formula is None else Outcome(formula, request.days_to_outcome)
        live = await self._live_moments(ground, rules[0], request) if request.moments == "live" else None
        found = [steps_of(rule, request.from_, request.to, outcome.days if outcome else 0, era, live) for rule in rules]
        steps = _merged(found)
        all_days = (request.from_ + timedelta(days=n) for n in range((request.to - request.from_).days))
        days = tuple(day for day in all_days if end_of(day, era) <= era.as_of)
        if not days:
            raise Invalid.of(
                "backtest.not_over",
                "这段时间里还没有一天过完，无从回测",
                "No day of the period is over yet: there is nothing to look back on",
                field="from",
                way_out=Text("请选更早的日期", "Choose earlier days"),
            )
        last = days[-1].toordinal()
        return _Plan(request, ground, Course(rules, segments, steps, outcome is not None, last), days, outcome)

    async def _begin(self, plan: _Plan, state: State) -> None:
        """Before the first step: entries of logs, and whom the live log says were in an episode already."""
        request, ground = plan.request, plan.ground
        era = ground.era(self._metrics.clock.now())
        since, until = era.midnight(request.from_), era.midnight(request.to)
        if any(isinstance(rule.when, Changed | Happens) for rule in plan.course.rules):
            await hit_entries(self._database, ground, plan.course.rules, state, since, until)
        if request.moments == "live":
            schema = ground.workspace.quoted_schema
            async with self._database.read() as tx:
                rows = await tx.fetch(
                    f"SELECT record_id FROM {schema}._episode WHERE rule = $1 AND begun_at < $2"  # noqa: S608 - quoted
                    " AND (ended_at IS NULL OR ended_at >= $2)",
                    request.tried.key, since,
                )  # fmt: skip
            inside = state.roll.bits(row["record_id"] for row in rows)
            # Who is in a class is found anew at the first step.
            state.versions = [
                Version(inside=0 if isinstance(rule.when, Enters) else inside) for rule in plan.course.rules
            ]

    async def _live_moments(self, ground: Ground, rule: RuleDef, request: BacktestRequest) -> list[datetime]:
        """When something began or ended by the live log of the rule, in the days asked for."""
        era = ground.era(self._metrics.clock.now())
        schema = ground.workspace.quoted_schema
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT at FROM {schema}._firing WHERE rule = $1 AND at >= $2 AND at < $3"  # noqa: S608 - quoted
                f" UNION SELECT ended_at FROM {schema}._episode WHERE rule = $1 AND ended_at >= $2 AND ended_at < $3",
                rule.key, era.midnight(request.from_), era.midnight(request.to),
            )  # fmt: skip
        return sorted(row["at"] for row in rows)

    async def _notes(self, plan: _Plan) -> list[Text]:
        """What a reader has to know of the period."""
        if plan.request.basis == "today":
            return [
                Text(
                    "按现有数据回放：记录、归属与客户信息取今天的值，订单等按各自的发生时间计入，当时未必已录入",
                    "Replayed over the rows as they are today: fields and owners have today's values, events count"
                    " from their own moments, whether or not they had been entered by then",
                )
            ]
        schema = plan.ground.workspace.quoted_schema
        async with self._database.read() as tx:
            first = await tx.fetch_value(f"SELECT min(at) FROM {schema}._history")  # noqa: S608 - quoted
        era = plan.ground.era(self._metrics.clock.now())
        if first is None or first <= era.midnight(plan.request.from_):
            return []
        day = era.at(first).today.isoformat()
        return [Text(_UNKNOWN_PAST.zh.format(day), _UNKNOWN_PAST.en.format(day))]


def _document(plan: _Plan, state: State) -> dict[str, object]:
    request = plan.request
    found: dict[str, object] = {
        "rule": request.tried.key,
        "object": plan.ground.object,
        "version": plan.ground.catalogue.version,
        "from": request.from_.isoformat(),
        "to": request.to.isoformat(),
        "through": plan.days[-1].isoformat(),
        "basis": request.basis,
        "moments": len([step for step in plan.course.steps if step.tries and step.counts]),
        **version_document(state, 0, plan.days, plan.outcome),
    }
    if request.other is not None:
        found["against"] = version_document(state, 1, plan.days, plan.outcome)
        found["comparison"] = comparison(state, plan.days, plan.outcome)
    return found


def _condition_of(rule: RuleDef) -> RuleDef:
    """The rule's condition with its people, whatever its trigger is. What its actions would say is not asked: metrics
    that only their words name are not worked out for every record and day."""
    when = rule.when if isinstance(rule.when, Becomes) else Becomes()
    people = tuple(dict.fromkeys(who for action in rule.then for who in people_of(action)))
    return rule.model_copy(update={"when": when, "then": (Notify.model_construct(to=people, title=Text.same("-")),)})


def _segment_of(catalogue: Catalogue, request: BacktestRequest, rule: RuleDef, number: int) -> SegmentDef | None:
    if request.segment is not None:
        return request.segment if number == 0 else request.against if isinstance(request.against, SegmentDef) else None
    return find_segment(catalogue, rule.when.segment) if isinstance(rule.when, Enters) else None


def _require_sound(
    catalogue: Catalogue, request: BacktestRequest, rules: list[RuleDef], segments: list[SegmentDef | None]
) -> None:
    """Checks each version as part of the catalogue, as though it were saved; and every formula by itself."""
    faults: dict[Fault, None] = {}
    for rule, segment in zip(rules, segments, strict=True):
        if rule.object not in catalogue.object_by_key:
            raise Invalid.of(
                "backtest.object", f"没有对象“{rule.object}”", f"there is no object “{rule.object}”", field="object"
            )
        drafts = (rule,) if request.rule is not None else ()
        others = (each for each in catalogue.rules if each.key != rule.key)
        tables = (each for each in catalogue.segments if segment is None or each.key != segment.key)
        probe = catalogue.model_copy(
            update={"rules": (*others, *drafts), "segments": (*tables, *((segment,) if segment else ()))}
        )
        faults |= dict.fromkeys(check_catalogue(probe))
        scope = ObjectScope(catalogue, rule.object)
        for name, text in {"outcome": request.outcome, "among": request.among}.items():
            faults |= dict.fromkeys(_faults_in(name, partial(parse, text, scope, expect=BOOLEAN)) if text else ())
    if faults:
        raise Invalid(tuple(faults))


def _faults_in(name: str, work: Callable[[], object]) -> tuple[Fault, ...]:
    try:
        work()
    except Invalid as refusal:
        return tuple(fault if fault.field else fault.at_field(name) for fault in refusal.faults)
    return ()


def _merged(found: list[tuple[Step, ...]]) -> tuple[Step, ...]:
    """The steps of several versions: each is tried at the moments of all of them, which must be the same for both."""
    if len(found) > 1 and any(
        [step.at for step in each if step.tries] != [step.at for step in found[0] if step.tries] for each in found
    ):
        raise Invalid.of(
            "backtest.other_moments",
            "两个版本的触发时间不同，无法逐日比较",
            "The versions are tried at different moments and cannot be compared",
            field="against",
            way_out=Text("请分别试运行这两个版本", "Try the two versions one by one"),
        )
    return found[0]


__all__ = ["Backtests"]
