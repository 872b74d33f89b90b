"""Three-way laws over generated edits: one side's changes come through, both sides' are conflicts, nothing else moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongmai.market import Address, merge_three, pieces_of, put_pieces, take_away
from tongmai.market.pieces import Pieces
from tongmai.model import Catalogue, FieldDef, ObjectDef, starting_catalogue
from tongmai.model.basis import Definition

_KEYS = st.sampled_from(["a", "b", "c", "d"])
_LABELS = st.sampled_from(["甲", "乙", "丙"])


def _field(key: str, label: str) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": "text", "label": label})


@st.composite
def _objects(draw: st.DrawFn) -> dict[Address, Definition]:
    """One object ``o`` with some fields."""
    labels = draw(st.dictionaries(_KEYS, _LABELS))
    fields = tuple(_field(key, label) for key, label in labels.items())
    return pieces_of(Catalogue(objects=(ObjectDef.model_validate({"key": "o", "label": "物", "fields": fields}),)))


def _same(some: Pieces, others: Pieces) -> bool:
    return dict(some) == dict(others)


@given(_objects(), _objects())
def test_what_only_one_side_changed_is_as_that_side_has_it(base: Pieces, changed: Pieces) -> None:
    assert _same(merge_three(base, base, changed).pieces, changed)
    assert _same(merge_three(base, changed, base).pieces, changed)
    assert merge_three(base, changed, changed).conflicts == ()


@given(_objects(), _objects(), _objects())
def test_each_piece_follows_the_three_way_rule(base: Pieces, mine: Pieces, theirs: Pieces) -> None:
    merged = merge_three(base, mine, theirs)
    conflicts = {each.address for each in merged.conflicts}
    for address in {*base, *mine, *theirs}:
        b, m, t = base.get(address), mine.get(address), theirs.get(address)
        if address in conflicts:
            assert m not in (b, t)
            assert t != b
            assert merged.pieces.get(address) == m
        elif t != b:
            assert merged.pieces.get(address) == t
        else:
            assert merged.pieces.get(address) == m
    chosen = merge_three(base, mine, theirs, dict.fromkeys(conflicts, "theirs"))
    assert all(chosen.pieces.get(address) == theirs.get(address) for address in conflicts)


def test_pieces_make_the_catalogue_again() -> None:
    catalogue = starting_catalogue()
    assert put_pieces(catalogue, pieces_of(catalogue)) == catalogue


@given(_objects(), st.dictionaries(_KEYS, _LABELS))
def test_taking_away_leaves_what_was_there_and_tells_what_goes_with_it(brought: Pieces, own: dict[str, str]) -> None:
    before = pieces_of(starting_catalogue())
    added: dict[Address, Definition] = {("field", "o", f"own_{key}"): _field(f"own_{key}", own[key]) for key in own}
    stays, lost = take_away(brought, {**before, **brought, **added})
    assert stays == before
    assert set(lost) == set(added)
