"""tongmai openapi: the description of the API, in general or with a workspace's objects."""

from __future__ import annotations

import typer

from tongmai.cli.opening import opened_in
from tongmai.cli.options import WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.web import description


def register(app: typer.Typer) -> None:
    app.command(
        "openapi",
        help=both("输出接口说明（OpenAPI）", "Print the description of the API (OpenAPI)"),
        epilog=example("tongmai openapi > openapi.json", "tongmai openapi -w acme"),
    )(openapi)


def openapi(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Without a workspace only the general part; that needs no database."""

    async def work(out: Output) -> None:
        if workspace is None:
            out.result(description((), out.language))
            return
        async with opened_in(workspace) as (services, place):
            catalogue = await services.catalogues.get(place)
        out.result(description(catalogue.objects, out.language))

    run(context, True, work)
