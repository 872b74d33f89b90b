"""What one sees before choosing with which scenario of an app to begin: what each brings of how much, from where."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tongmai.market.narrowing import narrowed
from tongmai.market.package import AppPackage
from tongmai.market.pieces import brought_by
from tongmai.market.scenario import Scenario
from tongmai.model import BoardDef, Catalogue, Widget

# How many of how many there are in the whole app, by the word for what they are.
Shares = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """A scenario with what it brings by itself, and whether the workspace has it."""

    scenario: Scenario
    package: AppPackage
    shares: Shares
    is_there: bool

    @property
    def board(self) -> BoardDef:
        """The board of the figure that proves it."""
        return self.package.model.board_by_key[self.scenario.proof.board]

    @property
    def figure(self) -> Widget:
        return next(each for each in self.board.widgets if each.key == self.scenario.proof.widget)


class Beginnings:
    """Works out what an app's scenarios bring, half a second for a large one: once for a package on the same ground."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[AppPackage, Catalogue, tuple[Beginning, ...]]] = {}

    async def of(self, package: AppPackage, ground: Catalogue, there: frozenset[str] | None) -> tuple[Beginning, ...]:
        """The package's scenarios. ``ground`` is what is there without the app; ``there`` are the scenarios that the
        workspace has, None where it has the whole app."""
        kept = self._known.get(package.info.key)
        if kept is None or kept[:2] != (package, ground):
            found = await asyncio.to_thread(_worked_out, package, ground)
            kept = self._known[package.info.key] = (package, ground, found)
        return tuple(replace(each, is_there=there is None or each.scenario.key in there) for each in kept[2])


def _worked_out(package: AppPackage, ground: Catalogue) -> tuple[Beginning, ...]:
    narrow = [(each, narrowed(package, (each.key,), ground)) for each in package.scenarios]
    return tuple(Beginning(each, one, _shares(one, package, ground), is_there=False) for each, one in narrow)


def _shares(narrow: AppPackage, package: AppPackage, ground: Catalogue) -> Shares:
    """What a narrowed package has of the whole one; content packs are counted as ``content``."""
    some = Counter(address[0] for address in brought_by(narrow.model, ground))
    full = Counter(address[0] for address in brought_by(package.model, ground))
    found = {kind: (some[kind], count) for kind, count in full.items()}
    if package.content:
        found["content"] = (len(narrow.content), len(package.content))
    return found
