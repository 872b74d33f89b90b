"""One click takes messages and files of a chat over to its customer: a record that refers to them.

Which record: the object that has light entry (a follow-up), by the types of its fields. Messages are referred to, not
copied: who may not read them sees nothing more, and what consent withdrawn takes away is gone here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import Actor
from tongmai.kit import Fault, Invalid, Text
from tongmai.link.sidebar.customers import ChatCustomers
from tongmai.model import Catalogue, ObjectScope
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Workspace

_MOST = 50


@dataclass(frozen=True, slots=True)
class Captured:
    """The record that was made, and how many messages and files it refers to."""

    object: str
    record: UUID
    messages: int
    files: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it goes: the object and its fields, by their types."""

    object: str
    customer: str
    messages: str | None
    message_object: str | None
    files: str | None
    note: str | None


class ChatCapture:
    """For all workspaces."""

    def __init__(self, catalogues: CatalogueStore, gateway: Gateway, customers: ChatCustomers) -> None:
        self._catalogues = catalogues
        self._gateway = gateway
        self._customers = customers

    async def capture(
        self,
        actor: Actor,
        workspace: Workspace,
        source: str,
        external_id: str,
        *,
        messages: Sequence[UUID] = (),
        files: Sequence[UUID] = (),
        note: str | None = None,
        key: str | None = None,
    ) -> Captured:
        """``messages`` are records that the actor may read, ``files`` such as he uploaded; the same ``key`` is the same
        capture. Raises ``Invalid`` where nothing is given or the chat has no customer, ``NotFound``, ``Denied``."""
        if not (messages or files or note):
            raise Invalid.of(
                "capture.nothing",
                "没有选择要归集的内容",
                "Nothing was chosen",
                way_out=Text("请选择聊天、附件，或写一句跟进", "Choose messages or files, or write a note"),
            )
        if len(messages) > _MOST or len(files) > _MOST:
            raise Invalid.of(
                "capture.too_many",
                f"一次至多 {_MOST} 条",
                f"At most {_MOST} at once",
                way_out=Text("请分几次归集", "Take them over in several goes"),
            )
        who = await self._customers.who(actor, workspace, source, external_id)
        if who.record is None:
            raise Invalid.of(
                "capture.no_customer",
                "这个聊天还没有关联客户",
                "This chat is linked with no customer yet",
                way_out=Text("请先点一下候选客户完成关联", "Link it with one of the candidates first"),
            )
        place = _place(await self._catalogues.get(workspace), who.object)
        values = {place.customer: str(who.record.id), **_values(place, messages, files, note)}
        for each in messages:
            await self._gateway.get(actor, workspace, place.message_object or "", each)
        made = await self._gateway.create(
            actor, workspace, place.object, values, cause=f"sidebar:{source}", idempotency_key=key
        )
        return Captured(place.object, made.one.id, len(messages), len(files))


def _values(place: _Place, messages: Sequence[UUID], files: Sequence[UUID], note: str | None) -> dict[str, JsonValue]:
    """What is taken over, by field. Raises ``Invalid`` for what the object has no field for: none of it is lost."""
    given: tuple[tuple[JsonValue, str | None, Text], ...] = (
        ([str(each) for each in dict.fromkeys(messages)], place.messages, Text("聊天", "messages")),
        ([str(each) for each in dict.fromkeys(files)], place.files, Text("附件", "files")),
        (note, place.note, Text("跟进内容", "a note")),
    )
    faults = tuple(_no_field(place, name) for value, field, name in given if value and field is None)
    if faults:
        raise Invalid(faults)
    return {field: value for value, field, _ in given if value and field is not None}


def _no_field(place: _Place, name: Text) -> Fault:
    return Fault(
        "capture.no_field",
        Text(f"跟进记录没有放{name.zh}的字段", f"There is no field for {name.en}"),
        Text(f"请在“对象与字段”里给 {place.object} 加上", f"Add one to {place.object} under “Objects and fields”"),
    )


def _place(catalogue: Catalogue, customer_object: str) -> _Place:
    for each in catalogue.objects:
        if each.light_entry is None:
            continue
        scope = ObjectScope(catalogue, each.key, metrics=False)
        relations = [(field.key, scope.bound(field.key)) for field in each.fields if field.type == "relation"]
        single = [key for key, bound in relations if bound.target == customer_object and not bound.is_many]
        if not single:
            continue
        chats = {mapping.object for mapping in catalogue.mappings if mapping.stream == "messages"}
        said = next(((key, bound.target) for key, bound in relations if bound.is_many and bound.target in chats), None)
        return _Place(
            each.key,
            single[0],
            None if said is None else said[0],
            None if said is None else said[1],
            next((field.key for field in each.fields if field.type == "file"), None),
            next((field.key for field in each.fields if field.type == "long_text"), None),
        )
    raise Invalid.of(
        "capture.no_place",
        "没有可记跟进的对象",
        "There is no object to write a follow-up in",
        way_out=Text("请先给一个对象设置快捷录入", "Give an object light entry first"),
    )
