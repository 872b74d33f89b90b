"""A desk for tests of the engine: rules defined on a shop, rounds made, the live log read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.metrics.shop import Shop

from tongmai.model import AddRule, ChangeRule, Changeset, RemoveRule, RuleDef
from tongmai.rules import Engine, Outbox, Signals, WorkEffects
from tongmai.work import Channels, Content, Notices, People, Runtime, Tasks


def rule(key: str, when: dict[str, Any] | str, condition: str | None = None, **more: Any) -> RuleDef:
    """A rule on customers that notifies the owner, unless told otherwise."""
    parts: dict[str, Any] = {
        "key": key, "label": key, "object": "customer", "when": {"kind": when} if isinstance(when, str) else when,
        "if": condition, "then": [{"kind": "notify", "to": ["owner"], "title": "{name}"}],
    }  # fmt: skip
    return RuleDef.model_validate({**parts, **more})


@dataclass
class Desk:
    shop: Shop
    engine: Engine
    outbox_of: Outbox
    signals: Signals
    runtime: Runtime

    async def define(self, *rules: RuleDef) -> None:
        await self.shop.editor.apply(
            self.shop.workspace, Changeset(actions=tuple(AddRule(rule=each) for each in rules)), None
        )
        self.later()

    async def redefine(self, wanted: RuleDef) -> None:
        present = (await self.shop.catalogues.newest(self.shop.workspace)).rule_by_key[wanted.key]
        action = ChangeRule(before=present, after=wanted)
        await self.shop.editor.apply(self.shop.workspace, Changeset(actions=(action,)), None)

    async def remove(self, key: str) -> None:
        await self.shop.editor.apply(self.shop.workspace, Changeset(actions=(RemoveRule(rule=key),)), None)

    def later(self, **step: float) -> datetime:
        self.shop.clock.advance(timedelta(**(step or {"seconds": 1})))
        return self.shop.clock.now()

    async def round(self) -> None:
        """What the program does after a sealed block."""
        await self.shop.refresh()
        await self.engine.advance(self.shop.workspace)

    async def work(self) -> None:
        """A round, and what it decided done."""
        await self.round()
        await self.outbox_of.work_off(self.shop.workspace)

    async def log(self, key: str | None = None) -> list[tuple[str, datetime]]:
        """What fired for whom (by name), in order."""
        rows = await self.shop.fetch(
            "SELECT c.name, f.at FROM {schema}._firing f JOIN {schema}.customer c ON c.id = f.record_id"
            " WHERE f.held IS NULL AND ($1::text IS NULL OR f.rule = $1) ORDER BY f.seq",
            key,
        )
        return [(row["name"], row["at"]) for row in rows]

    async def names(self, key: str | None = None) -> list[str]:
        return [name for name, _ in await self.log(key)]

    async def outbox(self, columns: Sequence[str] = ("key", "state")) -> list[tuple[Any, ...]]:
        rows = await self.shop.fetch(f"SELECT {', '.join(columns)} FROM {{schema}}._outbox ORDER BY next_at, key")
        return [tuple(row) for row in rows]


def open_desk(shop: Shop) -> Desk:
    runtime = Runtime(shop.database, shop.catalogues, shop.gateway, shop.clock)
    notices = Notices(runtime, Channels())
    signals = Signals(runtime)
    effects = WorkEffects(
        runtime, People(runtime), Tasks(runtime, notices), notices, Content(runtime, notices), signals
    )
    engine = Engine(shop.database, shop.catalogues, shop.clock)
    return Desk(shop, engine, Outbox(runtime, effects), signals, runtime)
