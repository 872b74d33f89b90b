"""tongmai verify-history: recompute every hash of the history and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import REFUSED, Output, run
from tongmai.cli.speech import both, example
from tongmai.records import Report, verify_history


def register(app: typer.Typer) -> None:
    app.command(
        "verify-history",
        help=both("校验变更历史是否被篡改", "Check that nobody has changed the history"),
        epilog=example("tongmai verify-history -w acme --anchor /mnt/worm/anchor.txt"),
    )(verify)


def verify(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    anchor: Annotated[Path | None, typer.Option(help=both("外部锚定文件", "Anchor file kept outside"))] = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            with out.progress("校验历史", "Checking") as advance:

                async def report(done: int, total: int) -> None:
                    advance(done, total)

                found = await verify_history(
                    services.database,
                    place,
                    anchor_file=anchor or services.settings.anchor_file,
                    on_progress=report,
                )
        out.result(_document(found, out), *_lines(found, out))
        if not found.ok:
            raise typer.Exit(REFUSED)

    run(context, json, work)


def _document(found: Report, out: Output) -> dict[str, object]:
    return {
        "ok": found.ok,
        "rows": found.rows,
        "blocks": found.blocks,
        "redacted": found.redacted,
        "unsealed": found.unsealed,
        "anchors": found.anchors,
        "head": found.head,
        "fault_count": found.fault_count,
        "faults": [fault.document(out.language) for fault in found.faults],
    }


def _lines(found: Report, out: Output) -> list[str]:
    counted = out.say(
        f"{found.rows} 条历史、{found.blocks} 个区块、{found.anchors} 个锚定",
        f"{found.rows} entries, {found.blocks} blocks, {found.anchors} anchors",
    )
    if found.ok:
        return [out.say(f"完好：{counted}", f"Sound: {counted}"), f"{found.head or ''}"]
    faults = [f"  {fault.text.say(out.language)}" for fault in found.faults]
    return [
        out.say(f"发现 {found.fault_count} 处问题（{counted}）", f"{found.fault_count} faults ({counted})"),
        *faults,
    ]
