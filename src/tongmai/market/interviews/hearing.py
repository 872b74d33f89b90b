"""Hears in an answer what is spoken of: its clauses, and in each the notions and the nouns that tell their type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated

import yaml
from pydantic import Field, JsonValue

from tongmai.kit import Text
from tongmai.model import Definition, Key, Label, read_document

_CLAUSE = re.compile(r"[^。！？!?；;\n，,、…]+")
# Asked, it is said what is not wanted: nothing is drafted from that.
_REFUSED = re.compile(r"不需要|没必要|用不着|不用(?!户)|别让我|不想(?:看|记|填)|no need|never need", re.IGNORECASE)
_LEAST_TOLD = 4
# The key of a notion that is on no list.
SAID = "said"


class Notion(Definition):
    """Something that people in sales speak of, the words for it, and the field that would hold it."""

    key: Key
    type: str
    label: Label
    options: dict[str, JsonValue] = Field(default_factory=dict)
    words: Annotated[tuple[str, ...], Field(min_length=1)]


class Ending(Definition):
    """Nouns that end so are of this type: 到货时间 is a date."""

    type: str
    words: Annotated[tuple[str, ...], Field(min_length=1)]


class Words(Definition):
    """The list. ``chores`` are words of repeated work; before a noun ``leads`` and ``fillers`` are no part of it."""

    notions: tuple[Notion, ...]
    endings: tuple[Ending, ...]
    chores: tuple[str, ...]
    leads: tuple[str, ...]
    fillers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said to one of the questions."""

    who: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """``word`` in the ``clause`` of an answer speaks of the notion."""

    answer: Answer
    clause: str
    word: str
    notion: Notion


@dataclass(frozen=True, slots=True)
class Unused:
    """A clause of which nothing was made, and why."""

    answer: Answer
    clause: str
    reason: Text


@lru_cache(maxsize=1)
def words() -> Words:
    text = (resources.files("tongmai.market.interviews") / "notions.yaml").read_text(encoding="utf-8")
    return read_document(Words, yaml.safe_load(text))


def hear(answers: Iterable[Answer], also: Iterable[Notion] = ()) -> tuple[list[Mention], list[Unused]]:
    """What is spoken of, and what could not be used, in the order in which it was said. ``also`` are notions beside
    those of the list: what the model has already."""
    notions = (*also, *words().notions)
    # Longer words first: 竞品报价 is not 竞品.
    known = sorted(((word.lower(), each) for each in notions for word in each.words), key=lambda one: -len(one[0]))
    mentions: list[Mention] = []
    unused: list[Unused] = []
    for answer in answers:
        for clause in (each.strip() for each in _CLAUSE.findall(answer.text)):
            found = () if _REFUSED.search(clause) else tuple(_heard(answer, clause, known))
            mentions += found
            if not found and len(clause) >= _LEAST_TOLD:
                unused.append(Unused(answer, clause, _reason(clause)))
    return mentions, unused


def _heard(answer: Answer, clause: str, known: Iterable[tuple[str, Notion]]) -> Iterator[Mention]:
    """A word within one that was heard already says nothing of its own."""
    rest, found = clause.lower(), False
    for word, notion in known:
        if word in rest:
            rest, found = rest.replace(word, "　" * len(word)), True
            yield Mention(answer, clause, word, notion)
    if not found and _chore(clause) is None and (noun := _noun(clause)) is not None:
        name, kind = noun
        yield Mention(answer, clause, name, Notion(key=SAID, type=kind, label=Text.same(name), words=(name,)))


def _noun(clause: str) -> tuple[str, str] | None:
    """A noun that a list of endings tells the type of: 懒得记客户的开票习惯 → 开票习惯."""
    text = clause
    for lead in words().leads:
        text = text.rpartition(lead)[2]
    for filler in words().fillers:
        text = text.removeprefix(filler)
    for ending in words().endings:
        for word in ending.words:
            found = re.search(rf"[\u4e00-\u9fff]{{2,6}}{word}|^{word}", text)
            if found is not None:
                last = found[0].rpartition("的")[2]
                return found[0].replace("的", "") if last == word else last, ending.type
    return None


def _reason(clause: str) -> Text:
    if _REFUSED.search(clause):
        return Text("说的是不要什么", "It says what is not wanted")
    chore = _chore(clause)
    if chore is not None:
        return Text(
            f"“{chore}”是重复劳动：加字段帮不上，宜接数据源或用规则、看板代替",
            f"“{chore}” is repeated work: no field helps; a source, a rule or a board may do it instead",
        )
    return Text("没听出要记或要查的是什么", "What is to be noted or looked up was not made out")


def _chore(clause: str) -> str | None:
    return next((each for each in words().chores if each in clause), None)
