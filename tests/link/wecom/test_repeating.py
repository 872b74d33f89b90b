"""Which values repeat the words of a message, by what they are made of and not by how they look (AMB-31)."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.link.wecom.repeating import Repeating
from tongmai.model import Catalogue, MappingDef, MetricDef, ObjectDef, RuleDef, SegmentDef

TALK: dict[str, Any] = {
    "key": "talk", "label": "聊天", "title": "code", "fields": [
        {"key": "code", "type": "text", "label": "编号"},
        {"key": "body", "type": "long_text", "label": "内容"},
        {"key": "loud", "type": "formula", "label": "大声", "options": {"text": "UPPER([body])"}},
        {"key": "size", "type": "formula", "label": "长度", "options": {"text": "LEN([body])"}},
        {"key": "client", "type": "relation", "label": "客户", "options": {"target": "client"}},
    ],
}  # fmt: skip
MEMO: dict[str, Any] = {
    "key": "memo", "label": "备忘", "title": "text", "fields": [
        {"key": "text", "type": "text", "label": "文字"},
        {"key": "talk", "type": "relation", "label": "聊天", "options": {"target": "talk"}},
        {"key": "quote", "type": "formula", "label": "引用", "options": {"text": "'“' & talk.loud & '”'"}},
    ],
}  # fmt: skip
CLIENT: dict[str, Any] = {
    "key": "client", "label": "客户", "title": "name", "fields": [{"key": "name", "type": "text", "label": "名称"}],
}  # fmt: skip
METRICS: tuple[dict[str, Any], ...] = (
    {"key": "last_words", "label": "最近一句", "measure": {"kind": "last", "value": "[loud]"}, "gives": "text"},
    {"key": "last_code", "label": "最近编号", "measure": {"kind": "last", "value": "[code]"}, "gives": "text"},
    {"key": "letters", "label": "字数", "measure": {"kind": "sum", "value": "LEN([body])"}},
    {"key": "bare_words", "label": "去空格", "measure": {"kind": "formula", "formula": "TRIM([last_words])"},
     "gives": "text"},
)  # fmt: skip
SEGMENT: dict[str, Any] = {
    "key": "topic", "label": "话题", "object": "client",
    "classes": [{"key": "price", "label": "价格", "when": "CONTAINS([last_words], '价')"},
                {"key": "rest", "label": "其他"}],
}  # fmt: skip


def catalogue(object_key: str = "talk", **action: Any) -> Catalogue:
    rule = {
        "key": "r", "label": "规则", "object": object_key, "when": {"kind": "changed", "actions": ["create"]},
        "if": "NOT IS_BLANK([body]) AND [size] > 3" if object_key == "talk" else None,
        "then": [{"kind": "notify", "to": ["owner"], "title": "有消息", **action}],
    }  # fmt: skip
    parts = {"object": "client", "source": "talk", "path": "client"}
    own = {"object": "client", "source": "client"}
    return Catalogue(
        objects=tuple(ObjectDef.model_validate(each) for each in (TALK, MEMO, CLIENT)),
        metrics=tuple(
            MetricDef.model_validate({**each, **(own if each["key"] == "bare_words" else parts)}) for each in METRICS
        ),
        segments=(SegmentDef.model_validate(SEGMENT),),
        rules=(RuleDef.model_validate(rule),),
    )


@pytest.mark.parametrize(
    ("object_key", "template", "repeated"),
    [
        ("talk", "{body}", {("body",)}),
        ("talk", "{LEFT([body], 1)}", {("body",)}),
        ("talk", "客户说：{loud}，编号 {code}", {("body",), ("code",)}),
        ("talk", "{IF(CONTAINS([body], '急'), '高', '低')}", set()),
        ("talk", "{IF([size] > 3, [body], [code])}", {("body",), ("code",)}),
        ("talk", "{LEN([body])} 字，{size}", set()),
        ("talk", "客户你好", set()),
        ("memo", "{talk.body}", {("talk", "body")}),
        ("memo", "{quote}", {("talk", "body")}),
        ("client", "{last_words}", {("last_words",)}),
    ],
)
def test_a_template_repeats_the_fields_whose_words_go_into_it(
    object_key: str, template: str, repeated: set[tuple[str, ...]]
) -> None:
    places = Repeating(catalogue(object_key, body=template)).places("r")
    assert places is not None
    assert places["0.body"] == repeated
    assert places["0.title"] == frozenset()


def test_a_condition_keeps_what_it_reads_whatever_it_asks_of_it() -> None:
    places = Repeating(catalogue()).places("r")
    assert places is not None
    assert places["seen.body"] == {("body",)}


def test_of_a_rule_that_is_gone_or_does_not_parse_nobody_can_tell() -> None:
    assert Repeating(catalogue()).places("gone") is None
    assert Repeating(catalogue(body="{nothing_of_the_kind}")).places("r") is None


def test_metrics_repeat_the_words_of_a_row_where_they_give_words_and_segments_see_them() -> None:
    known = Repeating(catalogue())
    assert [each.key for each in known.metrics("talk", {"body"})] == ["last_words"]
    assert list(known.derived("client", {"last_words"})) == ["bare_words"]
    assert [(key, object_key, dict(places)) for key, object_key, places in known.conditions()] == [
        ("topic", "client", {"seen.last_words": frozenset({("last_words",)})})
    ]


def test_what_a_mapping_makes_of_the_content_is_what_was_said() -> None:
    mapping = {
        "key": "m", "label": "消息", "source": "wecom", "stream": "messages", "object": "talk",
        "columns": [{"path": "id"}, {"path": "text"}, {"path": "content.title"}],
        "fields": [{"field": "code", "value": "[id]"}, {"field": "body", "value": "COALESCE([text], [content.title])"}],
    }  # fmt: skip
    whole = catalogue().replace(mappings=(MappingDef.model_validate(mapping),))
    assert Repeating(whole).mapped("wecom", "messages") == ({("talk", "body")}, {("talk", "code")})
    assert Repeating(whole).title_of("memo") == frozenset({"text"})
