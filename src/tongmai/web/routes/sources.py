"""Sources: what there are, how they fare, what they brought and refused; secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Invalid, Text
from tongmai.link import Health, Known, Stream, StreamState
from tongmai.model import Catalogue, FieldMap, MappingDef
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.option_forms import option_form
from tongmai.web.shapes import items_of
from tongmai.web.shapes.linking import (
    ColumnShown,
    JobAccepted,
    PathGuessed,
    PushShown,
    RawRefused,
    SourceKindShown,
    SourceRun,
    SourceShown,
    SourceTested,
)
from tongmai.web.watched_rows import ROWS_HIDDEN, may_see_rows

_LIMIT = Limit(50, most=500)


class PullRequest(BaseModel):
    """Which streams to pull (all without any), and whether from the very start."""

    model_config = ConfigDict(extra="forbid")

    streams: list[str] = Field(default_factory=list, max_length=100)
    anew: bool = False


class SecretsRequest(BaseModel):
    """Secrets by name; null removes one."""

    model_config = ConfigDict(extra="forbid")

    secrets: dict[str, str | None] = Field(max_length=20)


async def list_source_kinds(call: Call) -> Response:
    await _may(call)
    kinds = call.services.links.sources.kinds.values()
    return document(
        {
            "items": [
                {
                    "key": kind.key,
                    "label": kind.label.say(call.language),
                    "options": option_form(kind, call.language),
                    "secrets": {name: label.say(call.language) for name, label in kind.secrets.items()},
                    "optional_secrets": {
                        name: label.say(call.language) for name, label in kind.optional_secrets.items()
                    },
                }
                for kind in kinds
            ]
        }
    )


async def list_sources(call: Call) -> Response:
    catalogue = await _may(call)
    return document({"items": [await _source(call, each.key) for each in catalogue.sources]})


async def show_source(call: Call) -> Response:
    await _may(call)
    return document(await _source(call, call.part("source")))


async def test_source(call: Call) -> Response:
    await _may(call)
    links, known = call.services.links, await _known(call)
    async with links.sources.opened(call.workspace, known) as opened:
        health = await opened.test()
    async with call.services.database.write() as tx:
        await links.states.tell(tx, call.workspace, known.definition.key, health)
    return document(_health(call, health))


async def pull_source(call: Call) -> Response:
    await _may(call)
    asked = await call.body(PullRequest)
    job = await call.services.links.puller.ask(
        call.workspace, call.part("source"), streams=asked.streams, anew=asked.anew, created_by=call.actor.id
    )
    return document({"job": str(job)}, status=202)


async def list_source_columns(call: Call) -> Response:
    await _may(call)
    found = await call.services.links.trial.columns(call.workspace, call.part("source"), call.part("stream"))
    return document({"items": [{"path": path, "type": kind} for path, kind in found.items()]})


async def guess_source_fields(call: Call) -> Response:
    await _may(call)
    found = await call.services.links.trial.guesses(
        call.workspace, call.part("source"), call.part("stream"), call.query.get("object", "")
    )
    return document(
        {
            "items": [
                {
                    "path": each.path,
                    "field": each.guess.field,
                    "by": each.by,
                    "how": each.guess.how,
                    "sure": each.guess.sure,
                }
                for each in found
            ]
        }
    )


async def put_source_secrets(call: Call) -> Response:
    await _may(call)
    known, given = await _known(call), (await call.body(SecretsRequest)).secrets
    known.check_secrets(given)
    async with call.services.database.write() as tx:
        await call.services.links.secrets.put(tx, call.workspace, known.definition.key, given)
        await call.services.links.states.forget_fault(tx, call.workspace, known.definition.key)
    return nothing()


async def list_source_runs(call: Call) -> Response:
    await _may(call)
    known = await _known(call)
    async with call.services.database.read() as tx:
        runs = await call.services.links.runs.latest(tx, call.workspace, known.definition.key, _LIMIT.asked(call))
    return document(
        {
            "items": [
                {
                    "id": str(each.id),
                    "kind": each.kind,
                    "state": each.state,
                    "started_at": each.started_at.isoformat(),
                    "finished_at": each.finished_at and each.finished_at.isoformat(),
                    "job": each.job_id and str(each.job_id),
                    "counts": each.counts,
                    "faults": said(call, each.error),
                }
                for each in runs
            ]
        }
    )


async def list_source_refusals(call: Call) -> Response:
    await _may(call)
    known, limit = await _known(call), _LIMIT.asked(call)
    async with call.services.database.read() as tx:
        found = await call.services.links.runs.refusals(
            tx, call.workspace, known.definition.key, limit, call.query.get("after")
        )
    seen = {
        stream: await may_see_rows(
            call, known.definition.key, stream, [each.key for each in found if each.stream == stream]
        )
        for stream in {each.stream for each in found}
    }
    return document(
        {
            "items": [
                {
                    "stream": each.stream,
                    "mapping": each.mapping or None,
                    "key": each.key,
                    "faults": [
                        fault.document(call.language)
                        for fault in (each.faults if seen[each.stream] else (ROWS_HIDDEN,))
                    ],
                    "body": each.body if seen[each.stream] else None,
                    "at": each.at.isoformat(),
                }
                for each in found
            ],
            "next_after": found[-1].key if len(found) >= limit else None,
        }
    )


class ResolveRequest(BaseModel):
    """Whose value stays: ours is sent again, theirs is taken over."""

    model_config = ConfigDict(extra="forbid")

    keep: Literal["ours", "theirs"]


async def list_source_pushes(call: Call) -> Response:
    await _may(call)
    known = await _known(call)
    found = await call.services.links.pusher.latest(call.workspace, known.definition.key, _LIMIT.asked(call))
    return document(
        {
            "items": [
                {
                    "id": str(each.id),
                    "mapping": each.mapping,
                    "key": each.key,
                    "record": str(each.record),
                    "changed": each.changed,
                    "before": each.before,
                    "state": each.state,
                    "attempts": each.attempts,
                    "theirs": (each.detail or {}).get("theirs"),
                    "faults": said(call, (each.detail or {}).get("faults")),
                    "at": each.at.isoformat(),
                }
                for each in found
            ]
        }
    )


async def resolve_push(call: Call) -> Response:
    await _may(call)
    asked = await call.body(ResolveRequest)
    await call.services.links.pusher.resolve(call.workspace, call.id("push"), asked.keep)
    return nothing()


def said(call: Call, kept: object) -> list[dict[str, object]]:
    """Faults as they were kept, in the caller's language."""
    if not isinstance(kept, list):
        return []
    index = 0 if call.language == "zh" else 1
    return [
        {"code": each["code"], "message": each["text"][index], "way_out": (each["way_out"] or [None, None])[index]}
        for each in kept
    ]


