#!/usr/bin/env bash
# Resolves the dependencies of pyproject.toml into locks with hashes and without addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python - <<'PY'
import pathlib, tomllib

project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
text = "# Made from pyproject.toml by `make lock`.\n" + "\n".join(project["dependencies"]) + "\n"
pathlib.Path("requirements.in").write_text(text)
PY
for name in requirements requirements-dev; do
  .venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
    --no-emit-index-url --no-annotate "$name.in" -o "$name.lock"
done
