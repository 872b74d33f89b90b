"""The two laws of changesets on random catalogues, and what a changeset that does not fit is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.kit import Invalid, Text
from tongmai.model import (
    AddField,
    AddObject,
    CalendarDef,
    Catalogue,
    ChangeCalendar,
    ChangeField,
    ChangeObject,
    Changeset,
    Count,
    FieldDef,
    Grant,
    MetricDef,
    ObjectDef,
    ObjectTraits,
    RemoveField,
    RemoveObject,
    RemoveRole,
    Reorder,
    RoleDef,
    Rolling,
    SegmentClass,
    SegmentDef,
    Unique,
    Validation,
    apply,
    diff,
    invert,
    read_document,
    starting_catalogue,
)

KEYS = st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon"])
LABELS = st.sampled_from(["客户", "订单", "金额", "阶段"]).map(lambda zh: Text(zh, zh))


def keyed(values: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most, unique_by=lambda each: each.key).map(tuple)


FIELDS = st.builds(
    FieldDef,
    key=KEYS,
    type=st.sampled_from(["text", "number", "date"]),
    label=LABELS,
    required=st.booleans(),
    options=st.sampled_from([{}, {"max_length": 9}]),
    column=st.sampled_from([None, "alpha__2"]),
)
VALIDATIONS = st.builds(Validation, key=KEYS, formula=st.sampled_from(["1 = 1", "TRUE"]), message=LABELS)
UNIQUES = st.builds(Unique, key=KEYS, fields=st.lists(KEYS, min_size=1, max_size=2).map(tuple))


DAYS = st.lists(st.dates(date(2026, 1, 1), date(2026, 1, 5)), max_size=3).map(tuple)
METRICS = st.builds(
    MetricDef,
    key=KEYS,
    label=LABELS,
    object=KEYS,
    source=KEYS,
    measure=st.just(Count()),
    window=st.builds(Rolling, days=st.integers(1, 9)),
)
SEGMENTS = st.builds(
    SegmentDef,
    key=KEYS,
    label=LABELS,
    object=KEYS,
    classes=st.just((SegmentClass(key="red", label=Text("红", "Red")),)),
)


@st.composite
def objects(draw: st.DrawFn) -> ObjectDef:
    return ObjectDef(
        key=draw(KEYS),
        label=draw(LABELS),
        title=draw(st.none() | KEYS),
        fields=draw(keyed(FIELDS)),
        validations=draw(keyed(VALIDATIONS)),
        uniques=draw(keyed(UNIQUES)),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    grants = st.builds(Grant, object=KEYS, read=st.sampled_from(["own", "all"])).map(lambda grant: (grant,))
    role = st.builds(RoleDef, key=KEYS, label=LABELS, grants=grants)
    return Catalogue(
        objects=draw(keyed(objects())),
        roles=draw(keyed(role)),
        metrics=draw(keyed(METRICS)),
        segments=draw(keyed(SEGMENTS)),
        calendar=CalendarDef(closed=draw(DAYS), open=draw(DAYS)),
    )


@given(catalogues(), catalogues())
@settings(max_examples=150, deadline=None)
def test_applying_the_difference_gives_the_other(a: Catalogue, b: Catalogue) -> None:
    result = apply(a, diff(a, b))
    expected = keep_columns(a, b)
    assert result == expected
    assert not diff(result, expected)


def keep_columns(a: Catalogue, b: Catalogue) -> Catalogue:
    """``b``, its fields that name no column in the one they have in ``a``."""

    def kept(owner: ObjectDef, field: FieldDef) -> FieldDef:
        present = a.object_by_key.get(owner.key)
        before = present.by_key.get(field.key) if present else None
        return field.replace(column=before.column) if before and field.column is None else field

    return b.replace(
        objects=tuple(each.replace(fields=tuple(kept(each, field) for field in each.fields)) for each in b.objects)
    )


@given(catalogues(), catalogues())
@settings(max_examples=150, deadline=None)
def test_the_inverse_takes_a_changeset_back(a: Catalogue, b: Catalogue) -> None:
    changeset = diff(a, b)
    assert apply(apply(a, changeset), invert(a, changeset)) == a


@given(catalogues(), catalogues())
@settings(max_examples=50, deadline=None)
def test_a_changeset_survives_json(a: Catalogue, b: Catalogue) -> None:
    changeset = diff(a, b)
    assert Changeset.model_validate_json(changeset.model_dump_json(by_alias=True)) == changeset


def field(key: str, **more: Any) -> FieldDef:
    return FieldDef(key=key, type="text", label=key, **more)  # type: ignore[arg-type]


def company() -> Catalogue:
    start = starting_catalogue()
    customer = ObjectDef(key="customer", label=Text("客户", "Customer"), fields=(field("name"), field("code")))
    return start.replace(objects=(*start.objects, customer))


def test_a_new_label_is_a_change_and_nothing_is_removed() -> None:
    before = company()
    customer = before.objects[-1]
    renamed = customer.replace(
        fields=(field("name", description=Text.same("x")), field("code")), label=Text("会员", "Member")
    )
    actions = diff(before, before.replace(objects=(*before.objects[:-1], renamed))).actions
    assert {action.action for action in actions} == {"change_field", "change_object"}


def test_every_action_that_misfits_is_told_at_once() -> None:
    wrong = Changeset(
        actions=(
            RemoveField(object="customer", field="nothing"),
            AddField(object="nowhere", field=field("x")),
            AddField(object="customer", field=field("name")),
            RemoveField(object="person", field="name"),
            RemoveObject(object="team"),
            RemoveRole(role="administrator"),
            ChangeField(object="person", after=field("phone", builtin=True)),
            Reorder(kind="fields", object="customer", keys=("name",)),
        )
    )
    with pytest.raises(Invalid) as refused:
        apply(company(), wrong)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("actions.0", "change.missing"),
        ("actions.1", "change.missing"),
        ("actions.2", "change.exists"),
        ("actions.3", "change.builtin"),
        ("actions.4", "change.builtin"),
        ("actions.5", "change.builtin"),
        ("actions.6", "change.builtin"),
        ("actions.7", "change.order"),
    ]
    assert all(fault.way_out for fault in refused.value.faults)


def test_a_change_of_something_changed_meanwhile_is_refused() -> None:
    stale = ChangeField(object="customer", before=field("name", required=True), after=field("name", unique=True))
    with pytest.raises(Invalid) as refused:
        apply(company(), Changeset(actions=(stale,)))
    assert refused.value.faults[0].code == "change.overtaken"


def test_the_column_stays_where_a_change_does_not_name_one() -> None:
    moved = apply(
        company(), Changeset(actions=(ChangeField(object="customer", after=field("name", column="name__2")),))
    )
    relabelled = apply(moved, Changeset(actions=(ChangeField(object="customer", after=field("name", required=True)),)))
    assert relabelled.object_by_key["customer"].by_key["name"].column_name == "name__2"
    back = Changeset(actions=(ChangeField(object="customer", after=field("name", column="name")),))
    assert apply(moved, back) == company()


def test_traits_of_an_object_change_without_touching_its_fields() -> None:
    before = company()
    traits = ObjectTraits.of(before.objects[-1]).replace(title="code")
    after = apply(before, Changeset(actions=(ChangeObject(object="customer", after=traits),)))
    assert after.object_by_key["customer"].title == "code"
    assert after.object_by_key["customer"].fields == before.objects[-1].fields


def test_derived_lookups_are_fresh_after_a_change() -> None:
    before = company()
    assert "order" not in before.object_by_key
    order = ObjectDef(key="order", label=Text("订单", "Order"))
    after = apply(before, Changeset(actions=(AddObject(object=order, position=0),)))
    assert after.object_by_key["order"] == order
    assert after.objects[0] == order


def test_a_changeset_document_with_mistakes_is_told_all_of_them() -> None:
    document = {"actions": [{"action": "add_fields"}, {"action": "remove_field", "object": "X", "extra": 1}, {}]}
    with pytest.raises(Invalid) as refused:
        read_document(Changeset, document)
    assert {(fault.field, fault.code) for fault in refused.value.faults} == {
        ("actions.0", "document.unknown_action"),
        ("actions.1.remove_field.object", "document.pattern"),
        ("actions.1.remove_field.field", "document.missing"),
        ("actions.1.remove_field.extra", "document.unknown"),
        ("actions.2", "document.no_action"),
    }
    assert all(fault.text.zh != fault.text.en for fault in refused.value.faults)


def test_days_off_that_somebody_else_has_changed_are_not_overwritten() -> None:
    seen, present = CalendarDef(), CalendarDef(closed=(date(2026, 3, 9),))
    change = ChangeCalendar(before=seen, after=CalendarDef(open=(date(2026, 3, 14),)))
    with pytest.raises(Invalid) as caught:
        apply(Catalogue(calendar=present), Changeset(actions=(change,)))
    assert caught.value.faults[0].code == "change.overtaken"


def test_the_order_and_repetition_of_days_mean_nothing() -> None:
    one, other = date(2026, 3, 9), date(2026, 3, 10)
    assert CalendarDef(closed=(other, one, other)) == CalendarDef(closed=(one, other))
