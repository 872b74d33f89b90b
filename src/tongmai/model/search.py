"""The search tokeniser: what a text is found by, the same on the record and on the query.

Chinese text (and kana, hangul) gives its single characters, their bigrams, and bigrams and trigrams of the pinyin
initials (all usual readings); words and digits give bigrams and trigrams of their characters and the first of them. A
query's tokens must all be among the record's: any part of a word of two or more characters hits, 通脉 is found by 通,
通脉 and tm. Tokens only narrow down: the order of bigrams is not kept, whoever needs certainty looks at the text again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import islice, product
from operator import add, itemgetter
from typing import TypeAlias
from unicodedata import normalize

from tongmai.model.pinyin_initials import NONE, initials, initials_by_code

MOST_TOKENS = 400
# Each character gives at least one token, so that nothing behind this is ever reached.
_LONGEST_TEXT = 4 * MOST_TOKENS
_MOST_QUERY_TOKENS = 40
_LONGEST_QUERY = 200
_PIECE = 32

_Tokens: TypeAlias = Sequence[str]
# The tokens of a run in their order: the first, the last, all of them as one text, their number.
_Joined: TypeAlias = tuple[str, str, str, int]

# Han with its extensions, kana, hangul syllables, 〇 and 々: scripts written without spaces.
_IDEOGRAPHS = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"([{_IDEOGRAPHS}]+)|([^\W_{_IDEOGRAPHS}]+)")


def search_tokens(text: str) -> frozenset[str]:
    """At most 400 tokens; of a longer text those of its beginning."""
    return _tokens_of(_runs(text[:_LONGEST_TEXT]))


def joined_tokens(texts: Sequence[str], between: str) -> list[str]:
    """What ``search_tokens`` gives for each text: in the order of their code points, as one text with ``between``
    between them.

    Imports do this for millions. It costs a third, because texts are folded together and no set outlives its word; and
    the index, which sorts a row's tokens anyhow, takes sorted ones a fifth quicker.
    """
    folded = _fold("\n".join([text[:_LONGEST_TEXT] for text in texts])).split("\n")
    if len(folded) != len(texts):  # a text of several lines
        return [between.join(sorted(search_tokens(text))) for text in texts]
    return [_joined_line(text, between) for text in folded]


def _joined_line(folded: str, between: str) -> str:
    runs = _RUNS.findall(folded)
    if len(folded) <= _PIECE:
        joined = [_joined_han(han, between) if han else _joined_word(word, between) for han, word in runs]
        if len(joined) == 1:
            return joined[0][2]
        # Most often those of one run stand behind those of another: numbers, letters, Chinese.
        joined.sort()
        end, count = "", 0
        for first, last, _text, size in joined:
            if first <= end:
                break
            end, count = last, count + size
        else:
            if count <= MOST_TOKENS:
                return between.join([text for _first, _last, text, _size in joined])
    return between.join(sorted(_tokens_of(runs)))


def _joined_word(word: str, between: str) -> _Joined:
    return _join({*_CUTS[len(word)](word), "^" + word[0]}, between)


@lru_cache(maxsize=4096)
def _joined_han(run: str, between: str) -> _Joined:
    return _join(_tokens_of([(run, "")]), between)


def _join(tokens: Collection[str], between: str) -> _Joined:
    found = sorted(tokens)
    return found[0], found[-1], between.join(found), len(found)


def _tokens_of(runs: list[tuple[str, str]]) -> frozenset[str]:
    found: list[str] = []
    for han, word in runs:
        for tokens in _pieces(han, _han_piece, _han_tokens) if han else _pieces(word, _word_piece, _grams):
            if len(found) + len(tokens) > MOST_TOKENS:
                found = list(dict.fromkeys(found))
                if len(found) + len(tokens) > MOST_TOKENS:
                    return frozenset(islice(dict.fromkeys([*found, *tokens]), MOST_TOKENS))
            found.extend(tokens)
    return frozenset(found)


@lru_cache(maxsize=1024)
def query_tokens(text: str) -> tuple[str, ...]:
    """What a record must have, all of them, to be found. Empty if nothing in ``text`` can be searched for.

    A single letter or digit asks for a word (or initials) that begins with it, and only if nothing else was given.
    """
    tokens: dict[str, None] = {}
    lone: dict[str, None] = {}
    for han, word in _runs(text[:_LONGEST_QUERY]):
        run = han or word
        if len(run) == 1:
            (tokens if han else lone)[run if han else _first(run)] = None
            continue
        size = 2 if han or len(run) == 2 else 3
        tokens.update(dict.fromkeys(run[at : at + size] for at in range(len(run) - size + 1)))
    return tuple(tokens or lone)[:_MOST_QUERY_TOKENS]


def _runs(text: str) -> list[tuple[str, str]]:
    """Each run as Chinese text or as a word; the other one is empty."""
    return _RUNS.findall(_fold(text))


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else normalize("NFKC", normalize("NFKC", text).casefold())


def _first(run: str) -> str:
    # Marked, because a bare character is a token of Chinese text.
    return "^" + run[0]


def _pieces(run: str, first: Callable[[str], _Tokens], rest: Callable[[str], _Tokens]) -> list[_Tokens]:
    """A run's tokens a piece at a time, each with the two characters before it, so that the beginning is complete
    where the limit cuts."""
    if len(run) <= _PIECE:
        return [first(run)]
    return [first(run[:_PIECE]), *(rest(run[at - 2 : at + _PIECE]) for at in range(_PIECE, len(run), _PIECE))]


def _word_piece(run: str) -> tuple[str, ...]:
    return (*_grams(run), _first(run))


@lru_cache(maxsize=4096)
def _han_piece(run: str) -> tuple[str, ...]:
    """The beginning of a run. Kept: surnames with names, trades and places come again and again."""
    return (*_han_tokens(run), *map(_first, initials(run[0]).strip(NONE)))


def _grams(run: str) -> Sequence[str]:
    """Each two neighbours and each three, of a run that is no longer than a piece with what stands before it."""
    return _CUTS[len(run)](run)


def _cuts(length: int) -> Callable[[str], Sequence[str]]:
    """Cuts runs of one length, all at once: an import does this for every text of a million."""
    slices = [slice(at, at + size) for size in (2, 3) for at in range(length - size + 1)]
    if len(slices) > 1:
        return itemgetter(*slices)
    return lambda run: [run[each] for each in slices]


_CUTS = tuple(map(_cuts, range(_PIECE + 3)))


def _han_tokens(run: str) -> list[str]:
    letters = run.translate(initials_by_code())
    if len(letters) == len(run) and letters.isascii():
        grams = _grams(letters)
    else:
        letters = NONE
        readings = list(map(initials, run))
        grams = [
            "".join(chosen)
            for size in (2, 3)
            for at in range(len(run) - size + 1)
            for chosen in product(*readings[at : at + size])
        ]
    spelled = grams if NONE not in letters else [each for each in grams if NONE not in each]
    return [*run, *map(add, run, run[1:]), *spelled]
