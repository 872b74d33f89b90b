from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.kit import Invalid
from tongmai.link.understanding import (
    SignalDictionary,
    SignalKind,
    SignalMatcher,
    read_kinds,
    shipped_dictionary,
    words_said,
)
from tongmai.link.understanding.patterns import Pattern

MATCHER = SignalMatcher(shipped_dictionary())


def kinds(text: str) -> set[str]:
    return {each.kind for each in MATCHER.find(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我们下周换仓", "warehouse_change"),
        ("竞品报价更低", "competitor"),
        ("急要200台", "urgent"),
        ("老板换了人", "owner_changed"),
        ("仓库下个月搬迁", "warehouse_moved"),
        ("他们跟别人签了年度协议", "competitor_annual"),
        ("想预约试听，13812345678", "trial_booking"),
        ("想预约试听，电话+86 138 1234 5678", "trial_booking"),
        ("我們下週換倉，貨先別發老地址", "warehouse_change"),
        ("別家報價比你們低８個點", "competitor"),
    ],
)
def test_the_named_signals_are_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("不急要", "negated"),
        ("没有换仓", "negated"),
        ("沒有換倉", "negated"),
        ("换仓的事取消了", "negated"),
        ("他说“急要”，我看未必", "quoted"),
        ("「张三：急要200台」\n- - - -\n收到", "quoted"),
        ("> 群里说竞品降价", "quoted"),
        ("如果换仓我会通知", "supposed"),
        ("急要的话我告诉你", "supposed"),
        ("谁说急要了", "negated"),
        ("去年急要过一次", "past"),
        ("你们换仓了吗", "ours"),
        ("加急费怎么算", "cancelled"),
        ("想预约试听", "lacks_mobile"),
    ],
)
def test_why_a_word_is_not_meant_can_be_asked(text: str, reason: str) -> None:
    assert MATCHER.find(text) == ()
    assert reason in {each.refused for each in MATCHER.examine(text)}


@pytest.mark.parametrize(
    "text",
    ["不是不急要，是真的急要", "不得不换仓了", "不好意思，急要", "能不能加急处理", "你们慢，我们急要", "没办法，急要"],
)
def test_what_only_looks_negated_is_meant(text: str) -> None:
    assert kinds(text)


def test_the_place_of_a_hit_is_that_of_the_message_as_it_was_written() -> None:
    text = "ＡＢＣ公司：这批货急要！"
    (hit,) = MATCHER.find(text)
    assert text[hit.start : hit.end] == "急要"
    text = "乾淨的倉庫裏，這批貨急著要換倉。"
    assert "換倉" in {text[each.start : each.end] for each in MATCHER.find(text)}


def test_masks_emoticons_and_mentions_say_nothing() -> None:
    assert kinds("[急要] @急要小王 [地址x]") == set()


def test_a_gap_does_not_reach_over_a_clause() -> None:
    assert kinds("仓库满了，下周搬家") == set()
    assert kinds("仓库下周搬") == {"warehouse_moved"}


def test_a_workspace_adds_words_and_kinds_of_its_own() -> None:
    more = read_kinds(
        "- {key: urgent, label: {zh: 急要, en: Urgent}, keywords: [火烧眉毛]}\n"
        "- {key: leave, label: {zh: 请假, en: Leave}, keywords: [请假]}\n"
    )
    found = SignalMatcher(shipped_dictionary().extended(more))
    assert {each.kind for each in found.find("火烧眉毛了，我明天请假，急要")} == {"urgent", "leave"}
    assert shipped_dictionary().fingerprint != found.dictionary.fingerprint
    assert found.dictionary.by_key["urgent"].present


@pytest.mark.parametrize(
    "document",
    [
        "- {key: Bad Key, label: {zh: a, en: a}}",
        "- {key: a, label: {zh: a, en: a}, words: [x]}",
        "- [1",
        "- {key: a, label: {zh: a, en: a}, keywords: ['..x']}",
    ],
)
def test_a_dictionary_that_is_not_right_is_refused(document: str) -> None:
    with pytest.raises(Invalid):
        SignalDictionary(()).extended(read_kinds(document))


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_and_every_hit_is_where_it_says(text: str) -> None:
    for hit in MATCHER.examine(text):
        first = Pattern.read(hit.keyword).parts[0]
        assert text[hit.start : hit.end].lower().startswith(first) or text.lower() != text


