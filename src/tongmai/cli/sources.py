"""tongmai source: what sources there are, whether they can be reached, pulling by hand, secrets, a new sealing key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tongmai.cli.opening import opened, opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import Conflict
from tongmai.store import JobWorker, find_job

app = typer.Typer(help=both("数据源", "Sources"), no_args_is_help=True)

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help=both("数据源的键", "Key of the source"))]


@app.command(
    "list", help=both("数据源与其健康", "Sources and their health"), epilog=example("tongmai source list -w acme")
)
def list_(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            catalogue = await services.catalogues.get(place)
            found = []
            for each in catalogue.sources:
                async with services.database.read() as tx:
                    states = await services.links.states.of(tx, place, each.key)
                whole = states.get("")
                found.append(
                    {
                        "key": each.key,
                        "label": each.label.say(out.language),
                        "kind": each.kind,
                        "enabled": each.enabled,
                        "healthy": None if whole is None else whole.healthy,
                        "pulled_at": max(
                            (one.pulled_at.isoformat() for one in states.values() if one.pulled_at), default=None
                        ),
                    }
                )
        lines = [f"{each['key']}  {each['kind']}  {_word(each['healthy'], out)}  {each['label']}" for each in found]
        out.result({"items": found}, *(lines or [out.say("没有数据源", "There are no sources")]))

    run(context, json, work)


@app.command(help=both("测试连接", "Test the connection"), epilog=example("tongmai source test u8 -w acme"))
def test(
    context: typer.Context, source: SourceArgument, workspace: WorkspaceOption = None, json: JsonOption = False
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            links = services.links
            known = await links.sources.known(place, source)
            async with links.sources.opened(place, known) as one:
                health = await one.test()
            async with services.database.write() as tx:
                await links.states.tell(tx, place, source, health)
        if not health.ok:
            raise Conflict(health.faults)
        out.result({"ok": True, "detail": dict(health.detail)}, health.text.say(out.language))

    run(context, json, work)


@app.command(help=both("立即拉取", "Pull now"), epilog=example("tongmai source pull u8 -w acme"))
def pull(
    context: typer.Context,
    source: SourceArgument,
    stream: Annotated[list[str] | None, typer.Option(help=both("只拉这些数据流", "These streams only"))] = None,
    anew: Annotated[bool, typer.Option("--anew", help=both("从头拉取", "From the very start"))] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            links = services.links
            job_id = await links.puller.ask(place, source, streams=stream or (), anew=anew)
            await JobWorker(services.database, links.job_handlers(), services.clock).run_until_idle()
            async with services.database.read() as tx:
                job = await find_job(tx, job_id)
                runs = await links.runs.latest(tx, place, source, 20)
        if job is None or job.state != "done":
            told = (job.error if job is not None else None) or {"zh": "任务未完成", "en": "The job is not done"}
            raise Conflict.of("source.pull_failed", str(told.get("zh")), str(told.get("en")))
        counts = {kind: next((each.counts for each in runs if each.kind == kind), {}) for kind in ("pull", "map")}
        lines = [f"{kind}: " + ", ".join(f"{name} {n}" for name, n in each.items()) for kind, each in counts.items()]
        out.result({"job": str(job_id), **(job.result or {}), "counts": counts}, *lines)

    run(context, json, work)


@app.command(
    help=both("填写一项凭据（从标准输入读）", "Give a secret, read from standard input"),
    epilog=example("tongmai source secret u8 password -w acme < password.txt"),
)
def secret(
    context: typer.Context,
    source: SourceArgument,
    name: Annotated[str, typer.Argument(help=both("凭据的名称", "The secret's name"))],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            links = services.links
            known = await links.sources.known(place, source)
            known.check_secrets({name: None})
            given = {name: sys.stdin.read().strip()}
            known.check_secrets(given)
            async with services.database.write() as tx:
                await links.secrets.put(tx, place, source, given)
        out.result({"source": source, "secret": name}, out.say("已保存", "Kept"))

    run(context, json, work)


@app.command(
    "rotate-key",
    help=both("换用新的加密密钥，重新加密所有凭据", "Seal every secret with a new key"),
    epilog=example("tongmai source rotate-key"),
)
def rotate_key(context: typer.Context, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened() as services:
            count = await services.links.secrets.rotate(services.database)
        out.result({"secrets": count}, out.say(f"重新加密了 {count} 项凭据", f"{count} secrets sealed anew"))

    run(context, json, work)


def _word(healthy: object, out: Output) -> str:
    if healthy is None:
        return out.say("未知", "unknown")
    return out.say("正常", "works") if healthy else out.say("有问题", "in trouble")
