"""S2-44: a funnel by steps on a board counts the same rows at each step, under the reader's policies."""

from __future__ import annotations

from typing import Any

from tests.web.company import SignIn

_STEPS: list[dict[str, Any]] = [
    {"key": "all", "label": {"zh": "全部", "en": "All"}},
    {"key": "called", "label": {"zh": "联系过", "en": "Called"}, "when": "[calls] > 0"},
    {"key": "often", "label": {"zh": "联系多次", "en": "Often"}, "when": "[calls] > 3"},
]


async def _board(sign_in: SignIn, steps: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    admin = await sign_in("admin")
    field = {"key": "calls", "type": "number", "label": "联系次数"}
    widget = {"kind": "steps", "key": "far", "label": "走到哪一步", "object": "customer", "steps": steps}
    board = {"key": "funnel", "label": {"zh": "漏斗", "en": "Funnel"}, "widgets": [widget]}
    added = {"action": "add_field", "object": "customer", "field": field}
    made = await admin.post("/api/model/changes", json={"actions": [added, {"action": "add_board", "board": board}]})
    return made.status_code, made.json()


async def test_each_step_counts_who_came_so_far_among_ones_own(sign_in: SignIn) -> None:
    status, answer = await _board(sign_in, _STEPS)
    assert status == 201, answer
    anna, cleo, admin = await sign_in("anna"), await sign_in("cleo"), await sign_in("admin")
    before = {who: await _counts(await sign_in(who)) for who in ("anna", "admin")}
    for who, calls in ((anna, None), (anna, 1), (anna, 5), (cleo, 9)):
        assert (
            await who.post("/api/records/customer", json={"name": f"顾客{calls}", "calls": calls})
        ).status_code == 201
    after = {"anna": await _counts(anna), "admin": await _counts(admin)}
    added = {who: [now - then for now, then in zip(after[who], before[who], strict=True)] for who in after}
    assert added == {"anna": [3, 2, 1], "admin": [4, 3, 2]}


async def test_a_step_that_is_no_condition_or_repeats_is_refused_with_its_place(sign_in: SignIn) -> None:
    wrong = [_STEPS[0], {**_STEPS[0], "when": "[calls] + 1"}]
    status, answer = await _board(sign_in, wrong)
    assert status == 422
    places = {each["field"] for each in answer["faults"]}
    assert {"boards.funnel.widgets.far.steps.all", "boards.funnel.widgets.far.steps.all.when"} <= places


async def _counts(person: Any) -> list[int]:
    (widget,) = (await person.get("/api/boards/funnel")).json()["widgets"]
    return [each["n"] for each in widget["found"]]
