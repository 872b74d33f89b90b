"""What a field type is: everything that is known about one kind of value, in one place and without I/O.

A type reads what a caller, a person or a spreadsheet gives (``parse``, ``parse_text``, ``parse_column``), writes it
back (``to_text``, ``to_json_value``), and tells how it is stored, filtered, searched and converted. Reading gives the
canonical value, ``None`` for a blank, or raises ``Refused`` with faults in both languages. Values are not to be
changed in place: equal cells of a column may share one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, JsonValue

from tongmai.formula import Type
from tongmai.kit import Fault, Language, Text

_SHANGHAI = ZoneInfo("Asia/Shanghai")

# What a cell of a CSV file (text) or of a spreadsheet (typed) can be.
Cell: TypeAlias = str | float | int | bool | Decimal | date | datetime | time | timedelta | None


class Refused(Exception):
    """A value that a field cannot hold; ``faults`` say why and what to do. The caller adds the field's key."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.text.en for fault in faults))
        self.faults = faults


def refusal(code: str, zh: str, en: str, way_zh: str | None = None, way_en: str | None = None) -> Refused:
    """The common case: one fault, with its way out."""
    way_out = Text(way_zh, way_en) if way_zh is not None and way_en is not None else None
    return Refused(Fault(code, Text(zh, en), way_out))


def shown(value: object, limit: int = 40) -> str:
    """A given value as it may stand in a message: short, and without control characters.

    Lists and mappings are only named: writing out a deep or large one would itself be a way to attack.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict):
        text = "{…}"
    elif isinstance(value, list | tuple):
        text = "[…]"
    elif isinstance(value, int) and abs(value) >= 10**limit:
        text = "9" * limit + "…"
    else:
        text = str(value)
    text = "".join(character if character.isprintable() else "�" for character in text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading depends on beside the value: the zone in which a moment without an offset is meant."""

    zone: ZoneInfo = _SHANGHAI


class FieldOptions(BaseModel):
    """The options of a type: frozen, and an unknown name is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


O = TypeVar("O", bound=FieldOptions)  # noqa: E741 - the options of the type


class FieldType(ABC, Generic[O]):
    """One kind of field. Instances have no state; ``options`` is always an instance of the class's ``Options``."""

    key: ClassVar[str]
    label: ClassVar[Text]
    Options: ClassVar[type[FieldOptions]] = FieldOptions
    index_methods: ClassVar[tuple[str, ...]] = ("btree",)
    # Whether a person or a program may give the value; else the platform makes it.
    writable: ClassVar[bool] = True
    # Whether `unique` makes sense.
    can_be_unique: ClassVar[bool] = True

    def options(self, given: dict[str, JsonValue]) -> O:
        """Checked options. Raises pydantic's ``ValidationError``; ``model.document`` turns it into faults."""
        return self.Options.model_validate(given)  # type: ignore[return-value]

    @abstractmethod
    def value_type(self, options: O) -> Type:
        """The type a formula sees."""

    @abstractmethod
    def column_type(self, options: O) -> str | None:
        """The PostgreSQL type, a constant of ours; ``None`` where the field has no column."""

    @abstractmethod
    def parse(self, value: object, options: O, reading: Reading) -> object:
        """A JSON value as the canonical value; blank text is ``None``. Text is read as people write it."""

    def from_formula(self, value: object, options: O, reading: Reading) -> object:
        """A formula's result as a value of the field (a default). Raises ``Refused`` as ``parse`` does."""
        return self.parse(value, options, reading)

    def target(self, options: O) -> str | None:
        """The object a relation leads to; ``None`` for all other types."""
        return None

    def is_many(self, options: O) -> bool:
        """Whether a relation leads to several records."""
        return False

    def parse_text(self, cell: Cell, options: O, reading: Reading) -> object:
        """A cell of a CSV file or spreadsheet: text as ``parse`` reads it, and a spreadsheet's own typed values."""
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        if isinstance(cell, str):
            return self.parse(cell, options, reading)
        return self.parse_typed_cell(cell, options, reading)

    def parse_typed_cell(self, cell: Cell, options: O, reading: Reading) -> object:
        """A spreadsheet's number, yes/no, date or duration; without a meaning of its own it is read as JSON is."""
        return self.parse(cell, options, reading)

    def parse_column(
        self, cells: Sequence[Cell], options: O, reading: Reading
    ) -> tuple[list[object], dict[int, Fault]]:
        """A whole column: the values (``None`` where refused) and the fault by index. Verdicts are ``parse_text``'s.

        Equal texts are read once: real columns repeat themselves.
        """
        values: list[object] = [None] * len(cells)
        faults: dict[int, Fault] = {}
        known: dict[Cell, object] = {}
        wrong: dict[Cell, Fault] = {}
        for index, cell in enumerate(cells):
            if cell is None:
                continue
            # Only text and floats are remembered: True, 1 and 1.0 are one key but not one cell, nor are 0.0 and -0.0.
            remember = type(cell) is str or (type(cell) is float and cell != 0)
            if remember and cell in known:
                values[index] = known[cell]
                continue
            if remember and cell in wrong:
                faults[index] = wrong[cell]
                continue
            try:
                value = self.parse_text(cell, options, reading)
            except Refused as refused:
                faults[index] = refused.faults[0]
                if remember:
                    wrong[cell] = refused.faults[0]
                continue
            values[index] = value
            if remember:
                known[cell] = value
        return values, faults

    @abstractmethod
    def to_text(self, value: Any, options: O, language: Language, reading: Reading = Reading()) -> str:
        """The value for an export or a screen. ``parse_text(to_text(value))`` is the value again."""

    @abstractmethod
    def to_json_value(self, value: Any) -> object:
        """What PostgreSQL's ``to_json`` gives for the column, in a session whose zone is UTC.

        Numbers stay ``Decimal``, so that no digit is lost; everything else is a plain JSON value.
        """

    @abstractmethod
    def json_schema(self, options: O) -> dict[str, JsonValue]:
        """The JSON Schema of the value on the wire, for OpenAPI."""

    @abstractmethod
    def operators(self, options: O) -> tuple[str, ...]:
        """Ids of the filter operators that are offered (``model.operators``)."""

    def searched_text(self, value: Any, options: O) -> str:
        """What a searchable field's value is found by (``model.search``). Nothing by default."""
        return ""

    def text_sql(self, column: str, options: O, reading: Reading) -> str | None:
        """SQL that writes ``column`` as text, or ``None`` if the type is not offered as text. See ``text_form``."""
        return None

    def text_form(self, value: Any, options: O, reading: Reading) -> str:
        """What ``text_sql`` gives, in Python: the value as a converted text column will hold it."""
        return self.to_text(value, options, "zh", reading)

    def from_text_sql(self, text: str, options: O, reading: Reading) -> str | None:
        """SQL that reads the expression ``text`` as this type (NULL if unreadable), or ``None`` if not offered."""
        return None

    def from_text(self, text: str, options: O, reading: Reading) -> object:
        """What ``from_text_sql`` gives, in Python: ``None`` where unreadable."""
        return None

    def within_sql(self, column: str, options: O) -> str:
        """SQL predicate: does a value of the column's type keep the options' limits? See ``is_within``."""
        return "TRUE"

    def is_within(self, value: Any, options: O) -> bool:
        """What ``within_sql`` says, in Python."""
        return True


AnyFieldType: TypeAlias = FieldType[Any]
