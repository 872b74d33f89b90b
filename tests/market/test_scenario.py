"""Scenarios of the shipped apps (S0-37): each comes whole, brings nothing that it could do without, and grows."""

from __future__ import annotations

from functools import cache

import pytest
from tests.market.shop import Shop

from tongmai.kit import Invalid
from tongmai.market import (
    Address,
    AppPackage,
    brought_by,
    built_in_apps,
    narrowed,
    pieces_of,
    put_pieces,
    read_package,
    write_package,
)
from tongmai.model import Catalogue, Definition, check_catalogue, starting_catalogue


@cache
def sales() -> AppPackage:
    return read_package(dict(built_in_apps())["sales"])


SCENARIOS = [each.key for each in sales().scenarios]


@cache
def cut(*keys: str) -> AppPackage:
    return narrowed(sales(), keys, starting_catalogue())


def _with(pieces: dict[Address, Definition]) -> Catalogue:
    ground = starting_catalogue()
    return put_pieces(ground, {**pieces_of(ground), **pieces})


def _brought(package: AppPackage) -> dict[Address, Definition]:
    return brought_by(package.model, starting_catalogue())


def test_the_sales_app_has_three_to_five_scenarios() -> None:
    assert 3 <= len(SCENARIOS) <= 5


@pytest.mark.parametrize("key", SCENARIOS)
def test_a_scenario_is_complete_and_a_part_of_the_app(key: str) -> None:
    pieces = _brought(cut(key))
    whole = _brought(sales())
    assert check_catalogue(_with(pieces)) == []
    assert pieces.keys() < whole.keys()
    assert len(pieces) < len(whole) / 3
    scenario = next(each for each in sales().scenarios if each.key == key)
    assert set(scenario.entries()) <= pieces.keys()
    board = next(each for each in cut(key).model.boards if each.key == scenario.proof.board)
    assert scenario.proof.widget in {each.key for each in board.widgets}
    assert {each.key for each in cut(key).content} <= {each.key for each in sales().content}


@pytest.mark.parametrize("key", SCENARIOS)
def test_a_scenario_brings_nothing_that_it_could_do_without(key: str) -> None:
    pieces = _brought(cut(key))
    scenario = next(each for each in sales().scenarios if each.key == key)
    entries = set(scenario.entries())
    # What only rides: a check of fields that are there, a mapping of a source that was asked for.
    riders = {"validation", "unique", "mapping"}
    spare = [
        address
        for address in pieces
        if address not in entries
        and address[0] not in riders
        and not check_catalogue(_with({each: item for each, item in pieces.items() if each != address}))
    ]
    assert spare == []


@pytest.mark.parametrize("key", SCENARIOS)
def test_no_role_may_do_more_than_in_the_whole_app(key: str) -> None:
    whole = sales().model.role_by_key
    for role in cut(key).model.roles:
        granted = {each.object: each for each in whole[role.key].grants}
        assert role.manages == whole[role.key].manages
        for grant in role.grants:
            full = granted[grant.object]
            assert grant.replace(field_access={}) == full.replace(field_access={})
            assert grant.field_access.items() <= full.field_access.items()


def test_all_scenarios_together_are_what_each_brings_alone() -> None:
    together = _brought(cut(*SCENARIOS))
    assert set().union(*(_brought(cut(each)) for each in SCENARIOS)) <= together.keys()
    assert check_catalogue(_with(together)) == []
    assert cut(*SCENARIOS) == cut(*reversed(SCENARIOS))


def test_a_package_carries_its_scenarios_through_its_file() -> None:
    assert read_package(write_package(sales())).scenarios == sales().scenarios


def test_an_unknown_scenario_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        cut("nothing")
    assert refused.value.faults[0].code == "app.unknown_scenario"
    assert "collections" in (refused.value.faults[0].way_out or sales().info.label).en
    with pytest.raises(Invalid, match="Choose"):
        cut()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("widget: late_amount", "widget: nothing", "scenario.unknown"),
        ("widget: late_amount", "widget: yellows", "scenario.proof_left_out"),
        ("sources: [u8]", "sources: [sap]", "scenario.unknown"),
        ("payment_plan.sign_date", "payment_plan.nothing", "scenario.unknown"),
    ],
)
def test_a_scenario_that_names_what_the_app_has_not_is_refused(old: str, new: str, code: str) -> None:
    scenario = next(each for each in sales().scenarios if each.key == "collections")
    boards = {"overdue_board": ("lights", "late_amount")}
    text = scenario.replace(boards=boards).model_dump_json()
    changed = text.replace(*(_as_json(each) for each in (old, new)))
    assert changed != text
    broken = sales().replace(scenarios=(type(scenario).model_validate_json(changed),))
    with pytest.raises(Invalid) as refused:
        read_package(write_package(broken))
    assert {each.code for each in refused.value.faults} == {code}


def _as_json(text: str) -> str:
    name, _, value = text.partition(": ")
    if not value:
        return f'"{name}"'
    items = value.strip("[]")
    return f'"{name}":["{items}"]' if value.startswith("[") else f'"{name}":"{items}"'


@pytest.mark.slow
async def test_each_scenario_goes_into_an_empty_workspace_and_out_again(shop: Shop) -> None:
    before = pieces_of(await shop.catalogues.newest(shop.workspace))
    for key in SCENARIOS:
        package = await shop.market.narrow(shop.workspace, sales(), [key])
        done = await shop.market.install(shop.workspace, package)
        (installed,) = await shop.market.list(shop.workspace)
        assert installed.scenarios == (key,)
        assert (await shop.market.plan(shop.workspace, package)).is_there
        assert done.change is not None
        await shop.market.undo(shop.workspace, done.change)
        assert pieces_of(await shop.catalogues.newest(shop.workspace)) == before
        assert await shop.market.list(shop.workspace) == []


@pytest.mark.slow
async def test_scenario_by_scenario_and_then_all_is_the_app_as_installed_at_once(shop: Shop) -> None:
    reached: set[Address] = set()
    for number, key in enumerate(SCENARIOS):
        package = await shop.market.narrow(shop.workspace, sales(), [key])
        plan = await shop.market.install(shop.workspace, package)
        assert plan.conflicts == ()
        now = pieces_of(await shop.catalogues.newest(shop.workspace))
        assert reached <= now.keys()
        reached = set(now)
        (installed,) = await shop.market.list(shop.workspace)
        assert set(installed.scenarios or ()) == set(SCENARIOS[: number + 1])
    last = await shop.market.install(shop.workspace, sales())
    grown = list(pieces_of(await shop.catalogues.newest(shop.workspace)).items())
    (installed,) = await shop.market.list(shop.workspace)
    assert installed.scenarios is None
    # A scenario asked for of the whole app is there already: nothing is ever cut back.
    again = await shop.market.narrow(shop.workspace, sales(), [SCENARIOS[0]])
    assert (await shop.market.plan(shop.workspace, again)).is_there
    assert last.change is not None
    await shop.market.undo(shop.workspace, last.change)
    (installed,) = await shop.market.list(shop.workspace)
    assert set(installed.scenarios or ()) == set(SCENARIOS)
    await shop.market.remove(shop.workspace, "sales")
    await shop.market.install(shop.workspace, sales())
    assert grown == list(pieces_of(await shop.catalogues.newest(shop.workspace)).items())
