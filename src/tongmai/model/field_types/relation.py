"""A relation to one record of another object (or of one's own), or to several."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Fault, Language, Text
from tongmai.model.basis import Key, Label
from tongmai.model.field_type import FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS, EQUALITY, MEMBERS

MOST_RELATED = 1000


class RelationOptions(FieldOptions):
    """``target`` is an object's key. ``label`` names the relation as seen from the other side."""

    target: Key
    many: bool = False
    most: int = Field(200, ge=1, le=MOST_RELATED)
    label: Label | None = None


def read_id(value: object) -> UUID:
    """A record's id: a UUID, its text, or the ``{"id": …, "label": …}`` that answers hold. Raises ``Refused``."""
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, UUID):
        return value
    # Only the usual form: UUID() would also read braces and urn:uuid:.
    if isinstance(value, str) and len(text := value.strip()) == 36 and text[8] == text[13] == text[18] == "-":
        try:
            return UUID(text)
        except ValueError:
            pass
    raise refusal(
        "relation.not_an_id",
        f"“{shown(value)}”不是记录的 id",
        f"“{shown(value)}” is not a record's id",
        "请从列表中选择；导入时请指定按哪个字段匹配",
        "choose from the list; in an import tell by which field to match",
    )


class RelationType(FieldType[RelationOptions]):
    key: ClassVar = "relation"
    label: ClassVar = Text("关联", "Relation")
    Options: ClassVar = RelationOptions
    index_methods: ClassVar = ("btree", "gin")

    def target(self, options: RelationOptions) -> str:
        return options.target

    def is_many(self, options: RelationOptions) -> bool:
        return options.many

    def value_type(self, options: RelationOptions) -> formula.Type:
        one = formula.reference(options.target)
        return formula.list_of(one) if options.many else one

    def column_type(self, options: RelationOptions) -> str:
        return "uuid[]" if options.many else "uuid"

    def parse(self, value: object, options: RelationOptions, reading: Reading) -> UUID | list[UUID] | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if not options.many:
            return read_id(value)
        return read_ids(value, options.most)

    def to_text(self, value: Any, options: RelationOptions, language: Language, reading: Reading = Reading()) -> str:
        return ";".join(map(str, value)) if options.many else str(value)

    def to_json_value(self, value: Any) -> object:
        return [str(each) for each in value] if isinstance(value, list) else str(value)

    def json_schema(self, options: RelationOptions) -> dict[str, JsonValue]:
        one: dict[str, JsonValue] = {"type": "string", "format": "uuid"}
        return {"type": "array", "items": one, "maxItems": options.most} if options.many else one

    def operators(self, options: RelationOptions) -> tuple[str, ...]:
        return (*MEMBERS, *BLANKNESS) if options.many else (*EQUALITY, *BLANKNESS)


def read_ids(value: object, most: int) -> list[UUID] | None:
    """Several ids, in the order given and without repeats; text separates them by ; or a comma."""
    given: list[Any]
    if isinstance(value, str):
        given = [piece for piece in value.replace("；", ";").replace(",", ";").split(";") if piece.strip()]
    else:
        given = list(value) if isinstance(value, list | tuple) else [value]
    faults: list[Fault] = []
    ids: dict[UUID, None] = {}
    for each in given[:most]:
        try:
            ids[read_id(each)] = None
        except Refused as refused:
            faults.extend(refused.faults)
    if len(given) > most:
        faults.extend(
            refusal(
                "relation.too_many",
                f"最多关联 {most} 条，收到 {len(given)} 条",
                f"at most {most} records may be related, not {len(given)}",
                "请减少，或改为在对方对象上建立关联",
                "give fewer, or relate them from the other side",
            ).faults
        )
    if faults:
        raise Refused(*faults)
    return list(ids) or None
