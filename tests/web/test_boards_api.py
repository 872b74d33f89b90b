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


_SAME_NAME: Mapping[str, object] = {
    "kind": "number", "key": "same_name", "label": "同名", "object": "customer",
    "filter": "[name] = {record.name} AND id != {record}",
}  # fmt: skip
_SELF: Mapping[str, object] = {
    "kind": "list", "key": "self", "label": "自己", "object": "customer", "filter": "id = {record}",
}  # fmt: skip
_PANEL: Mapping[str, object] = {
    "key": "around",
    "label": "周边",
    "record": "customer",
    "widgets": [_SAME_NAME, _SELF],
}


async def test_a_panel_asks_about_the_record_it_is_shown_on(sign_in: SignIn) -> None:
    """S0-40, S0-41: a name with quotes in it is a value, never a part of the question."""
    admin, anna = await sign_in("admin"), await sign_in("anna")
    answer = await admin.post("/api/model/changes", json={"actions": [{"action": "add_board", "board": _PANEL}]})
    assert answer.status_code in (200, 201), answer.json()
    name = "甲' OR TRUE OR [name] = '乙"
    made = [(await anna.post("/api/records/customer", json={"name": name})).json()["record"] for _ in range(3)]
    found = (await anna.get(f"/api/records/customer/{made[0]['id']}/panels")).json()["items"]
    (drawn,) = found
    shown = {each["widget"]["key"]: each for each in drawn["widgets"]}
    assert shown["same_name"]["found"] == 2
    assert [row["id"] for row in shown["self"]["found"]["items"]] == [made[0]["id"]]
    behind = await anna.get("/api/records/customer", params={"filter": shown["same_name"]["widget"]["filter"]})
    assert {row["id"] for row in behind.json()["items"]} == {row["id"] for row in made[1:]}
    assert (await anna.get(f"/api/records/customer/{made[0]['id']}/panels", params={"place": "top"})).json()[
        "items"
    ] == []
    assert (await anna.get(f"/api/records/customer/{made[0]['id']}/panels", params={"place": "x"})).status_code == 422


async def test_a_list_brings_the_moment_of_its_order_and_whom_its_actions_are_about(sign_in: SignIn) -> None:
    """A timeline puts a row at that moment; neither need be among the fields that are shown."""
    admin = await sign_in("admin")
    action = {"key": "who", "label": "负责人", "does": "timeline", "of": "owner"}
    widget = {"kind": "list", "key": "last", "label": "最近", "object": "customer", "fields": ["name"],
              "sort": "-created_at", "actions": [action]}  # fmt: skip
    status, answer = await _add(sign_in, [widget])
    assert status in (200, 201), answer
    await admin.post("/api/records/customer", json={"name": "甲"})
    (drawn,) = (await admin.get("/api/boards/totals")).json()["widgets"]
    (row, *_) = drawn["found"]["items"]
    assert {"name", "created_at", "owner"} <= set(row)


async def test_a_panel_of_a_record_one_may_not_see_is_not_found(sign_in: SignIn) -> None:
    admin, anna, cleo = await sign_in("admin"), await sign_in("anna"), await sign_in("cleo")
    await admin.post("/api/model/changes", json={"actions": [{"action": "add_board", "board": _PANEL}]})
    made = (await anna.post("/api/records/customer", json={"name": "甲"})).json()["record"]
    assert (await cleo.get(f"/api/records/customer/{made['id']}/panels")).status_code == 404


async def test_a_board_is_offered_to_its_roles_and_panels_only_to_who_builds(sign_in: SignIn) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    boards = [
        {"key": "for_admins", "label": "管理", "roles": ["administrator"], "widgets": []},
        {**_PANEL, "roles": ["administrator"]},
    ]
    actions = [{"action": "add_board", "board": each} for each in boards]
    answer = await admin.post("/api/model/changes", json={"actions": actions})
    assert answer.status_code in (200, 201), answer.json()
    assert {"for_admins", "around"} <= {each["key"] for each in (await admin.get("/api/boards")).json()["items"]}
    assert {each["key"] for each in (await anna.get("/api/boards")).json()["items"]} == {"overview"}
    made = (await anna.post("/api/records/customer", json={"name": "甲"})).json()["record"]
    assert (await anna.get(f"/api/records/customer/{made['id']}/panels")).json()["items"] == []
    (unbound, *_) = (await admin.get("/api/boards/around")).json()["widgets"]
    assert [each["code"] for each in unbound["faults"]] == ["board.needs_record"]
    # Nor does she read by its key how one is made that is not for her: its formulas may name what is hidden from her.
    assert [(await anna.get(f"/api/boards/{key}")).status_code for key in ("for_admins", "around")] == [404, 404]
    assert (await admin.get("/api/boards/for_admins")).status_code == 200


