"""tongmai model: show the metadata as YAML, apply a YAML file with a preview."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from tongmai.cli.opening import opened_in
from tongmai.cli.options import FileArgument, JsonOption, WorkspaceOption, YesOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import Invalid, Language, Text
from tongmai.market import merge, read_model_file, to_yaml
from tongmai.model import diff
from tongmai.schema import Preview, Progress

app = typer.Typer(help=both("对象、字段和角色", "Objects, fields and roles"), no_args_is_help=True)


@app.command(help=both("以 YAML 显示", "Show as YAML"), epilog=example("tongmai model show -w acme > acme.yaml"))
def show(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            catalogue = await services.catalogues.get(place)
        out.result(catalogue.model_dump(mode="json", by_alias=True), to_yaml(catalogue).rstrip())

    run(context, json, work)


@app.command(
    "apply",
    help=both("应用 YAML 文件：先预览，确认后生效", "Apply a YAML file: previews, asks, then changes it live"),
    epilog=example("tongmai model apply acme.yaml --preview", "tongmai model apply acme.yaml --yes"),
)
def apply_(
    context: typer.Context,
    file: FileArgument,
    workspace: WorkspaceOption = None,
    preview: Annotated[bool, typer.Option("--preview", help=both("只预览", "Only show what it would do"))] = False,
    prune: Annotated[bool, typer.Option("--prune", help=both("删除文件没写的", "Remove what it lacks"))] = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        wanted = read_model_file(file)
        async with opened_in(workspace) as (services, place):
            catalogue = await services.catalogues.get(place)
            changeset = diff(catalogue, merge(catalogue, wanted, prune=prune))
            if not changeset:
                out.result({"version": catalogue.version, "changed": False}, out.say("没有变化", "Nothing to change"))
                return
            shown = await services.editor.preview(place, changeset)
            if shown.faults:
                raise Invalid(shown.faults)
            if preview:
                out.result(shown.document(out.language), *preview_lines(shown, out.language))
                return
            confirm(out, preview_lines(shown, out.language), yes=yes)
            with out.progress("应用变更", "Applying") as advance:

                async def report(progress: Progress) -> None:
                    advance(progress.step, progress.steps)

                applied = await services.editor.apply(place, changeset, None, on_progress=report)
        document = {"id": str(applied.id), "version": applied.version, "changed": True}
        out.result(document, out.say(f"已生效，版本 {applied.version}", f"In force as version {applied.version}"))

    run(context, json, work)


def preview_lines(shown: Preview, language: Language) -> list[str]:
    """What would happen, for a person: each step, then each loss."""
    lines = [f"· {step.label.say(language)}  ~{step.seconds:g} s" for step in shown.steps]
    for loss in shown.losses:
        place = f"{loss.object}.{'+'.join(loss.fields)}"
        lines.append(f"! {place}: {loss.count} {loss.meaning.say(language)}")
        lines += [f"    {sample.title or sample.record_id}: {sample.value}" for sample in loss.samples[:5]]
    return lines


def confirm(out: Output, lines: Sequence[str], *, yes: bool) -> None:
    """Shows what would happen and asks. Raises ``Invalid`` where nobody agrees."""
    if yes:
        return
    for line in lines:
        sys.stderr.write(line + "\n")
    if not sys.stdin.isatty() or not typer.confirm(out.say("应用以上变更？", "Apply this?"), err=True):
        raise Invalid.of(
            "model.not_confirmed",
            "未确认，没有改变任何内容",
            "Not confirmed: nothing was changed",
            way_out=Text("加 --yes 则不再询问", "Add --yes to go without asking"),
        )
