"""What a change would do, as values for a person to look at. Nothing here touches the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from tongmai.kit import Fault, Language, Text
from tongmai.schema.physical import Physical
from tongmai.schema.steps import BuildIndex, Check, Fill, Lock, RefillSearch, Step
from tongmai.schema.usage import Use

# Rows a second on one core of a small machine; an order of magnitude for a person who decides when to do it.
_ROWS_PER_S = {Fill: 40_000, BuildIndex: 600_000, Check: 3_000_000, RefillSearch: 6_000}
_SHORT_S = 0.02

LossKind = Literal["unconverted", "removed", "outside_limits", "blank_required", "duplicate"]

_LOSSES = {
    "unconverted": Text("无法转换，将变为空", "cannot be converted and would become blank"),
    "removed": Text("将不再可见（保留期内可恢复）", "would no longer be seen (an undo brings them back for a time)"),
    "outside_limits": Text("不符合新的要求，保持不变", "do not meet the new limits and stay as they are"),
    "blank_required": Text("为空，再次保存时须填写", "are blank and have to be filled when saved again"),
    "duplicate": Text("重复，须先合并", "are duplicates and have to be merged first"),
}


@dataclass(frozen=True, slots=True)
class StepPreview:
    """``rows`` and ``seconds`` are estimates. ``rewrites`` tells whether every row is written anew."""

    label: Text
    table: str
    lock: Lock
    rows: int
    seconds: float
    rewrites: bool
    after_switch: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One record concerned: its title and the value as text."""

    record_id: UUID
    title: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Loss:
    """Values of records that a change does not leave as they are. ``count`` is exact or an estimate from a sample."""

    kind: LossKind
    object: str
    fields: tuple[str, ...]
    count: int
    exact: bool
    samples: tuple[Sample, ...] = ()

    @property
    def meaning(self) -> Text:
        return _LOSSES[self.kind]


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying would do. With ``faults`` it would be refused; ``version`` is the catalogue it was made against."""

    version: int
    faults: tuple[Fault, ...]
    steps: tuple[StepPreview, ...]
    losses: tuple[Loss, ...]
    uses: tuple[Use, ...]

    @property
    def seconds(self) -> float:
        return round(sum(step.seconds for step in self.steps), 2)

    def with_samples(self, is_shown: Callable[[Loss], bool]) -> Preview:
        """The same with the samples of these losses only; every loss keeps its count."""
        return replace(
            self, losses=tuple(each if is_shown(each) else replace(each, samples=()) for each in self.losses)
        )

    def document(self, language: Language) -> dict[str, object]:
        """As JSON for the API."""
        return {
            "version": self.version,
            "faults": [fault.document(language) for fault in self.faults],
            "seconds": self.seconds,
            "steps": [_step_document(step, language) for step in self.steps],
            "losses": [_loss_document(loss, language) for loss in self.losses],
            "uses": [use.document(language) for use in self.uses],
        }


def preview_steps(steps: tuple[Step, ...], physical: Physical) -> tuple[StepPreview, ...]:
    """The steps as a person sees them, with estimates from the planner's row counts."""
    return tuple(_preview_step(step, physical) for step in steps)


def _preview_step(step: Step, physical: Physical) -> StepPreview:
    speed = _ROWS_PER_S.get(type(step))
    rows = physical.rows(step.table) if speed else 0
    seconds = round(_SHORT_S + (rows / speed if speed else 0.0), 2)
    lock = step.lock
    rewrites = isinstance(step, Fill | RefillSearch)
    return StepPreview(step.label, step.table, lock, rows, seconds, rewrites, step.after_switch)


def _step_document(step: StepPreview, language: Language) -> dict[str, object]:
    return {
        "label": step.label.say(language),
        "table": step.table,
        "lock": step.lock.value,
        "waiting": step.lock.meaning.say(language),
        "rows": step.rows,
        "seconds": step.seconds,
        "rewrites": step.rewrites,
        "after_switch": step.after_switch,
    }


def _loss_document(loss: Loss, language: Language) -> dict[str, object]:
    return {
        "kind": loss.kind,
        "meaning": loss.meaning.say(language),
        "object": loss.object,
        "fields": list(loss.fields),
        "count": loss.count,
        "exact": loss.exact,
        "samples": [
            {"id": str(sample.record_id), "title": sample.title, "value": sample.value} for sample in loss.samples
        ],
    }
