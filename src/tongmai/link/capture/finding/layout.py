"""Where pieces of text lie to one another: in the same line to the right, in the same column below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import normalize

from tongmai.scan import Box, Page, ReadBy, Scan

# In heights of the upper piece: what lies further below belongs to something else.
_REACH = 3.2
_MOST_PIECES = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with its text normalised (full-width figures and marks become plain)."""

    page: int
    text: str
    box: Box
    sure: float
    by: ReadBy
    cell: str | None = None


class Layout:
    """A scan's pieces with their neighbours."""

    def __init__(self, scan: Scan) -> None:
        self.pages: list[list[Piece]] = [_pieces(page) for page in scan.pages]

    @cached_property
    def pieces(self) -> list[Piece]:
        return [piece for page in self.pages for piece in page][:_MOST_PIECES]

    def right_of(self, piece: Piece) -> list[Piece]:
        """The pieces of the same line that begin right of this one, from left to right."""
        found = [
            each
            for each in self._page_of(piece)
            if each is not piece
            and each.box.left >= piece.box.right - 0.2 * min(piece.box.width, each.box.width)
            and _in_one_line(piece.box, each.box)
        ]
        return sorted(found, key=lambda each: each.box.left)

    def below(self, piece: Piece, *, reach: float = _REACH) -> list[Piece]:
        """The pieces under this one, from top to bottom, as far as ``reach`` of its heights."""
        height = piece.box.height
        lowest = piece.box.bottom + reach * height
        found = [
            each
            for each in self._page_of(piece)
            if each is not piece
            and each.box.top >= piece.box.bottom - 0.4 * height
            and each.box.top <= lowest
            and _in_one_column(piece.box, each.box)
        ]
        return sorted(found, key=lambda each: (each.box.top, abs(each.box.left - piece.box.left)))

    def _page_of(self, piece: Piece) -> Sequence[Piece]:
        return next((page for page in self.pages if page and page[0].page == piece.page), ())


def _pieces(page: Page) -> list[Piece]:
    return [
        Piece(page.number, normalize("NFKC", word.text).strip(), word.box, word.sure, page.by, word.cell)
        for word in page.words
    ]


def _in_one_line(one: Box, other: Box) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.height, other.height)


def _in_one_column(upper: Box, lower: Box) -> bool:
    shared = min(upper.right, lower.right) - max(upper.left, lower.left)
    return shared > 0.3 * min(upper.width, lower.width)
