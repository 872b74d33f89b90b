"""What is promised of the shipped words: on our labelled messages, and on the real dialogues beside the project."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tongmai.link.understanding import SignalMatcher, shipped_dictionary

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "examples"))

import chat_understanding as example  # noqa: E402

MATCHER = SignalMatcher(shipped_dictionary())
LABELLED = ROOT / "tests" / "data" / "chat_signals.tsv"


def test_the_set_is_large_and_every_kind_is_in_it() -> None:
    lines = example.read_labelled(LABELLED)
    assert len(lines) >= 300
    assert {kind for kinds, _ in lines for kind in kinds} == set(MATCHER.dictionary.by_key)


def test_messages_nobody_looked_at_are_read_well() -> None:
    held_out = example.tally(MATCHER, example.read_labelled(LABELLED)[1::2])
    assert held_out.precision() >= 0.90
    assert held_out.recall() >= 0.93


@pytest.mark.real_data
def test_complaints_tell_unhappy_dialogues_from_others() -> None:
    places = [os.environ.get("TONGMAI_REAL_DATA"), ROOT.parent / "shared" / "data"]
    files = [Path(each or "/nonexistent") / "chat_stc3_weibo_helpdesk" / "train_data_cn.json" for each in places]
    file = next((each for each in files if each.is_file()), None)
    if file is None:
        pytest.skip("the real data sets are not beside the project; set TONGMAI_REAL_DATA to their folder")
    dialogues = example.read_dialogues(file)
    unhappy = [each.satisfaction < example.UNHAPPY for each in dialogues]
    counts = [example.complains(MATCHER, each) for each in dialogues]
    assert len(dialogues) == 3000
    assert example.area_under_curve(counts, unhappy) >= 0.63
    told = [is_unhappy for is_unhappy, count in zip(unhappy, counts, strict=True) if count]
    assert sum(told) / len(told) >= 1.5 * sum(unhappy) / len(unhappy)
