"""Boards through the door: each widget worked out under the caller's own policies, and what a board may not ask."""

from __future__ import annotations

from collections.abc import Mapping

from tests.web.company import SignIn

_WIDGETS: list[Mapping[str, object]] = [
    {"kind": "number", "key": "all", "label": "客户数", "object": "customer"},
    {"kind": "bar", "key": "by_owner", "label": "按负责人", "object": "customer", "group_by": ["owner"],
     "measures": {"n": "count"}},
    {"kind": "list", "key": "last", "label": "最近", "object": "customer", "sort": "-created_at", "limit": 2},
    {"kind": "number", "key": "accounts", "label": "人员", "object": "person"},
    {"kind": "text", "key": "note", "label": "说明", "text": "每周一更新"},
]  # fmt: skip


async def _add(sign_in: SignIn, widgets: list[Mapping[str, object]]) -> tuple[int, dict[str, object]]:
    admin = await sign_in("admin")
    board = {"key": "totals", "label": {"zh": "总览", "en": "Overview"}, "widgets": widgets}
    answer = await admin.post("/api/model/changes", json={"actions": [{"action": "add_board", "board": board}]})
    return answer.status_code, answer.json()


async def test_everybody_sees_his_own_figures_on_the_same_board(sign_in: SignIn) -> None:
    status, answer = await _add(sign_in, _WIDGETS)
    assert status in (200, 201), answer
    anna, admin = await sign_in("anna"), await sign_in("admin")
    for n in range(3):
        made = await anna.post("/api/records/customer", json={"name": f"甲{n}"})
        assert made.status_code == 201, made.json()
    shown = {}
    for name, who in (("anna", anna), ("admin", admin)):
        found = (await who.get("/api/boards/totals")).json()
        shown[name] = {each["widget"]["key"]: each for each in found["widgets"]}
        listed = (await who.get("/api/records/customer", params={"limit": "1"})).json()
        assert shown[name]["all"]["found"] == listed["count"]
    assert len(shown["anna"]["last"]["found"]["items"]) == 2
    assert sum(row["n"] for row in shown["anna"]["by_owner"]["found"]) == shown["anna"]["all"]["found"]
    assert shown["admin"]["accounts"]["found"] >= 5
    names = [each["key"] for each in (await anna.get("/api/boards")).json()["items"]]
    assert names == ["overview", "totals"]


async def test_a_board_that_cannot_be_drawn_is_refused_with_every_fault(sign_in: SignIn) -> None:
    status, answer = await _add(
        sign_in,
        [
            {"kind": "number", "key": "a", "label": "a", "object": "nothing"},
            {"kind": "number", "key": "a", "label": "a", "object": "customer", "filter": "no_such > 1"},
            {"kind": "bar", "key": "b", "label": "b", "object": "customer", "group_by": ["nowhere"],
             "measures": {"n": "total of it"}},
            {"kind": "lights", "key": "c", "label": "c", "segment": "none"},
        ],
    )  # fmt: skip
    assert status == 422
    fields = {each["field"] for each in answer["faults"]}  # type: ignore[attr-defined]
    assert {"boards.totals.widgets.a.object", "boards.totals.widgets.a.filter"} <= fields
    assert {"boards.totals.widgets.b.group_by", "boards.totals.widgets.b.measures.n"} <= fields
    assert "boards.totals.widgets.c.segment" in fields


async def test_an_unknown_board_is_not_found(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    assert (await anna.get("/api/boards/no_such")).status_code == 404
