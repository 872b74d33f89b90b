"""The command line put together."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.main import get_group

from tongmai import __version__
from tongmai.cli import (
    apps,
    backtests,
    backups,
    demo,
    describing,
    doctor,
    metrics,
    models,
    replica,
    rules,
    serving,
    simulate,
    sources,
    tasks,
    transfers,
    users,
    verifying,
    workspaces,
)
from tongmai.cli.output import MACHINE, report_unexpected
from tongmai.cli.speech import both, chosen_language, localise


def build() -> typer.Typer:
    """All commands, their texts still in both languages."""
    app = typer.Typer(
        help=both("通脉：让销售数据自己说话", "Tongmai: lets the sales data you have speak"),
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_root)
    serving.register(app)
    app.add_typer(workspaces.app, name="workspace")
    app.add_typer(users.app, name="user")
    app.add_typer(models.app, name="model")
    app.add_typer(apps.app, name="app")
    app.add_typer(metrics.app, name="metrics")
    app.add_typer(rules.app, name="rules")
    app.add_typer(tasks.app, name="tasks")
    transfers.register(app)
    backtests.register(app)
    app.add_typer(sources.app, name="source")
    simulate.register(app)
    demo.register(app)
    app.add_typer(replica.app, name="replica")
    backups.register(app)
    verifying.register(app)
    doctor.register(app)
    describing.register(app)
    return app


def main() -> None:
    """The entry point ``tongmai``."""
    language = chosen_language(sys.argv[1:], os.environ)
    command = localise(get_group(build()), language)
    try:
        command(obj=language)
    except Exception as error:
        report_unexpected(error, language)
        sys.exit(MACHINE)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _root(
    lang: Annotated[str | None, typer.Option("--lang", help=both("zh 或 en", "zh or en"))] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help=both("显示版本", "Show the version"))
    ] = False,
) -> None:
    if lang not in (None, "zh", "en"):
        raise typer.BadParameter("zh / en")
