"""What columns are called for the same thing: 联系电话, 手机 and mobile; 公司名称 and 客户. The list is
``column_names.yaml``; nothing here knows of any one company's fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Annotated
from unicodedata import normalize

import yaml
from pydantic import Field

from tongmai.model import Definition, FieldDef, ObjectDef, read_document

_ASIDE = re.compile(r"[(（\[【].{0,100}?[)）\]】]")
_SEPARATORS = re.compile(r"[\s_\-./:：*#]+")

Word = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]


class Meaning(Definition):
    """Names for one thing, the usual one first, and the types of the fields that can hold it."""

    types: Words
    words: Words


class ColumnNames(Definition):
    """``things`` are names of objects, each thing's together; ``name`` and ``code`` are what any record has."""

    things: tuple[Words, ...]
    name: Words
    code: Words
    meanings: tuple[Meaning, ...]

    @cached_property
    def ranks(self) -> tuple[tuple[frozenset[str], dict[str, int]], ...]:
        """Each meaning as its types and the places of its words in their usual order."""
        return tuple((frozenset(each.types), _ranked(each.words)) for each in self.meanings)

    @cached_property
    def naming(self) -> tuple[dict[str, int], dict[str, int]]:
        return _ranked(self.name), _ranked(self.code)


@lru_cache(maxsize=1)
def column_names() -> ColumnNames:
    text = (resources.files("tongmai.records.transfer") / "column_names.yaml").read_text(encoding="utf-8")
    return read_document(ColumnNames, yaml.safe_load(text))


def spelt(name: str) -> str:
    """A spelling without what people vary: width, case, blanks, separators."""
    return _SEPARATORS.sub("", normalize("NFKC", name).casefold())


def spellings(name: str) -> Iterator[str]:
    """The name as spelt, then without what is said in brackets: 金额（元）."""
    yield spelt(name)
    if _ASIDE.search(name):
        yield spelt(_ASIDE.sub("", name))


@dataclass(frozen=True, slots=True)
class Named:
    """What an object may be called in front of what is said of it."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, definition: ObjectDef) -> Named:
        own = {spelt(each) for each in (definition.key, definition.label.zh, definition.label.en)}
        things = ({spelt(word) for word in each} for each in column_names().things)
        also = {word for thing in things if own & thing for word in thing}
        return cls(tuple(sorted(own | also, key=len, reverse=True)))

    def without(self, name: str) -> Iterator[str]:
        """What is left of a name behind the object's: 电话 of 客户电话, nothing of 客户."""
        for each in spellings(name):
            yield from (each.removeprefix(word) for word in self.words if each.startswith(word))


def rank_of_relation(target: Named, field: FieldDef, column: str) -> int | None:
    """How plainly a column names the record that a relation leads to; None where it does not. Only a relation that is
    called as its target is meant by the target's names: 公司 is the 客户 of an order, none of its 相关客户."""
    if all("" not in target.without(label) for label in (field.label.zh, field.label.en, field.key)):
        return None
    name, code = column_names().naming
    ranks = {"": 0} | {word: 1 + place for word, place in (code | name).items()}
    return min((ranks[left] for left in target.without(column) if left in ranks), default=None)


def rank_of(named: Named, field: FieldDef, *, is_title: bool, column: str) -> int | None:
    """How plainly a column means a field, by the list: 0 is the usual name for it; None where it does not."""
    heard = {*spellings(column), *named.without(column)}
    labels = (field.label.zh, field.label.en, field.key)
    called = {each for label in labels for each in (*spellings(label), *named.without(label))}
    name, code = column_names().naming
    if is_title and called.isdisjoint(code):
        # 客户 alone is the customer's name.
        usual = next(iter(name))
        called |= {usual}
        heard |= {usual} if "" in heard else set()
    naming = [(frozenset({"text", "auto_number"}), each) for each in (name, code)]
    for types, ranks in [*naming, *column_names().ranks]:
        if field.type in types and not called.isdisjoint(ranks):
            found = [ranks[each] for each in heard if each in ranks]
            if found:
                return min(found)
    return None


def _ranked(words: tuple[str, ...]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for place, word in enumerate(words):
        ranks.setdefault(spelt(word), place)
    return ranks
