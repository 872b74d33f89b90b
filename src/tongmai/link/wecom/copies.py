"""What rules made of a message whose words must go: signals, tasks, records, notices and calls that repeat them.

A rule's firing names the record it was for, and history names the firing as the cause of what came of it
(``rule:<key>:<firing>``). What was made and repeats any two letters of the message that stand together is purged, so
that nothing of it stays in history either; what repeats nothing stays. A value written into a record that was there
before is emptied; that its history still has it is told on the source's page, for only purging that record takes it
from there.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import orjson

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Fault, NotFound, Text, TongmaiError
from tongmai.link.written import written
from tongmai.model import SIGNAL, TASK
from tongmai.records import Gateway
from tongmai.store import Workspace, WriteTx

CONSENT = SystemActor("consent")
WITHDRAWN = "consent_withdrawn"
# As rules go: none is fired by a chain that is deeper.
_DEEPEST = 8
_AT_ONCE = 200
# Ids and moments are no words.
_NO_WORDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Words:
    """What tells that a text repeats a message: every two letters that stand together in it."""

    pairs: frozenset[str]

    @staticmethod
    def of(said: object) -> Words:
        return Words(frozenset(pair for text in _texts(said) for pair in _pairs(text)))

    def are_in(self, value: object) -> bool:
        return any(not self.pairs.isdisjoint(_pairs(text)) for text in _texts(value))


@dataclass
class _Found:
    """What repeats the words: records that were made of them, and fields that were there before."""

    made: dict[tuple[str, UUID], Words] = field(default_factory=dict)
    written: dict[tuple[str, UUID], set[str]] = field(default_factory=dict)


class Copies:
    """For all workspaces."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def forget(self, tx: WriteTx, workspace: Workspace, said: Mapping[UUID, Words]) -> list[Fault]:
        """Part of the caller's transaction. ``said`` has the words by record; what remains is told."""
        ids, left = dict(said), list[Fault]()
        coming: Mapping[UUID, Words] = said
        for _ in range(_DEEPEST):
            found = await self._found(tx, workspace, coming)
            for (object_key, record), keys in found.written.items():
                left += await self._empty(tx, workspace, object_key, record, keys)
            coming = {record: words for (_, record), words in found.made.items()}
            ids |= coming
            await self._tell_nobody(tx, workspace, ids)
            for object_key, record in found.made:
                left += await purge_unlinked(self._gateway, tx, workspace, object_key, record)
            if not coming:
                break
        return left

    async def _found(self, tx: WriteTx, workspace: Workspace, said: Mapping[UUID, Words]) -> _Found:
        found = _Found()
        for object_key in (SIGNAL, TASK):
            # Also of rules whose firings are not kept any more.
            for row in await self._about(workspace, object_key, list(said)):
                words = said[UUID(str(row["subject_id"]))]
                if row.get("rule") and words.are_in(row):
                    found.made[object_key, UUID(str(row["id"]))] = words
        firings = await tx.fetch(
            f"SELECT id, rule, record_id, at FROM {workspace.quoted_schema}._firing WHERE record_id = ANY($1)",
            list(said),
        )
        causes = {f"rule:{row['rule']}:{row['id']}": said[row["record_id"]] for row in firings}
        if not causes:
            return found
        entries = await tx.fetch(
            f"SELECT object, record_id, action, cause, after FROM {workspace.quoted_schema}._history"
            " WHERE at >= $2 AND cause = ANY($1) AND after IS NOT NULL",
            list(causes), min(row["at"] for row in firings),
        )  # fmt: skip
        for entry in entries:
            words, after = causes[entry["cause"]], orjson.loads(entry["after"])
            keys = {key for key, value in after.items() if words.are_in(value)}
            where = (entry["object"], entry["record_id"])
            if keys and entry["action"] == "create":
                found.made[where] = words
            elif keys and entry["record_id"] not in said:
                found.written.setdefault(where, set()).update(keys)
        for where in found.made:
            found.written.pop(where, None)
        return found

    async def _about(self, workspace: Workspace, object_key: str, records: Sequence[UUID]) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for start in range(0, len(records), _AT_ONCE):
            listed = ", ".join(f"'{each}'" for each in records[start : start + _AT_ONCE])
            found += await _listed(self._gateway, workspace, object_key, f"[subject_id] IN ({listed})")
        return found

    async def _empty(
        self, tx: WriteTx, workspace: Workspace, object_key: str, record: UUID, keys: set[str]
    ) -> list[Fault]:
        emptied = dict.fromkeys(sorted(keys))
        try:
            async with tx.savepoint():
                await self._gateway.update(CONSENT, workspace, object_key, record, emptied, cause=WITHDRAWN, tx=tx)
        except NotFound:
            return []
        except TongmaiError as refused:
            return list(refused.faults)
        named = "、".join(emptied)
        return [
            Fault(
                "consent.copied",
                Text(
                    f"规则把消息的内容写进了“{object_key}”记录 {record} 的 {named}：现值已清空，它的历史里还有",
                    f"A rule wrote the message's words to {named} of the '{object_key}' record {record}: emptied now,"
                    " but its history still has them",
                ),
                Text("彻底删除这条记录，历史里的值才会抹去", "Only purging that record takes them from its history"),
                rule=f"{object_key}.{next(iter(emptied))}",
            )
        ]

    async def _tell_nobody(self, tx: WriteTx, workspace: Workspace, said: Mapping[UUID, Words]) -> None:
        """Notices that repeat the words go, and calls of hooks lose them; what was not sent yet is not sent."""
        schema, about = workspace.quoted_schema, [str(each) for each in said]
        rows = await tx.fetch(
            f"SELECT id, subject_id, title, body, subject FROM {schema}._notice WHERE subject_id = ANY($1)", about
        )
        told = [row["id"] for row in rows if said[UUID(row["subject_id"])].are_in([*row.values()][2:])]
        await tx.execute(f"DELETE FROM {schema}._notice WHERE id = ANY($1)", told)
        calls = await tx.fetch(
            f"SELECT id, content FROM {schema}._delivery WHERE content->'body'->>'id' = ANY($1)", about
        )
        repeating = [
            row["id"]
            for row in calls
            if (body := orjson.loads(row["content"])["body"]) and said[UUID(body["id"])].are_in(body.get("body"))
        ]
        await tx.execute(
            f"UPDATE {schema}._delivery SET content = jsonb_set(content, '{{body}}', '{{}}'),"
            " state = CASE WHEN state IN ('waiting', 'sending') THEN 'dropped' ELSE state END WHERE id = ANY($1)",
            repeating,
        )


