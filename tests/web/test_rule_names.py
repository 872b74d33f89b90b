"""What rules are called, for groups of a day's page: only those by which somebody's own work came about."""

from __future__ import annotations

from tests.web.company import Company, SignIn
from tests.web.test_signal_evidence import heard

from tongmai.model import Catalogue, SegmentDef
from tongmai.rules import names_of_rules
from tongmai.web import Services


async def test_who_sees_a_signal_is_told_what_its_rule_is_called(
    services: Services, company: Company, sign_in: SignIn
) -> None:
    await heard(services, company)
    anna = await sign_in("anna")
    assert (await anna.get("/api/rules/names")).json() == {
        "items": [{"rule": "heard", "label": {"zh": "急要", "en": "急要"}}]
    }
    assert (await (await sign_in("cleo")).get("/api/rules/names")).json() == {"items": []}


def test_what_a_class_does_is_called_by_its_segment_and_class() -> None:
    segment = SegmentDef.model_validate(
        {
            "key": "light", "label": {"zh": "逾期预警", "en": "Overdue light"}, "object": "plan",
            "classes": [
                {"key": "red", "label": {"zh": "红", "en": "Red"},
                 "on_entry": [{"kind": "notify", "to": ["owner"], "title": "x"}]},
                {"key": "green", "label": {"zh": "绿", "en": "Green"}},
            ],
        }
    )  # fmt: skip
    (named,) = names_of_rules(Catalogue(segments=(segment,))).items()
    assert (named[0], named[1].zh, named[1].en) == ("light.red", "逾期预警 · 红", "Overdue light · Red")
