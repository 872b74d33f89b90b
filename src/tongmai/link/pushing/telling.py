"""Who made a change that did not get to its source is told: the source's page is its administrator's alone."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Language, NotFound, Text
from tongmai.model import MappingDef
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Record, Workspace, WriteTx
from tongmai.work import Notice, Notices, Subject

_TITLES = {
    "conflict": Text(
        "{source}那边也改了，您的修改没有写回", "Changed in {source} too: your change was not written there"
    ),
    "failed": Text("您的修改没有写回{source}", "Your change was not written to {source}"),
}
_LINE = Text("{field}：您改为“{ours}”", "{field}: you wrote “{ours}”")
_THEIRS = Text("，那边现在是“{theirs}”", ", there it is “{theirs}” now")
_WAY_OUT = Text(
    "这里保留您的值；以谁的为准，请管理员在数据源页的“回写”里选。",
    "Yours stays here; whose holds, an administrator settles on the source's page under “sent back”.",
)


class Telling:
    """For all workspaces."""

    def __init__(self, catalogues: CatalogueStore, gateway: Gateway, notices: Notices) -> None:
        self._catalogues = catalogues
        self._gateway = gateway
        self._notices = notices

    async def tell(self, tx: WriteTx, workspace: Workspace, push: UUID) -> None:
        """Tells of a change that is in conflict or failed, once for each time it was sent."""
        schema = workspace.quoted_schema
        row = await tx.fetch_row(
            "SELECT p.id, p.source, p.mapping, p.record_id, p.state, p.attempts, p.run_after, p.changed, p.detail,"
            f" h.actor FROM {schema}._push AS p JOIN {schema}._history AS h ON (h.epoch, h.seq) = (p.epoch, p.seq)"
            " WHERE p.id = $1 AND p.state IN ('conflict', 'failed') AND h.actor IS NOT NULL",
            push,
        )
        catalogue = await self._catalogues.get(workspace)
        mapping = None if row is None else catalogue.mapping_by_key.get(row["mapping"])
        source = None if row is None else catalogue.source_by_key.get(row["source"])
        if row is None or mapping is None or source is None:
            return
        definition = catalogue.object_by_key[mapping.object]
        labels = {each.push: definition.by_key[each.field].label for each in mapping.fields if each.push is not None}
        title = await self._title_of(workspace, mapping, definition.title, row["record_id"])
        notice = Notice(
            (row["actor"],),
            _TITLES[row["state"]].filled(source=source.label),
            body=Text(_body(row, labels, "zh"), _body(row, labels, "en")),
            kind="push",
            subject=Subject(mapping.object, row["record_id"], title),
        )
        await self._notices.send(workspace, notice, key=f"push:{push}:{row['run_after'].isoformat()}", tx=tx)

    async def _title_of(self, workspace: Workspace, mapping: MappingDef, field: str | None, record: UUID) -> str | None:
        if field is None:
            return None
        try:
            found = await self._gateway.get(SystemActor("source"), workspace, mapping.object, record, fields=(field,))
        except NotFound:
            return None
        value = orjson.loads(found)[field]
        return None if value is None else str(value)


def _body(row: Record, labels: Mapping[str, Text], language: Language) -> str:
    changed: Mapping[str, JsonValue] = orjson.loads(row["changed"])
    detail: Mapping[str, Any] = {} if row["detail"] is None else orjson.loads(row["detail"])
    theirs: Mapping[str, JsonValue] = detail.get("theirs") or {}
    lines = []
    for path, ours in changed.items():
        field = labels.get(path, Text.same(path))
        line = _LINE.say(language).format(field=field.say(language), ours=_plain(ours))
        if row["state"] == "conflict":
            line += _THEIRS.say(language).format(theirs=_plain(theirs.get(path)))
        lines.append(line)
    index = 0 if language == "zh" else 1
    if row["state"] == "failed":
        for fault in detail.get("faults") or ():
            way_out = fault["way_out"]
            lines.append(fault["text"][index] + (f"：{way_out[index]}" if way_out else ""))
    return "\n".join([*lines, _WAY_OUT.say(language)])


def _plain(value: JsonValue) -> str:
    if isinstance(value, list):
        return "、".join(map(_plain, value)) or "—"
    return "—" if value in (None, "") else str(value)
