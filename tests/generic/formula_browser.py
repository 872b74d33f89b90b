"""The browser's evaluator, run by node: transpiled once, then asked line by line in one process."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from tongmai.formula import Kind, Tree, to_json

from .formula_desk import MOMENT, WORKING_DAYS

UI = Path(__file__).parents[2] / "ui"
_TYPESCRIPT = UI / "node_modules" / "typescript" / "lib" / "typescript.js"

_TRANSPILE = """
const [source, target, typescript] = process.argv.slice(2);
const fs = require("fs"), path = require("path"), ts = require(typescript);
for (const name of fs.readdirSync(source).filter((each) => each.endsWith(".ts"))) {
  const options = { target: "ES2022", module: "ESNext", verbatimModuleSyntax: true };
  const text = fs.readFileSync(path.join(source, name), "utf8");
  const { outputText } = ts.transpileModule(text, { compilerOptions: options });
  const code = outputText.replace(/from "(\\.\\/[a-z]+)"/g, 'from "$1.mjs"');
  fs.writeFileSync(path.join(target, name.replace(/\\.ts$/, ".mjs")), code);
}
"""
_DRIVER = """
import { createInterface } from "node:readline";
import { compile } from "./index.mjs";
for await (const line of createInterface({ input: process.stdin })) {
  const { trees, rows, moment } = JSON.parse(line);
  const evaluators = trees.map(compile);
  const answer = rows.map((row) => evaluators.map((evaluate) => evaluate(row, moment)));
  process.stdout.write(JSON.stringify(answer) + "\\n");
}
"""


def missing() -> str | None:
    """Why the browser's evaluator cannot be run here; None if it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not _TYPESCRIPT.exists():
        return "the UI's packages are not installed (npm ci in ui/)"
    return None


class BrowserDesk:
    """One node process."""

    def __init__(self, folder: Path) -> None:
        (folder / "transpile.cjs").write_text(_TRANSPILE)
        (folder / "driver.mjs").write_text(_DRIVER)
        source = UI / "src" / "formula"
        subprocess.run(["node", folder / "transpile.cjs", source, folder, _TYPESCRIPT], check=True)
        self._process = subprocess.Popen(
            ["node", folder / "driver.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def evaluate(self, trees: Sequence[Tree], rows: Sequence[Mapping[str, object]]) -> list[list[object]]:
        question = {
            "trees": [to_json(tree) for tree in trees],
            "rows": [{key: _json(value) for key, value in row.items()} for row in rows],
            "moment": {
                "now": MOMENT.now.isoformat(),
                "zone": MOMENT.zone,
                "workingDays": [day.isoformat() for day in WORKING_DAYS],
                "params": {key: _json(value) for key, value in MOMENT.params.items()},
            },
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the evaluator ended"
        found = json.loads(answer)
        return [[_value(one, tree) for one, tree in zip(line, trees, strict=True)] for line in found]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)


def _json(value: object) -> object:
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _value(value: object, tree: Tree) -> object:
    if isinstance(value, str) and tree.type.kind is Kind.DATE:
        return date.fromisoformat(value)
    if isinstance(value, str) and tree.type.kind is Kind.DATETIME:
        return datetime.fromisoformat(value)
    return value
