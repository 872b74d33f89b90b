"""What would be written where: found values laid beside the fields of a target object, each sure enough or not."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from tongmai.kit import Text
from tongmai.link.capture.finding import Found, FoundField
from tongmai.link.capture.meanings import customer_object, field_for, file_field, product_object
from tongmai.link.identity import likeness
from tongmai.model import Catalogue, FieldDef, ObjectDef

_PLAIN: tuple[FoundField, ...] = ("amount", "date", "number", "phone", "tax_number", "transcript")
_LONGEST_SHOWN = 200
_CONTRADICTED, _ALIKE = 0.4, 0.6


@dataclass(frozen=True, slots=True)
class Subject:
    """The record on whose page the file was dropped."""

    object: str
    id: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value for a field of the target. ``found`` is the index of the found value, None where another thing tells it
    (the page the file was dropped on, its name). ``is_sure``: it may be written without a person's confirmation."""

    field: str
    value: JsonValue
    shown: str
    confidence: float
    is_sure: bool
    reason: Text
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """For one object; ``file_field`` is the field that would take the original."""

    object: str
    values: tuple[Proposed, ...]
    file_field: str | None

    @property
    def is_sure(self) -> bool:
        return all(each.is_sure for each in self.values)

    def only(self, fields: Set[str]) -> Proposal:
        """What of it is for these fields."""
        file_field = self.file_field if self.file_field in fields else None
        return replace(self, values=tuple(each for each in self.values if each.field in fields), file_field=file_field)


def propose(
    catalogue: Catalogue,
    definition: ObjectDef,
    found: list[Found],
    subject: Subject | None,
    title: str,
    *,
    sure_from: float,
    zone: str,
) -> Proposal:
    """Lays found values beside the object's fields. A field that nothing was found for is left out."""
    values: dict[str, Proposed] = {}

    def put(field: FieldDef | None, value: JsonValue, index: int, shown: str | None = None) -> None:
        one = found[index]
        if field is not None and field.key not in values:
            certain, reason = _certainty(field, one, found)
            values[field.key] = Proposed(
                field.key, value, (shown or one.text)[:_LONGEST_SHOWN], certain, certain >= sure_from, reason, index
            )  # fmt: skip

    for meaning in _PLAIN:
        index = next((i for i, each in enumerate(found) if each.field == meaning), None)
        if index is not None:
            field = field_for(definition, meaning)
            put(field, None if field is None else _value(field, found[index], zone), index)
    customers = customer_object(catalogue)
    for relation, target in _relations(catalogue, definition):
        index = next((i for i, each in enumerate(found) if each.record and each.object == target), None)
        if subject is not None and subject.object == target:
            is_customer = customers is not None and target == customers.key
            values[relation.key] = _dropped_on(relation.key, subject, found if is_customer else [])
        elif index is not None:
            put(relation, found[index].record, index, found[index].label)
    _own_name(catalogue, definition, found, values, put, title)
    file = file_field(definition)
    return Proposal(definition.key, tuple(values.values()), None if file is None else file.key)


def _own_name(
    catalogue: Catalogue,
    definition: ObjectDef,
    found: list[Found],
    values: dict[str, Proposed],
    put: Callable[[FieldDef | None, JsonValue, int], None],
    title: str,
) -> None:
    """A new customer is called as the paper calls it; any other record without a number of its own, as the file is."""
    field = definition.by_key.get(definition.title or "")
    if field is None or field.type != "text" or field.key in values:
        return
    customers, products = customer_object(catalogue), product_object(catalogue)
    meaning = (
        "customer" if customers is not None and definition.key == customers.key
        else "product" if products is not None and definition.key == products.key
        else None
    )  # fmt: skip
    if meaning is None:
        reason = Text("取自文件名", "from the file's name")
        values[field.key] = Proposed(field.key, title, title, 1.0, True, reason)
        return
    index = next((i for i, each in enumerate(found) if each.field == meaning), None)
    if index is not None:
        put(field, found[index].value, index)


def _dropped_on(key: str, subject: Subject, found: list[Found]) -> Proposed:
    """The page it was dropped on tells whose it is, unless the paper itself names another customer."""
    shown = subject.title or subject.id
    named = next((each for each in found if each.field == "customer"), None)
    if named is not None and _is_another(named, subject):
        other = named.label or named.value
        reason = Text(f"文件中的客户是“{other}”，请核对", f"the paper names the customer “{other}”: please check")
        return Proposed(key, subject.id, shown, _CONTRADICTED, False, reason)
    reason = Text("文件是在此记录上抓取的", "the file was dropped on this record")
    return Proposed(key, subject.id, shown, 1.0, True, reason)


def _is_another(named: Found, subject: Subject) -> bool:
    if named.record is not None:
        return named.record != subject.id
    return likeness(named.value, subject.title or "") < _ALIKE


def _relations(catalogue: Catalogue, definition: ObjectDef) -> list[tuple[FieldDef, str]]:
    targets = [each.key for each in (customer_object(catalogue), product_object(catalogue)) if each is not None]
    return [
        (field, str(field.options["target"]))
        for field in definition.fields
        if field.type == "relation" and field.options.get("target") in targets and not field.options.get("many")
    ]


def _certainty(field: FieldDef, one: Found, found: list[Found]) -> tuple[float, Text]:
    """An amount in another currency than the field's is no value for it without a person."""
    if field.type == "money":
        said = next((each for each in found if each.field == "currency"), None)
        wanted = str(field.options.get("currency", "CNY"))
        if said is not None and said.value != wanted:
            return min(one.confidence, 0.3), Text(
                f"单据货币为 {said.value}，字段为 {wanted}", f"the paper says {said.value}, the field is in {wanted}"
            )
    return one.confidence, one.reason


def _value(field: FieldDef, one: Found, zone: str) -> JsonValue:
    if field.type == "datetime":
        return datetime.combine(date.fromisoformat(one.value), time(), ZoneInfo(zone)).isoformat()
    return one.value
