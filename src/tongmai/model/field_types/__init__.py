"""The field types, a file each. A new one is its file and a line here; the generic suite tests it by existing."""

from __future__ import annotations

from types import MappingProxyType

from tongmai.model.field_type import AnyFieldType
from tongmai.model.field_types.auto_number import AutoNumberOptions, AutoNumberType
from tongmai.model.field_types.boolean import BooleanType
from tongmai.model.field_types.choice import Choice, ChoiceOptions, ChoiceType, choices_from
from tongmai.model.field_types.date import DateType
from tongmai.model.field_types.datetime import DateTimeType
from tongmai.model.field_types.duration import DurationType
from tongmai.model.field_types.email import EmailType
from tongmai.model.field_types.file import FileOptions, FileType
from tongmai.model.field_types.formula import FormulaOptions, FormulaType
from tongmai.model.field_types.json import JsonType
from tongmai.model.field_types.long_text import LongTextType
from tongmai.model.field_types.money import MoneyType
from tongmai.model.field_types.multi_choice import MultiChoiceOptions, MultiChoiceType
from tongmai.model.field_types.number import BoundedOptions, NumberOptions, NumberType
from tongmai.model.field_types.percent import PercentType
from tongmai.model.field_types.person import BuiltinReference, PersonType
from tongmai.model.field_types.phone import PhoneType
from tongmai.model.field_types.point import PointType
from tongmai.model.field_types.relation import RelationOptions, RelationType
from tongmai.model.field_types.team import TeamType
from tongmai.model.field_types.text import TextType
from tongmai.model.field_types.url import UrlType

_ALL: tuple[AnyFieldType, ...] = (
    TextType(),
    LongTextType(),
    NumberType(),
    MoneyType(),
    PercentType(),
    DateType(),
    DateTimeType(),
    DurationType(),
    BooleanType(),
    ChoiceType(),
    MultiChoiceType(),
    PhoneType(),
    EmailType(),
    UrlType(),
    PersonType(),
    TeamType(),
    RelationType(),
    FileType(),
    PointType(),
    AutoNumberType(),
    JsonType(),
    FormulaType(),
)

FIELD_TYPES: MappingProxyType[str, AnyFieldType] = MappingProxyType({each.key: each for each in _ALL})

__all__ = [
    "FIELD_TYPES",
    "AutoNumberOptions",
    "BoundedOptions",
    "BuiltinReference",
    "Choice",
    "ChoiceOptions",
    "FileOptions",
    "FormulaOptions",
    "MultiChoiceOptions",
    "NumberOptions",
    "RelationOptions",
    "RelationType",
    "choices_from",
]
