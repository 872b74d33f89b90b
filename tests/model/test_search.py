from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.model import query_tokens, search_tokens
from tongmai.model.pinyin_initials import NONE, initials
from tongmai.model.search import MOST_TOKENS, joined_tokens

WORDS = st.text(st.sampled_from("通脉重庆科技公司abcXYZ0129 -é"), max_size=25)


def found(text: str, query: str) -> bool:
    tokens = query_tokens(query)
    return bool(tokens) and set(tokens) <= search_tokens(text)


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
    assert query_tokens("通脉 a") == ("通脉",)
    assert query_tokens("a") == ("^a",)


@pytest.mark.parametrize("query", ["", "  ", "，。！", "\x00"])
def test_nothing_to_search_for_gives_no_tokens(query: str) -> None:
    assert query_tokens(query) == ()


def test_rare_characters_without_a_reading_are_still_found() -> None:
    assert found("𠮷野家", "𠮷野")
    assert found("東京カメラ한국", "カメ")


@given(text=WORDS, data=st.data())
@settings(max_examples=300, deadline=None)
def test_each_part_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    tokens = set(query_tokens(text[start:end]))
    # A lone letter finds only words that begin with it.
    assert {token for token in tokens if not token.startswith("^")} <= search_tokens(text)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=300, max_size=600))
@settings(max_examples=20, deadline=None)
def test_long_texts_stay_within_the_limit_and_keep_their_beginning(text: str) -> None:
    tokens = search_tokens(text)
    assert len(tokens) <= MOST_TOKENS
    assert set(query_tokens(text[:20])) <= tokens


def by_definition(text: str) -> set[str]:
    """The tokens written down as the tokeniser's head describes them, a character at a time."""
    found: set[str] = set()
    for run in re.findall(r"[\u3005\u3007\u3040-\u30ff\u3400-\u9fff]+|[0-9a-zé]+", text.lower()):
        is_chinese = not re.match(r"[0-9a-zé]", run)
        for at, character in enumerate(run):
            found |= {run[at : at + 2]} if at + 1 < len(run) else set()
            if not is_chinese:
                found |= {run[at : at + 3]} if at + 2 < len(run) else set()
                continue
            found.add(character)
            for size in (2, 3):
                grams = product(*(initials(each) for each in run[at : at + size])) if at + size <= len(run) else ()
                found |= {"".join(gram) for gram in grams if NONE not in gram}
        found |= {"^" + each for each in (initials(run[0]) if is_chinese else run[0]) if each != NONE}
    return found


@given(st.text(st.sampled_from("通脉重庆科技行长贸易有限公司㐀カabcXYZ0129 -é，"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_tokens_are_those_of_the_definition(text: str) -> None:
    wanted = by_definition(text)
    tokens = search_tokens(text)
    assert tokens == wanted if len(wanted) <= MOST_TOKENS // 2 else tokens <= wanted


_MANY_READINGS = st.text(st.sampled_from("乐匮强尾扒捰行重长单"), max_size=40)
_ANYTHING = st.text(max_size=50) | WORDS | _MANY_READINGS


@given(st.lists(_ANYTHING, max_size=8))
@settings(max_examples=300, deadline=None)
def test_a_column_of_texts_has_the_tokens_of_each_in_order(texts: list[str]) -> None:
    joined = joined_tokens(texts, ",")
    assert [each.split(",") if each else [] for each in joined] == [sorted(search_tokens(text)) for text in texts]
    # Nothing in them means anything in an array of PostgreSQL.
    assert not set("".join(joined)) & set('{}"\\\n\t ')
