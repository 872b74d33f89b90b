"""A catalogue taken apart into pieces that can be compared one by one, and put together again.

A piece is the smallest thing that has an owner: an object's traits, one field, one role, one metric. Physical columns
are no part of it: they are the workspace's affair. Content packs are records; beside a catalogue's pieces they are
compared like those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, cast

from tongmai.kit import Text
from tongmai.market.content_piece import ContentPiece
from tongmai.model import (
    PARTS,
    Catalogue,
    Definition,
    FieldDef,
    ObjectDef,
    ObjectTraits,
    RoleDef,
    Unique,
    Validation,
)

_KINDS = {
    "object": Text("对象", "object"),
    "field": Text("字段", "field"),
    "unique": Text("唯一约束", "unique"),
    "validation": Text("校验", "validation"),
    "role": Text("角色", "role"),
    "metric": Text("指标", "metric"),
    "segment": Text("分层", "segment"),
    "rule": Text("规则", "rule"),
    "source": Text("数据源", "source"),
    "mapping": Text("映射", "mapping"),
    "board": Text("看板", "board"),
    "content": Text("内容", "content pack"),
}
# (kind, key) or (kind, object, key).
Address: TypeAlias = tuple[str, ...]
Pieces: TypeAlias = Mapping[Address, Definition]


def pieces_of(catalogue: Catalogue) -> dict[Address, Definition]:
    """The pieces by address, in the order of the catalogue."""
    return dict(_pieces(catalogue))


def _pieces(catalogue: Catalogue) -> Iterator[tuple[Address, Definition]]:
    for each in catalogue.objects:
        yield ("object", each.key), ObjectTraits.of(each)
        for field in each.fields:
            yield ("field", each.key, field.key), field.replace(column=None)
        for unique in each.uniques:
            yield ("unique", each.key, unique.key), unique
        for validation in each.validations:
            yield ("validation", each.key, validation.key), validation
    for role in catalogue.roles:
        yield ("role", role.key), role
    for part in PARTS:
        for item in part.of(catalogue):
            yield (part.word, item.key), item


def brought_by(model: Catalogue, present: Catalogue) -> dict[Address, Definition]:
    """An app's pieces. What it says of a built-in object are fields for it: the object itself is the platform's."""
    builtin = {each.key for each in present.objects if each.builtin}
    return {a: item for a, item in pieces_of(model).items() if not (a[0] == "object" and a[1] in builtin)}


def packs_of(content: Iterable[ContentPiece]) -> dict[Address, Definition]:
    """Content packs as pieces, beside those of a catalogue."""
    return {("content", each.key): each for each in content}


def put_pieces(present: Catalogue, pieces: Pieces) -> Catalogue:
    """The catalogue that consists of the pieces, in their order. Fields keep the columns they have in ``present``."""
    objects = [
        _object(present.object_by_key.get(address[1]), address[1], cast(ObjectTraits, traits), pieces)
        for address, traits in pieces.items()
        if address[0] == "object"
    ]
    parts: dict[str, tuple[Definition, ...]] = {
        part.name: tuple(item for address, item in pieces.items() if address[0] == part.word) for part in PARTS
    }
    roles = tuple(cast(RoleDef, item) for address, item in pieces.items() if address[0] == "role")
    return present.replace(objects=tuple(objects), roles=roles, **parts)


def _object(present: ObjectDef | None, key: str, traits: ObjectTraits, pieces: Pieces) -> ObjectDef:
    def of(kind: str) -> list[Definition]:
        return [item for address, item in pieces.items() if address[:2] == (kind, key)]

    columns = {} if present is None else {field.key: (field.column, field.type) for field in present.fields}
    fields = []
    for field in cast(list[FieldDef], of("field")):
        column, kind = columns.get(field.key, (None, field.type))
        # A retyped field gets a column of its own.
        fields.append(field.replace(column=column if kind == field.type else None))
    return ObjectDef.model_construct(
        **{name: getattr(traits, name) for name in ObjectTraits.model_fields},
        key=key,
        fields=tuple(fields),
        uniques=tuple(cast(list[Unique], of("unique"))),
        validations=tuple(cast(list[Validation], of("validation"))),
    )


def kind_of(address: Address) -> Text:
    """The word for what a piece is."""
    return _KINDS.get(address[0], Text.same(address[0]))


def name_of(address: Address, *places: Pieces) -> Text:
    """What people call a piece, by the first of the places that has it; a field with its object before it."""
    item = next((place[address] for place in places if address in place), None)
    if isinstance(item, ContentPiece):
        return Text.same(item.title)
    found = getattr(item, "label", None) or getattr(item, "message", None)
    name = Text(found.zh, found.en) if found is not None else Text.same(address[-1])
    if len(address) < 3:
        return name
    home = name_of(("object", address[1]), *places)
    return Text(f"{home.zh} · {name.zh}", f"{home.en} · {name.en}")


def address_text(address: Address) -> str:
    """``field customer.level``."""
    return f"{address[0]} {'.'.join(address[1:])}"


def read_address(text: str) -> Address:
    """The address that ``address_text`` wrote so. Keys of content packs may have dots of their own."""
    kind, _, rest = text.partition(" ")
    return (kind, rest) if kind == "content" else (kind, *rest.split("."))
