"""The guide's boards are boards of the sales app: they can be added to it as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tongmai.market import built_in_apps, merge, read_package
from tongmai.model import BoardDef, check_catalogue, starting_catalogue

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
_BLOCK = re.compile(r"```yaml\n(boards:.*?)```", re.DOTALL)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_boards_of_the_guide_can_be_added(language: str) -> None:
    blocks = _BLOCK.findall((GUIDE / language / "boards.md").read_text(encoding="utf-8"))
    written = [BoardDef.model_validate(each) for block in blocks for each in yaml.safe_load(block)["boards"]]
    assert {each.key for each in written} == {"quote_watch", "customer_last_call", "customer_talk"}
    sales = merge(starting_catalogue(), read_package(dict(built_in_apps())["sales"]).model)
    assert check_catalogue(sales.replace(boards=(*sales.boards, *written))) == []
