"""The search tokeniser: what a text is found by, the same on the record and on the query.

Chinese text (and kana, hangul) gives its single characters, their bigrams, and bigrams and trigrams of the pinyin
initials (all usual readings); words and digits give bigrams and trigrams of their characters and the first of them. A
query's tokens must all be among the record's: any part of a word of two or more characters hits, 通脉 is found by 通,
通脉 and tm. Tokens only narrow down: the order of bigrams is not kept, whoever needs certainty looks at the text again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product
from operator import add
from unicodedata import normalize

from tongmai.model.pinyin_initials import NONE, initials, initials_by_code

MOST_TOKENS = 400
_MOST_QUERY_TOKENS = 40
_LONGEST_QUERY = 200
_PIECE = 32

# Han with its extensions, kana, hangul syllables, 〇 and 々: scripts written without spaces.
_IDEOGRAPHS = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"([{_IDEOGRAPHS}]+)|([^\W_{_IDEOGRAPHS}]+)")


def search_tokens(text: str) -> frozenset[str]:
    """At most 400 tokens; of a longer text those of its beginning."""
    found: set[str] = set()
    # Each character gives at least one token, so that nothing behind this is ever reached.
    for han, word in _runs(text[: 4 * MOST_TOKENS]):
        run, tokens_of, firsts = (han, _han_tokens, _han_firsts) if han else (word, _word_tokens, _word_firsts)
        # A piece at a time, each with the two characters before it, so that the beginning is complete where the limit
        # cuts.
        for at in range(0, len(run), _PIECE):
            tokens = tokens_of(run[max(at - 2, 0) : at + _PIECE])
            if at == 0:
                tokens += firsts(run[0])
            if len(found) + len(tokens) > MOST_TOKENS:
                new = (token for token in tokens if token not in found)
                return frozenset(found.union(islice(dict.fromkeys(new), MOST_TOKENS - len(found))))
            found.update(tokens)
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
    folded = text.lower() if text.isascii() else normalize("NFKC", normalize("NFKC", text).casefold())
    return _RUNS.findall(folded)


def _first(run: str) -> str:
    # Marked, because a bare character is a token of Chinese text.
    return "^" + run[0]


def _word_firsts(character: str) -> tuple[str, ...]:
    return (_first(character),)


@lru_cache(maxsize=2048)
def _han_firsts(character: str) -> tuple[str, ...]:
    return tuple(map(_first, initials(character).strip(NONE)))


def _word_tokens(run: str) -> list[str]:
    return _grams(run)


def _grams(run: str) -> list[str]:
    """Each two neighbours, then each three. Joined by ``map``: an import does this for every text of a million."""
    two = list(map(add, run, run[1:]))
    return [*two, *map(add, two, run[2:])]


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
