"""When a replica waits for an import to end."""

from __future__ import annotations

from tongmai.replica.rush import Rush


def looks(*seqs: int) -> list[bool]:
    """A look a second, with the newest entry's number at each."""
    rush = Rush()
    return [rush.goes_on(seq, float(second)) for second, seq in enumerate(seqs)]


def test_what_people_write_is_followed_at_once() -> None:
    assert not any(looks(*range(1_000_000, 1_100_000, 1000)))


def test_an_import_is_waited_for_until_it_rests() -> None:
    # Ten thousand entries every third second, then none.
    seqs = [10_000 * (second // 3) for second in range(10)] + [30_000] * 10
    found = looks(*seqs)
    assert found[:3] == [False] * 3
    assert found[3:14] == [True] * 11
    assert found[14:] == [False] * 6


def test_an_import_without_an_end_is_followed_every_two_minutes() -> None:
    found = looks(*range(0, 300 * 10_000, 10_000))
    assert [second for second, waits in enumerate(found) if not waits] == [0, 121, 242]
