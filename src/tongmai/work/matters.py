"""Matters: the tasks and signals that wait for somebody, by how soon they need him, in one order for every page.

What needs somebody now comes first (a red signal, an overdue task), then what needs him today, then the rest; within
each what has waited longest. Many of one rule are told as a group, so that a page costs what it shows and not what
there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tongmai.access import Actor, allowed
from tongmai.model import SIGNAL, TASK, Catalogue, ObjectDef
from tongmai.records import Gathering
from tongmai.store import Workspace
from tongmai.work.runtime import Runtime

MatterKind = Literal["signal", "task"]
Urgency = Literal["now", "soon", "later"]
Whose = Literal["mine", "others", "all"]

URGENCIES: tuple[Urgency, ...] = ("now", "soon", "later")
# So many of a rule stand one by one; of more, these are shown before the rest is asked for.
READ_SINGLY = 3
# What no rule brought has no group to stand for it.
_FIRST_LOOSE = 50

_URGENCY: dict[MatterKind, str] = {
    "signal": "IF(level = 'red', 0, IF(level = 'yellow', 1, 2))",
    "task": "IF(due_at <= NOW(), 0, IF(due_at <= TODAY(), 1, 2))",
}
_SINCE: dict[MatterKind, str] = {"signal": "started_at", "task": "due_at"}
_OBJECTS: dict[MatterKind, str] = {"signal": SIGNAL, "task": TASK}
_SHOWN: dict[MatterKind, tuple[str, ...]] = {
    "signal": (
        "title", "level", "state", "gap", "detail", "subject_object", "subject_id", "subject", "evidence", "buttons",
        "rule", "rule_version", "started_at", "owner",
    ),
    "task": (
        "title", "kind", "state", "due_at", "detail", "subject_object", "subject_id", "subject", "form", "content",
        "files", "rule", "owner",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MattersAsked:
    """Which matters. ``whose`` tells what is the actor's own from what he sees of others: of their tasks those that
    are overdue. ``rule`` is a rule's key, empty for what none brought; ``person`` who has them, ``nobody`` for what is
    in nobody's hands."""

    kind: MatterKind
    whose: Whose = "all"
    urgency: Urgency | None = None
    rule: str | None = None
    gap: str | None = None
    person: UUID | Literal["nobody"] | None = None

    @property
    def filter(self) -> str:
        """The formula that holds for them."""
        conditions = [_OPEN[self.kind, self.whose]]
        if self.urgency is not None:
            conditions.append(f"{_URGENCY[self.kind]} = {URGENCIES.index(self.urgency)}")
        if self.rule is not None:
            conditions.append(f"rule = {_text(self.rule)}" if self.rule else "rule IS BLANK")
        if self.gap is not None:
            conditions.append(f"gap = {_text(self.gap)}")
        if self.person is not None:
            conditions.append("owner IS BLANK" if self.person == "nobody" else f"owner = '{self.person}'")
        return " AND ".join(conditions)


_OPEN_SIGNAL = "state IN ('new', 'seen') AND ended_at IS BLANK"
_MY_TASK = "owner = ME() AND (snoozed_until IS BLANK OR snoozed_until <= NOW())"
_OTHERS_TASK = "owner != ME() AND due_at <= NOW()"
_OPEN: dict[tuple[MatterKind, Whose], str] = {
    ("signal", "all"): _OPEN_SIGNAL,
    ("signal", "mine"): f"{_OPEN_SIGNAL} AND owner = ME()",
    ("signal", "others"): f"{_OPEN_SIGNAL} AND owner != ME()",
    ("task", "all"): f"state = 'open' AND ({_MY_TASK} OR {_OTHERS_TASK})",
    ("task", "mine"): f"state = 'open' AND {_MY_TASK}",
    ("task", "others"): f"state = 'open' AND {_OTHERS_TASK}",
}


class Matters:
    """Reads, as the actor may see them; moving is ``Tasks`` and ``rules.Signals``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def gather(self, actor: Actor, workspace: Workspace, asked: MattersAsked) -> bytes:
        """By urgency and rule, each group with its count and first rows. See ``Gateway.gather``."""
        key = _OBJECTS[asked.kind]
        await self._runtime.require_object(workspace, key)
        catalogue = await self._runtime.catalogues.get(workspace)
        gathering = Gathering(
            object=key,
            filter=asked.filter,
            urgency=_URGENCY[asked.kind],
            urgencies=URGENCIES,
            by="rule",
            since=_SINCE[asked.kind],
            whose="owner",
            about=("subject_object", "subject_id"),
            worth=_worth(catalogue, actor),
            fields=_shown(catalogue, actor, asked.kind),
            first=READ_SINGLY,
            first_loose=_FIRST_LOOSE,
        )
        return await self._runtime.gateway.gather(actor, workspace, gathering)

    async def list(
        self, actor: Actor, workspace: Workspace, asked: MattersAsked, *, limit: int, cursor: str | None = None
    ) -> bytes:
        """A page of them, what has waited longest first. See ``Gateway.list``."""
        key = _OBJECTS[asked.kind]
        await self._runtime.require_object(workspace, key)
        fields = _shown(await self._runtime.catalogues.get(workspace), actor, asked.kind)
        return await self._runtime.gateway.list(
            actor, workspace, key, filter=asked.filter, sort=_SINCE[asked.kind], fields=fields, limit=limit,
            cursor=cursor,
        )  # fmt: skip


def _shown(catalogue: Catalogue, actor: Actor, kind: MatterKind) -> tuple[str, ...]:
    """What rows show and act by, as far as the actor may know of it."""
    return tuple(each for each in _SHOWN[kind] if allowed(actor, catalogue, _OBJECTS[kind], "read", each))


def _worth(catalogue: Catalogue, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Of each object the amount that lists total, where it has one that the actor may know of."""
    found = ((each.key, _amount(each)) for each in catalogue.objects if not each.builtin)
    return tuple((key, field) for key, field in found if field and allowed(actor, catalogue, key, "read", field))


def _amount(definition: ObjectDef) -> str | None:
    amounts = (each for each in definition.fields if each.type == "money")
    return next((each.key for each in amounts if each.options.get("total") in (None, "sum")), None)


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"
