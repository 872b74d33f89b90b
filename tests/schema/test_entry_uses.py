"""A field that light entry fills, asks for or moves is in use: who takes it away is told."""

from __future__ import annotations

import pytest

from tongmai.model import Catalogue, ObjectDef, read_document
from tongmai.schema.usage import uses_of

MODEL = {
    "objects": [
        {"key": "deal", "label": "商机", "fields": [
            {"key": "stage", "type": "text", "label": "阶段"}, {"key": "buyer", "type": "text", "label": "买方"},
            {"key": "spare", "type": "text", "label": "备用"},
        ]},
        {"key": "note", "label": "跟进", "fields": [
            {"key": "deal", "type": "relation", "label": "商机", "options": {"target": "deal"}},
            {"key": "who", "type": "text", "label": "谁"}, {"key": "more", "type": "text", "label": "补充"},
        ], "light_entry": {
            "label": "进展", "about": "deal", "asks": ["more"], "fills": {"who": "[buyer]"},
            "presets": [{"key": "won", "label": "成交", "moves": [{"field": "stage", "value": "'won'"}]}],
        }},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "is_used"),
    [
        (("deal", "stage"), True),
        (("deal", "buyer"), True),
        (("note", "deal"), True),
        (("note", "more"), True),
        (("deal", "spare"), False),
    ],
)
def test_fields_of_light_entry_are_in_use(field: tuple[str, str], is_used: bool) -> None:
    found = uses_of(read_document(Catalogue, MODEL), frozenset({field}))
    assert [each.by for each in found] == (["note light_entry"] if is_used else [])


def test_an_entry_about_nothing_uses_nothing() -> None:
    broken = ObjectDef.model_validate({**MODEL["objects"][1], "fields": []})
    assert uses_of(Catalogue(objects=(broken,)), frozenset({("note", "who")})) == ()
