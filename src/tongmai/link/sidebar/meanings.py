"""What says which record a contact means: the mappings of contacts, and the relations of mappings that name one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.kit import Invalid, NotFound, Text
from tongmai.model import Catalogue, FieldMap, MappingDef, ObjectScope

CUSTOMERS = "customers"
# Under these paths rows of a source name the customer of a talk.
_TALKER_PATHS = frozenset({"customer", "external_userid"})


@dataclass(frozen=True, slots=True)
class Meanings:
    """``contacts`` map a source's contacts to the ``object``; ``relations`` are filled by the contact of a talk."""

    object: str
    contacts: tuple[MappingDef, ...]
    relations: tuple[tuple[MappingDef, FieldMap], ...]


def meanings_of(catalogue: Catalogue, source: str) -> Meanings:
    """Raises ``NotFound`` for a source that is none, ``Invalid`` where no mapping names the customers of its chats."""
    if source not in catalogue.source_by_key:
        raise NotFound.of("source.unknown", "没有这个数据源", "There is no such source")
    of_source = [each for each in catalogue.mappings if each.source == source and each.enabled]
    contacts = [each for each in of_source if each.stream == CUSTOMERS]
    relations = [(mapping, field, target) for mapping in of_source for field, target in _talkers(catalogue, mapping)]
    object_key = contacts[0].object if contacts else relations[0][2] if relations else None
    if object_key is None:
        raise Invalid.of(
            "chat.not_mapped",
            "还没有映射说明聊天里的客户是哪个对象",
            "No mapping says yet what the customers of chats are",
            way_out=Text("请在数据源里映射“客户”或“会话存档”", "Map the customers or the messages of the source"),
        )
    return Meanings(
        object_key,
        tuple(each for each in contacts if each.object == object_key),
        tuple((mapping, field) for mapping, field, target in relations if target == object_key),
    )


def _talkers(catalogue: Catalogue, mapping: MappingDef) -> Sequence[tuple[FieldMap, str]]:
    """The relations of a mapping that are found by the customer of a talk, with their objects."""
    called = {each.called for each in mapping.columns if each.path in _TALKER_PATHS}
    if mapping.object not in catalogue.object_by_key:
        return []
    scope = ObjectScope(catalogue, mapping.object, metrics=False)
    found: list[tuple[FieldMap, str]] = []
    for each in mapping.fields:
        if each.value.strip().strip("[]") in called and each.by:
            target = scope.bound(each.field).target
            if target is not None:
                found.append((each, target))
    return found
