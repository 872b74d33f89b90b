"""What an app stands on: the pieces that the apps it requires brought. It may add to them, and change them.

So a company's own changes travel: what it made of an app is a package that requires that app. Of an object that it
only adds to, such a package says no more than its label; what it no longer changes, or leaves when it is removed, is
again as the app below has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tongmai.market.ledger import InstalledApp
from tongmai.market.pieces import Address, Pieces, brought_by
from tongmai.model import Catalogue, Definition, ObjectTraits, References


def ground_below(
    requires: Collection[str], apps: Iterable[InstalledApp], present: Catalogue
) -> dict[Address, Definition]:
    """What the required apps brought, as they brought it; of two, the later one's (``apps``: the oldest first)."""
    found: dict[Address, Definition] = {}
    for each in apps:
        if each.key in requires:
            found |= said_by(each.brought, present, found)
    return found


def said_by(model: Catalogue, present: Catalogue, ground: Pieces) -> dict[Address, Definition]:
    """An app's pieces on its ground: where it names an object of that only to add to it, the object is not its own."""
    said = brought_by(model, present)
    return {a: item for a, item in said.items() if a not in ground or not _is_bare(item) or _is_bare(ground[a])}


def _is_bare(item: Definition) -> bool:
    """Whether this names an object and says nothing more of it."""
    return isinstance(item, ObjectTraits) and item == ObjectTraits(label=item.label)


def own_parts(
    present: Catalogue, mine: Pieces, apps: Iterable[InstalledApp]
) -> tuple[dict[Address, Definition], tuple[str, ...]]:
    """What the company built, and which of the apps that needs: those whose pieces it changes, adds to or names."""
    brought: dict[Address, Definition] = {}
    owners: dict[Address, str] = {}
    keys = []
    for each in apps:
        said = said_by(each.brought, present, brought)
        brought |= said
        owners |= dict.fromkeys(said, each.key)
        keys.append(each.key)
    own = {
        address: item
        for address, item in mine.items()
        if brought.get(address) != item and not getattr(item, "builtin", False)
    }
    references = References(present)
    named = {name for address, item in own.items() for name in (address, *references.of(address[1], item))}
    for address in list(own):
        home = ("object", address[1])
        if len(address) == 3 and home not in own:
            # A part is read again only beside its object, which is not its own.
            named.add(home)
            traits = mine[home]
            assert isinstance(traits, ObjectTraits)
            own[home] = ObjectTraits(label=traits.label) if home in brought else traits
    needed = {owners[name] for name in named if name in owners}
    return own, tuple(key for key in keys if key in needed)
