"""What a person may be asked about a record now (S0-30)."""

from __future__ import annotations

from starlette.responses import Response

from tongmai.kit import Text
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes.talking import PromptsShown


async def list_prompts(call: Call) -> Response:
    found = await call.services.links.prompts.of(call.actor, call.workspace, call.part("object"), call.id("record"))
    return document(
        {
            "items": [
                {
                    "key": each.key,
                    "label": each.label.say(call.language),
                    "fields": list(each.fields),
                    "because": each.because,
                }
                for each in found.asked
            ],
            "is_hushed": found.is_hushed,
            "reasons": [each.say(call.language) for each in found.reasons],
        }
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/prompts/{object}/{record}", list_prompts, "records",
        Text("此刻适合请人补充的内容，不合时宜的不提", "What fits to be asked about a record now, and nothing else"),
        answers={200: Answer(Text("提示，最合适的在前", "Prompts, what fits best first"), PromptsShown)},
        problems=(404,),
    ),
)  # fmt: skip
