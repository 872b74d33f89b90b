"""The steps of a plan as frozen values that live in ``_change.plan`` until they are done.

Invariants: each step may be run again after a crash; a step takes locks of one kind only, tables or the structure lock,
so that no step can be part of a deadlock with a writer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tongmai.kit import Text
from tongmai.model import Label


class Lock(StrEnum):
    """What others have to wait for while a step runs, from nothing to all; names as in PostgreSQL's manual."""

    NONE = "none"
    ROWS = "row locks in batches"
    SHARE_UPDATE_EXCLUSIVE = "share update exclusive"
    SHARE_ROW_EXCLUSIVE = "share row exclusive"
    ACCESS_EXCLUSIVE = "access exclusive"
    STRUCTURE = "structure"

    @property
    def meaning(self) -> Text:
        return _MEANING[self]


_MEANING = {
    Lock.NONE: Text("不影响任何人", "nobody notices"),
    Lock.ROWS: Text("只短暂锁住正在转换的一批记录", "only the batch of records being converted, briefly"),
    Lock.SHARE_UPDATE_EXCLUSIVE: Text("读写照常", "reading and writing go on"),
    Lock.SHARE_ROW_EXCLUSIVE: Text("读照常，写入等待片刻", "reading goes on, writes wait for a moment"),
    Lock.ACCESS_EXCLUSIVE: Text("读写等待片刻", "reads and writes wait for a moment"),
    Lock.STRUCTURE: Text("写入等待片刻", "writes wait for a moment"),
}


class _Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Label
    table: str = ""
    # Steps before the switch prepare what the new catalogue needs; those after it tidy up and are never rolled back.
    after_switch: bool = False


class Ddl(_Step):
    """Short statements that only change the system catalogues, in one transaction with the count of steps done."""

    kind: Literal["ddl"] = "ddl"
    lock: Lock
    sql: tuple[str, ...]
    undo: tuple[str, ...] = ()
    # Tables that are locked together with ``table``: those that a foreign key points to.
    targets: tuple[str, ...] = ()


class Check(_Step):
    """A statement that reads the whole table under a lock that lets all others read and write."""

    kind: Literal["check"] = "check"
    lock: Lock = Lock.SHARE_UPDATE_EXCLUSIVE
    sql: tuple[str, ...]


class BuildIndex(_Step):
    """CREATE INDEX CONCURRENTLY on a connection of its own; what a killed build left is dropped first."""

    kind: Literal["build_index"] = "build_index"
    lock: Lock = Lock.SHARE_UPDATE_EXCLUSIVE
    name: str
    unique: bool = False
    # Everything after the index's name: `ON "order" ("customer", "id")`.
    definition: str


class DropIndex(_Step):
    """DROP INDEX CONCURRENTLY of an index that the new catalogue does not know."""

    kind: Literal["drop_index"] = "drop_index"
    lock: Lock = Lock.SHARE_UPDATE_EXCLUSIVE
    name: str


class Fill(_Step):
    """Gives ``target`` its value for the rows that fulfil ``where``, batch by batch, while others write.

    A trigger made by the step before keeps rows right that are written meanwhile.
    """

    kind: Literal["fill"] = "fill"
    lock: Lock = Lock.ROWS
    target: str
    value: str
    where: str


class RefillSearch(_Step):
    """Makes the search tokens of all rows anew, after the switch: older records become findable one by one."""

    kind: Literal["refill_search"] = "refill_search"
    lock: Lock = Lock.ROWS
    after_switch: bool = True
    object: str


class Retired(BaseModel):
    """A column, or with ``column`` None a whole table, that is out of use but kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    column: str | None = None


class Switch(_Step):
    """The moment the new catalogue holds: the structure lock alone, no table's."""

    kind: Literal["switch"] = "switch"
    lock: Lock = Lock.STRUCTURE
    retire: tuple[Retired, ...] = ()
    restore: tuple[Retired, ...] = ()


Step = Annotated[
    Ddl | Check | BuildIndex | DropIndex | Fill | RefillSearch | Switch,
    Field(discriminator="kind"),
]

_STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])


def steps_to_json(steps: tuple[Step, ...]) -> str:
    return _STEPS.dump_json(steps).decode()


def steps_from_json(document: str | bytes) -> tuple[Step, ...]:
    return _STEPS.validate_json(document)
