"""The course of a back-test: from step to step, one fold for every kind of rule, over whichever engine answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tongmai.metrics import Membership, decide
from tongmai.model import (
    CallHook,
    Enters,
    Holds,
    Lock,
    MakeRecord,
    MakeTask,
    RuleAction,
    RuleDef,
    Scheduled,
    SegmentDef,
    SetFields,
)
from tongmai.rules.backtest_request import entered
from tongmai.rules.backtest_scene import Scene
from tongmai.rules.backtest_state import Hit, State, Version
from tongmai.rules.backtest_steps import Step
from tongmai.rules.episodes import Finding

AMONG = "among"
OUTCOME = "outcome"
Report = Callable[[State], Awaitable[None]]


@dataclass(frozen=True)
class Course:
    """``rules`` are the versions tried, in order, named by their numbers in the scene. ``segments`` are the tables of
    those that are tried on entering a class."""

    rules: Sequence[RuleDef]
    segments: Sequence[SegmentDef | None]
    steps: Sequence[Step]
    has_outcome: bool
    last_day_tried: int

    async def run(self, scene: Scene, state: State, report: Report) -> State:
        """From where ``state`` stands to the end; ``report`` hears after each step, and may end it by raising."""
        if not state.versions:
            state.versions = [Version() for _ in self.rules]
        if state.steps or any(each.inside for each in state.versions):
            await self._take_up(scene, state)
        for step in self.steps[state.steps :]:
            await scene.go(step.at)
            if step.tries:
                for number, rule in enumerate(self.rules):
                    await self._try(scene, state, step, number, rule)
            if step.ends_day and self.has_outcome:
                await self._look_on(scene, state, step)
            state.steps += 1
            await report(state)
        return state

    async def _take_up(self, scene: Scene, state: State) -> None:
        for number, version in enumerate(state.versions):
            if isinstance(self.rules[number].when, Enters):
                await scene.move(str(number), {key: each.segment_class for key, each in version.members.items()})
            else:
                await scene.restore(str(number), state.roll.members(version.inside))
        await scene.restore(AMONG, state.roll.members(state.among))
        await scene.restore(OUTCOME, state.roll.members(state.outcome))

    async def _look_on(self, scene: Scene, state: State, step: Step) -> None:
        turns = await scene.turns(OUTCOME)
        state.outcome = _moved(state, state.outcome, (each.record_id for each in turns.began), turns.ended)
        state.outcome_on[step.day] = state.outcome
        if step.day.toordinal() <= self.last_day_tried:
            turns = await scene.turns(AMONG)
            state.among = _moved(state, state.among, (each.record_id for each in turns.began), turns.ended)
            state.among_on[step.day] = state.among

    async def _try(self, scene: Scene, state: State, step: Step, number: int, rule: RuleDef) -> None:
        version = state.versions[number]
        if isinstance(rule.when, Enters):
            await self._enter(scene, state, step, number, rule)
            return
        turns = await scene.turns(str(number))
        before = version.inside
        version.inside = _moved(state, before, (each.record_id for each in turns.began), turns.ended)
        if step.counts:
            version.ended[step.day] += len(turns.ended)
            version.stood[step.day] = version.inside
        if isinstance(rule.when, Holds | Scheduled):
            new = _run(version, rule.when) if isinstance(rule.when, Holds) else version.inside
            found: Iterable[Finding] = ()
            if step.counts and new:
                found = await scene.among(str(number), state.roll.members(new))
        else:
            found = turns.began
        if step.counts:
            _count(state, version, step, rule, found)

    async def _enter(self, scene: Scene, state: State, step: Step, number: int, rule: RuleDef) -> None:
        version, segment = state.versions[number], self.segments[number]
        assert segment is not None and isinstance(rule.when, Enters)
        moves = [
            move
            for each in await scene.candidates(str(number))
            if (move := decide(segment, version.members.get(each.record_id), each, step.at)) is not None
        ]
        await scene.move(str(number), {each.record_id: each.to_class for each in moves})
        for move in moves:
            if move.to_class is None:
                version.members.pop(move.record_id, None)
            else:
                version.members[move.record_id] = Membership(move.to_class, move.at)
        wanted = entered(segment, rule.when.classes)
        come = [each.record_id for each in moves if each.to_class in wanted]
        left = [each.record_id for each in moves if each.to_class not in wanted]
        version.inside = version.inside & ~state.roll.bits(left) | state.roll.bits(come)
        if not step.counts:
            return
        version.moves.update((each.from_class or "", each.to_class or "") for each in moves)
        version.ended[step.day] += sum(each.from_class in wanted and each.to_class not in wanted for each in moves)
        version.stood[step.day] = version.inside
        if come:
            _count(state, version, step, rule, await scene.among(str(number), come))


def _count(state: State, version: Version, step: Step, rule: RuleDef, found: Iterable[Finding]) -> None:
    findings = sorted(found, key=lambda finding: finding.record_id)
    state.roll.bits(each.record_id for each in findings)
    version.hit(
        Hit(state.roll.number(each.record_id), each.at, step.day, addressed(rule, each), dict(each.seen))
        for each in findings
    )


def addressed(rule: RuleDef, found: Finding) -> tuple[str, ...]:
    """Who has work by a hit: those whom tasks, else signals and notifications, are for. People are told by their ids;
    ``superior`` and roles, who may be others today than they were then, by these words."""
    tasks = [each for each in rule.then if isinstance(each, MakeTask)]
    people = [who for each in tasks or rule.then for who in _named(each)]
    told: dict[str, None] = {}
    for who in people or ["owner"]:
        kind, _, path = who.partition(":")
        person = found.owner if who == "owner" else found.told.get(f"who.{path}") if kind == "person" else who
        if person is not None:
            told[str(person)] = None
    return tuple(told)


def _named(action: RuleAction) -> tuple[str, ...]:
    if isinstance(action, MakeTask):
        return (action.to,)
    if isinstance(action, SetFields | MakeRecord | Lock | CallHook):
        return ()
    return action.to


def _run(version: Version, when: Holds) -> int:
    """Who has been inside for exactly so many consecutive periods."""
    version.runs = [*version.runs, version.inside][-(when.periods + 1) :]
    if len(version.runs) < when.periods:
        return 0
    found = version.inside
    for each in version.runs[-when.periods :]:
        found &= each
    return found & ~version.runs[0] if len(version.runs) > when.periods else found


def _moved(state: State, inside: int, began: Iterable[UUID], ended: Iterable[UUID]) -> int:
    return inside & ~state.roll.bits(ended) | state.roll.bits(began)
