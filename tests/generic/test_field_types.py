"""What every field type keeps, whatever it is: reading, writing, columns, tokens. No database."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.model import FIELD_TYPES, OPERATORS, BoundField, Refused

from .field_samples import ANYTHING, CELLS, READING, SAMPLES

READABLE = sorted(key for key, kind in FIELD_TYPES.items() if kind.writable)
every_type = pytest.mark.parametrize("key", READABLE)
few = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def draw_field(data: st.DataObject, key: str) -> BoundField:
    sample = SAMPLES[key]
    return sample.field(key, data.draw(sample.options, "options"))


def draw_value(data: st.DataObject, key: str, field: BoundField) -> object:
    """A canonical value the field can hold, or None."""
    raw = data.draw(SAMPLES[key].given(field), "given")
    try:
        return field.parse(raw, READING)
    except Refused:
        return None


def test_every_type_has_a_sample_and_both_labels() -> None:
    assert set(SAMPLES) == set(READABLE)
    assert all(kind.label.zh and kind.label.en for kind in FIELD_TYPES.values())


@every_type
@few
@given(data=st.data())
def test_most_of_what_people_write_is_read(key: str, data: st.DataObject) -> None:
    field = SAMPLES[key].field(
        key, data.draw(SAMPLES[key].options.filter(lambda o: "minimum" not in o and "maximum" not in o))
    )
    raw = data.draw(SAMPLES[key].given(field))
    try:
        field.parse(raw, READING)
    except Refused as refused:
        # Only limits, never the form, may refuse a good sample.
        limits = ("too_", "control_character", "not_a_mobile", "out_of_range")
        assert all(any(word in fault.code for word in limits) for fault in refused.faults), (raw, refused)


@every_type
@few
@given(data=st.data())
def test_a_canonical_value_reads_as_itself(key: str, data: st.DataObject) -> None:
    field = draw_field(data, key)
    value = draw_value(data, key, field)
    assert field.parse(value, READING) == value
    wire = field.to_json_value(value)
    assert field.parse(wire, READING) == value
    json.dumps(wire, default=str)


@every_type
@few
@given(data=st.data(), language=st.sampled_from(["zh", "en"]))
def test_written_text_reads_as_the_value_again(key: str, data: st.DataObject, language: str) -> None:
    field = draw_field(data, key)
    value = draw_value(data, key, field)
    assert field.parse_text(field.to_text(value, language, READING), READING) == value  # type: ignore[arg-type]


@every_type
@few
@given(data=st.data(), raw=ANYTHING)
def test_anything_else_is_refused_in_both_languages_with_a_way_out(key: str, data: st.DataObject, raw: object) -> None:
    field = draw_field(data, key)
    try:
        value = field.parse(raw, READING)
    except Refused as refused:
        assert refused.faults
        for fault in refused.faults:
            assert fault.text.zh
            assert fault.text.en
            assert fault.way_out is not None
            assert len(fault.text.zh) < 400
            assert "\x00" not in fault.text.both()
    else:
        assert value is None or field.type.is_within(value, field.options)


@every_type
@few
@given(data=st.data(), cells=st.lists(CELLS, max_size=12))
def test_a_column_is_read_as_its_cells_are(key: str, data: st.DataObject, cells: list[object]) -> None:
    field = draw_field(data, key)
    for _ in range(3):
        written = field.to_text(draw_value(data, key, field), "zh", READING)
        cells += [written, written]
    values, faults = field.parse_column(cells, READING)  # type: ignore[arg-type]
    assert len(values) == len(cells)
    for index, cell in enumerate(cells):
        try:
            alone = field.parse_text(cell, READING)  # type: ignore[arg-type]
        except Refused as refused:
            assert faults[index] == refused.faults[0]
            assert values[index] is None
        else:
            assert index not in faults
            assert repr(values[index]) == repr(alone)


@every_type
@pytest.mark.parametrize("blank", [None, "", "  ", "\u3000", "\n\t"])
def test_blanks_are_none(key: str, blank: str | None) -> None:
    options = {"target": "customer"} if key == "relation" else {}
    field = SAMPLES[key].field(key, options)
    assert field.parse_text(blank, READING) is None
    if key != "json":
        assert field.parse(blank, READING) is None


@every_type
@few
@given(data=st.data())
def test_tokens_are_stable_and_bounded(key: str, data: st.DataObject) -> None:
    field = draw_field(data, key)
    value = draw_value(data, key, field)
    tokens = field.search_tokens(value)
    assert tokens == field.search_tokens(value)
    assert len(tokens) <= 1200
    assert all(1 <= len(token) <= 3 for token in tokens)


@pytest.mark.parametrize("key", sorted(FIELD_TYPES))
def test_storage_and_operators_are_known_ones(key: str) -> None:
    kind = FIELD_TYPES[key]
    options = kind.options({"relation": {"target": "customer"}, "formula": {"text": "1"}}.get(key, {}))
    columns = {"text", "numeric", "date", "timestamptz", "boolean", "text[]", "uuid", "uuid[]", "jsonb", None}
    assert kind.column_type(options) in columns
    assert set(kind.operators(options)) <= set(OPERATORS)
    assert set(kind.index_methods) <= {"btree", "gin"}
    assert isinstance(kind.json_schema(options), dict)
