"""Search patterns: the subset, its refusals, and searches in linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.formula.automaton import Matcher, matcher
from tongmai.formula.patterns import PatternFault, read_pattern

_ATOMS = st.sampled_from(
    ["a", "b", "1", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "(a|b1)", "(?:ab)", "华", "^", "$", "\\."]
)
_MARKS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}"])
_PATTERNS = st.lists(
    st.tuples(_ATOMS, _MARKS).map(lambda pair: pair[0] if pair[0] in "^$" else "".join(pair)), min_size=1, max_size=5
).map("".join)


@settings(max_examples=400, deadline=None)
@given(pattern=_PATTERNS, text=st.text(alphabet="ab1 .华\n_", max_size=8))
def test_a_search_finds_what_pythons_own_expressions_find(pattern: str, text: str) -> None:
    own = pattern.replace("$", "\\Z").replace("^", "\\A").replace("[\\Aa]", "[^a]")
    assert matcher(pattern).found_in(text) == (re.search(own, text, re.ASCII) is not None)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|b*)*",
        "a**",
        "\\1",
        "(?=a)",
        "(?<n>a)",
        "[a",
        "(a",
        "a)",
        "*a",
        "a{2",
        "a{5,2}",
        "a{0}",
        "\\b",
        "a||b",
    ],
)
def test_what_engines_read_differently_or_slowly_is_refused(pattern: str) -> None:
    with pytest.raises(PatternFault):
        read_pattern(pattern)


def test_a_search_takes_time_in_proportion_to_the_text() -> None:
    search = Matcher(read_pattern("a*a*a*a*a*b"))
    started = time.process_time()
    assert search.found_in("a" * 20_000) is False
    assert time.process_time() - started < 2.0
