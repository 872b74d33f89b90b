"""Content over HTTP: editions, targets by class and field, reading confirmations and who has still to read."""

from __future__ import annotations

from typing import Any

from tests.web.company import Company, SignIn
from tests.web.test_records_api import made

from tongmai.metrics import Segments
from tongmai.model import AddSegment, Changeset, SegmentDef
from tongmai.web import Services

SEGMENT = {
    "key": "size", "label": "规模", "object": "customer",
    "classes": [{"key": "big", "label": "大", "when": 'CONTAINS(name, "医院")'}, {"key": "small", "label": "小"}],
}  # fmt: skip
PACK = {"key": "clinic", "title": "诊所话术", "kind": "script", "body": "安装视频+耗材套餐价"}


def target(**given: Any) -> dict[str, Any]:
    return {"target": {"object": "customer", **given}}


async def test_editions_are_kept_as_they_were_published(sign_in: SignIn) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    pack = await made(admin, "content", **PACK)
    assert (await anna.get(f"/api/records/content/{pack['id']}")).status_code == 404
    assert (await anna.post(f"/api/content/{pack['id']}/publish")).status_code == 404
    assert (await admin.post(f"/api/content/{pack['id']}/publish")).json() == {"edition": 1}
    assert (await anna.get(f"/api/records/content/{pack['id']}")).status_code == 200
    assert (await anna.post(f"/api/content/{pack['id']}/publish")).status_code == 403
    assert (await admin.post(f"/api/content/{pack['id']}/publish")).status_code == 409
    await admin.patch(f"/api/records/content/{pack['id']}", json={"body": "新的套餐价"})
    assert (await admin.post(f"/api/content/{pack['id']}/publish")).json() == {"edition": 2}
    editions = (await anna.get(f"/api/content/{pack['id']}/editions")).json()["items"]
    assert [(each["edition"], each["body"]) for each in editions] == [(2, "新的套餐价"), (1, "安装视频+耗材套餐价")]
    empty = await made(admin, "content", key="empty", title="空")
    assert (await admin.post(f"/api/content/{empty['id']}/publish")).status_code == 422


async def test_what_an_edition_was_published_with_is_read_by_who_may_read_the_edition(sign_in: SignIn) -> None:
    """The pack itself holds another file by now, or is being worked on."""
    admin, anna = await sign_in("admin"), await sign_in("anna")
    first, second, other = [
        (await admin.post("/api/files", params={"name": f"{each}.txt"}, content=each.encode())).json()["id"]
        for each in ("旧价目", "新价目", "别的")
    ]
    pack = await made(admin, "content", **PACK, files=[first])
    await made(admin, "content", key="draft", title="草稿", files=[other])
    assert (await anna.get(f"/api/files/{first}")).status_code == 404
    await admin.post(f"/api/content/{pack['id']}/publish")
    await admin.patch(f"/api/records/content/{pack['id']}", json={"files": [second]})
    assert (await anna.get(f"/api/files/{first}")).text == "旧价目"
    await admin.post(f"/api/content/{pack['id']}/publish")
    for file, text in ((first, "旧价目"), (second, "新价目")):
        assert (await anna.get(f"/api/files/{file}")).text == text
    assert (await anna.get(f"/api/files/{other}")).status_code == 404
    # Who reads packs but not their files, and who may read no pack any more.
    model = (await admin.get("/api/model")).json()
    (sales,) = (each for each in model["roles"] if each["key"] == "sales")
    sales["grants"].append({"object": "content", "read": "all", "field_access": {"files": "none"}})
    assert (await admin.post(
        "/api/model/changes", json={"actions": [{"action": "change_role", "after": sales}]}
    )).status_code == 201  # fmt: skip
    assert (await anna.get(f"/api/files/{first}")).status_code == 404


