"""Rules at work: how each stands, the live log and why, dead letters, locks. Defining them is a change of the model."""

from __future__ import annotations

from uuid import UUID

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

from tongmai.access import manages, require_manage
from tongmai.kit import Denied, NotFound, Text
from tongmai.rules import Fired, RuleStanding, dead_letters, find_rule, send_again
from tongmai.store import Record
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import WHOLE, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import NEXT_BEFORE, items_of
from tongmai.web.shapes.measuring import DeadLetter, LockHeld, RuleExplained, RuleFired, RuleShown

_LIMIT = Limit(100, most=500)
_FIRINGS = Limit(50, most=500)
_RULE = Parameter("rule", Text("只看这条规则", "Of this rule only"), longest=100)


class Release(BaseModel):
    """Why a lock is released."""

    note: str | None = Field(None, max_length=1_000)


class RecordAsked(BaseModel):
    """The record asked about."""

    record: UUID


async def list_rules(call: Call) -> Response:
    await _require(call)
    found = await call.services.rules.reader.standings(call.workspace)
    return document({"items": [_standing(call, each) for each in found]})


async def list_firings(call: Call) -> Response:
    await _require(call)
    key = call.part("rule")
    find_rule(await call.catalogue(), key)
    before = call.whole("before", 0, least=0, most=2**62) or None
    limit = _FIRINGS.asked(call)
    found = await call.services.rules.reader.log(call.actor, call.workspace, key, limit, before)
    return document(
        {
            "items": [_fired(call, each) for each in found],
            "next_before": found[-1].seq if len(found) == limit else None,
        }
    )


async def explain_rule(call: Call) -> Response:
    record = (await call.body(RecordAsked)).record
    found = await call.services.rules.reader.explain(call.actor, call.workspace, call.part("rule"), record)
    if found.parts is None and not manages(call.actor, await call.catalogue(), "model"):
        # Whether it holds tells of what it reads, and its name what it looks for.
        raise Denied.of(
            "rule.reads_hidden",
            "这条规则用到您看不到的内容",
            "This rule reads what you may not see",
            way_out=Text("请管理规则的人员查看", "Ask who manages the rules"),
        )
    parts = None if found.parts is None else [{"text": each.text, "holds": each.holds} for each in found.parts]
    return document(
        {
            "rule": found.rule.key,
            "label": found.rule.label.say(call.language),
            "holds": found.holds,
            "condition": found.rule.if_ if parts is not None else None,
            "parts": parts,
            "seen": found.seen,
            "episode_since": found.episode_since and found.episode_since.isoformat(),
            "last_fired": found.last_fired and found.last_fired.isoformat(),
            "as_of": found.as_of.isoformat(),
        }
    )


async def list_dead_letters(call: Call) -> Response:
    await _require(call)
    async with call.services.database.read() as tx:
        rows = await dead_letters(tx, call.workspace, call.query.get("rule"), _LIMIT.asked(call))
    return document({"items": [_dead(call, row) for row in rows]})


async def run_dead_letter_again(call: Call) -> Response:
    await _require(call)
    key = call.part("key")
    async with call.services.database.write() as tx:
        found = await send_again(tx, call.workspace, key, call.services.clock.now())
    if not found:
        raise NotFound.of(
            "rule.no_dead_letter",
            "没有这条失败记录，或已重新执行",
            "there is no such dead letter",
            field="key",
            way_out=Text("刷新后再看", "Look again after a refresh"),
        )
    return nothing()


async def list_locks(call: Call) -> Response:
    await _require(call)
    found = await call.services.rules.locks.held(call.workspace, call.query.get("rule"), _LIMIT.asked(call))
    return document({"items": [_lock(call, row) for row in found]})


async def list_locks_of_record(call: Call) -> Response:
    """For whoever sees the record: why it cannot be changed, and whether it is theirs to open."""
    locks, where = call.services.rules.locks, (call.part("object"), call.id("id"))
    found = await locks.of(call.actor, call.workspace, *where)
    may = bool(found) and await locks.may_release(call.actor, call.workspace, *where)
    return document({"items": [_lock(call, row) for row in found], "may_release": may})


async def release_lock(call: Call) -> Response:
    given = await call.body(Release)
    now = call.services.clock.now()
    await call.services.rules.locks.release(call.actor, call.workspace, call.part("key"), given.note, now)
    return nothing()


async def _require(call: Call) -> None:
    """Rules at work are for who changes the model; of what they judged he is shown what he reads anyhow."""
    require_manage(call.actor, await call.catalogue(), "model")


