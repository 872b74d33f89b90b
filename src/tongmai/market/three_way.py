"""Three-way comparison of definitions: what an app brought, what the company made of it, what the app brings now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tongmai.market.pieces import Address, Pieces
from tongmai.model import Definition

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed the same piece in different ways; None is a removed one."""

    address: Address
    base: Definition | None
    mine: Definition | None
    theirs: Definition | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The pieces that come out, the conflicts that were met, and the company's own changes that were kept."""

    pieces: dict[Address, Definition]
    conflicts: tuple[Conflict, ...]
    kept: tuple[Address, ...]


def merge_three(base: Pieces, mine: Pieces, theirs: Pieces, choices: Mapping[Address, Side] | None = None) -> Merged:
    """What only one side changed is as that side has it; where both did, as chosen, else as the company has it.

    An object that the company keeps needs its fields' home: a piece whose object would go is kept with it.
    """
    choices = choices or {}
    found: dict[Address, Definition] = {}
    conflicts: list[Conflict] = []
    kept: list[Address] = []
    for address in dict.fromkeys((*mine, *theirs, *base)):
        b, m, t = base.get(address), mine.get(address), theirs.get(address)
        if m in (t, b):
            outcome = t
        elif t == b:
            outcome = m
            if b is not None:
                kept.append(address)
        else:
            conflicts.append(Conflict(address, b, m, t))
            outcome = t if choices.get(address) == "theirs" else m
        if outcome is not None:
            found[address] = outcome
    for address in list(found):
        home = ("object", address[1])
        # The app drops an object on which the company has built: it stays, with what is its own.
        if len(address) == 3 and home not in found and home in mine:
            found[home] = mine[home]
    return Merged(_in_order(found, base, mine, theirs), tuple(conflicts), tuple(kept))


def _in_order(
    found: dict[Address, Definition], base: Pieces, mine: Pieces, theirs: Pieces
) -> dict[Address, Definition]:
    """In the app's order, the company's own pieces behind those that they stood behind; where the company has put what
    the app brought in an order of its own, that stays, and what is new comes last."""
    brought = [address for address in mine if address in base]
    if brought != [address for address in base if address in mine]:
        return dict(found)
    behind: dict[Address | None, list[Address]] = {}
    last: Address | None = None
    for address in found:
        if address in theirs:
            last = address
        else:
            behind.setdefault(last, []).append(address)
    order = list(behind.get(None, ()))
    for address in (each for each in theirs if each in found):
        order += [address, *behind.get(address, ())]
    return {address: found[address] for address in order}


def take_away(
    brought: Pieces, mine: Pieces, ground: Pieces | None = None
) -> tuple[dict[Address, Definition], tuple[Address, ...]]:
    """What stays when everything that was brought goes, and what of the company's own goes with it: its fields on the
    app's objects cannot stay without them. What the app had only changed of its ``ground`` is again as it is there,
    unless the company has changed it since."""
    ground = ground or {}
    gone = {each for each in brought if each not in ground}
    objects = {address[1] for address in gone if address[0] == "object"}
    lost = tuple(address for address in mine if address not in gone and len(address) == 3 and address[1] in objects)
    stays = {a: item for a, item in mine.items() if a not in gone and a not in lost}
    returned = {a: ground[a] for a in brought if a in ground and mine.get(a) == brought[a]}
    return {**stays, **returned}, lost
