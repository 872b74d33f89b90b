from __future__ import annotations

import pytest

from tongmai.model import ChoiceOptions, Refused, choices_from


def test_words_of_a_column_become_options_with_stable_keys() -> None:
    made = choices_from(["红标", "New", "红标 ", "a b", "ＮＥＷ", "  "])
    assert [(each.key, each.label.zh) for each in made] == [("option_1", "红标"), ("new", "New"), ("option_3", "a b")]


def test_the_options_made_are_always_fit_to_be_used() -> None:
    words = ["option_2", "x", "option_1", "OPTION_2", "红", "Option_3 ", "option_5", "蓝"]
    made = choices_from(words)
    options = ChoiceOptions(choices=made)
    assert {options.find(word) for word in words} == {each.key for each in made}


def test_too_many_words_are_refused() -> None:
    with pytest.raises(Refused):
        choices_from(f"词{n}" for n in range(1001))