async def purge_unlinked(
    gateway: Gateway, tx: WriteTx, workspace: Workspace, object_key: str, record: UUID
) -> tuple[Fault, ...]:
    """Purges a record, if it is still there; what refers to it refers to nothing then. What holds it is answered, and
    nothing was done."""
    purge = partial(gateway.purge, CONSENT, workspace, object_key, record, cause=WITHDRAWN, tx=tx)
    try:
        try:
            async with tx.savepoint():
                await purge()
        except Conflict as held:
            async with tx.savepoint():
                for link in (fault.rule for fault in held.faults if fault.code == "purge.referred_to"):
                    await _unlink(gateway, tx, workspace, link or "", record)
                await purge()
    except NotFound:
        return ()
    except TongmaiError as held:
        return held.faults
    return ()


async def _unlink(gateway: Gateway, tx: WriteTx, workspace: Workspace, link: str, record: UUID) -> None:
    """``link`` is ``object.field``, as a purge tells what refers to a record."""
    object_key, _, key = link.partition(".")
    for row in await _listed(gateway, workspace, object_key, f"[{key}] = '{record}'"):
        await gateway.update(CONSENT, workspace, object_key, UUID(str(row["id"])), {key: None}, cause=WITHDRAWN, tx=tx)


async def _listed(gateway: Gateway, workspace: Workspace, object_key: str, filter: str) -> list[dict[str, object]]:
    """The records with their values, those in the bin as well."""
    found: list[dict[str, object]] = []
    for binned in (False, True):
        cursor = None
        while True:
            page = orjson.loads(
                await gateway.list(
                    CONSENT, workspace, object_key, filter=filter, limit=_AT_ONCE, cursor=cursor, count=False,
                    deleted=binned,
                )
            )  # fmt: skip
            found += [{key: written(value) for key, value in row.items()} for row in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if not _NO_WORDS.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _pairs(text: str) -> Iterator[str]:
    """Of a single letter itself."""
    bare = "".join(text.split()).casefold()
    return (bare[at : at + 2] for at in range(max(len(bare) - 1, min(len(bare), 1))))
