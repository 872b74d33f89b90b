"""Prompts (S0-30): what the platform may ask a person to fill in, and when it keeps silent.

A prompt belongs to what has just happened, or it waits; where something weighs on a record, nothing else is asked.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from tongmai.model.basis import Definition, Key, Label
from tongmai.model.entry_definitions import OverSubject

Days = Annotated[int, Field(ge=1, le=365)]


class Hush(Definition):
    """Nothing is asked for so many ``days`` after an ``event`` about the record, or while a record of ``object`` that
    names it by its relation ``by`` is one for which ``when`` holds (an open ticket). One of the two."""

    label: Label
    event: Key | None = None
    days: Days = 7
    object: Key | None = None
    by: Key | None = None
    when: OverSubject | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Hush:
        if (self.event is None) == (self.object is None) or (self.object is None) != (self.by is None):
            raise ValueError("either event, or object and by")
        return self


class Prompt(Definition):
    """Asks for ``fields`` of the record: where ``when`` holds or, without it, where one of them is blank. ``after``
    are the events to which it belongs: within ``days`` of one it comes first, and is not hushed."""

    key: Key
    label: Label
    fields: Annotated[tuple[Key, ...], Field(min_length=1, max_length=5)]
    when: OverSubject | None = None
    after: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    days: Days = 3


class Prompts(Definition):
    """Of an object, the more important first."""

    items: Annotated[tuple[Prompt, ...], Field(min_length=1, max_length=30)]
    hush: Annotated[tuple[Hush, ...], Field(max_length=20)] = ()
