"""Components: three dates chosen and two limits set make days, lights, a signal and a board of any object (S0-38)."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.kit import Invalid, NotFound
from tongmai.market import built_in_components, find_component, fit, suggested
from tongmai.model import Catalogue, ObjectDef, apply, check_catalogue, diff, starting_catalogue

BILL: dict[str, Any] = {
    "key": "bill", "label": {"zh": "账单", "en": "Bill"}, "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "编号", "en": "Number"}},
        {"key": "total", "type": "money", "label": {"zh": "金额", "en": "Total"}},
        {"key": "signed_on", "type": "date", "label": {"zh": "合同签订日", "en": "Signed on"}},
        {"key": "due_on", "type": "date", "label": {"zh": "约定回款日", "en": "Due on"}},
        {"key": "settled_at", "type": "datetime", "label": {"zh": "实际回款时间", "en": "Settled at"}},
    ],
}  # fmt: skip


def company(*objects: dict[str, Any]) -> Catalogue:
    start = starting_catalogue()
    return start.replace(objects=(*start.objects, *(ObjectDef.model_validate(each) for each in objects or (BILL,))))


def test_every_component_fits_and_leaves_a_sound_catalogue() -> None:
    present = company()
    for component in built_in_components():
        answers = suggested(component, present, "bill")
        after = apply(present, fit(component, present, answers))
        assert check_catalogue(after) == []


def test_the_fields_are_guessed_by_their_names() -> None:
    assert suggested(find_component("overdue"), company(), "bill") == {
        "object": "bill", "signed": "signed_on", "due": "due_on", "paid": "settled_at", "amount": "total",
        "red_days": 5, "soon_days": 7, "tell": None,
    }  # fmt: skip


def test_it_brings_days_lights_and_a_board_and_goes_without_a_trace() -> None:
    present, component = company(), find_component("overdue")
    answers = {"object": "bill", "due": "due_on", "paid": "settled_at", "red_days": 3, "soon_days": 10}
    after = apply(present, fit(component, present, answers))
    days = after.object_by_key["bill"].by_key["overdue_days"]
    assert (
        days.options["text"]
        == "IF(DATE([settled_at]) IS BLANK, DAYS_SINCE([due_on]), DAYS_BETWEEN([due_on], DATE([settled_at])))"
    )
    # What was not answered brings nothing: no term in days, no amount on the board.
    assert "term_days" not in after.object_by_key["bill"].by_key
    (segment,), (board,) = after.segments, after.boards
    assert [each.when for each in segment.classes][1:3] == ["[overdue_days] > 3", "[overdue_days] >= -10"]
    assert "late_amount" not in {each.key for each in board.widgets}
    assert apply(after, diff(after, present)).replace(version=present.version) == present


@pytest.mark.parametrize(
    ("answers", "faulty"),
    [
        ({"object": "gone"}, {"object"}),
        ({"object": "bill"}, {"due", "paid"}),
        ({"object": "bill", "due": "number", "paid": "settled_at"}, {"due"}),
        ({"object": "bill", "due": "due_on", "paid": "settled_at", "red_days": 1_000}, {"red_days"}),
        ({"object": "bill", "due": "due_on", "paid": "settled_at", "red_days": "5) OR (1"}, {"red_days"}),
        ({"object": "bill", "due": "due_on", "paid": "settled_at", "tell": "gone", "x": 1}, {"tell", "x"}),
    ],
)
def test_each_answer_that_does_not_do_is_told(answers: dict[str, Any], faulty: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        fit(find_component("overdue"), company(), answers)
    assert {each.field for each in caught.value.faults} == faulty


def test_fitting_twice_is_refused_with_the_way_out() -> None:
    present, component = company(), find_component("overdue")
    answers = suggested(component, present, "bill")
    after = apply(present, fit(component, present, answers))
    with pytest.raises(Invalid) as caught:
        fit(component, after, answers)
    assert all(each.way_out for each in caught.value.faults)


def test_an_unknown_component_is_not_found() -> None:
    with pytest.raises(NotFound):
        find_component("gone")
