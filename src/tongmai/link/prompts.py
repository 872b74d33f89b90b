"""What a person may be asked about a record now: what belongs to what has just happened, and else nothing that would
jar with it (S0-30). After a complaint nobody is asked to complete the customer's industry.

What hushes counts for all, also for who may not see it; he is told the reason only where he may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from tongmai.access import Actor, AnyActor, SystemActor
from tongmai.kit import Clock, Denied, NotFound, Text
from tongmai.link.light_entry.subject import Subject
from tongmai.model import Hush, Prompt
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

SYSTEM = SystemActor("prompts")


@dataclass(frozen=True, slots=True)
class Asked:
    """``because`` is the event to which it belongs, the latest; None for what is asked at any time."""

    key: str
    label: Text
    fields: tuple[str, ...]
    because: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """``asked``, what fits best first; ``is_hushed`` where others are held back; ``reasons`` are those that
    the asker may know."""

    asked: tuple[Asked, ...]
    is_hushed: bool
    reasons: tuple[Text, ...]


class PromptBoard:
    """For all workspaces."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway, clock: Clock) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._clock = clock

    async def of(self, actor: Actor, workspace: Workspace, object_key: str, record: UUID) -> Standing:
        """Nothing for who may not change the record. Raises ``NotFound`` for one that is not the actor's to see."""
        document = orjson.loads(await self._gateway.get(actor, workspace, object_key, record))
        catalogue = await self._catalogues.get(workspace)
        prompts = catalogue.object_by_key[object_key].prompts
        if prompts is None or not (await self._gateway.explain(actor, workspace, object_key, record, "update")).allowed:
            return Standing((), False, ())
        now = self._clock.now()
        subject = Subject(catalogue, workspace, actor, object_key, document, now)
        fitting = [each for each in prompts.items if _is_wanted(each, subject)]
        if not fitting:
            return Standing((), False, ())
        happened = await self._happened(workspace, record)
        asked = {each.key: _because(each, happened, now) for each in fitting}
        hushed = [each for each in prompts.hush if await self._hushes(SYSTEM, workspace, each, record, happened, now)]
        shown = [each for each in fitting if asked[each.key] is not None or not hushed]
        # What has just happened comes first, the latest before; what is asked at any time keeps its order.
        shown.sort(key=lambda each: _age(asked[each.key], happened, now))
        reasons = [each.label for each in hushed if await self._hushes(actor, workspace, each, record, happened, now)]
        return Standing(
            tuple(Asked(each.key, each.label, each.fields, asked[each.key]) for each in shown),
            len(shown) < len(fitting),
            tuple(reasons),
        )

    async def _happened(self, workspace: Workspace, record: UUID) -> Mapping[str, datetime]:
        """When each kind of event was last told of the record."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT event, max(at) AS at FROM {workspace.quoted_schema}._event"  # noqa: S608 - the schema is quoted
                " WHERE record_id = $1 GROUP BY event",
                record,
            )
        return {row["event"]: row["at"] for row in rows}

    async def _hushes(
        self,
        actor: AnyActor,
        workspace: Workspace,
        hush: Hush,
        record: UUID,
        happened: Mapping[str, datetime],
        now: datetime,
    ) -> bool:
        if hush.event is not None:
            return hush.event in happened and now - happened[hush.event] <= timedelta(days=hush.days)
        assert hush.object is not None
        condition = f"[{hush.by}] = '{record}'" + (f" AND ({hush.when})" if hush.when else "")
        try:
            page = await self._gateway.list(actor, workspace, hush.object, filter=condition, limit=1, count=False)
        except (NotFound, Denied):
            return False
        return bool(orjson.loads(page)["items"])


def _is_wanted(prompt: Prompt, subject: Subject) -> bool:
    if prompt.when is not None:
        return subject.holds(prompt.when)
    return any(subject.document.get(key) in (None, "", []) for key in prompt.fields if key in subject.document)


def _because(prompt: Prompt, happened: Mapping[str, datetime], now: datetime) -> str | None:
    fresh = [each for each in prompt.after if each in happened and now - happened[each] <= timedelta(days=prompt.days)]
    return max(fresh, key=lambda each: happened[each], default=None)


def _age(because: str | None, happened: Mapping[str, datetime], now: datetime) -> timedelta:
    return timedelta.max if because is None else now - happened[because]
