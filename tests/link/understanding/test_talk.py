from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.link.understanding import Talk, Turn, is_closing, is_question, is_quotation, read_talk

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def turn(minute: int, who: str, text: str | None = "…", *files: str) -> Turn:
    return Turn(f"m{minute}", START + timedelta(minutes=minute), who == "customer", text, files)


def test_questions_of_an_exchange_that_the_customer_began_are_counted() -> None:
    talk, facts = read_talk(
        [
            turn(0, "customer", "有现货吗？"),
            turn(1, "member", "有的"),
            turn(2, "customer", "多少钱一台"),
            turn(60 * 24, "member", "王总，考虑得怎么样？"),
            turn(60 * 24 + 5, "customer", "能便宜吗？"),
        ]
    )
    assert talk.questions == 2
    assert [each.turn.id for each in facts if each.kind == "customer_question"] == ["m0", "m2"]


def test_latency_is_from_the_first_unanswered_turn_and_closings_need_no_answer() -> None:
    talk, _ = read_talk(
        [
            turn(0, "customer"),
            turn(3, "customer"),
            turn(10, "member"),
            turn(11, "customer", "好的，谢谢"),
            turn(20, "member"),
        ]
    )
    assert (talk.latencies, talk.answers, talk.waiting_since) == ([600], 1, None)


def test_what_nobody_answered_waits_since_its_first_turn() -> None:
    talk, _ = read_talk([turn(0, "member"), turn(5, "customer", "发我报价"), turn(9, "customer", "在吗")])
    assert talk.waiting_since == START + timedelta(minutes=5)


def test_a_quotation_is_open_until_the_customer_says_something() -> None:
    sent = [turn(0, "member", None, "宏达-报价单.pdf")]
    assert read_talk(sent)[0].quote_open_since == START
    talk, facts = read_talk([*sent, turn(30, "customer", "收到")])
    assert (talk.quotes_sent, talk.quotes_answered, talk.quote_open_since) == (1, 1, None)
    assert [(each.kind, each.seconds) for each in facts] == [("quote_sent", None), ("quote_answered", 1800)]


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        (None, ("Quotation_2026.xlsx",), True),
        ("报价：DN50 每台 320 元", (), True),
        ("稍后给您报价", (), False),
        ("合同见附件", ("合同.pdf",), False),
    ],
)
def test_what_a_quotation_is(text: str | None, files: tuple[str, ...], expected: bool) -> None:
    assert is_quotation(turn(0, "member", text, *files)) is expected


def test_questions_and_closings_are_told_apart() -> None:
    assert all(map(is_question, ["有货吗", "怎么付款", "多少钱", "能不能快点"]))
    assert not any(map(is_question, ["好的", "已打款", None]))
    assert all(map(is_closing, ["好的", "收到，谢谢！", "嗯嗯", "OK", "👌", "[抱拳]"]))
    assert not any(map(is_closing, ["好的，什么时候发货", "收到货了，少一箱", None]))


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.booleans(), st.sampled_from(["在吗", "好的", "报价 3 元", "?"])), max_size=40
    )
)
@settings(max_examples=60, deadline=None)
def test_folding_goes_on_where_it_stood_and_a_repetition_changes_nothing(
    given_turns: list[tuple[int, bool, str]],
) -> None:
    turns = [Turn(f"{number:03}", START + timedelta(minutes=minute), who, text)
             for number, (minute, who, text) in enumerate(sorted(given_turns))]  # fmt: skip
    whole, facts = read_talk(turns)
    half, first = read_talk(turns[: len(turns) // 2])
    half = Talk.read(half.document())
    told = list(first)
    for each in (*turns[: len(turns) // 2], *turns[len(turns) // 2 :]):
        more = half.take(each)
        told += more
    assert half == whole
    assert tuple(told) == facts
