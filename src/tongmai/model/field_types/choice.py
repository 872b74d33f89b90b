"""One of a list of options, each with a stable key, labels and a colour, in the list's order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from unicodedata import normalize

from pydantic import Field, JsonValue, model_validator

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.basis import Label
from tongmai.model.document import unsuitable
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.field_types.text import text_of_cell
from tongmai.model.operators import BLANKNESS, EQUALITY
from tongmai.model.reading import LONGEST_WORD
from tongmai.model.sql_text import literal

ChoiceKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}$")]
Colour = Annotated[str, Field(pattern=r"^(#[0-9a-fA-F]{6}|[a-z][a-z-]{0,19})$")]
MOST_CHOICES = 1000
_MOST_COMPARED = 60
_LONGEST_COMPARED = 30


def folded(word: str) -> str:
    """How labels are compared: width, case and outer blanks do not matter."""
    return normalize("NFKC", word).strip().casefold()


class Choice(FieldOptions):
    """An option. One that is no longer ``active`` stays readable on old records and cannot be chosen anew.

    ``color`` names a design token (``red``) or gives ``#rrggbb``.
    """

    key: ChoiceKey
    label: Label
    color: Colour | None = None
    active: bool = True


class ChoiceOptions(FieldOptions):
    """``choices`` in their order. With ``source: roles`` they are the workspace's roles (``model.bound_field``)."""

    choices: tuple[Choice, ...] = Field((), max_length=MOST_CHOICES)
    source: Literal["own", "roles"] = "own"

    @model_validator(mode="after")
    def _distinct(self) -> ChoiceOptions:
        seen: dict[str, str] = {}
        for choice in self.choices:
            for word in {choice.key, choice.label.zh, choice.label.en}:
                if not folded(word):
                    raise unsuitable(f"选项 {choice.key} 没有名称", f"option {choice.key} has a blank label")
                if seen.setdefault(folded(word), choice.key) != choice.key:
                    other = seen[folded(word)]
                    raise unsuitable(
                        f"选项 {other} 和 {choice.key} 同名：{word}",
                        f"options {other} and {choice.key} share the name {word}",
                    )
        return self

    @cached_property
    def by_key(self) -> Mapping[str, Choice]:
        return {choice.key: choice for choice in self.choices}

    @cached_property
    def key_by_word(self) -> Mapping[str, str]:
        """The key of an option by its key or either label, folded."""
        return {folded(word): each.key for each in self.choices for word in (each.key, each.label.zh, each.label.en)}

    @cached_property
    def formula_options(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((each.key, each.label.zh, each.label.en) for each in self.choices)

    def find(self, word: str) -> str:
        """The key of the active option that is called ``word``. Raises ``Refused`` naming what there is."""
        choice = self.by_key.get(word)
        if choice is None:
            key = self.key_by_word.get(folded(word)) if len(word) <= LONGEST_WORD else None
            if key is None:
                raise self._unknown(word)
            choice = self.by_key[key]
        if not choice.active:
            raise refusal(
                "choice.retired",
                f"选项“{choice.label.zh}”已停用",
                f"the option “{choice.label.en}” is no longer used",
                "请改选其他选项",
                "choose another one",
            )
        return choice.key

    def _unknown(self, word: str) -> Refused:
        # Comparing is slow: it pays for a slip of the pen among a screenful, not for a file of wrong cells.
        compared = list(self.key_by_word)[:_MOST_COMPARED] if len(word) <= _LONGEST_COMPARED else []
        near = get_close_matches(folded(word), compared, n=1)
        active = [each for each in self.choices if each.active]
        if near:
            found = self.by_key[self.key_by_word[near[0]]]
            zh, en = f"是否想选“{found.label.zh}”（{found.key}）？", f"did you mean “{found.label.en}” ({found.key})?"
        else:
            more_zh, more_en = ("…", "…") if len(active) > 8 else ("", "")
            zh = "可选：" + "、".join(f"{each.label.zh}（{each.key}）" for each in active[:8]) + more_zh
            en = "choose from: " + ", ".join(f"{each.label.en} ({each.key})" for each in active[:8]) + more_en
        return refusal("choice.unknown", f"没有选项“{shown(word)}”", f"there is no option “{shown(word)}”", zh, en)


C = TypeVar("C", bound=ChoiceOptions)


class ChoiceType(FieldType[ChoiceOptions]):
    key: ClassVar = "choice"
    label: ClassVar = Text("单选", "Choice")
    Options: ClassVar = ChoiceOptions

    def value_type(self, options: ChoiceOptions) -> formula.Type:
        return formula.choice(options.formula_options)

    def column_type(self, options: ChoiceOptions) -> str:
        return "text"

    def parse(self, value: object, options: ChoiceOptions, reading: Reading) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise not_an_option(value)
        choice = options.by_key.get(value)
        if choice is not None and choice.active:
            return value
        return options.find(value) if value.strip() else None

    def parse_typed_cell(self, cell: Cell, options: ChoiceOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def to_text(self, value: str, options: ChoiceOptions, language: Language, reading: Reading = Reading()) -> str:
        choice = options.by_key.get(value)
        return value if choice is None else choice.label.say(language)

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: ChoiceOptions) -> dict[str, JsonValue]:
        return option_schema(options)

    def operators(self, options: ChoiceOptions) -> tuple[str, ...]:
        return (*EQUALITY, *BLANKNESS)

    def searched_text(self, value: str, options: ChoiceOptions) -> str:
        return option_words(value, options)

    def text_sql(self, column: str, options: ChoiceOptions, reading: Reading) -> str:
        return f"coalesce({mapping_sql(label_by_key(options), column)}, {column})"

    def from_text_sql(self, text: str, options: ChoiceOptions, reading: Reading) -> str:
        return mapping_sql(key_by_exact_word(options), f"btrim({text})")

    def from_text(self, text: str, options: ChoiceOptions, reading: Reading) -> object:
        return key_by_exact_word(options).get(text.strip(" "))

    def within_sql(self, column: str, options: ChoiceOptions) -> str:
        return f"{mapping_sql(label_by_key(options), column)} IS NOT NULL"

    def is_within(self, value: Any, options: ChoiceOptions) -> bool:
        return value in options.by_key


def not_an_option(value: object) -> Refused:
    return refusal(
        "choice.not_text",
        f"应为选项的 key，收到的是 {shown(value)}",
        f"an option's key is expected, not {shown(value)}",
        "请以文本给出选项的 key 或名称",
        "give the option's key or label as text",
    )


def option_schema(options: ChoiceOptions) -> dict[str, JsonValue]:
    """One key as JSON schema. Without choices of its own (a person's roles are the workspace's) any text will do."""
    keys: list[JsonValue] = [each.key for each in options.choices]
    return {"type": "string", "enum": keys} if keys else {"type": "string"}


def option_words(key: str, options: ChoiceOptions) -> str:
    """What an option is found by: its name in both languages."""
    choice = options.by_key.get(key)
    return "" if choice is None else f"{choice.label.zh} {choice.label.en}"


def label_by_key(options: ChoiceOptions) -> dict[str, str]:
    return {each.key: each.label.zh for each in options.choices}


def key_by_exact_word(options: ChoiceOptions) -> dict[str, str]:
    """Conversions in SQL compare exactly, since SQL folds width and case otherwise than we do."""
    return {word: each.key for each in options.choices for word in (each.label.en, each.label.zh, each.key)}


def mapping_sql(mapping: Mapping[str, str], text: str) -> str:
    """SQL that looks ``text`` up: one constant, whatever the labels hold."""
    return f"({literal(json.dumps(mapping, ensure_ascii=False))}::jsonb ->> ({text}))"


def choices_from(words: Iterable[str]) -> tuple[Choice, ...]:
    """Options for the distinct words of a column that becomes a choice, in their order. Raises ``Refused``.

    A word that is fit to be a key is its own; others get ``option_1`` and so on, so that labels may change freely.
    """
    found: dict[str, Choice] = {}
    taken: set[str] = set()
    for word in words:
        name = " ".join(word.split())
        if not folded(name) or folded(name) in found:
            continue
        if len(found) == MOST_CHOICES:
            raise refusal(
                "choice.too_many",
                f"不同的值超过 {MOST_CHOICES} 个，不适合做选项",
                f"more than {MOST_CHOICES} different values: too many for options",
                "请先合并相近的值，或改用关联",
                "merge similar values first, or use a relation",
            )
        key = name.lower() if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", name) else f"option_{len(found) + 1}"
        while folded(key) in taken or (folded(key) in found and folded(key) != folded(name)):
            key += "_"
        taken.add(folded(key))
        found[folded(name)] = Choice(key=key, label=Text.same(name))
    return tuple(found.values())
