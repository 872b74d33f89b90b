"""Several of a list of options. Held in the list's order and without repeats, so that equal sets are equal values."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import Field, JsonValue, model_validator

from tongmai import formula
from tongmai.kit import Fault, Language, Text
from tongmai.model.document import unsuitable
from tongmai.model.field_type import Cell, FieldType, Reading, Refused
from tongmai.model.field_types.choice import (
    ChoiceOptions,
    folded,
    key_by_exact_word,
    label_by_key,
    mapping_sql,
    not_an_option,
    option_schema,
    option_words,
)
from tongmai.model.field_types.text import text_of_cell
from tongmai.model.operators import BLANKNESS, MEMBERS
from tongmai.model.reading import LONGEST_WORD

_STRONG = re.compile(r"[;；|\n]")
_WEAK = re.compile(r"[,，、]")


def too_many(count: int, most: int) -> Fault:
    return Fault(
        "multi_choice.too_many",
        Text(f"最多选 {most} 项，收到 {count} 项", f"at most {most} may be chosen, not {count}"),
        Text("请减少选项", "choose fewer"),
    )


class MultiChoiceOptions(ChoiceOptions):
    """As a choice's, and how many may be chosen."""

    most: int = Field(100, ge=1, le=200)

    @model_validator(mode="after")
    def _separable(self) -> MultiChoiceOptions:
        for each in self.choices:
            if _STRONG.search(each.label.zh + each.label.en):
                raise unsuitable(
                    f"选项 {each.key} 的名称里有 ; 或 |，它们在单元格里用来分隔选项",
                    f"the label of option {each.key} holds ; or |, which separate options in a cell",
                )
        return self


class MultiChoiceType(FieldType[MultiChoiceOptions]):
    key: ClassVar = "multi_choice"
    label: ClassVar = Text("多选", "Multiple choice")
    Options: ClassVar = MultiChoiceOptions
    index_methods: ClassVar = ("gin",)
    can_be_unique: ClassVar = False

    def value_type(self, options: MultiChoiceOptions) -> formula.Type:
        return formula.list_of(formula.choice(options.formula_options))

    def column_type(self, options: MultiChoiceOptions) -> str:
        return "text[]"

    def parse(self, value: object, options: MultiChoiceOptions, reading: Reading) -> list[str] | None:
        if value is None:
            return None
        words = _words(value, options) if isinstance(value, str) else value
        if not isinstance(words, list | tuple):
            raise not_an_option(value)
        faults: list[Fault] = []
        keys = set()
        for each in words[: options.most]:
            try:
                if not isinstance(each, str):
                    raise not_an_option(each)
                keys.add(options.find(each))
            except Refused as refused:
                faults.extend(refused.faults)
        if len(words) > options.most:
            faults.append(too_many(len(words), options.most))
        if faults:
            raise Refused(*faults)
        return [key for key in options.by_key if key in keys] or None

    def parse_typed_cell(self, cell: Cell, options: MultiChoiceOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def to_text(
        self, value: list[str], options: MultiChoiceOptions, language: Language, reading: Reading = Reading()
    ) -> str:
        separator = "；" if language == "zh" else "; "
        labels = (options.by_key[key].label.say(language) if key in options.by_key else key for key in value)
        return separator.join(labels)

    def to_json_value(self, value: list[str]) -> list[str]:
        return value

    def json_schema(self, options: MultiChoiceOptions) -> dict[str, JsonValue]:
        return {"type": "array", "items": option_schema(options), "uniqueItems": True}

    def operators(self, options: MultiChoiceOptions) -> tuple[str, ...]:
        return (*MEMBERS, *BLANKNESS)

    def searched_text(self, value: list[str], options: MultiChoiceOptions) -> str:
        return " ".join([option_words(key, options) for key in value])

    def text_sql(self, column: str, options: MultiChoiceOptions, reading: Reading) -> str:
        label = f"coalesce({mapping_sql(label_by_key(options), '_item')}, _item)"
        return (
            f"(SELECT string_agg({label}, '；' ORDER BY _n) FROM unnest({column}) WITH ORDINALITY AS _items(_item, _n))"  # noqa: S608
        )

    def from_text_sql(self, text: str, options: MultiChoiceOptions, reading: Reading) -> str:
        key = mapping_sql(key_by_exact_word(options), "btrim(_item)")
        known = f"(SELECT array_agg({key}) FROM regexp_split_to_table({text}, '[;；|\\n]') AS _item)"  # noqa: S608
        return f"CASE WHEN array_position({known}, NULL) IS NULL THEN {ordered_sql(known, options)} END"

    def from_text(self, text: str, options: MultiChoiceOptions, reading: Reading) -> object:
        words = key_by_exact_word(options)
        found = [words.get(piece.strip(" ")) for piece in _STRONG.split(text)]
        if None in found:
            return None
        return [key for key in options.by_key if key in found] or None

    def within_sql(self, column: str, options: MultiChoiceOptions) -> str:
        unknown = f"SELECT FROM unnest({column}) AS _item WHERE {mapping_sql(label_by_key(options), '_item')} IS NULL"
        return f"cardinality({column}) <= {options.most} AND NOT EXISTS ({unknown})"

    def is_within(self, value: Any, options: MultiChoiceOptions) -> bool:
        return len(value) <= options.most and all(key in options.by_key for key in value)


def ordered_sql(keys: str, options: ChoiceOptions) -> str:
    """SQL that brings an array of keys into the options' order and drops repeats."""
    ranks = {key: f"{rank:05}" for rank, key in enumerate(options.by_key)}
    rank = mapping_sql(ranks, "_item")
    return (
        f"(SELECT array_agg(_item ORDER BY {rank}) FROM (SELECT DISTINCT _item FROM unnest({keys}) AS _item) AS _items)"  # noqa: S608
    )


def _words(text: str, options: MultiChoiceOptions) -> list[str]:
    """Words separated by ; ；| or a line break, within which 、 , ， separate too unless they belong to a label."""
    found: list[str] = []
    for piece in _STRONG.split(text):
        known = len(piece) <= LONGEST_WORD and folded(piece) in options.key_by_word
        found.extend(each for each in ([piece] if known else _WEAK.split(piece)) if each.strip())
    return found
