"""The lists of words that the demo chain is made of, kept as YAML beside the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from tongmai.demo.words import Words, read_words


class TrialWords(Words):
    """Sentences with a place for the ``{mobile}`` number."""

    plain: Sequence[str]
    veiled: Sequence[str]
    decoys: Sequence[str]


class ChainWords(Words):
    """``courses`` and ``goods`` by code, with name and price (and of goods category before, how often they sell
    behind); ``places`` are latitude and longitude by city; ``campaigns``: month, first day, last day, gift."""

    courses: Mapping[str, tuple[str, int]]
    goods: Mapping[str, tuple[str, str, int, int]]
    flagship: str
    dead: Sequence[str]
    runs_out: Sequence[str]
    malls: Sequence[str]
    places: Mapping[str, tuple[float, float]]
    children: Sequence[str]
    parents: Sequence[str]
    campaigns: Mapping[str, tuple[int, int, int, str]]
    demands: Mapping[str, str]
    answers: Sequence[str]
    openings: Sequence[str]
    customer_says: Sequence[str]
    we_say: Sequence[str]
    trial_booking: TrialWords


@lru_cache(maxsize=1)
def chain_words() -> ChainWords:
    return ChainWords.model_validate(read_words("tongmai.demo.stores", "words"))
