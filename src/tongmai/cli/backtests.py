"""tongmai backtest: try a rule or segment of the workspace on its past, from the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.model import Catalogue, read_document
from tongmai.rules import BacktestRequest, find_rule


def register(app: typer.Typer) -> None:
    app.command(
        name="backtest",
        help=both("用过去的数据试运行一条规则或一个分层", "Try a rule or segment on the past"),
        epilog=example(
            'tongmai backtest silent --from 2026-01-01 --to 2026-04-01 --outcome "recency <= 60" --outcome-days 60'
        ),
    )(backtest)


def backtest(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help=both("规则或分层的键", "Key of the rule or segment"))],
    first: Annotated[str, typer.Option("--from", help=both("第一天", "First day, 2026-01-01"))],
    after: Annotated[str, typer.Option("--to", help=both("最后一天的次日", "The day after the last"))],
    outcome: Annotated[str | None, typer.Option(help=both("命中之后应成立的公式", "What should follow a hit"))] = None,
    outcome_days: Annotated[int | None, typer.Option(help=both("几天之后", "So many days later"))] = None,
    among: Annotated[str | None, typer.Option(help=both("与哪些记录相比", "Compared with which records"))] = None,
    basis: Annotated[
        str, typer.Option(help=both("known 当时所知，today 现有数据", "known then, or the rows of today"))
    ] = "known",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            subject = _subject(await services.catalogues.get(place), rule)
            parts: dict[str, Any] = {
                **subject, "from": first, "to": after, "outcome": outcome, "outcome_days": outcome_days,
                "among": among, "basis": basis,
            }  # fmt: skip
            found = await services.backtests.backtests.run(place, read_document(BacktestRequest, parts))
        out.result(found, *_lines(found, out))

    run(context, json, work)


def _subject(catalogue: Catalogue, key: str) -> dict[str, Any]:
    """The segment of that key, else the rule. Raises ``NotFound``."""
    segment = catalogue.segment_by_key.get(key)
    if segment is not None:
        return {"segment": segment.model_dump(mode="json", by_alias=True)}
    return {"rule": find_rule(catalogue, key).model_dump(mode="json", by_alias=True)}


def _lines(found: dict[str, Any], out: Output) -> list[str]:
    load = found["workload"]
    lines = [
        out.say(
            f"{found['from']} 至 {found['through']}：命中 {found['hits']} 次，{found['records']} 条记录",
            f"{found['from']} to {found['through']}: {found['hits']} hits on {found['records']} records",
        ),
        out.say(
            f"  工作量：有命中的日子每人平均 {load['per_person_and_day']} 次，最多 {load['most_for_one_on_a_day']} 次",
            f"  workload: {load['per_person_and_day']} a person on days with hits,"
            f" {load['most_for_one_on_a_day']} at most",
        ),
    ]
    if found["outcome"] is not None:
        lines += _outcome(found["outcome"], out)
    lines += [f"  {note['zh' if out.language == 'zh' else 'en']}" for note in found["notes"]]
    engine, seconds = found["engine"], found["seconds"]
    lines.append(out.say(f"  {engine}，{seconds} 秒", f"  {engine}, {seconds} s"))
    return lines


def _outcome(told: dict[str, Any], out: Output) -> list[str]:
    precision, base, recall = (_percent(told[name]) for name in ("precision", "base_rate", "recall"))
    return [
        out.say(
            f"  {told['days']} 天后成立：{precision}（所有记录同期 {base}）；事先命中 {recall}",
            f"  {told['days']} days later it held for {precision} (all records on the same days {base});"
            f" foretold {recall}",
        ),
        out.say(
            f"  {told['decided']} 次已见分晓，{told['waiting']} 次还要等",
            f"  {told['decided']} decided, {told['waiting']} still waiting",
        ),
    ]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
