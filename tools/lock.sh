#!/usr/bin/env bash
# Resolves the dependencies of pyproject.toml into locks with hashes and without addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python - <<'PY'
import pathlib, tomllib

project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
wanted = {"requirements": project["dependencies"]}
wanted |= {f"requirements-{extra}": packages for extra, packages in project["optional-dependencies"].items()}
for name, packages in wanted.items():
    text = "# Made from pyproject.toml by `make lock`.\n" + "\n".join(packages) + "\n"
    pathlib.Path(f"{name}.in").write_text(text)
PY
compile() {
  .venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
    --no-emit-index-url --no-annotate --override requirements-overrides.in "$@"
}
compile requirements.in -o requirements.lock
compile requirements-dev.in -o requirements-dev.lock
# What the speech extra adds to an environment of the other lock, in the same versions.
compile requirements-speech.in --constraint requirements-dev.lock -o requirements-speech.lock
