"""One object of a workspace as JSON schemas: what a record looks like, what may be sent to make or change one."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from tongmai.formula import Kind
from tongmai.kit import Language
from tongmai.model import FIELD_TYPES, WRITABLE_SYSTEM_KEYS, FieldDef, ObjectDef, system_fields

Schema = dict[str, JsonValue]
_ID: Schema = {"type": "string", "format": "uuid"}
_RELATION: Schema = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": _ID, "label": {"type": ["string", "null"], "description": "Blank where it may not be seen."}},
}
# Never set by a caller: the system keeps them, or they are computed.
_UNSENT_TYPES = frozenset({"formula", "auto_number"})


@dataclass(frozen=True, slots=True)
class ObjectSchemas:
    """Names of the component schemas of one object and the schemas themselves."""

    key: str
    label: str
    record: Schema
    create: Schema
    change: Schema

    def components(self) -> dict[str, JsonValue]:
        return {self.key: self.record, f"{self.key}_create": self.create, f"{self.key}_change": self.change}

    @classmethod
    def of(cls, definition: ObjectDef, language: Language) -> ObjectSchemas:
        sent = [each for each in definition.fields if each.type not in _UNSENT_TYPES]
        required: list[JsonValue] = [each.key for each in sent if each.required and each.default is None]
        change: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                each.key: _sent(each, language) for each in (*sent, *_settable_system_fields(definition.key))
            },
        }
        return cls(
            definition.key,
            definition.label.say(language),
            _record(definition, language),
            change | ({"required": required} if required else {}),
            change,
        )


def _settable_system_fields(object_key: str) -> list[FieldDef]:
    return [each for each in system_fields(object_key) if each.key in WRITABLE_SYSTEM_KEYS]


def _record(definition: ObjectDef, language: Language) -> Schema:
    fields = (*system_fields(definition.key), *definition.fields)
    return {
        "type": "object",
        "title": definition.label.say(language),
        "description": definition.description.say(language) if definition.description else "",
        "required": ["id", "version"],
        "properties": {each.key: _shown(each, language) for each in fields},
    }


def _shown(each: FieldDef, language: Language) -> Schema:
    shape = _shown_shape(each)
    return _or_blank(shape, each.key in ("id", "version")) | _about(each, language)


def _sent(each: FieldDef, language: Language) -> Schema:
    return _or_blank(_on_the_wire(each), each.required) | _about(each, language)


def _about(each: FieldDef, language: Language) -> Schema:
    found: Schema = {"title": each.label.say(language)}
    return found | ({"description": each.description.say(language)} if each.description else {})


def _on_the_wire(each: FieldDef) -> Schema:
    kind = FIELD_TYPES[each.type]
    return kind.json_schema(kind.options(each.options))


def _shown_shape(each: FieldDef) -> Schema:
    """An answer shows a relation as id and label, where a request sends the id alone; a record's own id is plain."""
    if each.key == "id":
        return _ID
    kind = FIELD_TYPES[each.type]
    value = kind.value_type(kind.options(each.options))
    if value.kind is Kind.REFERENCE:
        return _RELATION
    if value.item is not None and value.item.kind is Kind.REFERENCE:
        return {"type": "array", "items": _RELATION}
    return _on_the_wire(each)


def _or_blank(schema: Schema, never_blank: bool) -> Schema:
    if never_blank or not schema:
        return schema
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
