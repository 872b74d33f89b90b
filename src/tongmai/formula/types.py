"""The types a formula knows. A type is a value: hashable, comparable, without behaviour that touches the world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tongmai.kit import Text


class Kind(StrEnum):
    """What a value is. ``NULL`` is the type of the bare word BLANK, which fits every other type."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    CHOICE = "choice"
    REFERENCE = "reference"
    LIST = "list"
    JSON = "json"
    POINT = "point"
    NULL = "null"


KIND_NAMES: dict[Kind, Text] = {
    Kind.NUMBER: Text("数字", "number"),
    Kind.TEXT: Text("文本", "text"),
    Kind.BOOLEAN: Text("是否", "yes/no"),
    Kind.DATE: Text("日期", "date"),
    Kind.DATETIME: Text("日期时间", "date-time"),
    Kind.DURATION: Text("时长", "duration"),
    Kind.CHOICE: Text("选项", "choice"),
    Kind.REFERENCE: Text("关联", "relation"),
    Kind.LIST: Text("列表", "list"),
    Kind.JSON: Text("JSON", "JSON"),
    Kind.POINT: Text("位置", "point"),
    Kind.NULL: Text("空", "blank"),
}


@dataclass(frozen=True, slots=True)
class Type:
    """A kind with what belongs to it.

    ``item`` is the type of a LIST's items; ``target`` the object a REFERENCE leads to; ``options`` a CHOICE's
    (key, Chinese label, English label) in their order.
    """

    kind: Kind
    item: Type | None = None
    target: str | None = None
    options: tuple[tuple[str, str, str], ...] = ()

    def name(self) -> Text:
        """What a person calls it."""
        own = KIND_NAMES[self.kind]
        if self.item is not None:
            item = self.item.name()
            return Text(f"{item.zh}{own.zh}", f"{own.en} of {item.en}s")
        return own

    def option_key(self, word: str) -> str | None:
        """The key of the option that is called ``word``: by key first, then by Chinese, then by English label."""
        for column in range(3):
            for option in self.options:
                if option[column] == word:
                    return option[0]
        return None


NUMBER = Type(Kind.NUMBER)
TEXT = Type(Kind.TEXT)
BOOLEAN = Type(Kind.BOOLEAN)
DATE = Type(Kind.DATE)
DATETIME = Type(Kind.DATETIME)
DURATION = Type(Kind.DURATION)
JSON = Type(Kind.JSON)
POINT = Type(Kind.POINT)
NULL = Type(Kind.NULL)

PERSON_OBJECT = "person"
TEAM_OBJECT = "team"


def reference(target: str) -> Type:
    """A relation to one record of the object ``target``; its values are record ids."""
    return Type(Kind.REFERENCE, target=target)


def list_of(item: Type) -> Type:
    return Type(Kind.LIST, item=item)


def choice(options: Iterable[tuple[str, str, str]]) -> Type:
    """A choice among (key, Chinese label, English label); its values are keys."""
    return Type(Kind.CHOICE, options=tuple(options))
