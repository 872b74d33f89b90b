"""Answers about scenarios of apps: with which pain one begins, and what that brings."""

from __future__ import annotations

from typing_extensions import TypedDict


class ScenarioShare(TypedDict):
    """``count`` of ``of`` that the whole app has; ``kind`` is the word for what they are (``field``)."""

    kind: str
    count: int
    of: int


class ScenarioPart(TypedDict):
    key: str
    label: str


class ScenarioProof(TypedDict):
    """The figure that proves it: a widget of a board."""

    board: str
    board_label: str
    widget: str
    label: str


class AppScenario(TypedDict):
    """``installed``: the workspace has it, by itself or with the whole app."""

    key: str
    label: str
    pain: str
    proof: ScenarioProof
    sources: list[ScenarioPart]
    objects: list[ScenarioPart]
    shares: list[ScenarioShare]
    installed: bool


class AppScenarios(TypedDict):
    items: list[AppScenario]
