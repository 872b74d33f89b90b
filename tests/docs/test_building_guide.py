"""The YAML and the formulas of the guide hold for the starter workspace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tongmai import formula
from tongmai.cli.quickstart import starter_model
from tongmai.kit import Invalid
from tongmai.market import merge, read_model
from tongmai.model import Catalogue, ObjectScope, apply, diff, starting_catalogue

from .pages import ROOT, blocks, read

GUIDE = ROOT / "docs" / "guide"
_FILTER = re.compile(r"^\| [^|`]+ \| `([^`]+)` \|$", re.MULTILINE)


def starter() -> Catalogue:
    """The workspace that ``tongmai quickstart`` makes."""
    empty = starting_catalogue()
    return apply(empty, diff(empty, merge(empty, starter_model())))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_models_of_the_guide_can_be_applied_one_after_the_other(language: str) -> None:
    catalogue = starter()
    found = [block for block in blocks(GUIDE / language / "building.md") if block.words == ("yaml",)]
    assert len(found) == 6
    for block in found:
        # Raises Invalid, with all faults, where the catalogue would not be sound.
        catalogue = apply(catalogue, diff(catalogue, merge(catalogue, read_model(yaml.safe_load(block.text)))))
    assert {"member", "visit", "progress_note"} <= catalogue.object_by_key.keys()
    assert catalogue.object_by_key["account"].prompts is not None
    assert "clerk" in catalogue.role_by_key
    assert catalogue.calendar.open


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_filters_of_the_guide_are_right_formulas(language: str) -> None:
    page = read(GUIDE / language / "using.md")
    title = "## 筛选公式" if language == "zh" else "## Filter formulas"
    wanted = _FILTER.findall(page.partition(title)[2].partition("\n## ")[0])
    assert len(wanted) == 5
    assert [text for text in wanted if not _is_a_filter(text)] == []


def _is_a_filter(text: str) -> bool:
    catalogue = starter()
    for key in ("customer", "opportunity"):
        try:
            formula.parse(text, ObjectScope(catalogue, key), expect=formula.BOOLEAN)
        except Invalid:
            continue
        return True
    return False


def test_the_pictures_of_the_guide_are_small() -> None:
    large = [path.name for path in Path(ROOT / "docs" / "screens").glob("*.png") if path.stat().st_size > 200_000]
    assert large == []