def _standing(call: Call, each: RuleStanding) -> dict[str, object]:
    rule = each.rule
    return {
        "rule": rule.key,
        "label": rule.label.say(call.language),
        "object": rule.object,
        "when": rule.when.kind,
        "enabled": rule.enabled,
        "as_of": each.as_of and each.as_of.isoformat(),
        "last_fired": each.fired_at and each.fired_at.isoformat(),
        "firings": each.firings,
        "open_episodes": each.open_episodes,
        "dead": each.dead,
        "error": None if each.error is None else each.error.get(call.language),
    }


def _fired(call: Call, each: Fired) -> dict[str, object]:
    return {
        "seq": each.seq,
        "firing": str(each.id),
        "rule": each.rule,
        "version": each.version,
        "object": each.object_key,
        "id": str(each.record_id),
        "label": each.subject,
        "at": each.at.isoformat(),
        "ended_at": each.ended_at and each.ended_at.isoformat(),
        "seen": each.seen,
        "chain": each.chain,
        "held": each.held,
        "actions": each.actions,
    }


def _dead(call: Call, row: Record) -> dict[str, object]:
    error = orjson.loads(row["error"] or "null")
    return {
        "key": row["key"],
        "rule": row["rule"],
        "object": row["object"],
        "id": str(row["record_id"]),
        "at": row["at"].isoformat(),
        "action": row["action"],
        "attempts": row["attempts"],
        "error": error.get(call.language) if isinstance(error, dict) else None,
        "finished_at": row["finished_at"] and row["finished_at"].isoformat(),
    }


def _lock(call: Call, row: Record) -> dict[str, object]:
    return {
        "key": row["key"],
        "rule": row["rule"],
        "object": row["object"],
        "id": str(row["record_id"]),
        "fields": list(row["fields"]),
        "reason": row["reason_zh"] if call.language == "zh" else row["reason_en"],
        "locked_at": row["locked_at"].isoformat(),
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/rules",
        list_rules,
        "rules",
        Text("规则及其运行状态", "Rules and how they stand"),
        answers={200: Answer(Text("规则", "Rules"), items_of(RuleShown))},
    ),
    Operation(
        "GET",
        "/api/rules/dead",
        list_dead_letters,
        "rules",
        Text("执行失败的动作", "Actions that failed for good"),
        parameters=(_RULE, _LIMIT.parameter),
        answers={200: Answer(Text("最近的在前", "The latest first"), items_of(DeadLetter))},
    ),
    Operation(
        "POST",
        "/api/rules/dead/{key}/run",
        run_dead_letter_again,
        "rules",
        Text("重新执行一个失败的动作", "Run a failed action again"),
        answers={204: Answer(Text("已放回待执行", "It waits to be run"))},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/rules/locks",
        list_locks,
        "rules",
        Text("规则锁定的记录", "What rules have locked"),
        parameters=(_RULE, _LIMIT.parameter),
        answers={200: Answer(Text("锁定", "Locks"), items_of(LockHeld))},
    ),
    Operation(
        "GET",
        "/api/records/{object}/{id}/locks",
        list_locks_of_record,
        "rules",
        Text("一条记录上的锁定及其原因", "What is locked of a record, and why"),
        answers={200: Answer(Text("锁定", "Locks"), items_of(LockHeld, may_release={"type": "boolean"}))},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/rules/locks/{key}/release",
        release_lock,
        "rules",
        Text("解除锁定", "Release a lock"),
        takes=Release,
        answers={204: Answer(Text("已解除", "Released"))},
        problems=(403, 404),
    ),
    Operation(
        "GET",
        "/api/rules/{rule}/log",
        list_firings,
        "rules",
        Text("规则触发日志", "What a rule did, for whom and why"),
        parameters=(_FIRINGS.parameter, Parameter("before", Text("在此序号之前", "Before this seq"), WHOLE, 20)),
        answers={
            200: Answer(
                Text("触发，最近的在前", "Firings, the latest first"), items_of(RuleFired, next_before=NEXT_BEFORE)
            )
        },
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/rules/{rule}/explain",
        explain_rule,
        "rules",
        Text("规则为何命中或不命中一条记录", "Why a rule hits a record or does not"),
        takes=RecordAsked,
        answers={200: Answer(Text("逐条条件", "Part by part"), RuleExplained)},
        problems=(404,),
        asks=True,
    ),
)
