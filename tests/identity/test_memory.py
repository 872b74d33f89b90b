"""The short memory is short, bounded, and never keeps what was read before a change."""

from __future__ import annotations

import pytest

from tongmai.identity import memory
from tongmai.identity.memory import Memory


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's time, as the only item."""
    found = [0.0]
    monkeypatch.setattr(memory, "_now", lambda: found[0])
    return found


def test_it_remembers_for_its_seconds(seconds: list[float]) -> None:
    known: Memory[str, int] = Memory(5.0)
    known.keep("a", 1, known.generation)
    seconds[0] = 5.0
    assert known.recall("a") == 1
    seconds[0] = 5.1
    assert known.recall("a") is None
    assert known.recall("b") is None


def test_with_no_seconds_it_remembers_nothing(seconds: list[float]) -> None:
    known: Memory[str, int] = Memory(0)
    known.keep("a", 1, known.generation)
    assert known.recall("a") is None


def test_it_forgets_what_is_asked_and_the_oldest_when_full(seconds: list[float]) -> None:
    known: Memory[str, int] = Memory(5.0, kept=2)
    for key, value in (("a", 1), ("b", 2), ("c", 3)):
        known.keep(key, value, known.generation)
    assert [known.recall(key) for key in "abc"] == [None, 2, 3]
    known.forget(lambda value: value == 2)
    assert [known.recall(key) for key in "abc"] == [None, None, 3]
    known.forget()
    assert known.recall("c") is None


def test_what_was_read_before_something_was_forgotten_is_not_kept(seconds: list[float]) -> None:
    known: Memory[str, int] = Memory(5.0)
    generation = known.generation
    known.forget(lambda value: False)
    known.keep("a", 1, generation)
    assert known.recall("a") is None
