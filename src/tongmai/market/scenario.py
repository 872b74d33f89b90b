"""Scenarios: the one pain that a company begins with, before it takes the whole app (S0-37).

A scenario is a YAML file of the package: the pain, the figure that proves it is going, and where one enters: boards
(with the widgets of them that belong to it), rules, roles, sources. What these need is worked out
(``market.narrowing``) and is never listed by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from tongmai.kit import Fault, Text
from tongmai.market.pieces import Address
from tongmai.model import BoardDef, Catalogue, Definition, Key, Label

_Keys = Annotated[tuple[Key, ...], Field(max_length=100)]
# `customer.phone`: an object's key and a field's.
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=100)]


class Proof(Definition):
    """The figure by which one sees that the scenario works: a widget of one of its boards."""

    board: Key
    widget: Key


class Scenario(Definition):
    """What a scenario's file says. ``boards`` are those it brings, each with the widgets that it needs; others of the
    same board come where all that they show is there anyway. ``fields`` are what people are to fill in beside."""

    key: Key
    label: Label
    pain: Label
    proof: Proof
    boards: Annotated[dict[Key, _Keys], Field(min_length=1, max_length=20)]
    rules: _Keys = ()
    segments: _Keys = ()
    metrics: _Keys = ()
    roles: _Keys = ()
    sources: _Keys = ()
    fields: Annotated[tuple[FieldName, ...], Field(max_length=200)] = ()

    def entries(self) -> Iterator[Address]:
        """Where one enters: all that it names, with what sort of thing that is."""
        yield from (("board", each) for each in self.boards)
        yield from (("rule", each) for each in self.rules)
        yield from (("segment", each) for each in self.segments)
        yield from (("metric", each) for each in self.metrics)
        yield from (("role", each) for each in self.roles)
        yield from (("source", each) for each in self.sources)
        yield from (("field", *each.split(".")) for each in self.fields)


def faults_of_scenario(scenario: Scenario, model: Catalogue, pieces: frozenset[Address]) -> Iterator[Fault]:
    """What a scenario names that its app does not have. ``pieces`` are the addresses of the app's."""
    for address in scenario.entries():
        if address not in pieces:
            yield _unknown(scenario, " ".join((address[0], ".".join(address[1:]))))
    for key, widgets in scenario.boards.items():
        board = model.board_by_key.get(key)
        for widget in widgets if board is not None else ():
            if widget not in _widgets(board):
                yield _unknown(scenario, f"{key}.{widget}")
    if scenario.proof.widget not in _widgets(model.board_by_key.get(scenario.proof.board)):
        yield _unknown(scenario, f"{scenario.proof.board}.{scenario.proof.widget}")
    elif scenario.proof.widget not in scenario.boards.get(scenario.proof.board, ()):
        name = f"{scenario.proof.board}.{scenario.proof.widget}"
        yield Fault(
            "scenario.proof_left_out",
            Text(f"场景“{scenario.key}”没有带上它的指标 {name}", f"The scenario {scenario.key} leaves out its {name}"),
            Text("把它写进 boards", "Name it under boards"),
            field=scenario.key,
        )


def _widgets(board: BoardDef | None) -> frozenset[str]:
    return frozenset() if board is None else frozenset(each.key for each in board.widgets)


def _unknown(scenario: Scenario, name: str) -> Fault:
    return Fault(
        "scenario.unknown",
        Text(
            f"场景“{scenario.key}”提到的 {name} 不在应用里",
            f"The scenario {scenario.key} names {name}: the app has none",
        ),
        Text("改成应用里有的", "Name what the app has"),
        field=scenario.key,
    )
