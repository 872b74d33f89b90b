"""What the pages name exists: files, commands and their options, settings, addresses of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from tongmai.cli import build
from tongmai.cli.passwords import VARIABLE
from tongmai.kit import Settings
from tongmai.web import description

from .pages import blocks, guide, name, pages, prose, read

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_VARIABLE = re.compile(r"\bTONGMAI_[A-Z_]+\b")
_ADDRESS = re.compile(r"(?<![\w/])(?:\$ADDRESS)?(/(?:api/|healthz|readyz|metrics\b)[A-Za-z0-9_/{}$.*\-]*)")
_INSERTED = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)")
# Read elsewhere: where tests find real data, and a password for the command line.
_ELSEWHERE = frozenset({"TONGMAI_REAL_DATA", VARIABLE})


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in _LINK.findall(prose(page)) if not _leads_somewhere(page, link)]
    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = page if not path else (page.parent / unquote(path))
    if not target.exists():
        return False
    return not anchor or anchor in {_anchor(each) for each in _HEADING.findall(prose(target))}


def _anchor(heading: str) -> str:
    """A heading's anchor as the usual renderers make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("page", guide(), ids=name)
def test_every_command_and_option_named_exists(page: Path) -> None:
    wrong = [line for line in _commands(page) if not _is_known(line.split())]
    assert wrong == []


def _commands(page: Path) -> Iterator[str]:
    shells = [block.text for block in blocks(page) if block.words[:1] == ("sh",)]
    lines = [*_CODE.findall(prose(page)), *"\n".join(shells).replace("\\\n", " ").splitlines()]
    for line in lines:
        for part in re.split(r"[|;&]|\$\(", line.partition(" #")[0]):
            words = part.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            words = re.sub(r"^(?:[A-Z_]+=\S* )+", "", words)
            if words.startswith("tongmai "):
                yield words.removeprefix("tongmai ")


def _is_known(words: list[str]) -> bool:
    command: TyperCommand | TyperGroup = get_group(build())
    names = _options(command)
    while isinstance(command, TyperGroup):
        if words and words[0].startswith("-"):
            # The program's own option (--lang zh) comes before the command.
            if words[0] not in names:
                return False
            words = words[2:]
            continue
        inner = command.commands.get(words[0]) if words else None
        if inner is None:
            return not words
        assert isinstance(inner, TyperCommand | TyperGroup)
        command, words = inner, words[1:]
        names = _options(command)
    return all(word.partition("=")[0] in names for word in words if word.startswith("-") and word != "-")


def _options(command: TyperCommand | TyperGroup) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


def test_a_command_that_is_not_there_is_found_out() -> None:
    assert _is_known(["workspace", "create", "acme", "--zh", "甲公司"])
    assert _is_known(["--lang", "en", "doctor", "--json"])
    assert not _is_known(["workspace", "make", "acme"])
    assert not _is_known(["doctor", "--fix"])


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_variable_named_is_a_setting(page: Path) -> None:
    known = {f"TONGMAI_{each.upper()}" for each in Settings.model_fields} | _ELSEWHERE
    assert set(_VARIABLE.findall(read(page))) - known == set()


@pytest.mark.parametrize("page", guide(), ids=name)
def test_every_address_named_is_in_the_description_of_the_api(page: Path) -> None:
    described = description((), "en")["paths"]
    assert isinstance(described, dict)
    shapes = {re.sub(r"\{[^}]+\}", "*", path) for path in described}
    wrong = [path for path in _ADDRESS.findall(_INSERTED.sub("*", read(page))) if not _is_described(path, shapes)]
    assert wrong == []


def _is_described(path: str, shapes: set[str]) -> bool:
    parts = path.rstrip("./").split("/")
    return any(
        len(shape) == len(parts) and all(mine in ("*", own) for mine, own in zip(shape, parts, strict=True))
        for shape in (each.split("/") for each in shapes)
    )
