"""What a signal was heard in (S0-09): the message itself, for whom it is to be seen."""

from __future__ import annotations

from uuid import UUID

import orjson
from starlette.responses import Response
from typing_extensions import TypedDict

from tongmai.kit import Text
from tongmai.model import SIGNAL
from tongmai.rules import names_of_rules
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes.common import AnyRecord


class HeardIn(TypedDict):
    """A record of ``object``, as records are answered, and the word in it that was understood."""

    object: str
    record: AnyRecord
    keyword: str | None


class SignalEvidence(TypedDict):
    """``rule`` is what the rule that told the signal is called now; None where it is no more."""

    rule: str | None
    items: list[HeardIn]


async def show_signal_evidence(call: Call) -> Response:
    # Raises NotFound where the signal is not the actor's to see.
    signal = orjson.loads(await call.services.gateway.get(call.actor, call.workspace, SIGNAL, call.id()))
    firing = signal.get("firing")
    event = None if firing is None else await call.services.rules.reader.heard(call.workspace, UUID(firing))
    heard = [] if event is None else await call.services.links.evidence.of(call.actor, call.workspace, event.body)
    rule = names_of_rules(await call.catalogue()).get(str(signal.get("rule")))
    return document(
        {
            "rule": rule and rule.say(call.language),
            "items": [{"object": each.object, "record": each.record, "keyword": each.keyword} for each in heard],
        }
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/signals/{id}/evidence",
        show_signal_evidence,
        "signals",
        Text("信号的依据：我可以看到的原话", "What the signal was heard in, as far as I may see it"),
        answers={200: Answer(Text("依据", "Evidence"), SignalEvidence)},
        problems=(404,),
    ),
)
