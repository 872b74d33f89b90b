"""What was made of words that must go is taken away: a record made with them is purged; from one that was there before,
or that something holds, they are taken with all that its history has of them."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from uuid import UUID

from tongmai.kit import Conflict, NotFound, TongmaiError
from tongmai.link.wecom.all_records import CONSENT, AllRecords
from tongmai.link.wecom.copies import Copies, PastValues, SeenReason, Where, writers
from tongmai.link.wecom.reach import Spoken
from tongmai.records import Gateway
from tongmai.store import Workspace, WriteTx

WITHDRAWN = "consent_withdrawn"
# Of records ($1), what is noted of these fields ($2); null: of all.
_NOTED = (
    "UPDATE {schema}._push SET before = '{{}}', changed = '{{}}', detail = NULL,"
    " state = CASE WHEN state IN ('waiting', 'conflict') THEN 'dropped' ELSE state END"
    " WHERE record_id = ANY($1) AND ($2::text[] IS NULL OR state NOT IN ('waiting', 'conflict'))",
    "UPDATE {schema}._merge SET filled = CASE WHEN $2::text[] IS NULL THEN '{{}}' ELSE filled - $2 END"
    " WHERE kept = ANY($1) OR merged = ANY($1)",
    "UPDATE {schema}._light_entry SET moved = coalesce((SELECT jsonb_agg(m) FROM jsonb_array_elements(moved) AS m"
    " WHERE m->>'field' <> ALL($2)), '[]') WHERE about = ANY($1) AND moved <> '[]'",
)


class Removal:
    """In one transaction, that of the trail which found them."""

    def __init__(self, tx: WriteTx, workspace: Workspace, gateway: Gateway, listing: AllRecords) -> None:
        self._tx = tx
        self._workspace = workspace
        self._schema = workspace.quoted_schema
        self._gateway = gateway
        self._listing = listing

    async def remove(self, copies: Copies) -> None:
        for past in copies.past:
            await self._forget_past(past)
        for reason in copies.reasons:
            await self._forget_reason(reason)
        # The last made refer to those before them.
        for where, keys in reversed(copies.made.items()):
            await self._purge(where, keys)
        for where, entries in copies.written.items():
            await self.redact(where, entries)
        await self._tell_nobody(copies)

    async def redact(self, where: Where, entries: Mapping[str, Collection[int]]) -> None:
        """Takes the words out of a record, if it is still there; ``entries`` wrote them, by field."""
        with suppress(NotFound):
            await self._gateway.redact(CONSENT, self._workspace, *where, entries, cause=WITHDRAWN, tx=self._tx)

    async def forget_noted(self, spoken: Sequence[Spoken], copies: Copies) -> None:
        """What is noted beside these records, those that were purged, and those that lost words: changes that went back
        to a source, what a merge filled in, what one tap moved."""
        all_of = [each.record for each in spoken] + [record for _, record in copies.made]
        await self._forget_notes(all_of, None)
        for (_, record), entries in copies.written.items():
            await self._forget_notes([record], sorted(entries))

    async def _forget_notes(self, records: Sequence[UUID], fields: Sequence[str] | None) -> None:
        for statement in _NOTED:
            await self._tx.execute(statement.format(schema=self._schema), records, fields)

    async def _purge(self, where: Where, keys: Collection[str]) -> None:
        """Purges a record, if it is still there; what refers to it refers to nothing then. From one that something
        holds for good, the words alone are taken."""
        purge = partial(self._gateway.purge, CONSENT, self._workspace, *where)
        try:
            try:
                async with self._tx.savepoint():
                    await purge(cause=WITHDRAWN, tx=self._tx)
            except Conflict as held:
                async with self._tx.savepoint():
                    for link in (fault.rule for fault in held.faults if fault.code == "purge.referred_to"):
                        await self._unlink(link or "", where[1])
                    await purge(cause=WITHDRAWN, tx=self._tx)
        except NotFound:
            return
        except TongmaiError:
            await self.redact(where, await writers(self._tx, self._workspace, where, keys))

    async def _unlink(self, link: str, record: UUID) -> None:
        """``link`` is ``object.field``, as a purge tells what refers to a record."""
        object_key, _, key = link.partition(".")
        for row in await self._listing.where(object_key, f"[{key}] = '{record}'"):
            await self._gateway.update(
                CONSENT, self._workspace, object_key, UUID(str(row["id"])), {key: None}, cause=WITHDRAWN, tx=self._tx
            )

    async def _forget_past(self, past: PastValues) -> None:
        """Those of past days go; the present ones are worked out anew from what is left."""
        await self._tx.execute(
            f"DELETE FROM {self._schema}._metric_day WHERE object = $1 AND metric = ANY($2) AND record_id = ANY($3)",
            past.object, sorted(past.metrics), past.records,
        )  # fmt: skip

    async def _forget_reason(self, reason: SeenReason) -> None:
        for table in ("_segment_move", "_segment_member"):
            await self._tx.execute(
                f"UPDATE {self._schema}.{table} SET reason = reason #- ARRAY['seen', $3]"
                " WHERE segment = $1 AND record_id = ANY($2)",
                reason.segment, list(reason.records), reason.name,
            )  # fmt: skip

    async def _tell_nobody(self, copies: Copies) -> None:
        """Notices with the words go, and calls of hooks lose them; what was not sent yet is not sent."""
        about = [str(record) for _, record in copies.made]
        await self._tx.execute(
            f"DELETE FROM {self._schema}._notice WHERE key = ANY($1) OR subject_id = ANY($2)", copies.told, about
        )
        await self._tx.execute(
            f"UPDATE {self._schema}._notice SET subject = NULL, subject_en = NULL"
            " WHERE subject_id = ANY($1) AND subject IS NOT NULL",
            sorted(copies.untitled),
        )
        await self._tx.execute(
            f"UPDATE {self._schema}._delivery SET content = jsonb_set(content, '{{body}}', '{{}}'),"
            " state = CASE WHEN state IN ('waiting', 'sending') THEN 'dropped' ELSE state END WHERE key = ANY($1)",
            [f"hook:{key}" for key in copies.told],
        )