async def test_editions_and_uses_tell_nothing_that_the_records_hide(sign_in: SignIn) -> None:
    admin, anna, cleo = await sign_in("admin"), await sign_in("anna"), await sign_in("cleo")
    pack = await made(admin, "content", **PACK)
    await admin.post(f"/api/content/{pack['id']}/publish")
    address = f"/api/content/{pack['id']}"
    theirs = await made(cleo, "customer", name="南方客户")
    for about in ({"object": "customer", "id": theirs["id"]}, {"object": "no_such", "id": theirs["id"]}):
        told = await anna.post(f"{address}/events", json={"event": "used", "about": about})
        assert told.status_code == 404
    assert (await admin.get(f"{address}/usage")).json()["items"] == []
    own = await made(anna, "customer", name="甲")
    about = {"object": "customer", "id": own["id"]}
    assert (await anna.post(f"{address}/events", json={"event": "used", "about": about})).status_code == 204
    # A role that reads packs, but not what they say.
    model = (await admin.get("/api/model")).json()
    (sales,) = (each for each in model["roles"] if each["key"] == "sales")
    sales["grants"].append({"object": "content", "read": "all", "field_access": {"body": "none", "files": "none"}})
    changed = await admin.post("/api/model/changes", json={"actions": [{"action": "change_role", "after": sales}]})
    assert changed.status_code in (200, 201), changed.text
    (edition,) = (await anna.get(f"{address}/editions")).json()["items"]
    assert (edition["title"], edition["body"], edition["files"]) == ("诊所话术", None, [])
    assert (await admin.get(f"{address}/editions")).json()["items"][0]["body"] == PACK["body"]


async def test_packs_fit_records_by_class_and_field(sign_in: SignIn, services: Services, company: Company) -> None:
    """S0-20, S0-21."""
    changes = Changeset(actions=(AddSegment(segment=SegmentDef.model_validate(SEGMENT)),))
    await services.editor.apply(company.workspace, changes, None)
    admin, anna = await sign_in("admin"), await sign_in("anna")
    big, small = [await made(anna, "customer", name=name) for name in ("仁和医院", "社区诊所")]
    for pack in (
        {**PACK, "key": "big", **target(segments={"size": ["big"]})},
        {**PACK, "key": "small", **target(segments={"size": ["small"]}, fields={"name": ["社区诊所", "x"]})},
        {**PACK, "key": "all", **target()},
        {**PACK, "key": "deals", "target": {"object": "opportunity"}},
        {**PACK, "key": "nobody", "target": {"strange": True}},
    ):
        made_pack = await made(admin, "content", **pack)
        assert (await admin.post(f"/api/content/{made_pack['id']}/publish")).status_code == 200
    await Segments(services.metrics).evaluate(company.workspace)
    fits = {}
    for customer in (big, small):
        found = (await anna.get(f"/api/content/for/customer/{customer['id']}")).json()["items"]
        fits[customer["id"]] = {each["key"] for each in found}
    assert fits == {big["id"]: {"big", "all"}, small["id"]: {"small", "all"}}
    cleo = await sign_in("cleo")
    assert (await cleo.get(f"/api/content/for/customer/{big['id']}")).status_code == 404


async def test_what_must_be_read_is_asked_for_until_it_is_confirmed(sign_in: SignIn, company: Company) -> None:
    """S4-49."""
    admin, anna = await sign_in("admin"), await sign_in("anna")
    pack = await made(admin, "content", **PACK, must_read=True, target={"roles": ["sales"]})
    await admin.post(f"/api/content/{pack['id']}/publish")
    assert [each["title"] for each in (await anna.get("/api/notices")).json()["items"]] == ["诊所话术"]
    assert [each["key"] for each in (await anna.get("/api/content/to-confirm")).json()["items"]] == ["clinic"]
    assert (await admin.get("/api/content/to-confirm")).json()["items"] == []
    for event in ("opened", "confirmed", "confirmed"):
        assert (await anna.post(f"/api/content/{pack['id']}/events", json={"event": event})).status_code == 204
    assert (await anna.get("/api/content/to-confirm")).json()["items"] == []
    assert (await anna.get(f"/api/content/{pack['id']}/readers")).status_code == 403
    readers = (await admin.get(f"/api/content/{pack['id']}/readers")).json()
    assert readers["waiting"] == 2
    assert [(each["name"], each["confirmed_at"] is not None) for each in readers["items"]] == [
        ("Bert", False), ("Cleo", False), ("Anna", True),
    ]  # fmt: skip
    usage = (await admin.get(f"/api/content/{pack['id']}/usage")).json()["items"]
    assert [(each["opened"], each["confirmed"], each["readers"]) for each in usage] == [(1, 1, 1)]
    # A new edition is to be read anew.
    await admin.patch(f"/api/records/content/{pack['id']}", json={"body": "改了"})
    await admin.post(f"/api/content/{pack['id']}/publish")
    assert len((await anna.get("/api/content/to-confirm")).json()["items"]) == 1


async def test_a_draft_cannot_be_read(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    pack = await made(admin, "content", **PACK)
    assert (await admin.post(f"/api/content/{pack['id']}/events", json={"event": "used"})).status_code == 409
    assert (await admin.post(f"/api/content/{pack['id']}/events", json={"event": "eaten"})).status_code == 422
