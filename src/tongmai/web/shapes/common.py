"""Parts that many answers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NotRequired, TypeAlias

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

Id: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Moment: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
# Any value of a field, a record of any object: the description has components of its own for them.
AnyValue: TypeAlias = Annotated[object, WithJsonSchema({"$object": "value"})]
AnyRecord: TypeAlias = Annotated[Mapping[str, object], WithJsonSchema({"$object": "record"})]

ANY_RECORD: Mapping[str, object] = {"$object": "record"}


class Caption(TypedDict):
    """Words in both languages, as people configured them."""

    zh: str
    en: str


class ShownFault(TypedDict):
    """What is wrong, where, and what to do about it."""

    code: str
    message: str
    way_out: NotRequired[str | None]
    field: NotRequired[str]
    rule: NotRequired[str]
    row: NotRequired[int]
    position: NotRequired[int]


class Linked(TypedDict):
    """A record that is named; ``label`` is null where the reader may not see it."""

    id: Id
    label: str | None


class SubjectShown(TypedDict):
    """The record that something is about, with its title then."""

    object: str
    id: Id
    label: str | None


def items_of(shape: object, **beside: object) -> Mapping[str, object]:
    """``{"items": [shape], …}``: a list with what stands ``beside`` it, all of it always there."""
    return {
        "type": "object",
        "required": ["items", *beside],
        "properties": {"items": {"type": "array", "items": shape}, **beside},
    }


def page_of(record: object) -> Mapping[str, object]:
    """A page of records: how to go on, and how many there are (null where they were not counted)."""
    return items_of(
        record,
        next_cursor={"type": ["string", "null"]},
        count={"type": ["integer", "null"]},
        count_is_exact={"type": "boolean"},
    )


NEXT_BEFORE: Mapping[str, object] = {"type": ["integer", "null"], "description": "Give it as `before` to go on."}
