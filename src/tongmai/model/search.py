"""The search tokeniser: what a text is found by, the same on the record and on the query.

Chinese text (and kana, hangul) gives its single characters, their bigrams, and bigrams and trigrams of the pinyin
initials (all usual readings); words and digits give bigrams and trigrams of their characters and the first of them. A
query's tokens must all be among the record's: any part of a word of two or more characters hits, 通脉 is found by 通,
通脉 and tm. Tokens only narrow down: the order of bigrams is not kept, whoever needs certainty looks at the text again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from unicodedata import normalize

from tongmai.model.pinyin_initials import NONE, SEVERAL_INITIALS, initials, spelled

MOST_TOKENS = 400
_MOST_QUERY_TOKENS = 40
_LONGEST_QUERY = 200
_LONGEST_KEPT = 64
_PIECE = 32

# Han with its extensions, kana, hangul syllables, 〇 and 々: scripts written without spaces.
_IDEOGRAPHS = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"(?P<han>[{_IDEOGRAPHS}]+)|(?P<word>[^\W_{_IDEOGRAPHS}]+)")


def search_tokens(text: str) -> frozenset[str]:
    """At most 400 tokens; of a longer text those of its beginning."""
    return _kept_tokens(text) if len(text) <= _LONGEST_KEPT else _tokens(text)


def _tokens(text: str) -> frozenset[str]:
    found: set[str] = set()
    # Each character gives at least one token, so that nothing behind this is ever reached.
    for kind, run in _runs(text[: 4 * MOST_TOKENS]):
        # A piece at a time, each with the two characters before it, so that the beginning is complete where the limit
        # cuts.
        for at in range(0, len(run), _PIECE):
            piece = run[max(at - 2, 0) : at + _PIECE]
            tokens = _han_tokens(piece) if kind == "han" else _word_tokens(piece)
            if at == 0:
                tokens += map(_first, initials(run[0]).strip(NONE) if kind == "han" else run[0])
            if len(found) + len(tokens) > MOST_TOKENS:
                new = (token for token in tokens if token not in found)
                return frozenset(found.union(islice(dict.fromkeys(new), MOST_TOKENS - len(found))))
            found.update(tokens)
    return frozenset(found)


# A text of this length has some sixty tokens, about 6 kB: a dozen megabytes in all.
_kept_tokens = lru_cache(maxsize=2048)(_tokens)


@lru_cache(maxsize=1024)
def query_tokens(text: str) -> tuple[str, ...]:
    """What a record must have, all of them, to be found. Empty if nothing in ``text`` can be searched for.

    A single letter or digit asks for a word (or initials) that begins with it, and only if nothing else was given.
    """
    tokens: dict[str, None] = {}
    lone: dict[str, None] = {}
    for kind, run in _runs(text[:_LONGEST_QUERY]):
        if len(run) == 1:
            (tokens if kind == "han" else lone)[run if kind == "han" else _first(run)] = None
            continue
        size = 2 if kind == "han" or len(run) == 2 else 3
        tokens.update(dict.fromkeys(run[at : at + size] for at in range(len(run) - size + 1)))
    return tuple(tokens or lone)[:_MOST_QUERY_TOKENS]


def _runs(text: str) -> Iterator[tuple[str, str]]:
    folded = text.lower() if text.isascii() else normalize("NFKC", normalize("NFKC", text).casefold())
    for run in _RUNS.finditer(folded):
        yield str(run.lastgroup), run[0]


def _first(run: str) -> str:
    # Marked, because a bare character is a token of Chinese text.
    return "^" + run[0]


def _word_tokens(run: str) -> list[str]:
    return [run[at : at + size] for size in (2, 3) for at in range(len(run) - size + 1)]


def _han_tokens(run: str) -> list[str]:
    tokens = [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
    letters = spelled(run)
    if SEVERAL_INITIALS.keys().isdisjoint(run):
        grams = [letters[at : at + size] for size in (2, 3) for at in range(len(run) - size + 1)]
    else:
        readings = list(map(initials, run))
        grams = [
            "".join(chosen)
            for size in (2, 3)
            for at in range(len(run) - size + 1)
            for chosen in product(*readings[at : at + size])
        ]
    tokens += grams if NONE not in letters else [each for each in grams if NONE not in each]
    return tokens
