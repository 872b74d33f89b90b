"""The lists of words that the demo company is made of, kept as YAML beside the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from tongmai.kit import Internal


class Words(BaseModel):
    """Words of a file, as they are written there."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(Words):
    """``endings`` by U8's customer class; ``districts`` by city."""

    districts: Mapping[str, Sequence[str]]
    towns: Sequence[str]
    words: Sequence[str]
    surnames: str
    given: Sequence[str]
    endings: Mapping[str, Sequence[str]]


class Phrases(Words):
    """``plain``, ``veiled`` and ``decoys`` by kind of signal."""

    openings: Sequence[str]
    customer_says: Sequence[str]
    we_say: Sequence[str]
    plain: Mapping[str, Sequence[str]]
    veiled: Mapping[str, Sequence[str]]
    decoys: Mapping[str, Sequence[str]]


class Setbacks(Words):
    """``parameters`` by the model that a deal is about, the most frequent first; of reviews, those that say nothing
    (``said``) and those that do (``told``)."""

    parameters: Mapping[str, Sequence[str]]
    evidence: Sequence[str]
    said: Sequence[str]
    told: Sequence[str]


@lru_cache(maxsize=1)
def names() -> Names:
    return Names.model_validate(read_words("tongmai.demo", "names"))


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    return Phrases.model_validate(read_words("tongmai.demo", "phrases"))


@lru_cache(maxsize=1)
def setbacks() -> Setbacks:
    return Setbacks.model_validate(read_words("tongmai.demo", "setbacks"))


@lru_cache(maxsize=1)
def models() -> Mapping[str, Mapping[str, int]]:
    """By U8's class of inventory: model → list price."""
    return {
        str(category): {str(name): int(price) for name, price in each.items()}
        for category, each in read_words("tongmai.demo", "products").items()
    }


def read_words(package: str, name: str) -> dict[str, dict[str, int]]:
    """The file of words in a package. Raises ``Internal`` where it is no mapping."""
    text = (resources.files(package) / f"{name}.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    if not isinstance(found, dict):
        raise Internal.of("demo.words", f"{name}.yaml 不是映射", f"{name}.yaml is no mapping")
    return found
