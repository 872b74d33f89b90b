"""A shop with a past for tests of back-tests: customers who order, and rules that notice who does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.metrics.shop import Shop, metric

from tongmai.model import RuleDef
from tongmai.rules.backtest import Backtests
from tongmai.rules.backtest_request import BacktestRequest

ZONE = ZoneInfo("Asia/Shanghai")
METRICS = (
    metric("recency", "days_since"),
    metric("orders", "count"),
    metric("monthly", "count", window={"kind": "rolling", "days": 30}),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def rule(condition: str | None, **more: Any) -> RuleDef:
    """A rule over customers that becomes true, with a task for the owner."""
    parts: dict[str, Any] = {
        "key": "silent", "label": "沉默", "object": "customer", "when": {"kind": "becomes"}, "if": condition,
        "then": [{"kind": "task", "task": "call", "title": "联系 {name}", "due": {"amount": 48}}],
    }  # fmt: skip
    return RuleDef.model_validate({**parts, **more})


def request(first: str, after: str, **more: Any) -> BacktestRequest:
    return BacktestRequest.model_validate({"from": date.fromisoformat(first), "to": date.fromisoformat(after), **more})


async def order(shop: Shop, customer: UUID, when: str, **more: Any) -> UUID:
    """An order that is entered at its own moment."""
    shop.clock.moment = at(when)
    return await shop.make("order", customer=customer, placed=at(when), **more)


async def tried(shop: Shop, asked: BacktestRequest) -> dict[str, Any]:
    return await Backtests(shop.metrics, lambda _: None).run(shop.workspace, asked)


def hits(found: Mapping[str, Any], names: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """Name and day of each hit."""
    return [(names[UUID(each["record"])], each["day"]) for each in found["sample"]]
