"""What a task, a notice or a content event is about: one record, named so that its title can be shown without it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

MOST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """``title`` is the record's title at that moment, ``english`` what it is called in English where that is
    another text (a task); who may not see the record still sees what he was told."""

    object: str
    id: UUID
    title: str | None = None
    english: str | None = None

    @property
    def page(self) -> str:
        """Its way in the browser: tasks and packs have pages where something can be done with them."""
        match self.object:
            case "task":
                return "/"
            case "content":
                return f"/content?pack={self.id}"
            case _:
                return f"/records/{self.object}/{self.id}"


def cut(text: str, most: int = MOST_TITLE) -> str:
    """A line that fits: worked-out titles may be longer than what a list can show."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
