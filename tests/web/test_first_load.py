"""What a browser fetches for sign-in and My day, by the manifest of the built screens: no browser is needed to weigh it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import tongmai.web

_UI = Path(tongmai.web.__file__).parent / "_ui"
_MANIFEST = _UI / "assets" / "manifest.json"
MOST_BYTES = 300_000
# What the program loads by itself before anybody has done anything; a language brings its words and its controls'.
_FIRST = (
    "index.html",
    "src/app/SignIn.tsx",
    "src/features/today/TodayPage.tsx",
    "virtual:words/zh-CN/first",
    "node_modules/antd/locale/zh_CN.js",
    "node_modules/dayjs/locale/zh-cn.js",
)


def _first_files(manifest: dict[str, dict[str, object]]) -> set[str]:
    """All that the first entries bring at once, scripts and styles."""
    waiting = [_entry(manifest, each) for each in _FIRST]
    seen: set[str] = set()
    files: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        entry = manifest[name]
        files |= {str(entry["file"]), *_names(entry, "css")}
        waiting += _names(entry, "imports")
    return files


def _entry(manifest: dict[str, dict[str, object]], ending: str) -> str:
    return next(name for name in manifest if name.endswith(ending))


def _names(entry: dict[str, object], kind: str) -> list[str]:
    found = entry.get(kind, [])
    assert isinstance(found, list)
    return [str(each) for each in found]


def test_sign_in_and_my_day_weigh_at_most_300_kb() -> None:
    if not _MANIFEST.exists():
        pytest.skip("the screens are not built: make ui")
    files = _first_files(json.loads(_MANIFEST.read_text(encoding="utf-8")))
    sizes = {each: len(gzip.compress((_UI / each).read_bytes(), 9)) for each in (*files, "index.html", "favicon.svg")}
    total = sum(sizes.values())
    largest = sorted(sizes.items(), key=lambda each: -each[1])[:8]
    assert total <= MOST_BYTES, f"{total:,} bytes, most of them in {largest}"
    # A page of a designer must not have slipped in; sign-in must not have slipped out.
    assert any(each.startswith("assets/SignIn-") for each in files)
    assert not any(name in each for each in files for name in ("PictureView", "RecordsPage", "/rest-"))
