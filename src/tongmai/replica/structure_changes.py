"""What a newer catalogue means for an object's files: nothing, a blank column more, or building them anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tongmai.model import Catalogue
from tongmai.replica.columns import stored_columns
from tongmai.replica.manifest import ObjectFiles


@dataclass(frozen=True)
class Fate:
    """``rebuilt`` tells that the files cannot be brought up. Else ``added`` columns (PostgreSQL's type by name) came,
    which are blank in the files unless older records have values in them, and ``dropped`` ones went."""

    rebuilt: bool = False
    added: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()


def fates(held: Mapping[str, ObjectFiles], newer: Iterable[Catalogue]) -> dict[str, Fate]:
    """By object of the newest catalogue. Objects that are in ``held`` and not in the outcome are gone.

    ``newer`` are all versions since, in order: a column that went and came back may have lost values on the way.
    """
    found: dict[str, Fate] = {key: Fate() for key in held}
    columns = {key: {name: shape.stored for name, shape in files.columns.items()} for key, files in held.items()}
    for catalogue in newer:
        present = {each.key: stored_columns(each) for each in catalogue.objects}
        found = {key: _step(found.get(key), columns.get(key), now, held.get(key)) for key, now in present.items()}
        columns = present
    return found


def _step(
    fate: Fate | None, before: Mapping[str, str] | None, now: Mapping[str, str], files: ObjectFiles | None
) -> Fate:
    if fate is None or before is None or files is None or fate.rebuilt:
        return Fate(rebuilt=True)
    went = set(files.dropped) | set(fate.dropped)
    came = [(name, stored) for name, stored in now.items() if name not in before]
    is_other = any(now.get(name, stored) != stored for name, stored in before.items())
    if is_other or any(name in went for name, _ in came):
        return Fate(rebuilt=True)
    gone = [name for name in before if name not in now]
    added = [(name, stored) for name, stored in fate.added if name in now] + came
    return Fate(added=tuple(added), dropped=tuple(dict.fromkeys((*fate.dropped, *gone))))
