"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tongmai.cli.speech import both

JsonOption = Annotated[bool, typer.Option("--json", help=both("以 JSON 输出", "Print JSON"))]
WorkspaceArgument = Annotated[str, typer.Argument(help=both("工作区的键，如 acme", "Key of the workspace, like acme"))]
WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", "-w", help=both("工作区的键；只有一个时可省略", "Key, if there are several")),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help=both("不再询问", "Do not ask"))]
FileArgument = Annotated[Path, typer.Argument(help=both("文件", "File"), exists=True, dir_okay=False, readable=True)]
