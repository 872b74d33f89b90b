"""What of a person's change is still to be written, where a source cannot lock its row: all, nothing, or a conflict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pydantic import JsonValue

from tongmai.link.raw_equality import means_the_same
from tongmai.link.source import Body, Pushed, PushRow

# Whether two values of a path are the same to the source.
AreSame: TypeAlias = Callable[[str, JsonValue, JsonValue], bool]


def same_words(path: str, one: JsonValue, other: JsonValue) -> bool:
    """Texts by their letters (a note 007 is not one of 7), lists by their members."""
    if isinstance(one, list) or isinstance(other, list):
        return means_the_same(one, other)
    return (one or "") == (other or "")


def still_to_write(row: PushRow, theirs: Body, are_same: AreSame = same_words) -> Pushed | tuple[str, ...]:
    """The paths at which the source has what it had (``row.before``) and not yet what it shall have: none where it was
    written before and the answer was lost. A conflict if somebody changed any of them there since."""
    wanted = tuple(path for path in sorted(row.changed) if not are_same(path, theirs.get(path), row.changed[path]))
    if not all(are_same(path, theirs.get(path), row.before.get(path)) for path in wanted):
        return Pushed("conflict", theirs=theirs)
    return wanted
