"""The examples of the API guide, run as they stand against a real program, and what the page says they answer."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.program import COMMAND, announced, stopped

from .pages import ROOT, Block, blocks

ENGLISH = ROOT / "docs" / "guide" / "en" / "api.md"
CHINESE = ROOT / "docs" / "guide" / "zh" / "api.md"
_MARK = "--- end of block"


@dataclass(frozen=True)
class Example:
    """A block that is run, and the answer that the page shows under it."""

    block: Block
    shown: Block | None


def examples(page: Path) -> list[Example]:
    found = blocks(page)
    followers = [*found[1:], None]
    return [
        Example(block, after if after is not None and after.words in {("json",), ("text",)} else None)
        for block, after in zip(found, followers, strict=True)
        if block.words == ("sh", "run")
    ]


@pytest.fixture
def variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A program on an empty data folder: what the page asks to set first."""
    command = [*COMMAND, "quickstart", "--bare", "--json", "--port", "0", "--data-dir", str(tmp_path / "var")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = announced(process)
            password = next(each["password"] for each in told["sign_ins"] if each["login"] == "admin")
            yield {"ADDRESS": told["address"], "LOGIN": "admin", "PASSWORD": password}
        finally:
            stopped(process)


def run(found: list[Example], variables: dict[str, str], folder: Path) -> list[str]:
    """What each block prints, run in one shell in the order of the page."""
    script = "set -euo pipefail\n" + "".join(f"{each.block.text}\necho; echo '{_MARK}'\n" for each in found)
    folder.mkdir()
    environment = {**os.environ, **variables}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, timeout=120)
    printed = done.stdout.decode().split(_MARK)
    said = f"{printed[-1]}\n{done.stderr.decode()}"
    assert done.returncode == 0, f"the block at line {found[len(printed) - 1].block.line} failed: {said}"
    return printed[:-1]


def missing(shown: object, actual: object, place: str = "") -> list[str]:
    """Where the answer lacks what the page shows: names and kinds of values count, the values themselves do not."""
    if isinstance(shown, dict) and isinstance(actual, dict):
        lacking = [f"{place}.{key}" for key in shown if key not in actual]
        return lacking + [
            fault for key in shown if key in actual for fault in missing(shown[key], actual[key], f"{place}.{key}")
        ]
    if isinstance(shown, list) and isinstance(actual, list):
        return missing(shown[0], actual[0], f"{place}[0]") if shown and actual else [place] * bool(shown)
    if shown is None or actual is None:
        return []
    kinds = {int: (int, float), float: (int, float)}.get(type(shown), (type(shown),))
    return [] if isinstance(actual, kinds) else [f"{place}: {actual!r}"]


@pytest.mark.slow
def test_the_examples_of_the_api_guide_run_and_answer_as_shown(variables: dict[str, str], tmp_path: Path) -> None:
    found = examples(ENGLISH)
    assert len(found) > 15
    printed = run(found, variables, tmp_path / "here")
    faults = []
    for each, text in zip(found, printed, strict=True):
        if each.shown is None:
            continue
        if each.shown.words == ("text",):
            faults += [f"line {each.shown.line}: {each.shown.text}"] * (each.shown.text not in text)
            continue
        answer = json.loads(text)
        faults += [f"line {each.shown.line}: {fault}" for fault in missing(json.loads(each.shown.text), answer)]
    assert faults == []


def test_both_languages_show_the_same_examples() -> None:
    english, chinese = ([block.text for block in blocks(page)] for page in (ENGLISH, CHINESE))
    assert chinese == english


def test_a_shown_answer_is_held_against_the_real_one() -> None:
    actual = {"items": [{"id": "x", "n": 1}], "count": 2}
    assert missing({"items": [{"id": "…"}]}, actual) == []
    assert missing({"items": [{"name": "…"}]}, actual) == [".items[0].name"]
    assert missing({"count": "…"}, actual) == [".count: 2"]
    assert missing({"items": [1]}, {"items": []}) == [".items"]
