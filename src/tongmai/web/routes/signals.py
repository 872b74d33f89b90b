"""Signals: what happened and deserves my attention; seen, acted on, dismissed (S0-04)."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.responses import Response

from tongmai.kit import Text
from tongmai.model import SIGNAL
from tongmai.rules import SignalMove
from tongmai.web.answers import json_answer
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.shapes import ANY_RECORD, page_of

_LIMIT = Limit(50, most=200)
_CHOICES: dict[str, tuple[str, ...]] = {
    "gap": ("customer", "strategy", "collaboration"),
    "level": ("info", "yellow", "red"),
    "state": ("new", "seen", "acted", "dismissed", "expired"),
}
_OPEN = "state IN ('new', 'seen')"


class Reason(BaseModel):
    """Why a signal is dismissed, or what was done."""

    reason: str | None = Field(None, max_length=1_000)


async def list_signals(call: Call) -> Response:
    """What the actor may see: new ones first, then those seen; closed ones only if a state asks for them."""
    conditions = [f"{name} = '{value}'" for name, words in _CHOICES.items() if (value := call.one_of(name, words))]
    if "state" not in call.query:
        conditions.append(_OPEN)
    body = await call.services.gateway.list(
        call.actor,
        call.workspace,
        SIGNAL,
        filter=" AND ".join(conditions),
        sort="state,-started_at",
        limit=_LIMIT.asked(call),
        cursor=call.query.get("cursor"),
    )
    return json_answer(body)


async def mark_signal_seen(call: Call) -> Response:
    return await _move(call, "seen", None)


async def act_on_signal(call: Call) -> Response:
    return await _move(call, "act", (await call.body(Reason)).reason)


async def dismiss_signal(call: Call) -> Response:
    return await _move(call, "dismiss", (await call.body(Reason)).reason)


async def _move(call: Call, move: SignalMove, reason: str | None) -> Response:
    signal = call.id()
    await call.services.rules.signals.move(call.actor, call.workspace, signal, move, reason)
    return json_answer(await call.services.gateway.get(call.actor, call.workspace, SIGNAL, signal))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/signals",
        list_signals,
        "signals",
        Text("我可以看到的信号，新的在前", "Signals that I may see, new ones first"),
        parameters=(
            *(
                Parameter(name, Text(f"按 {name} 筛选", f"Of this {name} only"), {"enum": list(values)}, 20)
                for name, values in _CHOICES.items()
            ),
            _LIMIT.parameter,
            Parameter("cursor", Text("下一页", "The next page")),
        ),
        answers={200: Answer(Text("信号", "Signals"), page_of(ANY_RECORD))},
    ),
    Operation(
        "POST",
        "/api/signals/{id}/seen",
        mark_signal_seen,
        "signals",
        Text("标记为已看", "Mark as seen"),
        answers={200: Answer(Text("信号", "The signal"), ANY_RECORD)},
        problems=(404, 409),
    ),
    Operation(
        "POST",
        "/api/signals/{id}/act",
        act_on_signal,
        "signals",
        Text("标记为已处理", "Mark as acted on"),
        takes=Reason,
        answers={200: Answer(Text("信号", "The signal"), ANY_RECORD)},
        problems=(404, 409),
    ),
    Operation(
        "POST",
        "/api/signals/{id}/dismiss",
        dismiss_signal,
        "signals",
        Text("忽略，并说明原因", "Dismiss it, and say why"),
        takes=Reason,
        answers={200: Answer(Text("信号", "The signal"), ANY_RECORD)},
        problems=(404, 409),
    ),
)
