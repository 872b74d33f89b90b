"""The rules of the guide hold for the starter workspace."""

from __future__ import annotations

import pytest
import yaml
from tests.docs.pages import ROOT, blocks
from tests.docs.test_building_guide import starter

from tongmai.market import merge, read_model
from tongmai.model import apply, diff


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rules_of_the_guide_can_be_applied(language: str) -> None:
    catalogue = starter()
    for block in blocks(ROOT / "docs" / "guide" / language / "rules.md"):
        if block.words == ("yaml",):
            # Raises Invalid, with all faults, where a rule would not be sound.
            catalogue = apply(catalogue, diff(catalogue, merge(catalogue, read_model(yaml.safe_load(block.text)))))
    assert {"stalled", "monday_review", "quiet_for_three_weeks"} <= catalogue.rule_by_key.keys()