@given(st.sampled_from(["急要", "换仓", "要投诉"]), st.sampled_from(["不", "没有", "无需", "不用"]))
def test_one_negation_before_a_word_always_takes_it_back(word: str, negation: str) -> None:
    assert kinds(f"我{word}")
    assert not kinds(f"我{negation}{word}")


def of(*keywords: str, cancelled_by: str = "") -> SignalMatcher:
    """A matcher of one kind."""
    kind = {"key": "own", "label": {"zh": "自定义", "en": "Own"}, "keywords": keywords}
    cancels = {"cancelled_by": (cancelled_by,)} if cancelled_by else {}
    return SignalMatcher(SignalDictionary(()).extended((SignalKind.model_validate(kind | cancels),)))


@pytest.mark.parametrize(
    ("keyword", "said", "unsaid"),
    [
        ("换{供应商|厂家}", ["想换厂家", "换供应商了"], ["换衣服", "厂家换"]),
        ("{仓|库}房..{搬|迁}", ["库房下周就要搬", "仓房迁走"], ["库房很大，明天搬家", "搬库房"]),
        ("同款~~便宜", ["同款那边更便宜", "便宜得多的同款"], ["便宜，但不是同款", "同款"]),
        ("最迟..{今天|今晚}..{到|送来}", ["最迟就今晚一定送来"], ["最迟今晚", "今晚最迟送来"]),
    ],
)
def test_patterns_tell_wordings_gaps_and_either_order(keyword: str, said: list[str], unsaid: list[str]) -> None:
    found = of(keyword)
    assert [text for text in said if not found.find(text)] == []
    assert [text for text in unsaid if found.find(text)] == []


def test_a_pattern_is_guarded_like_a_word() -> None:
    found = of("{货|料}..{发到|送到}", cancelled_by="料..{仓库|库房}")
    assert found.find("货以后送到二号库")
    reasons = {
        each.refused for text in ("没有货要送到我们这", "料都发到库房了", "“货已送到”") for each in found.examine(text)
    }
    assert reasons == {"negated", "cancelled", "quoted"}
    assert found.examine("料不发到这边")[0].refused == "negated"


@pytest.mark.parametrize(
    "keyword", ["换{供应商|厂家", "换供应商}", "换{}", "换{供应商|}", "甲..乙..丙..丁", "甲~~乙~~丙", "甲..乙~~丙", "..甲",
                "{一|二|三|四|五|六|七|八}{一|二|三|四|五|六|七|八}{一|二|三|四|五|六|七|八}"],
)  # fmt: skip
def test_a_keyword_that_is_no_pattern_is_refused_with_how_to_write_one(keyword: str) -> None:
    with pytest.raises(Invalid) as refused:
        of(keyword)
    (fault,) = refused.value.faults
    assert fault.code == "signals.keyword"
    assert fault.way_out is not None
    assert "{" in fault.way_out.zh


@given(st.lists(st.sampled_from(["同款", "便宜", "很", "，", "不", "要"]), max_size=10).map("".join))
@settings(max_examples=80, deadline=None)
def test_what_is_near_is_found_exactly_where_a_slow_reading_finds_it(text: str) -> None:
    slow = any(
        {"同款", "便宜"} <= {word for word in ("同款", "便宜") if word in clause}
        and min(
            abs(one - two) - 2
            for one in range(len(clause)) if clause.startswith("同款", one)
            for two in range(len(clause)) if clause.startswith("便宜", two)
        ) <= 12
        for clause in text.split("，")
    )  # fmt: skip
    assert bool(of("同款~~便宜").examine(text)) == slow


def test_what_a_keyword_stands_for_is_told_as_it_was_written() -> None:
    assert words_said("仓库..搬", ["先发个报价", "我们Ａ仓库下周要搬走"]) == "仓库下周要搬"
    assert words_said("new {vendor|supplier}", ["a New Vendor"]) == "New Vendor"
    assert words_said("PO", ["po 12"]) == "po"
    assert words_said("换仓", ["下週換倉"]) == "換倉"
    assert words_said("仓库..搬", ["仓库很好，搬家没有"]) is None
