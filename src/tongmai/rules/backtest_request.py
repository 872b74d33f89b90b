"""What a back-test is asked: over which days, of which rule or segment, against which outcome. Values only."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tongmai.kit import Text
from tongmai.model import Becomes, Enters, Notify, RuleDef, SegmentDef, unsuitable

Formula = Annotated[str, Field(min_length=1, max_length=10_000)]

MOST_DAYS = 1_100
# `known`: rows as they were known at each moment, from the history. `today`: the rows as they are now, each counted
# from its own moment, as though it had been known then: for data that was imported later than it happened.
Basis: TypeAlias = Literal["known", "today"]


class BacktestRequest(BaseModel):
    """Days ``[from, to)`` of the workspace's zone. Exactly one of ``rule`` and ``segment``.

    ``against`` is another version, compared with the first. ``outcome`` is a formula over the record ``outcome_days``
    after a hit; without it the rule's own is taken. ``among`` tells which records the base rate and recall are of, all
    without it. ``moments``: at the end of each day, or at those at which the live rule's log says something happened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: date = Field(alias="from")
    to: date
    rule: RuleDef | None = None
    segment: SegmentDef | None = None
    classes: Annotated[tuple[str, ...], Field(max_length=30)] = ()
    against: RuleDef | SegmentDef | None = None
    outcome: Formula | None = None
    outcome_days: Annotated[int | None, Field(ge=1, le=365)] = None
    among: Formula | None = None
    basis: Basis = "known"
    moments: Literal["day", "live"] = "day"
    engine: Literal["auto", "postgres", "duckdb"] = "auto"

    @model_validator(mode="after")
    def _makes_sense(self) -> BacktestRequest:
        if not self.from_ < self.to:
            raise unsuitable("to 必须晚于 from", "“to” must be later than “from”")
        if (self.to - self.from_).days > MOST_DAYS:
            raise unsuitable(f"至多 {MOST_DAYS} 天", f"at most {MOST_DAYS} days")
        if (self.rule is None) == (self.segment is None):
            raise unsuitable("规则与分层二选一", "either a rule or a segment")
        if self.against is not None and isinstance(self.against, RuleDef) is not (self.rule is not None):
            raise unsuitable("against 必须同为规则或分层", "“against” must be of the same kind")
        if self.moments == "live" and self.basis == "today":
            raise unsuitable("实际运行日志只能按当时所知回放", "the live log is of what was known then")
        return self

    @property
    def tried(self) -> RuleDef:
        """What is tried, as a rule: a segment is the rule that a record enters one of its classes."""
        if self.rule is not None:
            return self.rule
        assert self.segment is not None
        return as_rule(self.segment, self.classes)

    @property
    def other(self) -> RuleDef | None:
        return as_rule(self.against, self.classes) if isinstance(self.against, SegmentDef) else self.against

    @property
    def outcome_formula(self) -> str | None:
        return self.outcome or self.tried.outcome

    @property
    def days_to_outcome(self) -> int:
        return self.outcome_days or self.tried.outcome_days


def as_rule(segment: SegmentDef, classes: tuple[str, ...]) -> RuleDef:
    return RuleDef.model_construct(
        key=segment.key,
        label=segment.label,
        object=segment.object,
        when=Enters(segment=segment.key, classes=classes),
        then=(_nothing(),),
    )


def as_condition(rule: RuleDef, formula: str | None) -> RuleDef:
    """A rule that a formula over the same object becomes true, without anything to do."""
    return RuleDef.model_construct(
        key=rule.key, label=rule.label, object=rule.object, when=Becomes(), if_=formula, then=(_nothing(),)
    )


def entered(segment: SegmentDef, classes: tuple[str, ...]) -> frozenset[str]:
    """The classes whose entering counts: those named, else all."""
    return frozenset(classes) or frozenset(each.key for each in segment.classes)


def _nothing() -> Notify:
    return Notify(to=("owner",), title=Text.same("-"))


__all__ = ["MOST_DAYS", "BacktestRequest", "Basis", "as_condition", "as_rule", "entered"]
