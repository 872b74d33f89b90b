"""Who imports whom, read from the sources: also what is imported for type checking only."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import tongmai

ROOT = Path(tongmai.__file__).parent


@cache
def imports() -> dict[str, frozenset[str]]:
    """By module (``tongmai.web.call``) the modules of ours it imports from."""
    paths = {_name(path): path for path in ROOT.rglob("*.py")}
    return {name: frozenset(_imported(path, paths.keys())) for name, path in paths.items()}


def is_package(module: str) -> bool:
    return (ROOT.parent / Path(*module.split(".")) / "__init__.py").is_file()


@cache
def exported(module: str) -> frozenset[str]:
    """The names in the ``__all__`` of a package; none where it has no such list."""
    path = ROOT.parent.joinpath(*module.split(".")) / "__init__.py"
    if not path.is_file():
        return frozenset()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "__all__":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, known: Collection[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for each in node.names:
                inner = f"{node.module}.{each.name}"
                yield inner if inner in known and each.name not in exported(node.module) else node.module