async def _may(call: Call) -> Catalogue:
    """Sources belong to the model: who manages it."""
    catalogue = await call.catalogue()
    require_manage(call.actor, catalogue, "model")
    return catalogue


async def _known(call: Call) -> Known:
    return await call.services.links.sources.known(call.workspace, call.part("source"))


async def _source(call: Call, key: str) -> dict[str, object]:
    """A source with its states. One whose kind or options cannot be is shown with what is wrong."""
    links = call.services.links
    try:
        known = await links.sources.known(call.workspace, key)
    except Invalid as invalid:
        given = (await call.catalogue()).source_by_key[key]
        return {
            "key": key,
            "label": given.label.say(call.language),
            "kind": given.kind,
            "enabled": given.enabled,
            "faults": [fault.document(call.language) for fault in invalid.faults],
            "streams": [],
        }
    definition = known.definition
    async with call.services.database.read() as tx:
        states = await links.states.of(tx, call.workspace, key)
        names = await links.secrets.names(tx, call.workspace, key)
    voices = await links.voices.stand(call.workspace, known)
    whole = states.get("")
    return {
        "key": key,
        "label": definition.label.say(call.language),
        "kind": definition.kind,
        "enabled": definition.enabled,
        "schedule": definition.schedule,
        "hook": _hook(call, key) if known.kind.receives else None,
        "next_at": None if whole is None or whole.next_at is None else whole.next_at.isoformat(),
        "healthy": None if whole is None else whole.healthy,
        "checked_at": None if whole is None or whole.checked_at is None else whole.checked_at.isoformat(),
        "faults": [] if whole is None or whole.detail is None else said(call, whole.detail.get("faults")),
        "secrets": {name: name in names for name in (*known.kind.secrets, *known.kind.optional_secrets)},
        "streams": [_stream(call, each, states.get(each.key)) for each in known.streams],
        "voices": voices and {"by": voices.by, "model": voices.model, **asdict(voices.counts)},
        "pushed": [_pushed(call, known, *each) for each in _pushing(await call.catalogue(), key)],
    }


def _pushing(catalogue: Catalogue, source: str) -> Iterator[tuple[MappingDef, FieldMap, str]]:
    for mapping in catalogue.mappings:
        if mapping.source == source and mapping.enabled:
            yield from ((mapping, each, each.push) for each in mapping.fields if each.push is not None)


def _pushed(call: Call, known: Known, mapping: MappingDef, each: FieldMap, path: str) -> dict[str, object]:
    opening = known.kind.opened_by(mapping.stream, path)
    asked = known.kind.form.get("writes")
    named = None if asked is None or opening is None else asked.choices.get(opening)
    return {
        "mapping": mapping.key,
        "object": mapping.object,
        "field": each.field,
        "path": path,
        "way": known.way_back(mapping.stream, path),
        "opening": opening if named is None else named.say(call.language),
    }