async def test_a_panel_that_cannot_be_drawn_is_refused_with_every_fault(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    quoted = {"kind": "number", "key": "a", "label": "a", "object": "customer", "filter": "[name] = '{record.name}'"}
    unknown = {"kind": "number", "key": "b", "label": "b", "object": "customer", "filter": "[name] = {record.no_such}"}
    unordered = {"kind": "list", "key": "c", "label": "c", "object": "customer", "filter": "id = {record}"}
    acting = {
        **unordered, "key": "d", "sort": "-created_at",
        "actions": [{"key": "x", "label": "x", "does": "form", "of": "name"},
                    {"key": "y", "label": "y", "does": "task", "roles": ["nobody"]},
                    {"key": "z", "label": "z", "does": "form"}],
    }  # fmt: skip
    board = {"key": "p", "label": "p", "record": "customer", "place": "timeline",
             "widgets": [quoted, unknown, unordered, acting]}  # fmt: skip
    answer = await admin.post("/api/model/changes", json={"actions": [{"action": "add_board", "board": board}]})
    assert answer.status_code == 422
    fields = {each["field"].removeprefix("boards.p.widgets.") for each in answer.json()["faults"]}
    assert {"a.filter", "b.filter", "a", "c.sort"} <= fields
    assert {"d.actions.x.of", "d.actions.y.roles", "d.actions.z.fields"} <= fields


async def test_help_is_asked_of_who_has_a_role(sign_in: SignIn) -> None:
    """S0-48: within a time, about a record, of a role one need not know the people of."""
    admin, anna = await sign_in("admin"), await sign_in("anna")
    made = (await anna.post("/api/records/customer", json={"name": "甲"})).json()["record"]
    wanted = {"title": "请协同", "role": "administrator", "due": {"amount": 2, "unit": "hours"},
              "about": {"object": "customer", "id": made["id"]}}  # fmt: skip
    assert (await anna.post("/api/tasks", json=wanted)).status_code == 403
    answer = await admin.post("/api/tasks", json=wanted)
    assert answer.status_code == 201, answer.json()
    titles = [each["title"] for each in (await admin.get("/api/tasks")).json()["items"]]
    assert "请协同" in titles
    nobody = await admin.post("/api/tasks", json={**wanted, "role": "no_such_role"})
    assert nobody.status_code in (404, 422)
    assert (await admin.post("/api/tasks", json={"title": "x", "role": "administrator"})).status_code == 422


async def test_a_widget_is_worked_out_before_its_board_is_kept(sign_in: SignIn) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    made = [(await anna.post("/api/records/customer", json={"name": "甲"})).json()["record"] for _ in range(2)]
    about = {"object": "customer", "id": made[0]["id"]}

    async def preview(who: str, widget: object, **beside: object) -> tuple[int, dict[str, object]]:
        answer = await (await sign_in(who)).post("/api/boards/preview", json={"widget": widget, **beside})
        return answer.status_code, answer.json()

    listed = (await admin.get("/api/records/customer", params={"limit": "1"})).json()
    assert (await preview("admin", _WIDGETS[0]))[1]["found"] == listed["count"]
    assert (await preview("admin", _SAME_NAME, about=about))[1]["found"] == 1
    assert len((await preview("admin", _SELF, about=about))[1]["found"]["items"]) == 1  # type: ignore[index]
    # What cannot be worked out says so in its place, as on a board.
    for wrong in ({**_WIDGETS[0], "filter": "no_such > 1"}, {**_WIDGETS[0], "object": "nothing"}, _SAME_NAME):
        status, drawn = await preview("admin", wrong)
        assert (status, drawn["found"]) == (200, None)
        assert drawn["faults"]
    nobody = {"object": "customer", "id": "0198c0de-0000-7000-8000-000000000000"}
    assert (await preview("admin", _SAME_NAME, about=nobody))[1]["faults"]
    assert (await preview("admin", {**_WIDGETS[0], "object": ""}))[0] == 422
    assert (await preview("anna", _WIDGETS[0]))[0] == 403
    assert "totals" not in {each["key"] for each in (await admin.get("/api/boards")).json()["items"]}
