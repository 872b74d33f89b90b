"""Fields and page drafted from what front-line people said (S0-39): each names its words, nothing is lost in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongmai.kit import Invalid
from tongmai.market import built_in_apps, read_package
from tongmai.market.interviews import QUESTIONS, Answer, answers_in, draft_change, draft_of
from tongmai.model import Catalogue, FieldDef, ObjectDef, apply, check_catalogue, starting_catalogue

CUSTOMER = ObjectDef.model_validate(
    {
        "key": "customer",
        "label": "客户",
        "title": "name",
        "fields": [
            {"key": "name", "type": "text", "label": "名称"},
            {"key": "phone", "type": "phone", "label": "电话"},
            {"key": "address", "type": "text", "label": "地址"},
        ],
        "form": [{"label": "基本", "fields": ["name", "phone", "address"]}],
    }
)
SAID = (
    Answer("林销售", "least_wanted", "昨天最烦的是晚上补日报，把微信里聊的再抄一遍"),
    Answer("林销售", "never_noted", "那边谁拍板我都知道，懒得记。还有院长的生日"),
    Answer("林销售", "looked_up", "客户问交期的时候才会查；送货前看地址"),
    Answer("陈销售", "never_noted", "懒得记客户的开票习惯，没必要记预算"),
    Answer("陈销售", "looked_up", "怕报错交期"),
)


def _catalogue() -> Catalogue:
    ground = starting_catalogue()
    return ground.replace(objects=(*ground.objects, CUSTOMER))


def test_drafts_are_typed_and_name_the_words_they_come_from() -> None:
    draft = draft_of(SAID, CUSTOMER)
    found = {each.field.label.zh: each for each in draft.fields}
    assert {name: each.field.type for name, each in found.items()} == {
        "拍板的人": "text",
        "生日": "date",
        "交期": "date",
        "开票习惯": "long_text",
    }
    assert [(one.answer.who, one.clause) for one in found["交期"].mentions] == [
        ("林销售", "客户问交期的时候才会查"),
        ("陈销售", "怕报错交期"),
    ]
    assert [each.field.label.zh for each in draft.fields if each.is_looked_up] == ["交期"]


def test_what_the_model_has_is_not_drafted_again() -> None:
    draft = draft_of(SAID, CUSTOMER)
    assert [(each.field.key, each.is_looked_up) for each in draft.known] == [("address", True)]
    assert "address" not in {each.field.key for each in draft.fields}


def test_what_could_not_be_used_is_told_with_its_reason() -> None:
    unused = {each.clause: each.reason.zh for each in draft_of(SAID, CUSTOMER).unused}
    assert "重复劳动" in unused["把微信里聊的再抄一遍"]
    assert unused["没必要记预算"] == "说的是不要什么"


def test_ticked_drafts_become_fields_and_a_page_that_begins_with_what_is_looked_up() -> None:
    catalogue, draft = _catalogue(), draft_of(SAID, CUSTOMER)
    keys = [each.field.key for each in draft.fields if each.field.label.zh != "生日"]
    changed = apply(catalogue, draft_change(catalogue, CUSTOMER, draft, [*keys, "address"]))
    assert check_catalogue(changed) == []
    customer = changed.object_by_key["customer"]
    assert [each.label.zh for each in customer.fields] == ["名称", "电话", "地址", "拍板的人", "交期", "开票习惯"]
    assert [(each.label.zh, [customer.by_key[key].label.zh for key in each.fields]) for each in customer.form] == [
        ("查得最多的", ["交期", "地址"]),
        ("基本", ["名称", "电话"]),
        ("一线顺手记的", ["拍板的人", "开票习惯"]),
    ]
    # The next interviews find these fields there and go on with the same sections.
    again = draft_of((*SAID, Answer("王销售", "looked_up", "看看欠款")), customer)
    assert [each.field.label.zh for each in again.fields] == ["生日", "欠款"]
    grown = apply(changed, draft_change(changed, customer, again, [each.field.key for each in again.fields]))
    labels = [each.label.zh for each in grown.object_by_key["customer"].form]
    assert labels == ["查得最多的", "基本", "一线顺手记的"]


@pytest.mark.parametrize("keys", [[], ["nothing"], ["phone"]])
def test_only_what_is_drafted_can_be_ticked(keys: list[str]) -> None:
    draft = draft_of(SAID, CUSTOMER)
    with pytest.raises(Invalid) as refused:
        draft_change(_catalogue(), CUSTOMER, draft, keys)
    assert refused.value.faults[0].code == "interview.not_drafted"


def test_the_app_asks_the_three_questions() -> None:
    model = read_package(dict(built_in_apps())["interviews"]).model
    interview = model.object_by_key["interview"]
    assert [interview.by_key[each.key].label for each in QUESTIONS] == [each.text for each in QUESTIONS]
    records = [{"teller": "林", "least_wanted": " ", "never_noted": "生日", "looked_up": None}]
    assert list(answers_in(records)) == [Answer("林", "never_noted", "生日")]


_WORDS = st.sampled_from(
    ["客户", "谁拍板", "交期", "生日", "地址", "的", "懒得记", "开票习惯", "日报", "，", "。", "x", "不用", "竞品报价"]
)


@given(st.lists(_WORDS, max_size=30).map("".join))
def test_whatever_is_said_gives_a_draft_that_can_be_put_into_force(said: str) -> None:
    answers = [Answer("某人", each.key, said) for each in QUESTIONS]
    draft = draft_of(answers, CUSTOMER)
    assert draft_of(answers, CUSTOMER) == draft
    for each in (*draft.fields, *draft.known):
        assert all(mention.clause in said for mention in each.mentions)
    keys = [each.field.key for each in draft.fields]
    assert not set(keys) & set(CUSTOMER.by_key)
    if keys:
        changed = apply(_catalogue(), draft_change(_catalogue(), CUSTOMER, draft, keys))
        assert check_catalogue(changed) == []
        assert all(isinstance(changed.object_by_key["customer"].by_key[key], FieldDef) for key in keys)
