"""S0-63: an association on a board, through the door: under the reader's policies, of records that have both figures."""

from __future__ import annotations

import pytest
from tests.web.company import SignIn

_NUMBER = {"type": "number", "options": {"decimals": 2}}


async def _prepared(sign_in: SignIn, x: str = "touches") -> tuple[int, dict[str, object]]:
    admin = await sign_in("admin")
    fields = [{"key": "touches", "label": "触达", **_NUMBER}, {"key": "orders", "label": "订单", **_NUMBER}]
    widget = {"kind": "association", "key": "both", "label": "触达与订单", "object": "customer", "x": x, "y": "orders"}
    board = {"key": "together", "label": {"zh": "关联", "en": "Together"}, "widgets": [widget]}
    added = [{"action": "add_field", "object": "customer", "field": each} for each in fields]
    made = await admin.post("/api/model/changes", json={"actions": [*added, {"action": "add_board", "board": board}]})
    return made.status_code, made.json()


async def test_an_association_tells_how_closely_two_figures_go_together_among_ones_own(sign_in: SignIn) -> None:
    status, answer = await _prepared(sign_in)
    assert status == 201, answer
    anna, cleo, admin = await sign_in("anna"), await sign_in("cleo"), await sign_in("admin")
    for n in range(9):
        values = {"name": f"关联{n}", "touches": n, "orders": 2 * n + (1 if n % 2 else -1)}
        assert (await anna.post("/api/records/customer", json=values)).status_code == 201
    # One figure alone is no point.
    assert (await anna.post("/api/records/customer", json={"name": "没有订单", "touches": 4})).status_code == 201
    # What another team has is not hers to see.
    values = {"name": "别人的", "touches": 100, "orders": 0}
    assert (await cleo.post("/api/records/customer", json=values)).status_code == 201
    (widget,) = (await anna.get("/api/boards/together")).json()["widgets"]
    found = widget["found"]
    assert sorted(each["x"] for each in found["points"]) == list(range(9))
    assert not found["cut"]
    fit = found["fit"]
    assert fit["n"] == 9
    assert (fit["slope"], fit["r2"]) == pytest.approx((2.0, 0.9643), abs=1e-3)
    assert fit["is_clear"]
    (widget,) = (await admin.get("/api/boards/together")).json()["widgets"]
    assert len(widget["found"]["points"]) == 10


async def test_an_axis_that_is_no_number_is_refused_with_its_place(sign_in: SignIn) -> None:
    status, answer = await _prepared(sign_in, x="name")
    assert status == 422
    assert "boards.together.widgets.both.x" in {each["field"] for each in answer["faults"]}  # type: ignore[attr-defined]
