from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.model import query_tokens, search_tokens
from tongmai.model.pinyin_initials import NONE, initials
from tongmai.model.search import MOST_TOKENS, QueryTokens

WORDS = st.text(st.sampled_from("通脉重庆科技公司abcXYZ0129 -é㐀"), max_size=80)


def found(text: str, query: str) -> bool:
    asked = query_tokens(query)
    return bool(asked) and answers(search_tokens(text), asked)


def answers(tokens: frozenset[str], asked: QueryTokens) -> bool:
    return set(asked.every) <= tokens and all(tokens & set(pair) for pair in asked.pairs)


@pytest.mark.parametrize(
    "query",
    [
        "通",
        "通脉",
        "脉科",
        "科技公司",
        "tm",
        "TM",
        "tmkj",
        "mkj",
        "t",
        "CRM",
        "rm",
        "c",
        "2026",
        "02",
        "13800138000",
        "0013",
    ],
)
def test_parts_of_words_initials_and_digits_hit(query: str) -> None:
    assert found("通脉科技公司 CRM系统 SO-2026-0001 13800138000", query)


def test_records_of_before_that_have_all_bigrams_are_found_by_two_letters() -> None:
    assert answers(frozenset({"tm", "mk", "kj", "tmk", "mkj"}), query_tokens("mk"))


def test_each_pair_of_letters_in_a_query_must_be_there() -> None:
    assert found("通脉科技 CRM", "mk cr")
    assert not found("通脉科技 CRM", "mk cr xx")


@pytest.mark.parametrize("query", ["脉通", "xx", "mt", "r", "99", "通信", "crmx"])
def test_what_is_not_there_does_not_hit(query: str) -> None:
    assert not found("通脉科技公司 CRM系统", query)


def test_every_reading_of_a_character_counts() -> None:
    assert found("重庆", "cq")
    assert found("重庆", "zq")


def test_width_case_and_compatibility_forms_do_not_matter() -> None:
    assert found("ＡＢＣ公司", "abc")
    assert found("abc", "ＡＢＣ")
    assert found("Straße", "STRASSE")


def test_words_in_a_query_must_all_be_there_in_any_order() -> None:
    assert found("上海通脉科技", "科技 上海")
    assert not found("上海通脉科技", "科技 北京")


def test_a_lone_letter_beside_a_word_is_not_asked_for() -> None:
    assert query_tokens("通脉 a") == QueryTokens(("通脉",))
    assert query_tokens("ab a").every == ()
    assert query_tokens("a") == QueryTokens(("^a",))


@pytest.mark.parametrize("query", ["", "  ", "，。！", "\x00"])
def test_nothing_to_search_for_gives_no_tokens(query: str) -> None:
    assert not query_tokens(query)


def test_rare_characters_without_a_reading_are_still_found() -> None:
    assert found("𠮷野家", "𠮷野")
    assert found("東京カメラ한국", "カメ")


@given(text=WORDS, data=st.data())
@settings(max_examples=300, deadline=None)
def test_each_part_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    asked = query_tokens(text[start:end])
    # A lone letter finds only words that begin with it.
    every = tuple(token for token in asked.every if not token.startswith("^"))
    assert answers(search_tokens(text), QueryTokens(every, asked.pairs))


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=300, max_size=600))
@settings(max_examples=20, deadline=None)
def test_long_texts_stay_within_the_limit_and_keep_their_beginning(text: str) -> None:
    tokens = search_tokens(text)
    assert len(tokens) <= MOST_TOKENS
    assert answers(tokens, query_tokens(text[:20]))


def by_definition(text: str) -> set[str]:
    """The tokens written down as the tokeniser's head describes them, a character at a time."""
    found: set[str] = set()
    for run in re.findall(r"[\u3005\u3007\u3040-\u30ff\u3400-\u9fff]+|[0-9a-zé]+", text.lower()):
        is_chinese = not re.match(r"[0-9a-zé]", run)
        if is_chinese:
            found |= {*run, *(run[at : at + 2] for at in range(len(run) - 1))}
        found |= cuts_by_definition([initials(each) if is_chinese else each for each in run])
        found |= {"^" + each for each in (initials(run[0]) if is_chinese else run[0]) if each != NONE}
    return found


def cuts_by_definition(readings: list[str]) -> set[str]:
    is_plain = "".join(readings).isascii() and ("".join(readings).isalpha() or "".join(readings).isdecimal())
    pairs = [readings[at : at + 2] for at in range(len(readings) - 1)]
    triples = [readings[at : at + 3] for at in range(len(readings) - 2)]
    grams = {"".join(gram) for place in [*(pairs[-1:] if is_plain else pairs), *triples] for gram in product(*place)}
    return {gram for gram in grams if NONE not in gram}


@given(st.text(st.sampled_from("通脉重庆科技行长贸易有限公司㐀カabcXYZ0129 -é，"), max_size=32))
@settings(max_examples=300, deadline=None)
def test_tokens_are_those_of_the_definition(text: str) -> None:
    wanted = by_definition(text)
    assert search_tokens(text) == wanted
