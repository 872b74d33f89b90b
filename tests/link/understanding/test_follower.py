"""While an old archive comes in, a workspace is put off until some pages of it are there; what is new is not."""

from __future__ import annotations

from tongmai.link.understanding.follower import Turns


def test_what_comes_is_followed_at_once() -> None:
    turns = Turns()
    turns.followed("one", gathers=False)
    assert turns.due({"one"}) == {"one"}
    assert not turns.puts_off


def test_an_archive_that_still_comes_is_put_off_and_others_are_not() -> None:
    turns = Turns()
    turns.followed("old", gathers=True)
    assert turns.due({"old", "live"}) == {"live"}
    assert turns.puts_off
    # Something came of the other alone: the archive has paused.
    assert turns.due({"live"}) == {"live", "old"}
    assert not turns.puts_off


def test_what_was_put_off_goes_on_when_nothing_more_comes() -> None:
    turns = Turns()
    turns.followed("old", gathers=True)
    assert turns.due({"old"}) == set()
    assert turns.due(set()) == {"old"}
    turns.followed("old", gathers=False)
    # Now and then all are looked after.
    assert turns.due(set()) is None


def test_an_archive_that_never_pauses_is_read_all_the_same() -> None:
    turns = Turns()
    turns.followed("old", gathers=True)
    looks = [turns.due({"old"}) for _ in range(20)]
    assert {"old"} in looks[:10]
