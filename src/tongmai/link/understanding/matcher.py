"""Finds the signals of one message: all words at once by an Aho–Corasick automaton, then the guards on what was found.

Most messages hold no word and cost only the automaton; ``bench/understanding.py`` measures both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from tongmai.link.understanding.dictionary import SignalDictionary, SignalKind
from tongmai.link.understanding.guards import Guarded, Reason

MOBILE = re.compile(r"(?<![\d.])1[3-9]\d(?:[ \-]?\d{4}){2}(?!\d)")
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_HAS_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_WIDEST_GAP = 8
_CLAUSE_END = re.compile(r"[，。！？；,!?;\n]")
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Hit:
    """``[start, end)`` are positions in the message as it was written. ``refused`` says why it is not meant."""

    kind: str
    keyword: str
    start: int
    end: int
    refused: Reason | None = None


class SignalMatcher:
    """One dictionary, compiled. Immutable; may be used by many tasks."""

    def __init__(self, dictionary: SignalDictionary) -> None:
        self.dictionary = dictionary
        self._kinds = dictionary.by_key
        self._roles: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        atoms: dict[str, int] = {}
        for kind in dictionary.kinds:
            for keyword in kind.keywords:
                first, _, second = _plain(keyword).partition("..")
                self._roles[atoms.setdefault(first, len(atoms))].append((kind.key, keyword, second))
            for phrase in kind.cancelled_by:
                # What cancels is found like what tells; it bears no keyword.
                self._roles[atoms.setdefault(_plain(phrase), len(atoms))].append((kind.key, "", ""))
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
        cancelled: dict[str, list[tuple[int, int]]] = defaultdict(list)
        candidates = list(self._candidates(plain, indexes, cancelled))
        if not candidates:
            return ()
        guarded = Guarded.of(plain)
        numbered = has_mobile or (
            any(self._kinds[each.kind].needs for each in candidates) and MOBILE.search(plain) is not None
        )
        return tuple(self._judged(each, guarded, cancelled, numbered) for each in candidates)

    def _candidates(
        self, plain: str, indexes: list[tuple[int, int, int]], cancelled: dict[str, list[tuple[int, int]]]
    ) -> Iterator[Hit]:
        for atom, start, end in indexes:
            for kind, keyword, second in self._roles[atom]:
                if not keyword:
                    cancelled[kind].append((start, end))
                elif not second:
                    yield Hit(kind, keyword, start, end)
                else:
                    at = plain.find(second, end, end + _WIDEST_GAP + len(second))
                    if at >= 0 and not _CLAUSE_END.search(plain, end, at):
                        yield Hit(kind, keyword, start, at + len(second))

    def _judged(
        self, hit: Hit, guarded: Guarded, cancelled: Mapping[str, list[tuple[int, int]]], numbered: bool
    ) -> Hit:
        kind: SignalKind = self._kinds[hit.kind]
        reason: Reason | None
        if any(first < hit.end and hit.start < last for first, last in cancelled.get(hit.kind, ())):
            reason = "cancelled"
        else:
            first, _, second = hit.keyword.partition("..")
            gap = guarded.text[hit.start + len(first) : hit.end - len(second)] if second else ""
            reason = guarded.reason(hit.start, hit.end, present=kind.present, ours=kind.ours, gap=gap)
        if reason is None and kind.needs == "mobile" and not numbered:
            reason = "lacks_mobile"
        return hit if reason is None else Hit(hit.kind, hit.keyword, hit.start, hit.end, reason)


def _plain(text: str) -> str:
    """Small letters and narrow digits, position by position."""
    if _HAS_WIDE.search(text):
        text = text.translate(_WIDE)
    # A few capitals of other scripts become two letters when made small.
    small = text.lower()
    return small if len(small) == len(text) else text
