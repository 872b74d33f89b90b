"""How a keyword may be written: as it stands, with a gap, as two words near one another, with groups of synonyms.

``换仓`` stands as it is. ``仓库..搬`` is 仓库 and then 搬, at most 8 letters later; there may be three parts.
``同款~~便宜`` is both within 12 letters, in either order. ``换{供应商|厂家}`` is 换供应商 or 换厂家. All parts stand in
one clause.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from tongmai.kit import Fault, Text

GAP, NEAR = "..", "~~"
_WIDEST_GAP, _WIDEST_NEAR = 8, 12
_MOST_PARTS = 3
_MOST_WORDINGS = 400
_GROUP = re.compile(r"\{([^{}]*)\}")
_CLAUSE_END = re.compile(r"[，。！？；,!?;\n]")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pattern:
    """``parts`` are the wordings of each part; ``in_order`` tells ``..`` from ``~~``."""

    parts: tuple[tuple[str, ...], ...]
    in_order: bool = True

    @staticmethod
    def read(keyword: str) -> Pattern:
        """Raises ``ValueError`` for what is none."""
        in_order = NEAR not in keyword
        written = keyword.split(GAP if in_order else NEAR)
        parts = tuple(_wordings(each) for each in written)
        if len(parts) > (_MOST_PARTS if in_order else 2) or (not in_order and GAP in keyword):
            raise ValueError("too many parts")
        return Pattern(parts, in_order)

    @property
    def anchor(self) -> int:
        """The part that is looked for first: the one whose shortest wording is longest, so that it stands seldom."""
        return max(range(len(self.parts)), key=lambda index: (min(map(len, self.parts[index])), -index))


def fault_of(keyword: str, kind: str) -> Fault | None:
    """What is wrong with a keyword as it is written."""
    try:
        Pattern.read(keyword)
    except ValueError:
        return Fault(
            "signals.keyword",
            Text(f"关键词“{keyword}”的写法不对", f"The keyword '{keyword}' is not written rightly"),
            Text(
                "间隔写作“甲..乙”，相邻写作“甲~~乙”，同义词写作“换{供应商|厂家}”",
                "A gap is written 'a..b', words near one another 'a~~b', synonyms 'new {supplier|vendor}'",
            ),
            kind,
        )
    return None


class Finder:
    """A pattern, compiled: from where its anchor stands to the whole of it."""

    def __init__(self, pattern: Pattern) -> None:
        self._anchor = pattern.anchor
        self._in_order = pattern.in_order
        self._expressions = [_any_of(each) for each in pattern.parts]
        self._longest = [max(map(len, each)) for each in pattern.parts]

    def first_in(self, text: str) -> Span | None:
        """Where the pattern stands first."""
        for anchor in self._expressions[self._anchor].finditer(text):
            if (found := self.around(text, *anchor.span())) is not None:
                return found[0]
        return None

    def around(self, text: str, start: int, end: int) -> tuple[Span, str] | None:
        """Where the pattern stands whose anchor is at ``[start, end)``, and what stands between its parts."""
        spans = [(start, end)]
        if self._in_order:
            for index in range(self._anchor + 1, len(self._expressions)):
                found = self._behind(text, spans[-1][1], index, _WIDEST_GAP)
                if found is None:
                    return None
                spans.append(found)
            for index in range(self._anchor - 1, -1, -1):
                found = self._before(text, spans[0][0], index, _WIDEST_GAP)
                if found is None:
                    return None
                spans.insert(0, found)
        else:
            other = 1 - self._anchor
            if (found := self._behind(text, end, other, _WIDEST_NEAR)) is not None:
                spans.append(found)
            elif (found := self._before(text, start, other, _WIDEST_NEAR)) is not None:
                spans.insert(0, found)
            else:
                return None
        between = "".join(text[one[1] : two[0]] for one, two in itertools.pairwise(spans))
        return (spans[0][0], spans[-1][1]), between

    def _behind(self, text: str, end: int, index: int, gap: int) -> Span | None:
        found = self._expressions[index].search(text, end, end + gap + self._longest[index])
        if found is None or found.start() > end + gap or _CLAUSE_END.search(text, end, found.start()):
            return None
        return found.span()

    def _before(self, text: str, start: int, index: int, gap: int) -> Span | None:
        """The nearest before ``start``."""
        since = max(0, start - gap - self._longest[index])
        nearest = None
        for found in self._expressions[index].finditer(text, since, start):
            nearest = found.span()
        if nearest is None or nearest[1] < start - gap or _CLAUSE_END.search(text, nearest[1], start):
            return None
        return nearest


def _wordings(part: str) -> tuple[str, ...]:
    """All that a part stands for. Raises ``ValueError``."""
    pieces = _GROUP.split(part)
    if any(mark in piece for piece in pieces[::2] for mark in "{}") or not part.strip():
        raise ValueError("a brace without its other")
    # What a split with one group gives: every second piece is the inside of a group.
    choices = [piece.split("|") if index % 2 else [piece] for index, piece in enumerate(pieces)]
    if any(not each.strip() for index, group in enumerate(choices) if index % 2 for each in group):
        raise ValueError("an empty wording")
    made = tuple(dict.fromkeys("".join(each) for each in itertools.islice(itertools.product(*choices), 1000)))
    if len(made) > _MOST_WORDINGS:
        raise ValueError("too many wordings")
    return made


def _any_of(wordings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(each) for each in sorted(wordings, key=len, reverse=True)))
