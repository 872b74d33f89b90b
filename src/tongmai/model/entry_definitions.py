"""Light entry (S2-19): what one tap writes down, as presets of the object whose record it makes.

A tap is about a record (an opportunity); from it come the new record's values, and fields of it move on. Values only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tongmai.model.basis import Definition, Key, Label

# A formula over the record that the entry is about, with its own fields only.
OverSubject = Annotated[str, Field(min_length=1, max_length=2_000)]
Filled = Annotated[dict[Key, OverSubject], Field(max_length=50)]
PresetColor = Literal["blue", "purple", "cyan", "green", "orange", "yellow", "red", "grey"]


class EntryMove(Definition):
    """A field of the record it is about gets a new value, where ``when`` holds: a stage is moved on and never back."""

    field: Key
    value: OverSubject
    when: OverSubject | None = None


class EntryPreset(Definition):
    """One button. ``when`` tells for which records it is offered; ``values`` are beside those that all presets fill."""

    key: Key
    label: Label
    color: PresetColor = "blue"
    when: OverSubject | None = None
    values: Filled = Field(default_factory=dict)
    moves: Annotated[tuple[EntryMove, ...], Field(max_length=20)] = ()


class LightEntry(Definition):
    """``about`` is the relation of the new record that leads to what the entry is about; ``fills`` is what every preset
    fills by itself; ``asks`` are the fields that a person may still add, the first of them at once. ``seconds`` and
    ``share`` are number fields that are given how long the entry took and how much of it nobody typed, 0 … 1 (S2-20).
    ``offered`` are one's own records, or all that one may read (who visits stores owns none of them).
    """

    label: Label
    about: Key
    fills: Filled = Field(default_factory=dict)
    asks: Annotated[tuple[Key, ...], Field(max_length=5)] = ()
    seconds: Key | None = None
    share: Key | None = None
    offered: Literal["own", "all"] = "own"
    presets: Annotated[tuple[EntryPreset, ...], Field(min_length=1, max_length=30)]
