"""Takes out of pieces that gather others what is not there: layouts, grants, mapped fields, widgets."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from tongmai.market.pieces import Address
from tongmai.model import (
    BoardDef,
    Definition,
    FormSection,
    Grant,
    MappingDef,
    ObjectTraits,
    Prompts,
    References,
    RoleDef,
    TextWidget,
)

# Whether something that a definition names is there.
IsThere: TypeAlias = Callable[[Address], bool]


class Trimmer:
    def __init__(self, references: References) -> None:
        self._references = references

    def gathers(self, item: Definition) -> bool:
        """Whether anything could be taken out of the piece, and it still be what it is."""
        return isinstance(item, ObjectTraits | RoleDef | MappingDef | BoardDef)

    def trim(self, home: str, item: Definition, is_there: IsThere, widgets: Collection[str] = ()) -> Definition:
        """The piece with what is there. ``widgets`` of a board stay in any case; ``home`` is the key of the object."""
        match item:
            case ObjectTraits():
                return self._traits(home, item, is_there)
            case RoleDef():
                grants = (each for each in item.grants if is_there(("object", each.object)))
                return item.replace(grants=tuple(self._grant(each, is_there) for each in grants))
            case MappingDef():
                filled = (
                    each
                    for each in item.fields
                    if each.field in item.match or self._has(item.object, each.field, is_there)
                )
                return item.replace(fields=tuple(filled))
            case BoardDef():
                return self._board(item, is_there, widgets)
            case _:
                return item

    def _board(self, board: BoardDef, is_there: IsThere, named: Collection[str]) -> BoardDef:
        """Words about figures stay only where all the figures do."""
        asking = [each for each in board.widgets if not isinstance(each, TextWidget)]
        stays = {
            each.key
            for each in asking
            if each.key in named or all(map(is_there, self._references.of_widget(board, each)))
        }
        words = {each.key for each in board.widgets} if len(stays) == len(asking) else set(named)
        return board.replace(widgets=tuple(each for each in board.widgets if each.key in stays | words))

    def _traits(self, home: str, traits: ObjectTraits, is_there: IsThere) -> ObjectTraits:
        sections = (
            FormSection(label=each.label, fields=tuple(key for key in each.fields if self._has(home, key, is_there)))
            for each in traits.form
        )
        entry = traits.light_entry
        whole = entry is not None and all(map(is_there, self._references.of_entry(home, entry)))
        return traits.replace(
            form=tuple(each for each in sections if each.fields),
            light_entry=entry if whole else None,
            prompts=self._prompts(home, traits.prompts, is_there),
        )

    def _prompts(self, home: str, prompts: Prompts | None, is_there: IsThere) -> Prompts | None:
        if prompts is None:
            return None
        items = tuple(each for each in prompts.items if all(map(is_there, self._references.of_prompt(home, each))))
        hush = tuple(each for each in prompts.hush if all(map(is_there, self._references.of_hush(each))))
        return Prompts(items=items, hush=hush) if items else None

    def _grant(self, grant: Grant, is_there: IsThere) -> Grant:
        access = {key: each for key, each in grant.field_access.items() if self._has(grant.object, key, is_there)}
        return grant.replace(field_access=access)

    def _has(self, home: str, key: str, is_there: IsThere) -> bool:
        return all(map(is_there, self._references.of_field(home, key)))
