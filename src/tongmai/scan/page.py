"""A file as it was read: pages of words, each with its place. What the child process hands over, as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from tongmai.kit import Text

# text: the file's own letters; ocr: recognised in a picture; cells: a spreadsheet's; speech: heard.
ReadBy: TypeAlias = Literal["text", "ocr", "cells", "speech"]


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page, in shares of its width and height (0 … 1) from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.top + self.bottom) / 2

    def around(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text that stands together: a few words of a line, or a cell. ``sure`` (0 … 1) is how certainly it was
    read: 1 for the file's own letters. ``cell`` is a spreadsheet's (``B4``)."""

    text: str
    box: Box
    sure: float = 1.0
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """``number`` counts from 1; ``width`` and ``height`` are in any one unit (points, pixels, columns and rows).

    ``picture`` is the file name of its picture in the child's folder; ``name`` a sheet's.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    by: ReadBy
    picture: str | None = None
    name: str | None = None

    @property
    def text(self) -> str:
        return "\n".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Scan:
    """All that was read. ``notes`` tell what was left out and why (pages over the limit, a picture page unread)."""

    pages: tuple[Page, ...]
    notes: tuple[Text, ...] = ()

    @property
    def text(self) -> str:
        return "\n\n".join(page.text for page in self.pages)

    def document(self) -> dict[str, Any]:
        """The scan as plain JSON values."""
        return asdict(self)

    @staticmethod
    def of(document: dict[str, Any]) -> Scan:
        """The inverse of ``document``. Raises ``KeyError`` or ``TypeError`` for what is none."""
        return Scan(
            tuple(_page(each) for each in document["pages"]),
            tuple(Text(each["zh"], each["en"]) for each in document["notes"]),
        )


def _page(found: dict[str, Any]) -> Page:
    words = tuple(Word(each["text"], Box(**each["box"]), each["sure"], each["cell"]) for each in found["words"])
    return Page(**{**found, "words": words})
