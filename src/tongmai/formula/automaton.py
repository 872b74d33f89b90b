"""Runs search patterns in time proportional to the text: a set of states, made into a table as texts are met."""

from __future__ import annotations

from functools import lru_cache

from tongmai.formula.patterns import Edge, Either, OneOf, Pattern, Repeat, Sequence, read_pattern

_MOST_TABLE = 5_000


class _Program:
    """States of a pattern. A state tests one character or is a junction to others; the last is the goal."""

    def __init__(self, pattern: Pattern) -> None:
        self.tests: list[tuple[tuple[int, int], ...] | None] = []
        self.edges: list[bool | None] = []
        self.exits: list[list[int]] = []
        self.goal = self._state()
        self.start = self._build(pattern, self.goal)

    def _state(self, *exits: int) -> int:
        self.tests.append(None)
        self.edges.append(None)
        self.exits.append(list(exits))
        return len(self.exits) - 1

    def _build(self, pattern: Pattern, then: int) -> int:
        """The state from which ``pattern`` leads to ``then``."""
        if isinstance(pattern, OneOf):
            state = self._state(then)
            self.tests[state] = pattern.ranges
            return state
        if isinstance(pattern, Edge):
            state = self._state(then)
            self.edges[state] = pattern.at_end
            return state
        if isinstance(pattern, Sequence):
            for part in reversed(pattern.parts):
                then = self._build(part, then)
            return then
        if isinstance(pattern, Either):
            return self._state(*(self._build(branch, then) for branch in pattern.branches))
        return self._repeat(pattern, then)

    def _repeat(self, pattern: Repeat, then: int) -> int:
        if pattern.most is None:
            loop = self._state()
            self.exits[loop] = [self._build(pattern.part, loop), then]
            then = loop
        else:
            end = then
            for _ in range(pattern.most - pattern.least):
                then = self._state(self._build(pattern.part, then), end)
        for _ in range(pattern.least):
            then = self._build(pattern.part, then)
        return then


class Matcher:
    """One pattern, ready to search."""

    def __init__(self, pattern: Pattern) -> None:
        self._program = _Program(pattern)
        self._begin = self._closure([self._program.start], at_start=True)
        self._again = self._closure([self._program.start], at_start=False)
        self._table: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def found_in(self, text: str) -> bool:
        """Whether some part of ``text`` fits the pattern."""
        program, states = self._program, self._begin
        for character in text:
            if program.goal in states:
                return True
            key = (states, character)
            following = self._table.get(key)
            if following is None:
                following = self._step(states, ord(character))
                if len(self._table) >= _MOST_TABLE:
                    self._table.clear()
                self._table[key] = following
            states = following
        return program.goal in self._at_end(states, not text)

    def _step(self, states: frozenset[int], point: int) -> frozenset[int]:
        program, following = self._program, list[int]()
        for state in states:
            ranges = program.tests[state]
            if ranges is not None and any(low <= point <= high for low, high in ranges):
                following.extend(program.exits[state])
        return self._closure(following, at_start=False) | self._again

    def _closure(self, states: list[int], at_start: bool) -> frozenset[int]:
        """All states reachable without reading. Tests for the end stay in the set: ``_at_end`` resolves them."""
        program, seen, waiting = self._program, set[int](), list(states)
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            is_open = program.edges[state] is None or (program.edges[state] is False and at_start)
            if program.tests[state] is None and is_open:
                waiting.extend(program.exits[state])
        return frozenset(seen)

    def _at_end(self, states: frozenset[int], at_start: bool) -> set[int]:
        program, seen, waiting = self._program, set[int](), list(states)
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            edge = program.edges[state]
            is_open = edge is None or edge is True or at_start
            if program.tests[state] is None and is_open:
                waiting.extend(program.exits[state])
        return seen


@lru_cache(maxsize=256)
def matcher(text: str) -> Matcher:
    """The matcher of a pattern that ``read_pattern`` accepts; kept, since making it costs more than a search."""
    return Matcher(read_pattern(text))
