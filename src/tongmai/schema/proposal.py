"""A wanted changeset worked out against what is there: the catalogue it leads to, its steps, and what forbids it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tongmai.kit import Clock, Fault, Invalid, Text
from tongmai.model import Catalogue, Changeset, apply, check_catalogue, diff
from tongmai.schema.columns import WIDEST_INDEX, is_too_wide
from tongmai.schema.conversion import unconvertible
from tongmai.schema.defaults import constant_defaults
from tongmai.schema.names import Schema
from tongmai.schema.physical import Physical
from tongmai.schema.plan import Target, plan_change
from tongmai.schema.preview import Loss
from tongmai.schema.resolve import forget_foreign_columns, resolve
from tongmai.schema.steps import Retired, Step
from tongmai.store import Workspace


@dataclass(frozen=True)
class Proposal:
    """``changeset`` is in its final form, with columns, as it is kept. With ``faults`` there are no steps."""

    before: Catalogue
    target: Target
    changeset: Changeset
    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]


def propose(
    workspace: Workspace,
    before: Catalogue,
    changeset: Changeset,
    physical: Physical,
    clock: Clock,
    restore: Iterable[Retired] = (),
    *,
    may_be_empty: bool = False,
) -> Proposal:
    """Works a changeset out. Never raises for a bad one: it lists the faults. One that changes nothing is at fault
    unless it ``may_be_empty``: where something rides with it."""
    kept = frozenset(restore)
    try:
        wanted = forget_foreign_columns(before, apply(before, changeset), kept)
    except Invalid as refused:
        return Proposal(before, Target(before), changeset, (), refused.faults)
    faults = (*check_catalogue(wanted), *unconvertible(before, wanted, kept), *_too_wide(before, wanted))
    if faults:
        return Proposal(before, Target(wanted), changeset, (), faults)
    resolved = resolve(before, wanted, physical, kept)
    final = diff(before, resolved)
    if not final.actions and not may_be_empty:
        return Proposal(before, Target(before), final, (), (_NOTHING,))
    defaults = constant_defaults(before, resolved, workspace.zone, clock)
    target = Target(resolved, kept, defaults, workspace.zone)
    return Proposal(before, target, final, plan_change(Schema(workspace.schema), before, target, physical), ())


def _too_wide(before: Catalogue, wanted: Catalogue) -> Iterator[Fault]:
    """Fields that ask for an index which their longest texts would not fit in."""
    for definition in wanted.objects:
        if definition is before.object_by_key.get(definition.key):
            continue
        for field in definition.fields:
            if field.indexed and is_too_wide(field):
                yield Fault(
                    "field.too_long_to_index",
                    Text(
                        f"“{field.label.zh}”的文本过长，不能建立索引",
                        f"{field.label.en} may hold texts too long for an index",
                    ),
                    Text(f"把长度上限设为 {WIDEST_INDEX} 以内", f"limit its length to {WIDEST_INDEX} characters"),
                    field=f"{definition.key}.{field.key}",
                )


def duplicate_faults(losses: Iterable[Loss]) -> tuple[Fault, ...]:
    """Duplicates forbid a change; every other loss is for the person to accept."""
    return tuple(_duplicate_fault(loss) for loss in losses if loss.kind == "duplicate")


def _duplicate_fault(loss: Loss) -> Fault:
    named = ", ".join(loss.fields)
    # Which they are is among the losses, for who may read them.
    return Fault(
        "unique.duplicates",
        Text(
            f"{loss.count} 条记录的 {named} 重复",
            f"{loss.count} records share their {named} with another",
        ),
        Text("先合并或修改重复的记录，再设为唯一", "merge or change the duplicates first"),
        field=f"{loss.object}.{'+'.join(loss.fields)}",
    )


_NOTHING = Fault(
    "change.nothing",
    Text("没有要变更的内容", "there is nothing to change"),
    Text("配置已经是这样", "the configuration is like this already"),
)
