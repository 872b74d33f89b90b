"""Back-tests: a rule or segment, live or a draft, tried on the past. Small ones are answered at once."""

from __future__ import annotations

import asyncio
from uuid import UUID

from starlette.responses import Response

from tongmai.kit import Text
from tongmai.metrics import find_segment
from tongmai.model import read_document
from tongmai.rules import BacktestRequest, BacktestShowing, Outlook, find_rule
from tongmai.store import Job
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import WHOLE, Answer, JsonSchema, Operation, Parameter
from tongmai.web.routes.jobs import job_document
from tongmai.web.shapes.measuring import BacktestShown

_WAIT = Parameter("wait", Text("至多等待几秒，默认 3", "Seconds to wait for the result, 3 unless told"), WHOLE, 9)
_MOST_WAIT_S = 30
_LOOK_S = 0.05


async def backtest_rule(call: Call) -> Response:
    """The live rule; beside it another version, given as ``against``."""
    rule = find_rule(await call.catalogue(), call.part("rule"))
    return await _started(call, {"rule": rule.model_dump(mode="json", by_alias=True)})


async def backtest_segment(call: Call) -> Response:
    segment = find_segment(await call.catalogue(), call.part("segment"))
    return await _started(call, {"segment": segment.model_dump(mode="json", by_alias=True)})


async def backtest_draft(call: Call) -> Response:
    """A rule or segment that need not exist."""
    return await _started(call, {})


async def get_backtest(call: Call) -> Response:
    jobs = call.services.backtests
    job = await jobs.find(call.workspace, call.id())
    return await _answer(call, job, await _foreseen(call, jobs.request_of(job)))


async def _started(call: Call, subject: dict[str, object]) -> Response:
    given = await call.json()
    request = read_document(BacktestRequest, {**given, **subject} if isinstance(given, dict) else given)
    wait = call.whole("wait", 3, least=0, most=_MOST_WAIT_S)
    outlook = await _foreseen(call, request)
    job_id = await call.services.backtests.start(call.actor, call.workspace, request)
    return await _answer(call, await _waited(call, job_id, wait), outlook)


async def _foreseen(call: Call, request: BacktestRequest) -> Outlook:
    """Raises ``Invalid`` for what cannot be tried, ``Denied`` for what the caller may not try."""
    outlook = await call.services.backtests.backtests.outlook(call.workspace, request)
    _showing(call).require(call.actor, await call.catalogue(), request.tried.object, outlook.reads)
    return outlook


async def _waited(call: Call, job_id: UUID, seconds: float) -> Job:
    """The job when it has ended, or as it stands when the time is over."""
    now = asyncio.get_running_loop().time
    ends = now() + seconds
    while True:
        job = await call.services.backtests.find(call.workspace, job_id)
        if job.state not in ("queued", "running") or now() >= ends:
            return job
        await asyncio.sleep(_LOOK_S)


async def _answer(call: Call, job: Job, outlook: Outlook) -> Response:
    found = call.services.backtests.result_of(job)
    result = None
    if found is not None:
        result = await _showing(call).shown(call.actor, call.workspace, await call.catalogue(), found)
    ended = job.state not in ("queued", "running")
    foreseen = {
        "moments": outlook.moments,
        "day_by_day": [{"key": each.key, "label": each.label.say(call.language)} for each in outlook.day_by_day],
    }
    return document({**job_document(call, job), "outlook": foreseen, "result": result}, status=200 if ended else 202)


def _showing(call: Call) -> BacktestShowing:
    return BacktestShowing(call.services.gateway, call.services.policies)


_ANSWERS = {
    200: Answer(Text("回测结果", "What came out"), BacktestShown),
    202: Answer(Text("仍在计算，按编号查询", "Still at work: ask again by its id"), BacktestShown),
}
_TAKES: JsonSchema = {
    "type": "object",
    "required": ["from", "to"],
    "properties": {
        "from": {"type": "string", "format": "date"},
        "to": {"type": "string", "format": "date"},
        "against": {"type": "object"},
        "outcome": {"type": "string"},
        "outcome_days": {"type": "integer", "minimum": 1, "maximum": 365},
        "among": {"type": "string"},
        "basis": {"enum": ["known", "today"]},
        "moments": {"enum": ["day", "live"]},
        "engine": {"enum": ["auto", "postgres", "duckdb"]},
        "classes": {"type": "array", "items": {"type": "string"}},
    },
}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/rules/{rule}/backtest",
        backtest_rule,
        "rules",
        Text("用过去的数据试运行一条规则", "Try a rule on the past"),
        parameters=(_WAIT,),
        takes=_TAKES,
        answers=_ANSWERS,
        problems=(404, 409),
        asks=True,
    ),
    Operation(
        "POST",
        "/api/segments/{segment}/backtest",
        backtest_segment,
        "metrics",
        Text("用过去的数据试运行一个分层", "Try a segment on the past"),
        parameters=(_WAIT,),
        takes=_TAKES,
        answers=_ANSWERS,
        problems=(404, 409),
        asks=True,
    ),
    Operation(
        "POST",
        "/api/backtests",
        backtest_draft,
        "rules",
        Text("试运行一条尚未保存的规则或分层", "Try a rule or segment that is not saved"),
        parameters=(_WAIT,),
        takes=BacktestRequest,
        answers=_ANSWERS,
        problems=(404, 409),
        asks=True,
    ),
    Operation(
        "GET",
        "/api/backtests/{id}",
        get_backtest,
        "rules",
        Text("一次回测的进度和结果", "How far a back-test is, and what came out"),
        answers=_ANSWERS,
        problems=(404,),
    ),
)
