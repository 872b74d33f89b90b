"""For whom and for what a content pack is meant: roles and teams of readers, classes and field values of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from tongmai.model import Key

_Words = Annotated[tuple[str | bool | int | float, ...], Field(min_length=1, max_length=100)]


_Classes = Annotated[tuple[Key, ...], Field(min_length=1, max_length=50)]


class ContentTarget(BaseModel):
    """What the field ``target`` of a pack holds. What is left out excludes nobody and nothing.

    ``roles`` are the readers (who must confirm, if the pack asks for it). A record is meant if it is of ``object``, in
    one of the classes named for each segment, and its fields hold one of the values named for each
    (``{"object": "customer", "segments": {"health": ["red"]}, "fields": {"type": ["三甲"]}}``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: Annotated[tuple[Key, ...], Field(max_length=100)] = ()
    object: Key | None = None
    segments: Annotated[dict[Key, _Classes], Field(max_length=10)] = Field(default_factory=dict)
    fields: Annotated[dict[Key, _Words], Field(max_length=10)] = Field(default_factory=dict)

    @property
    def is_for_records(self) -> bool:
        return self.object is not None

    def means(self, object_key: str, classes: Mapping[str, str], values: Mapping[str, JsonValue]) -> bool:
        """Whether a record is meant: its classes by segment, its values by field."""
        return (
            self.object == object_key
            and all(classes.get(segment) in wanted for segment, wanted in self.segments.items())
            and all(_holds(values.get(key), wanted) for key, wanted in self.fields.items())
        )


def read_target(given: str | None) -> ContentTarget:
    """The target in a pack's field; one that cannot be read means nothing and nobody in particular."""
    try:
        return ContentTarget.model_validate_json(given) if given else ContentTarget()
    except ValidationError:
        return ContentTarget()


def _holds(value: JsonValue, wanted: tuple[str | bool | int | float, ...]) -> bool:
    """Relations are compared by their label, lists by any of their members."""
    if isinstance(value, dict):
        value = value.get("label")
    if isinstance(value, list):
        return any(_holds(each, wanted) for each in value)
    return any((type(value) is type(each) and value == each) or _same_number(value, each) for each in wanted)


def _same_number(one: JsonValue, other: str | bool | int | float) -> bool:
    numbers = (int, float)
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    return isinstance(one, numbers) and isinstance(other, numbers) and one == other
