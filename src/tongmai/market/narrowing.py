"""An app narrowed to some of its scenarios: what they enter by, all that needs, and nothing else (S0-37).

What a piece cannot do without comes with it. Of a piece that only gathers others (a page's layout, a role's grants, a
mapping's fields, a board's widgets) what has not come is left away, so that a role never drags the whole app in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from tongmai.kit import Fault, Invalid, Text
from tongmai.market.package import AppPackage
from tongmai.market.pieces import Address, Pieces, brought_by, pieces_of, put_pieces
from tongmai.market.scenario import Scenario
from tongmai.market.trimming import Trimmer
from tongmai.model import (
    SYSTEM_KEYS,
    Catalogue,
    Definition,
    MakeTask,
    MappingDef,
    Push,
    References,
    RuleDef,
    SegmentDef,
    Unique,
    Validation,
)


def narrowed(package: AppPackage, keys: Collection[str], ground: Catalogue) -> AppPackage:
    """The package with what the scenarios need. ``ground`` is what is there without the app.

    Raises ``Invalid`` for a scenario that the app does not have, and for none at all.
    """
    chosen = _chosen(package, keys)
    cut = Narrowing(package, ground)
    kept = cut.closure(chosen)
    pieces = {each: cut.trimmed(each, kept, chosen) for each in cut.pieces if each in kept}
    wanted = set(_content_of(pieces.values()))
    return package.replace(
        model=put_pieces(Catalogue(), cut.with_homes(pieces)),
        content=tuple(each for each in package.content if each.key in wanted),
        chosen=tuple(each.key for each in chosen),
    )


class Narrowing:
    """Works out what scenarios of one package need."""

    def __init__(self, package: AppPackage, ground: Catalogue) -> None:
        self.pieces: Mapping[Address, Definition] = brought_by(package.model, ground)
        self._own = pieces_of(package.model)
        whole = put_pieces(ground, {**pieces_of(ground), **self.pieces})
        self._references = References(whole)
        self._trimmer = Trimmer(self._references)
        self._named: dict[Address, frozenset[Address]] = {}

    def closure(self, scenarios: Iterable[Scenario]) -> frozenset[Address]:
        """All pieces of the app that the scenarios need."""
        chosen = tuple(scenarios)
        kept = {address for each in chosen for address in each.entries()}
        while True:
            kept |= {address for address, item in self._riders.items() if self._rides(item, address, kept)}
            named = {name for each in kept for name in self._names_of(each, kept, chosen)} & self.pieces.keys()
            if named <= kept:
                return frozenset(kept)
            kept |= named

    def trimmed(self, address: Address, kept: Collection[Address], scenarios: Iterable[Scenario]) -> Definition:
        """The piece without what of it has not come."""
        home = address[1]
        wanted = frozenset(key for each in scenarios for key in each.boards.get(home, ()) if address[0] == "board")
        return self._trimmer.trim(home, self.pieces[address], lambda name: self._is_there(name, kept), wanted)

    def with_homes(self, pieces: Pieces) -> dict[Address, Definition]:
        """Fields for built-in objects are read again only beside these objects' traits."""
        homes = {("object", each[1]) for each in pieces if len(each) == 3}
        return {each: pieces.get(each, item) for each, item in self._own.items() if each in pieces or each in homes}

    @cached_property
    def _riders(self) -> dict[Address, Definition]:
        return {a: item for a, item in self.pieces.items() if isinstance(item, Unique | Validation | MappingDef)}

    def _rides(self, item: Definition, address: Address, kept: Collection[Address]) -> bool:
        """Whether a piece comes with others: a check with its fields, a mapping with what it fills."""
        if not isinstance(item, MappingDef):
            return ("object", address[1]) in kept and all(
                self._is_there(each, kept) for each in self._references.of(address[1], item)
            )
        if ("source", item.source) not in kept or not self._is_there(("object", item.object), kept):
            return False
        filled = [each.field for each in item.fields if each.field not in item.match and each.field not in SYSTEM_KEYS]
        # One that only finds records (people by their numbers) is about those that are there.
        return any(self._is_there(("field", item.object, each), kept) for each in filled or item.match)

    def _names_of(
        self, address: Address, kept: Collection[Address], scenarios: Iterable[Scenario]
    ) -> frozenset[Address]:
        if address not in self.pieces:
            return frozenset()
        if not self._trimmer.gathers(self.pieces[address]):
            if address not in self._named:
                self._named[address] = self._references.of(address[1], self.pieces[address])
            return self._named[address]
        return self._references.of(address[1], self.trimmed(address, kept, scenarios))

    def _is_there(self, name: Address, kept: Collection[Address]) -> bool:
        return name in kept or name not in self.pieces


def _chosen(package: AppPackage, keys: Collection[str]) -> tuple[Scenario, ...]:
    """In the order of the package, so that the same choice is the same app."""
    known = {each.key for each in package.scenarios}
    faults = [
        Fault(
            "app.unknown_scenario",
            Text(f"应用没有场景“{each[:60]}”", f"The app has no scenario “{each[:60]}”"),
            Text(f"可选：{'、'.join(known) or '无'}", f"There are: {', '.join(known) or 'none'}"),
            field="scenarios",
        )
        for each in keys
        if each not in known
    ]
    if not keys:
        faults.append(Fault("app.no_scenario", Text("请至少选一个场景", "Choose a scenario"), field="scenarios"))
    if faults:
        raise Invalid(tuple(faults))
    return tuple(each for each in package.scenarios if each.key in keys)


def _content_of(items: Iterable[Definition]) -> Iterable[str]:
    """The content packs that rules put before people."""
    for item in items:
        actions = item.then if isinstance(item, RuleDef) else ()
        if isinstance(item, SegmentDef):
            actions = tuple(action for each in item.classes for action in each.on_entry)
        for action in actions:
            if isinstance(action, Push | MakeTask) and action.content is not None:
                yield action.content