def _hook(call: Call, key: str) -> str:
    """Where its vendor sends call-backs to; without the host where nobody has said what people call us."""
    return f"{(call.services.settings.public_url or '').rstrip('/')}/api/hooks/{call.workspace.key}/{key}"


def _stream(call: Call, each: Stream, state: StreamState | None) -> dict[str, object]:
    return {
        "key": each.key,
        "label": each.label.say(call.language),
        "columns": each.columns,
        "told": each.told,
        "pulled_at": None if state is None or state.pulled_at is None else state.pulled_at.isoformat(),
        "has_cursor": state is not None and state.cursor is not None,
    }


def _health(call: Call, health: Health) -> dict[str, object]:
    return {
        "ok": health.ok,
        "message": health.text.say(call.language),
        "faults": [fault.document(call.language) for fault in health.faults],
        "detail": health.detail,
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/source-kinds", list_source_kinds, "sources", Text("数据源类型", "Kinds of sources"),
        answers={200: Answer(Text("类型及其选项", "Kinds with their options"), items_of(SourceKindShown))},
    ),
    Operation(
        "GET", "/api/sources", list_sources, "sources", Text("数据源与其健康", "Sources and their health"),
        answers={200: Answer(Text("数据源", "Sources"), items_of(SourceShown))},
    ),
    Operation(
        "GET", "/api/sources/{source}", show_source, "sources", Text("一个数据源", "A source"),
        answers={200: Answer(Text("数据源", "The source"), SourceShown)}, problems=(404,),
    ),
    Operation(
        "POST", "/api/sources/{source}/test", test_source, "sources", Text("测试连接", "Test the connection"),
        answers={200: Answer(Text("结果", "What was found"), SourceTested)}, problems=(404,),
    ),
    Operation(
        "POST", "/api/sources/{source}/pull", pull_source, "sources", Text("立即拉取", "Pull now"),
        takes=PullRequest, answers={202: Answer(Text("任务", "The job"), JobAccepted)}, problems=(404, 409),
    ),
    Operation(
        "GET", "/api/sources/{source}/streams/{stream}/columns", list_source_columns, "sources",
        Text("数据流有哪些列", "The columns of a stream"),
        answers={200: Answer(Text("列与类型", "Columns with their types"), items_of(ColumnShown))}, problems=(404,),
    ),
    Operation(
        "GET", "/api/sources/{source}/streams/{stream}/guesses", guess_source_fields, "sources",
        Text("数据流的列像是对象的哪些字段", "Which fields of an object the columns of a stream seem to mean"),
        parameters=(Parameter("object", Text("对象", "The object"), longest=100),),
        answers={200: Answer(Text("推测与把握", "Guesses and how sure they are"), items_of(PathGuessed))},
        problems=(404,),
    ),
    Operation(
        "PUT", "/api/sources/{source}/secrets", put_source_secrets, "sources",
        Text("填写凭据（只写不读）", "Give secrets, which are never shown"),
        takes=SecretsRequest, answers={204: Answer(Text("已保存", "Kept"))}, problems=(404,),
    ),
    Operation(
        "GET", "/api/sources/{source}/runs", list_source_runs, "sources", Text("运行记录", "What the source did"),
        parameters=(_LIMIT.parameter,),
        answers={200: Answer(Text("运行记录，最近的在前", "Runs, the latest first"), items_of(SourceRun))},
        problems=(404,),
    ),
    Operation(
        "GET", "/api/sources/{source}/refusals", list_source_refusals, "sources",
        Text("未能进入的行与原因", "Rows set aside, and why"),
        parameters=(_LIMIT.parameter, Parameter("after", Text("在此键之后", "Behind this key"), longest=500)),
        answers={
            200: Answer(
                Text("被搁置的行", "Rows set aside"), items_of(RawRefused, next_after={"type": ["string", "null"]})
            )
        },
        problems=(404,),
    ),
    Operation(
        "GET", "/api/sources/{source}/pushes", list_source_pushes, "sources",
        Text("回写来源的修改与冲突", "Changes sent back, and conflicts"),
        parameters=(_LIMIT.parameter,),
        answers={200: Answer(Text("回写，最近的在前", "Changes, the latest first"), items_of(PushShown))},
        problems=(404,),
    ),
    Operation(
        "POST", "/api/pushes/{push}", resolve_push, "sources",
        Text("处理没有写成的回写", "Settle a change that did not get there"),
        takes=ResolveRequest, answers={204: Answer(Text("已解决", "Settled"))}, problems=(404, 409),
    ),
)  # fmt: skip
