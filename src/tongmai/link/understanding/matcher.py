"""Finds the signals of one message: all words at once by an Aho–Corasick automaton, then the guards on what was found.

Most messages hold no word and cost only the automaton; ``bench/understanding.py`` measures both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from tongmai.kit import simplified
from tongmai.link.understanding.dictionary import SignalDictionary, SignalKind
from tongmai.link.understanding.guards import Guarded, Reason
from tongmai.link.understanding.patterns import Finder, Pattern, Span

_MOBILE = re.compile(r"(?<![\d.])(?:(?:\+|00)?86[ \-]?)?1[3-9]\d(?:[ \-]?\d{4}){2}(?!\d)")
# Every number holds it, and it is found in a fraction of the time.
_MOBILE_HEAD = re.compile(r"1[3-9]\d")
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_HAS_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Hit:
    """``[start, end)`` are positions in the message as it was written. ``refused`` says why it is not meant."""

    kind: str
    keyword: str
    start: int
    end: int
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Role:
    """What an atom of the automaton is part of. Without a ``keyword``: of what takes hits back; without a ``finder``:
    the whole of it. Of each of ``others``, the atoms of its other parts, one must be in the message too."""

    kind: str
    keyword: str
    finder: Finder | None = None
    others: tuple[frozenset[int], ...] = ()

    def may_be(self, present: set[int]) -> bool:
        for each in self.others:  # noqa: SIM110 - asked of most messages, and twice as quick as a generator
            if each.isdisjoint(present):
                return False
        return True


class SignalMatcher:
    """One dictionary, compiled. Immutable; may be used by many tasks."""

    def __init__(self, dictionary: SignalDictionary) -> None:
        self.dictionary = dictionary
        self._kinds = dictionary.by_key
        atoms: dict[str, int] = {}
        roles: defaultdict[int, list[_Role]] = defaultdict(list)
        for kind in dictionary.kinds:
            # What cancels is found like what tells; it bears no keyword.
            written = [*((word, word) for word in kind.keywords), *((phrase, "") for phrase in kind.cancelled_by)]
            for word, keyword in written:
                pattern = Pattern.read(_plain(word))
                parts = [frozenset(atoms.setdefault(atom, len(atoms)) for atom in part) for part in pattern.parts]
                anchors = parts.pop(pattern.anchor)
                role = _Role(kind.key, keyword, Finder(pattern) if parts else None, tuple(parts))
                for anchor in anchors:
                    roles[anchor].append(role)
        self._roles = [tuple(roles[place]) for place in range(len(atoms))]
        self._automaton = AhoCorasick(list(atoms))

    def find(self, text: str, *, has_mobile: bool = False) -> tuple[Hit, ...]:
        """The hits that are meant, one a kind: the first. ``has_mobile``: a number was given in a message nearby."""
        found: dict[str, Hit] = {}
        for hit in self.examine(text, has_mobile=has_mobile):
            if hit.refused is None:
                found.setdefault(hit.kind, hit)
        return tuple(found.values())

    def said(self, text: str, speaker: str, *, has_mobile: bool = False) -> list[Hit]:
        """The hits that count from this side of the talk: ``customer`` or ``member``."""
        hits = self.find(text, has_mobile=has_mobile)
        return [each for each in hits if self._kinds[each.kind].said_by in (speaker, "anybody")]

    def examine(self, text: str, *, has_mobile: bool = False) -> tuple[Hit, ...]:
        """All hits with the reasons of those that are not meant, for whoever asks why there was no signal."""
        plain = _plain(text[:_LONGEST])
        indexes = self._automaton.find_matches_as_indexes(plain, overlapping=True)
        if not indexes:
            return ()
        cancelled: dict[str, list[Span]] = defaultdict(list)
        candidates = list(self._candidates(plain, indexes, cancelled))
        if not candidates:
            return ()
        guarded = Guarded.of(plain)
        numbered = has_mobile or (any(self._kinds[hit.kind].needs for hit, _ in candidates) and gives_mobile(plain))
        return tuple(self._judged(hit, gap, guarded, cancelled, numbered) for hit, gap in candidates)

    def _candidates(
        self, plain: str, indexes: list[tuple[int, int, int]], cancelled: dict[str, list[Span]]
    ) -> Iterator[tuple[Hit, str]]:
        """Hits, each with what stands between its parts."""
        present = {atom for atom, _, _ in indexes}
        for atom, start, end in indexes:
            for role in self._roles[atom]:
                if role.finder is None:
                    span, gap = (start, end), ""
                elif role.may_be(present) and (found := role.finder.around(plain, start, end)) is not None:
                    span, gap = found
                else:
                    continue
                if role.keyword:
                    yield Hit(role.kind, role.keyword, *span), gap
                else:
                    cancelled[role.kind].append(span)

    def _judged(self, hit: Hit, gap: str, guarded: Guarded, cancelled: Mapping[str, list[Span]], numbered: bool) -> Hit:
        kind: SignalKind = self._kinds[hit.kind]
        reason: Reason | None
        if any(first < hit.end and hit.start < last for first, last in cancelled.get(hit.kind, ())):
            reason = "cancelled"
        else:
            reason = guarded.reason(hit.start, hit.end, present=kind.present, ours=kind.ours, gap=gap)
        if reason is None and kind.needs == "mobile" and not numbered:
            reason = "lacks_mobile"
        return hit if reason is None else Hit(hit.kind, hit.keyword, hit.start, hit.end, reason)


def gives_mobile(text: str) -> bool:
    """Whether a mobile number of the mainland stands there, however it is spaced."""
    return _MOBILE_HEAD.search(text) is not None and _MOBILE.search(text) is not None


def words_said(keyword: str, texts: Iterable[str]) -> str | None:
    """What a keyword stands for in the first of the texts that it is said in, as it was written there."""
    try:
        finder = Finder(Pattern.read(_plain(keyword)))
    except ValueError:
        return None
    for text in texts:
        if (found := finder.first_in(_plain(text))) is not None:
            return text[slice(*found)]
    return None


def _plain(text: str) -> str:
    """Small letters, narrow digits and simplified characters, position by position."""
    if _HAS_WIDE.search(text):
        text = text.translate(_WIDE)
    text = simplified(text)
    # A few capitals of other scripts become two letters when made small.
    small = text.lower()
    return small if len(small) == len(text) else text
