"""What comes with the program is read once, and worked out once, for as long as it says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.market.shop import MODEL, folder

from tongmai.kit import NotFound
from tongmai.market import shelf
from tongmai.market.beginning import Beginnings
from tongmai.market.shelf import Shelf
from tongmai.model import starting_catalogue


async def test_an_app_is_read_once_and_anew_when_a_file_of_it_says_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder(tmp_path / "crm")
    monkeypatch.setattr(shelf, "built_in_apps", lambda: iter([("crm", place)]))
    kept = Shelf()
    first = await kept.package("crm")
    assert await kept.package("crm") is first
    assert await kept.packages() == [first]
    folder(place, MODEL, "1.1")
    assert (await kept.package("crm")).info.version == "1.1"
    with pytest.raises(NotFound):
        await kept.package("erp")


async def test_what_scenarios_bring_is_told_for_this_package_on_this_ground_and_this_workspace() -> None:
    beginnings, ground = Beginnings(), starting_catalogue()
    sales = await Shelf().package("sales")
    none, one = [
        await beginnings.of(sales, ground, there) for there in (frozenset(), frozenset({sales.scenarios[0].key}))
    ]
    assert [each.is_there for each in none] == [False] * len(sales.scenarios)
    assert [each.is_there for each in one] == [True] + [False] * (len(sales.scenarios) - 1)
    assert [each.package is other.package for each, other in zip(none, one, strict=True)] == [True] * len(none)
    fewer = sales.replace(scenarios=sales.scenarios[:1])
    assert len(await beginnings.of(fewer, ground, None)) == 1
    # On another ground it is worked out anew: what is there without the app decides what it brings.
    richer = ground.replace(objects=(*ground.objects, sales.model.objects[-1]))
    anew = await beginnings.of(sales, richer, None)
    assert all(one.package is not other.package for one, other in zip(anew, none, strict=True))
