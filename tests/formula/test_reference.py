"""The function reference in ``docs/`` is what the catalogue says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongmai.formula import functions
from tongmai.formula.function_reference import reference, write
from tongmai.kit import Language

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_is_fresh(language: Language) -> None:
    stored = (DOCS / f"functions.{language}.md").read_text(encoding="utf-8")
    assert stored == reference(language), "run: python -m tongmai.formula.function_reference"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_has_every_function_and_alias(language: Language) -> None:
    text = reference(language)
    for function in functions():
        assert f"### {function.name}(" in text
        assert all(alias in text for alias in function.aliases)


def test_both_files_are_written(tmp_path: Path) -> None:
    assert sorted(path.name for path in write(tmp_path)) == ["functions.en.md", "functions.zh.md"]
