"""Who builds the system need not read what customers say: he leads it nowhere, and no preview shows it to him."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import orjson
from tests.web.company import Company, SignIn
from tests.web.test_rules_api import worked
from tests.web.test_sources_api import MAPPING, SOURCE, defined

from tongmai.web import Services

TEXT: dict[str, Any] = {"key": "text", "type": "text", "label": {"zh": "内容", "en": "Text"}}
TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "text", "watched": True,
    "fields": [
        TEXT,
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
         "options": {"target": "customer"}},
    ],
}  # fmt: skip
NOTE: dict[str, Any] = {
    "key": "note", "label": {"zh": "便条", "en": "Note"}, "title": "text",
    "fields": [
        TEXT,
        {"key": "talk", "type": "relation", "label": {"zh": "关于", "en": "About"}, "options": {"target": "talk"}},
    ],
}  # fmt: skip
SAID: dict[str, Any] = {
    **MAPPING, "key": "shop_said", "label": "聊天", "object": "talk", "fields": [{"field": "text", "value": "name"}],
}  # fmt: skip
GRANTS: list[dict[str, Any]] = [
    {"object": "note", "read": "all", "create": True, "fields": "write"}, {"object": "customer", "read": "all"},
]  # fmt: skip
BUILDER: dict[str, Any] = {"key": "builder", "label": "搭建", "manages": ["model"], "grants": GRANTS}
LEADER: dict[str, Any] = {
    "key": "leader", "label": "主管", "manages": ["model"],
    "grants": [*GRANTS, {"object": "talk", "read": "all", "fields": "read"}],
}  # fmt: skip


def rule_on_talks(**action: Any) -> dict[str, Any]:
    rule = {"key": "tells", "label": {"zh": "转述", "en": "Retells"}, "object": "talk", "when": {"kind": "changed"}}
    return {"action": "add_rule", "rule": {**rule, "then": [action]}}


def ways_out() -> dict[str, list[dict[str, Any]]]:
    to_notes = {**SAID, "key": "elsewhere", "object": "note"}
    last_word = {
        "key": "last_word", "label": {"zh": "最近一句", "en": "Last word"}, "object": "customer", "source": "talk",
        "path": "customer", "measure": {"kind": "last", "value": "text"}, "gives": "text",
    }  # fmt: skip
    on_customers = rule_on_talks(kind="notify", to=["role:builder"], title="{last_word}")["rule"]
    unwatched = {name: value for name, value in TALK.items() if name not in ("key", "fields", "watched")}
    return {
        "another mapping": [{"action": "add_mapping", "mapping": to_notes}],
        "the mapping led elsewhere": [{"action": "change_mapping", "after": {**SAID, "object": "note"}}],
        "the mapping taken away first": [{"action": "remove_mapping", "mapping": "shop_said"}],
        "the same through a second source": [
            {"action": "add_source", "source": {**SOURCE, "key": "shop_two"}},
            {"action": "add_mapping", "mapping": {**to_notes, "source": "shop_two"}},
        ],
        "no longer watched": [{"action": "change_object", "object": "talk", "after": unwatched}],
        "a rule that makes a record": [
            rule_on_talks(kind="record", object="note", about="talk", values={"text": "text"})
        ],
        "a rule that tells": [rule_on_talks(kind="notify", to=["role:builder"], title="说了：{text}")],
        "a rule that tells outside": [rule_on_talks(kind="hook", url="https://example.com/", body={"said": "{text}"})],
        "a rule on a figure that repeats words": [
            {"action": "add_metric", "metric": last_word},
            {"action": "add_rule", "rule": {**on_customers, "object": "customer"}},
        ],
        "a default": [{"action": "add_field", "object": "note", "field": {
            "key": "copy", "type": "text", "label": {"zh": "抄", "en": "Copy"}, "default": "talk.text"}}],
    }  # fmt: skip


async def guarded(sign_in: SignIn, services: Services, company: Company) -> None:
    """Rows of the shop become talks; bert manages the model and reads none of them, cleo reads all."""
    await defined(services, company)
    admin = await sign_in("admin")
    actions = [
        {"action": "add_object", "object": TALK}, {"action": "add_object", "object": NOTE},
        {"action": "add_mapping", "mapping": SAID},
        {"action": "add_role", "role": BUILDER}, {"action": "add_role", "role": LEADER},
    ]  # fmt: skip
    made = await admin.post("/api/model/changes", json={"actions": actions})
    assert made.status_code == 201, made.text
    for who, role in (("bert", "builder"), ("cleo", "leader")):
        given = await admin.patch(f"/api/records/person/{company.people[who]}", json={"roles": [role]})
        assert given.status_code == 200, given.text


async def test_who_may_not_read_talks_leads_them_nowhere(sign_in: SignIn, services: Services, company: Company) -> None:
    await guarded(sign_in, services, company)
    bert, cleo = await sign_in("bert"), await sign_in("cleo")
    for name, actions in ways_out().items():
        for preview in ("true", "false"):
            refused = await bert.post(f"/api/model/changes?preview={preview}", json={"actions": actions})
            assert (name, refused.status_code) == (name, 403), refused.text
            found = {(each["code"], each["rule"]) for each in refused.json()["faults"]}
            assert (name, found) == (name, {("access.guarded_content", "watched:talk")})
        allowed = await cleo.post("/api/model/changes?preview=true", json={"actions": actions})
        assert (name, allowed.status_code) == (name, 200), allowed.text
        assert (name, allowed.json()["faults"]) == (name, [])


async def test_who_may_not_read_talks_still_builds_all_around_them(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await guarded(sign_in, services, company)
    bert = await sign_in("bert")
    about_names = {
        "key": "named", "label": {"zh": "提醒", "en": "Told"}, "object": "customer", "when": {"kind": "changed"},
        "if": "name = '甲'", "then": [{"kind": "notify", "to": ["role:builder"], "title": "{name}"}],
    }  # fmt: skip
    actions = [
        {"action": "add_mapping", "mapping": {**MAPPING, "key": "orders", "stream": "orders"}},
        {"action": "add_rule", "rule": about_names},
        rule_on_talks(kind="notify", to=["owner"], title="客户说了话"),
        {"action": "add_field", "object": "talk", "field": {**TEXT, "key": "mood", "label": "语气"}},
    ]
    made = await bert.post("/api/model/changes", json={"actions": actions})
    assert made.status_code == 201, made.text
    # What is no rule at all is refused as that.
    for faulty in (
        rule_on_talks(kind="notify", to=["person:nobody.at_all"], title="{text"),
        rule_on_talks(kind="set", of="nothing", values={"x": "text +"}),
    ):
        faulty["rule"]["key"] = "faulty"
        assert (await bert.post("/api/model/changes", json={"actions": [faulty]})).status_code == 422


async def test_a_rules_log_shows_what_it_judged_to_who_may_read_that(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    """A condition may ask for anything; its log is no way to read it."""
    await guarded(sign_in, services, company)
    admin, bert, cleo = await sign_in("admin"), await sign_in("bert"), await sign_in("cleo")
    asks = rule_on_talks(kind="notify", to=["role:builder"], title="客户说了话")
    asks["rule"]["if"] = "text IS NOT BLANK AND customer.name IS NOT BLANK"
    assert (await bert.post("/api/model/changes", json={"actions": [asks]})).status_code == 201
    customer = (await admin.post("/api/records/customer", json={"name": "客户甲"})).json()["record"]["id"]
    await admin.post("/api/records/talk", json={"text": "绝密的话", "customer": customer})
    await worked(services, company)
    found = {}
    for who, client in (("bert", bert), ("cleo", cleo), ("admin", admin)):
        (fired,) = (await client.get("/api/rules/tells/log")).json()["items"]
        found[who] = fired["seen"]
    whole = {"text": "绝密的话", "customer.name": "客户甲"}
    assert found == {"bert": {}, "cleo": whole, "admin": whole}


async def test_a_figure_led_to_talks_later_is_no_way_out_either(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await guarded(sign_in, services, company)
    bert = await sign_in("bert")
    (metric, rule) = ways_out()["a rule on a figure that repeats words"]
    counted = {**metric["metric"], "measure": {"kind": "count"}, "gives": "number"}
    made = await bert.post("/api/model/changes", json={"actions": [{**metric, "metric": counted}, rule]})
    assert made.status_code == 201, made.text
    later = await bert.post("/api/model/changes", json={"actions": [
        {"action": "change_metric", "after": metric["metric"]}]})  # fmt: skip
    assert (later.status_code, [each["field"] for each in later.json()["faults"]]) == (403, ["rules.tells"])


async def test_an_app_from_outside_leads_talks_nowhere_either(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await guarded(sign_in, services, company)
    bert = await sign_in("bert")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.yaml", orjson.dumps({"key": "helper", "label": "小帮手", "version": "1.0"}))
        archive.writestr("model.yaml", orjson.dumps({"mappings": [{**SAID, "key": "helped", "object": "note"}]}))
    kept = await bert.post("/api/files", params={"name": "helper.zip"}, content=packed.getvalue())
    refused = await bert.post("/api/apps/package", json={"file": kept.json()["id"]})
    assert refused.status_code == 403, refused.text
    assert [each["code"] for each in refused.json()["faults"]] == ["access.guarded_content"]


async def test_a_preview_shows_records_to_whom_they_are_shown(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    """What a change would cost is counted for who builds; whose words it would cost is not told past the log."""
    await guarded(sign_in, services, company)
    admin, bert = await sign_in("admin"), await sign_in("bert")
    for words in ("绝密的话", "绝密的话", "另一句绝密"):
        assert (await admin.post("/api/records/talk", json={"text": words})).status_code == 201
    for name in ("客户甲", "客户乙"):
        assert (await admin.post("/api/records/customer", json={"name": name})).status_code == 201
    for count, changed in ((3, {"type": "number"}), (2, {"unique": True}), (3, {"options": {"max_length": 1}})):
        change = {"action": "change_field", "object": "talk", "after": {**TEXT, **changed}}
        for who in (bert, admin):
            shown = await who.post("/api/model/changes?preview=true", json={"actions": [change]})
            assert (change, [each["count"] for each in shown.json()["losses"]]) == (change, [count]), shown.text
            assert "绝密" not in shown.text
    # What he reads anyhow he is shown; what his role hides he is not.
    name = {"key": "name", "type": "number", "label": {"zh": "客户名称", "en": "Name"}}
    renumbered = {"action": "change_field", "object": "customer", "after": name}
    assert "客户甲" in (await bert.post("/api/model/changes?preview=true", json={"actions": [renumbered]})).text
    hides = {**BUILDER, "grants": [GRANTS[0], {**GRANTS[1], "field_access": {"name": "none"}}]}
    hidden = await admin.post("/api/model/changes", json={"actions": [{"action": "change_role", "after": hides}]})
    assert hidden.status_code == 201, hidden.text
    assert "客户甲" not in (await bert.post("/api/model/changes?preview=true", json={"actions": [renumbered]})).text
