"""Sources and mappings: where data comes from, and how its fields become ours. Values only, and never a secret."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from tongmai.model.basis import Definition, Key, Label

Formula = Annotated[str, Field(min_length=1, max_length=10_000)]
# A path into a raw row: names joined by dots (`external_contact.name`).
RawPath = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,200}$")]
RawType = Literal["text", "number", "boolean", "date", "datetime", "json"]
# Who wins where a person has changed a value that the source gives: the source, the person, whoever was last.
Winner = Literal["source", "person", "newest"]


class SourceDef(Definition):
    """A system outside. ``kind`` names a source class, ``options`` are that kind's own; secrets are kept elsewhere.

    ``schedule`` is a cron line of five parts in the workspace's zone: when all streams are pulled.
    """

    key: Key
    label: Label
    description: Label | None = None
    kind: Key
    options: dict[str, JsonValue] = Field(default_factory=dict)
    schedule: Annotated[str, Field(min_length=9, max_length=100)] | None = None
    enabled: bool = True


class RawColumn(Definition):
    """A path of the raw rows and what stands there. Formulas name it ``[path]``, or ``name`` where one is given."""

    path: RawPath
    type: RawType = "text"
    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,100}$")] | None = None

    @property
    def called(self) -> str:
        return self.name or self.path


class FieldMap(Definition):
    """A field and where its value comes from.

    ``value`` is a formula over the raw columns. A relation's value is looked up by each field of ``by`` in turn (a
    code, then a name); what none finds is compared with the values of ``like`` and, unless surely the same, put
    before a person. ``push`` is the raw path that a person's change is written back to.
    """

    field: Key
    value: Formula
    wins: Winner = "source"
    by: Annotated[tuple[Key, ...], Field(max_length=5)] = ()
    like: Key | None = None
    create_missing: bool = False
    push: RawPath | None = None


class MappingDef(Definition):
    """Rows of a stream become records of an object.

    A row that became a record stays with it for ever; before that it is found by ``match`` (all of these fields equal)
    or, with ``creates``, made. ``where`` leaves rows out. ``on_delete`` tells what happens here when the source's row
    is gone. ``description`` tells an administrator which rule of the business this is (S0-23).
    """

    key: Key
    label: Label
    description: Label | None = None
    source: Key
    stream: Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,100}$")]
    object: Key
    columns: Annotated[tuple[RawColumn, ...], Field(min_length=1, max_length=500)]
    fields: Annotated[tuple[FieldMap, ...], Field(min_length=1, max_length=500)]
    match: Annotated[tuple[Key, ...], Field(max_length=8)] = ()
    where: Formula | None = None
    creates: bool = True
    on_delete: Literal["keep", "delete"] = "keep"
    enabled: bool = True

    @cached_property
    def by_field(self) -> dict[str, FieldMap]:
        return {each.field: each for each in self.fields}
