"""tongmai metrics: bring the values up to date, compute them anew, ask what one was made of."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from tongmai.access import SystemActor
from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import Invalid
from tongmai.metrics import Computed, MetricExplanation, MetricReader, Segments

app = typer.Typer(help=both("指标与分层", "Metrics and segments"), no_args_is_help=True)

ObjectOption = Annotated[
    str | None, typer.Option("--object", "-o", help=both("只算该对象的指标", "Only the metrics of this object"))
]


@app.command(
    help=both("按变更和时间更新指标与分层", "Bring metrics and segments up to the changes and the clock"),
    epilog=example("tongmai metrics refresh -w acme"),
)
def refresh(
    context: typer.Context, workspace: WorkspaceOption = None, object_: ObjectOption = None, json: JsonOption = False
) -> None:
    _compute(context, workspace, object_, json, whole=False)


@app.command(help=both("重新计算全部指标", "Compute every metric anew"), epilog=example("tongmai metrics full -w acme"))
def full(
    context: typer.Context, workspace: WorkspaceOption = None, object_: ObjectOption = None, json: JsonOption = False
) -> None:
    _compute(context, workspace, object_, json, whole=True)


@app.command(
    help=both("一个指标值的由来", "What a metric's value was made of"),
    epilog=example("tongmai metrics explain customer 0197… recency -w acme"),
)
def explain(
    context: typer.Context,
    object_: Annotated[str, typer.Argument(metavar="OBJECT", help=both("对象的键", "Key of the object"))],
    record: Annotated[str, typer.Argument(help=both("记录的 ID", "Id of the record"))],
    metric: Annotated[str, typer.Argument(help=both("指标的键", "Key of the metric"))],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            reader = MetricReader(services.metrics, services.gateway)
            found = await reader.explain(SystemActor("command_line"), place, object_, _id(record), metric)
        out.result(_document(found, out), *_lines(found, out))

    run(context, json, work)


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Invalid.of("metrics.id", "不是记录的 ID", "This is not a record's id", field="record") from None


def _compute(context: typer.Context, workspace: str | None, object_key: str | None, json: bool, *, whole: bool) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            objects = None if object_key is None else [object_key]
            metrics = services.metrics
            done = await (metrics.full if whole else metrics.refresh)(place, objects=objects)
            moved = await Segments(metrics).evaluate(place)
        document = {
            "objects": [{"object": each.object, "records": each.records, "written": each.written} for each in done],
            "segments": [{"segment": each.segment, "moves": each.moves} for each in moved],
        }
        lines = [_line(each, out) for each in done]
        lines += [
            out.say(f"{each.segment}：{each.moves} 次变动", f"{each.segment}: {each.moves} moves") for each in moved
        ]
        out.result(document, *(lines or [out.say("没有指标", "There are no metrics")]))

    run(context, json, work)


def _line(each: Computed, out: Output) -> str:
    which = out.say("全部", "all") if each.records is None else str(each.records)
    return out.say(
        f"{each.object}：计算 {which} 条，更新 {each.written} 行",
        f"{each.object}: {which} records computed, {each.written} rows written",
    )


def _document(found: MetricExplanation, out: Output) -> dict[str, object]:
    return {
        "metric": found.value.metric.key,
        "value": found.value.value,
        "why": None if found.value.why is None else found.value.why.say(out.language),
        "words": found.words.say(out.language),
        "window": [found.window.start and found.window.start.isoformat(), found.window.end.isoformat()],
        "as_of": found.standing.as_of and found.standing.as_of.isoformat(),
        "engine": found.standing.engine.name,
        "count": found.count,
        "hidden": found.hidden,
        "inputs": {each.label.say(out.language): each.shown for each in found.inputs},
        "rows": list(found.rows),
        "parts": [_document(each, out) for each in found.parts],
    }


def _lines(found: MetricExplanation, out: Output) -> list[str]:
    value = found.value
    shown = str(value.value) if value.why is None else value.why.say(out.language)
    lines = [f"{value.metric.label.say(out.language)}：{shown}", f"  {found.words.say(out.language)}"]
    engine = found.standing.engine
    if engine.why is not None:
        lines.append(out.say(f"  引擎：{engine.name}（{engine.why.zh}）", f"  engine: {engine.name} ({engine.why.en})"))
    lines.append(out.say(f"  背后的记录：{found.count} 条", f"  rows behind it: {found.count}"))
    lines += [f"  {each.label.say(out.language)}：{each.shown}" for each in found.inputs]
    return lines + [f"  {line}" for each in found.parts for line in _lines(each, out)]
