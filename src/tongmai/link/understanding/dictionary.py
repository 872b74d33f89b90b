"""The words of each kind of signal: shipped as YAML, extended by a workspace, checked as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tongmai.kit import Fault, Invalid, Text
from tongmai.link.understanding.patterns import fault_of

Word = Annotated[str, Field(min_length=1, max_length=200)]
_MOST_WORDS = 20_000


class Label(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: Annotated[str, Field(min_length=1, max_length=60)]
    en: Annotated[str, Field(min_length=1, max_length=60)]


class SignalKind(BaseModel):
    """See ``signal_kinds.yaml`` for what each name means. ``key`` is also the name of the event that a hit becomes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    label: Label
    keywords: tuple[Word, ...] = ()
    cancelled_by: tuple[Word, ...] = ()
    needs: Literal["mobile"] | None = None
    present: bool = False
    ours: bool = False
    said_by: Literal["customer", "member", "anybody"] = "customer"


class OwnWords(SignalKind):
    """What a workspace makes of a kind, or a kind of its own. ``without`` are shipped words that it leaves out; a
    shipped kind keeps its label and its traits."""

    without: tuple[Word, ...] = ()


@dataclass(frozen=True)
class SignalDictionary:
    """Kinds by key; a key comes once."""

    kinds: tuple[SignalKind, ...]

    @property
    def by_key(self) -> dict[str, SignalKind]:
        return {each.key: each for each in self.kinds}

    def extended(self, more: Iterable[SignalKind]) -> SignalDictionary:
        """With a workspace's own: words are added to kinds that are there (or left out), other kinds are added whole.

        Raises ``Invalid`` for keywords that are no patterns (``patterns``), and for too many words.
        """
        kinds = self.by_key
        for each in more:
            known = kinds.get(each.key)
            kinds[each.key] = each if known is None else _joined(known, each)
        found = SignalDictionary(tuple(kinds.values()))
        found._check()
        return found

    @property
    def fingerprint(self) -> bytes:
        """Changes with every word: what was read by another dictionary is known by it."""
        text = "\n".join(each.model_dump_json() for each in self.kinds)
        return hashlib.sha256(text.encode()).digest()

    def _check(self) -> None:
        written = [(each.key, word) for each in self.kinds for word in (*each.keywords, *each.cancelled_by)]
        faults = [fault for kind, word in written if (fault := fault_of(word, kind)) is not None]
        if len(written) > _MOST_WORDS:
            faults.append(Fault("signals.too_many", Text("关键词过多", "There are too many keywords")))
        if faults:
            raise Invalid(tuple(faults))


@lru_cache(maxsize=1)
def shipped_dictionary() -> SignalDictionary:
    text = resources.files("tongmai.link.understanding").joinpath("signal_kinds.yaml").read_text("utf-8")
    return SignalDictionary(()).extended(read_kinds(text))


def read_kinds(text: str) -> tuple[SignalKind, ...]:
    """Kinds from YAML of the same form as the shipped file. Raises ``Invalid`` with all that is wrong."""
    try:
        return TypeAdapter(tuple[SignalKind, ...]).validate_python(yaml.safe_load(text) or [])
    except (ValueError, yaml.YAMLError) as error:
        raise Invalid.of(
            "signals.document",
            f"信号词典无法读取：{error}",
            f"The signal words cannot be read: {error}",
            way_out=Text("请检查其中标出的位置", "Mend what it names"),
        ) from error


def _joined(known: SignalKind, more: SignalKind) -> SignalKind:
    left_out = frozenset(more.without) if isinstance(more, OwnWords) else frozenset[str]()
    kept = (word for word in known.keywords if word not in left_out)
    return known.model_copy(
        update={
            "keywords": tuple(dict.fromkeys((*kept, *more.keywords))),
            "cancelled_by": tuple(dict.fromkeys((*known.cancelled_by, *more.cancelled_by))),
        }
    )
