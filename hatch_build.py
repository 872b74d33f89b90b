"""Builds the UI into the wheel, so that users of the Python package need no Node."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("src/tongmai/web/_ui")


class UserInterface(BuildHookInterface):  # type: ignore[type-arg]
    """Skipped for editable installs; a UI that is there already (in an sdist) is taken as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable" or os.environ.get("TONGMAI_SKIP_UI") == "1":
            return
        if (root / BUILT / "index.html").exists() and not (root / ".git").exists():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("npm (Node 20 or later) is needed to build the UI; TONGMAI_SKIP_UI=1 leaves it out")
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=root / "ui", check=True)  # noqa: S603
        subprocess.run([npm, "run", "build"], cwd=root / "ui", check=True)  # noqa: S603
