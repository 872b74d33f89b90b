"""What rules take along of the record they speak of."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.model import Catalogue, ObjectDef, ObjectScope, RuleDef
from tongmai.model.rule_wants import SUBJECT, wants_of

TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "text",
    "fields": [{"key": "text", "type": "text", "label": {"zh": "内容", "en": "Text"}}],
}  # fmt: skip
RULE: dict[str, Any] = {
    "key": "heard", "label": {"zh": "听到", "en": "Heard"}, "object": "talk",
    "when": {"kind": "changed", "actions": ["create"]},
    "then": [{"kind": "task", "task": "answer", "title": "回他", "due": {"amount": 1}}],
}  # fmt: skip


@pytest.mark.parametrize(("watched", "taken"), [(False, True), (True, False)])
def test_what_a_watched_record_says_is_not_taken_along(watched: bool, taken: bool) -> None:
    catalogue = Catalogue(objects=(ObjectDef.model_validate({**TALK, "watched": watched}),))
    found = dict(wants_of(catalogue, RuleDef.model_validate(RULE), ObjectScope(catalogue, "talk")))
    assert (SUBJECT in found) is taken
