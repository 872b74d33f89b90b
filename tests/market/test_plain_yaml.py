"""YAML from outside: plain things are read as ever, what would cost much or mean nothing is refused in words."""

from __future__ import annotations

import pytest

from tongmai.kit import Invalid
from tongmai.market.plain_yaml import read_mapping


def test_plain_mappings_are_read() -> None:
    text = "a: {zh: 客户, en: 'x: !no &tag *at all'}\nb: [1, 2.5, true, null, 2026-11-22]\nc: |\n  <<: two\n  lines\n"
    found = read_mapping("m.yaml", text)
    assert found["a"] == {"zh": "客户", "en": "x: !no &tag *at all"}
    assert found["b"][:4] == [1, 2.5, True, None]
    assert found["c"] == "<<: two\nlines\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [1]\nb: *a\n", "yaml.alias"),
        ("a: !!python/object/apply:os.system [id]\n", "yaml.tag"),
        ("a: !!int x\n", "yaml.tag"),
        ("a: !!timestamp x\n", "yaml.tag"),
        ("a: !!set {x}\n", "yaml.tag"),
        ("a: 2026-13-45\n", "yaml.value"),
        ("a: 1" + "0" * 5000 + "\n", "yaml.value"),
        ("a: [\n", "yaml.syntax"),
        ("<<: 3\n", "yaml.syntax"),
        ("? [a]\n: b\n", "yaml.syntax"),
        ("- a\n", "app.shape"),
        ("", "app.shape"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_mapping("m.yaml", text)
    assert [each.code for each in refused.value.faults] == [code]
    assert all(each.way_out is not None for each in refused.value.faults)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Invalid):
        read_mapping("m.yaml", 'a: "\\ud800"\n')


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_refused_before_anything_is_built(opening: str) -> None:
    """A hundred thousand levels took a minute, or broke the program's own stack."""
    with pytest.raises(Invalid) as refused:
        read_mapping("m.yaml", "a:\n  " + opening * 100_000)
    assert [each.code for each in refused.value.faults] == ["yaml.depth"]
