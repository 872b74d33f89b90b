"""All that the shipped apps' rules say, they say in English too."""

from __future__ import annotations

import re

import pytest

from tongmai.market import built_in_apps, merge, read_package
from tongmai.model import IN_ENGLISH, Catalogue, ObjectScope, all_rules, starting_catalogue, texts_of, wants_of

_FORMULA = re.compile(r"\{[^{}]*\}")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
APPS = dict(built_in_apps())


def _catalogue(app: str) -> Catalogue:
    return merge(starting_catalogue(), read_package(APPS[app]).model)


@pytest.mark.parametrize("app", sorted(APPS))
def test_each_text_of_a_rule_has_an_english_one(app: str) -> None:
    catalogue = _catalogue(app)
    for rule in all_rules(catalogue):
        told = dict(wants_of(catalogue, rule, ObjectScope(catalogue, rule.object)))
        for number, action in enumerate(rule.then):
            texts = dict(texts_of(action))
            for name, text in texts.items():
                if not name.endswith(IN_ENGLISH):
                    said = texts.get(f"{name}{IN_ENGLISH}", text)
                    assert not _CHINESE.search(_FORMULA.sub("", said)), f"{rule.key}: {said}"
            assert all(f"{number}.{name}" in told for name in texts)
