"""tongmai rules: how rules stand, what they did, what failed for good and is to be run again."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from tongmai.access import SystemActor
from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import NotFound
from tongmai.metrics import Segments
from tongmai.rules import Fired, RuleStanding, dead_letters, find_rule, send_again
from tongmai.rules import settle as settle_rules
from tongmai.store import Record

app = typer.Typer(help=both("规则", "Rules"), no_args_is_help=True)

RuleOption = Annotated[str | None, typer.Option("--rule", "-r", help=both("只看这条规则", "Of this rule only"))]


@app.command(
    "list",
    help=both("规则及其运行状态", "Rules and how they stand"),
    epilog=example("tongmai rules list -w acme"),
)
def list_(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            found = await services.rules.reader.standings(place)
        lines = [_standing_line(each, out) for each in found]
        out.result(
            {"items": [_standing(each) for each in found]}, *(lines or [out.say("没有规则", "There are no rules")])
        )

    run(context, json, work)


@app.command(
    help=both("规则触发日志，最近的在前", "What rules did, the latest first"),
    epilog=example("tongmai rules log -w acme --rule silent"),
)
def log(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    rule: RuleOption = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help=both("条数", "How many"))] = 50,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            if rule is not None:
                find_rule(await services.catalogues.get(place), rule)
            found = await services.rules.reader.log(SystemActor("command line", out.language), place, rule, limit)
        lines = [_fired_line(each, out) for each in found]
        out.result({"items": [_fired(each) for each in found]}, *(lines or [out.say("没有触发", "Nothing fired")]))

    run(context, json, work)


@app.command(
    help=both("执行失败的动作；用 --again 重新执行", "Actions that failed for good; --again runs them again"),
    epilog=example("tongmai rules dead -w acme --again"),
)
def dead(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    rule: RuleOption = None,
    again: Annotated[bool, typer.Option("--again", help=both("重新执行所列动作", "Run those listed again"))] = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place), services.database.write() as tx:
            rows = await dead_letters(tx, place, rule, 500)
            for row in rows if again else ():
                if not await send_again(tx, place, row["key"], services.clock.now()):
                    raise NotFound.of("rule.no_dead_letter", "没有这条失败记录", "there is no such dead letter")
        lines = [_dead_line(row, out) for row in rows]
        if again and rows:
            lines.append(out.say(f"{len(rows)} 个动作已放回待执行", f"{len(rows)} actions wait to be run"))
        document = {"items": [_dead(row) for row in rows], "sent_again": len(rows) if again else 0}
        out.result(document, *(lines or [out.say("没有失败的动作", "Nothing failed")]))

    run(context, json, work)


@app.command(
    help=both(
        "把现状当作已知：规则从现在起只看新变化，历史数据刚导入时用",
        "Take what is as known: rules count from now on; for data of years that has just come in",
    ),
    epilog=example("tongmai rules settle -w acme"),
)
def settle(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            await services.metrics.full(place)
            await Segments(services.metrics).evaluate(place)
            settled = await settle_rules(services.rules.engine, place)
        out.result({"rules": settled}, out.say(f"{settled} 条规则从现在起计", f"{settled} rules count from now"))

    run(context, json, work)


def _standing(each: RuleStanding) -> dict[str, object]:
    return {
        "rule": each.rule.key,
        "enabled": each.rule.enabled,
        "last_fired": each.fired_at and each.fired_at.isoformat(),
        "firings": each.firings,
        "open_episodes": each.open_episodes,
        "dead": each.dead,
        "error": each.error,
    }


def _standing_line(each: RuleStanding, out: Output) -> str:
    state = out.say("启用", "on") if each.rule.enabled else out.say("停用", "off")
    line = out.say(
        f"{each.rule.key}：{state}，触发 {each.firings} 次，持续中 {each.open_episodes}，失败 {each.dead}",
        f"{each.rule.key}: {state}, fired {each.firings} times, {each.open_episodes} open, {each.dead} failed",
    )
    return line if each.error is None else f"{line}; {out.say(each.error['zh'], each.error['en'])}"


def _fired(each: Fired) -> dict[str, object]:
    return {
        "rule": each.rule,
        "object": each.object_key,
        "id": str(each.record_id),
        "label": each.subject,
        "at": each.at.isoformat(),
        "seen": each.seen,
        "held": each.held,
        "actions": each.actions,
    }


def _fired_line(each: Fired, out: Output) -> str:
    held = "" if each.held is None else out.say("（因循环未执行）", " (held: a loop of rules)")
    return f"{each.at.isoformat(timespec='seconds')} {each.rule} {each.subject or each.record_id}{held}"


def _dead(row: Record) -> dict[str, object]:
    return {
        "key": row["key"],
        "rule": row["rule"],
        "object": row["object"],
        "id": str(row["record_id"]),
        "action": row["action"],
        "attempts": row["attempts"],
        "error": orjson.loads(row["error"] or "null"),
    }


def _dead_line(row: Record, out: Output) -> str:
    error = orjson.loads(row["error"] or "{}")
    return f"{row['key']} {row['action']}: {out.say(error.get('zh', '?'), error.get('en', '?'))}"
