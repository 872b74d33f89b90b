"""A formula is worked out for one record, and tells nobody more than they may see."""

from __future__ import annotations

from tests.web.company import SignIn
from tests.web.test_records_api import made


async def test_a_formula_is_worked_out_for_a_record(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    record = await made(anna, "customer", name="远达")

    async def tried(text: str) -> dict[str, object]:
        given = {"object": "customer", "text": text, "record": record["id"]}
        answer = await anna.post("/api/formula/try", json=given)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    assert (await tried("LEN(name) * 2"))["value"] == 4
    assert (await tried("CONCAT(name, '！')"))["value"] == "远达！"
    assert (await tried("name = '远达'"))["value"] is True
    assert (await tried("name = '别家'"))["value"] is False
    assert (await tried("address"))["value"] is None
    wrong = await tried("LEN(nam) + 1")
    assert (wrong["ok"], wrong["faults"][0]["position"]) == (False, 4)  # type: ignore[index]


async def test_who_does_not_see_the_record_learns_nothing_of_it(sign_in: SignIn) -> None:
    anna, cleo = await sign_in("anna"), await sign_in("cleo")
    record = await made(anna, "customer", name="远达")
    given = {"object": "customer", "text": "name", "record": record["id"]}
    assert (await cleo.post("/api/formula/try", json=given)).status_code == 404
