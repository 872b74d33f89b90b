"""A customer with an owner, for the room's own tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tongmai.formula import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    TEXT,
    Formula,
    Symbol,
    Type,
    choice,
    list_of,
    parse,
    reference,
)

LEVEL = choice([("red", "红标", "Red"), ("gold", "金标", "Gold")])


@dataclass(frozen=True)
class TableScope:
    """Names as a table: key → (label, type); relations lead to other tables."""

    object_key: str
    fields: Mapping[str, tuple[str, Type]]
    relations: Mapping[str, TableScope] = field(default_factory=dict)
    formulas: Mapping[str, Formula] = field(default_factory=dict)

    def find(self, name: str) -> Symbol | None:
        if name in self.formulas:
            return Symbol(name, self.formulas[name].type, self.formulas[name].tree)
        for key, (label, type_) in self.fields.items():
            if name in (key, label):
                return Symbol(key, type_)
        return None

    def names(self) -> Sequence[str]:
        return [name for key, (label, _) in self.fields.items() for name in (key, label)]

    def through(self, key: str) -> TableScope | None:
        return self.relations.get(key)


TEAM = TableScope("team", {"name": ("名称", TEXT)})
PERSON = TableScope("person", {"name": ("姓名", TEXT), "team": ("团队", reference("team"))}, {"team": TEAM})
CUSTOMER = TableScope(
    "customer",
    {
        "gap": ("最近沟通间隔", NUMBER),
        "kinds": ("品类数", NUMBER),
        "amount": ("金额", NUMBER),
        "name": ("名称", TEXT),
        "note": ("备 注(内部)", TEXT),
        "signed": ("签约日期", DATE),
        "created": ("创建时间", DATETIME),
        "span": ("用时", DURATION),
        "active": ("启用", BOOLEAN),
        "level": ("等级", LEVEL),
        "owner": ("负责人", reference("person")),
        "tags": ("标签", list_of(choice([("key", "重点", "Key")]))),
    },
    {"owner": PERSON},
)


def read(text: str, expect: Type | None = None) -> Formula:
    return parse(text, CUSTOMER, expect=expect)
