"""The journal of structural changes (``_change``): what is under way, what was done, by whom, how to take it back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from asyncpg import Record

from tongmai.kit import Conflict, Fault, Language, Text, TongmaiError
from tongmai.model import Catalogue, Changeset
from tongmai.schema.names import Schema
from tongmai.schema.physical import Reader
from tongmai.schema.session import Session
from tongmai.schema.steps import Retired, Step, Switch, steps_from_json, steps_to_json

_UNFINISHED = "(state = 'applying' OR state = 'applied' AND step < jsonb_array_length(plan->'steps'))"

State = Literal["applying", "applied", "failed", "undone"]


@dataclass(frozen=True)
class Change:
    """One structural change. ``retired`` is what it took out of use; ``faults`` say why it failed."""

    id: UUID
    state: State
    changeset: Changeset
    inverse: Changeset
    version: int | None
    actor: UUID | None
    created_at: datetime
    finished_at: datetime | None
    undoes: UUID | None
    retired: tuple[Retired, ...] = ()
    faults: tuple[Fault, ...] = ()

    def document(self, language: Language) -> dict[str, object]:
        """As JSON for the API."""
        return {
            "id": str(self.id),
            "state": self.state,
            "changeset": self.changeset.model_dump(mode="json", by_alias=True),
            "version": self.version,
            "actor": str(self.actor) if self.actor else None,
            "created_at": self.created_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "undoes": str(self.undoes) if self.undoes else None,
            "faults": [fault.document(language) for fault in self.faults],
        }


@dataclass(frozen=True)
class Work:
    """A change as it lies in ``_change``: its steps, the catalogue they lead to, what it takes back and what rides with
    it (``riders``), which only who notes it needs to know."""

    id: UUID
    steps: tuple[Step, ...]
    catalogue: Catalogue
    undoes: UUID | None = None
    done: int = 0
    rider: str | None = None

    @property
    def switch(self) -> int:
        """The switch's place among the steps: what is done after it is in force."""
        return next(place for place, step in enumerate(self.steps) if isinstance(step, Switch))


async def record_work(
    session: Session, work: Work, changeset: Changeset, inverse: Changeset, actor: UUID | None, now: datetime
) -> None:
    """Notes a change as under way, with all that another process needs to finish it."""
    plan = (
        f'{{"steps":{steps_to_json(work.steps)},"catalogue":{work.catalogue.model_dump_json(by_alias=True)},'
        f'"undoes":{json.dumps(str(work.undoes)) if work.undoes else "null"}}}'
    )
    await session.execute(
        f"INSERT INTO {session.schema('_change')} (id, state, changeset, inverse, plan, actor, created_at, rider) "  # noqa: S608
        "VALUES ($1, 'applying', $2, $3, $4, $5, $6, $7)",
        work.id,
        changeset.model_dump_json(by_alias=True),
        inverse.model_dump_json(by_alias=True),
        plan,
        actor,
        now,
        work.rider,
    )


async def unfinished_work(session: Session) -> list[tuple[Work, State, bool]]:
    """What a process left half done, oldest first, with its state and whether it was already being taken back."""
    rows = await session.fetch(
        f"SELECT id, state, step, plan->>'steps' AS steps, plan->>'catalogue' AS catalogue, "  # noqa: S608
        f"plan->>'undoes' AS undoes, error IS NOT NULL AS is_doomed FROM {session.schema('_change')} "
        f"WHERE {_UNFINISHED} ORDER BY created_at, id"
    )
    return [(_work(row), row["state"], row["is_doomed"]) for row in rows]


async def has_unfinished(reader: Reader, schema: Schema) -> bool:
    """Whether a process left something half done, or is at work just now."""
    rows = await reader.fetch(f"SELECT FROM {schema('_change')} WHERE {_UNFINISHED} LIMIT 1")
    return bool(rows)


async def list_changes(reader: Reader, schema: Schema, limit: int) -> list[Change]:
    """The latest changes, newest first."""
    rows = await reader.fetch(f"{_select(schema)} ORDER BY created_at DESC, id DESC LIMIT $1", limit)
    return [_change(row) for row in rows]


async def read_change(reader: Reader, schema: Schema, change_id: UUID) -> Change | None:
    rows = await reader.fetch(f"{_select(schema)} WHERE id = $1", change_id)
    return _change(rows[0]) if rows else None


async def busy(session: Session) -> Conflict:
    """The refusal while another change is under way."""
    since = await session.fetch_value(
        f"SELECT created_at FROM {session.schema('_change')} WHERE state = 'applying'"  # noqa: S608
    )
    began_zh = f"（开始于 {since:%Y-%m-%d %H:%M:%S} UTC）" if since else ""
    began_en = f" (begun {since:%Y-%m-%d %H:%M:%S} UTC)" if since else ""
    fault = Fault(
        "change.another_under_way",
        Text(f"另一项结构变更正在进行{began_zh}", f"another structural change is under way{began_en}"),
        Text("等它结束后再试", "try again when it has ended"),
    )
    return Conflict((fault,))


def failure_json(error: BaseException) -> str:
    """Why a change failed, in both languages. Of an unforeseen error the kind: its text may hold a person's data."""
    faults = error.faults if isinstance(error, TongmaiError) else (_unforeseen(error),)
    return json.dumps([_fault_document(fault) for fault in faults], ensure_ascii=False)


def _unforeseen(error: BaseException) -> Fault:
    kind = type(error).__name__
    return Fault("change.failed", Text(f"变更中断（{kind}），已撤回", f"the change broke off ({kind}), taken back"))


def _fault_document(fault: Fault) -> dict[str, str | None]:
    return {"code": fault.code, "zh": fault.text.zh, "en": fault.text.en, "field": fault.field}


def _select(schema: Schema) -> str:
    return (
        "SELECT id, state, changeset::text, inverse::text, version, actor, created_at, finished_at, "  # noqa: S608
        "plan->>'undoes' AS undoes, plan->>'steps' AS steps, error::text "
        f"FROM {schema('_change')}"
    )


def _change(row: Record) -> Change:
    faults = json.loads(row["error"] or "[]")
    switch = next((step for step in steps_from_json(row["steps"]) if isinstance(step, Switch)), None)
    return Change(
        id=row["id"],
        state=row["state"],
        changeset=Changeset.model_validate_json(row["changeset"]),
        inverse=Changeset.model_validate_json(row["inverse"]),
        version=row["version"],
        actor=row["actor"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        undoes=UUID(row["undoes"]) if row["undoes"] else None,
        retired=switch.retire if switch is not None else (),
        faults=tuple(_fault(each) for each in faults),
    )


def _fault(document: dict[str, Any]) -> Fault:
    return Fault(document["code"], Text(document["zh"], document["en"]), field=document["field"])


def _work(row: Record) -> Work:
    return Work(
        id=row["id"],
        steps=steps_from_json(row["steps"]),
        catalogue=Catalogue.model_validate_json(row["catalogue"]),
        undoes=UUID(row["undoes"]) if row["undoes"] else None,
        done=row["step"],
    )
