"""Apps over HTTP: from a file with a preview, upgraded with conflicts to decide, exported, removed exactly."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
from tests.web.company import Company, SignIn

_INFO = "key: visits\nlabel: {{zh: 拜访, en: Visits}}\nversion: '{version}'\n"
_MODEL = """
objects:
  - key: visit_plan
    label: {{zh: 拜访计划, en: Visit plan}}
    title: name
    fields:
      - {{key: name, type: text, label: {{zh: 名称, en: Name}}}}
      - {{key: place, type: text, label: {{zh: {place}, en: Place}}}}
"""
_CONTENT = "key: visit.opening\ntitle: 拜访开场白\nbody: 您好\n"


def _package(version: str = "1.0", place: str = "地点", model: str = _MODEL, folder: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{folder}app.yaml", _INFO.format(version=version))
        archive.writestr(f"{folder}model.yaml", model.format(place=place))
        archive.writestr(f"{folder}content/opening.yaml", _CONTENT)
    return out.getvalue()


async def _uploaded(client: httpx.AsyncClient, content: bytes) -> str:
    answer = await client.post("/api/files", files={"file": ("visits.zip", content, "application/zip")})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _put(
    client: httpx.AsyncClient, content: bytes, *, preview: bool = False, theirs: tuple[str, ...] = ()
) -> httpx.Response:
    wanted = {"file": await _uploaded(client, content), "theirs": list(theirs)}
    return await client.post("/api/apps/package", params={"preview": str(preview).lower()}, json=wanted)


async def _installed(client: httpx.AsyncClient) -> dict[str, Any]:
    return {each["key"]: each for each in (await client.get("/api/apps")).json()["installed"]}


async def test_a_package_is_previewed_thing_by_thing_then_installed(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    plan = (await _put(admin, _package(), preview=True)).json()
    assert [each["at"] for each in plan["added"]] == [
        "object visit_plan",
        "field visit_plan.name",
        "field visit_plan.place",
        "content visit.opening",
    ]
    assert [each["label"] for each in plan["added"][2:]] == ["Visit plan · Place", "拜访开场白"]
    assert (plan["changed"], plan["removed"], plan["conflicts"], plan["change"]) == ([], [], [], None)
    assert "visits" not in await _installed(admin)
    done = (await _put(admin, _package(folder="visits/"))).json()
    assert done["change"] is not None
    there = (await _installed(admin))["visits"]
    assert (there["version"], there["offered_version"]) == ("1.0", None)
    assert (await admin.get("/api/records/visit_plan")).status_code == 200


async def test_an_upgrade_shows_what_both_changed_and_takes_the_chosen_side(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    await _put(admin, _package())
    model = (await admin.get("/api/model")).json()
    [plan_object] = [each for each in model["objects"] if each["key"] == "visit_plan"]
    [place] = [each for each in plan_object["fields"] if each["key"] == "place"]
    before = {key: value for key, value in place.items() if key not in ("live", "kind", "operators", "may")}
    after = {**before, "label": {"zh": "我们的地点", "en": "Our place"}}
    change = {"actions": [{"action": "change_field", "object": "visit_plan", "before": before, "after": after}]}
    assert (await admin.post("/api/model/changes", json=change)).status_code == 201
    newer = _package("1.1", "新地点")
    [conflict] = (await _put(admin, newer, preview=True)).json()["conflicts"]
    assert conflict["at"] == "field visit_plan.place"
    assert conflict["chosen"] == "mine"
    sides = [conflict[side]["label"]["zh"] for side in ("base", "mine", "theirs")]
    assert sides == ["地点", "我们的地点", "新地点"]
    chosen = await _put(admin, newer, theirs=(conflict["at"],))
    assert chosen.json()["conflicts"][0]["chosen"] == "theirs"
    shown = (await admin.get("/api/model")).text
    assert "新地点" in shown
    assert "我们的地点" not in shown


async def test_removal_takes_exactly_what_was_brought_and_says_so_before(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    before = {each["key"] for each in (await admin.get("/api/model")).json()["objects"]}
    await _put(admin, _package())
    plan = (await admin.delete("/api/apps/visits", params={"preview": "true"})).json()
    assert {each["at"] for each in plan["removed"]} == {
        "object visit_plan", "field visit_plan.name", "field visit_plan.place", "content visit.opening",
    }  # fmt: skip
    assert "visits" in await _installed(admin)
    done = (await admin.delete("/api/apps/visits")).json()
    assert {each["key"] for each in (await admin.get("/api/model")).json()["objects"]} == before
    assert "visits" not in await _installed(admin)
    assert (await admin.post(f"/api/model/changes/{done['change']}/undo")).status_code == 201
    assert (await admin.get("/api/records/visit_plan")).status_code == 200
    assert (await _installed(admin))["visits"]["version"] == "1.0"


async def test_an_upgrade_is_taken_back_like_any_change_of_the_model(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    await _put(admin, _package())
    [changed] = (await _put(admin, _package("1.1", "新地点"), preview=True)).json()["changed"]
    assert changed["at"] == "field visit_plan.place"
    assert [changed[side]["label"]["zh"] for side in ("before", "after")] == ["地点", "新地点"]
    done = (await _put(admin, _package("1.1", "新地点"))).json()
    assert "新地点" in (await admin.get("/api/model")).text
    assert (await admin.post(f"/api/model/changes/{done['change']}/undo")).status_code == 201
    shown = (await admin.get("/api/model")).text
    assert "新地点" not in shown
    assert "地点" in shown
    assert (await _installed(admin))["visits"]["version"] == "1.0"
    # It is offered again as it was: nothing of the upgrade was taken for the company's own.
    assert (await _put(admin, _package("1.1", "新地点"), preview=True)).json()["conflicts"] == []


async def test_what_is_no_package_is_refused_in_words(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    for content, code in (
        (b"%PDF-1.7 not a package", "app.not_zip"),
        (_package(model="objects: &a [1]\nroles: *a\n"), "yaml.alias"),
    ):
        refused = await _put(admin, content, preview=True)
        assert refused.status_code == 422
        assert refused.json()["faults"][0]["code"] == code


async def test_what_would_clash_is_named_and_nothing_is_installed(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    clash = _MODEL.replace("visit_plan", "customer")
    refused = await _put(admin, _package(model=clash))
    assert refused.status_code == 422
    assert {each["code"] for each in refused.json()["faults"]} == {"app.name_taken"}
    assert "visits" not in await _installed(admin)


async def test_apps_are_for_who_manages_the_model(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    assert (await anna.get("/api/apps")).status_code == 403
    assert (await _put(anna, _package())).status_code == 403
    assert (await anna.delete("/api/apps/visits")).status_code == 403
    assert (await anna.get("/api/apps/export")).status_code == 403


async def test_what_was_built_here_is_downloaded_as_a_package(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    answer = await admin.get("/api/apps/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"app.yaml", "model.yaml"} <= set(archive.namelist())


async def test_who_lacks_a_power_cannot_bring_it_in_with_an_app(sign_in: SignIn, company: Company) -> None:
    """Who manages the model but not access may install what gives no such power, and nothing else."""
    admin = await sign_in("admin")
    builder = {"key": "builder", "label": {"zh": "搭建", "en": "Builder"}, "grants": [], "manages": ["model"]}
    change = {"actions": [{"action": "add_role", "role": builder}]}
    assert (await admin.post("/api/model/changes", json=change)).status_code == 201
    person = f"/api/records/person/{company.people['anna']}"
    assert (await admin.patch(person, json={"roles": ["sales", "builder"]})).status_code == 200
    anna = await sign_in("anna")
    powerful = _MODEL + "roles:\n  - {{key: master, label: 全能, grants: [], manages: [access]}}\n"
    refused = await _put(anna, _package(model=powerful))
    assert refused.status_code == 403
    assert "visits" not in await _installed(admin)
    assert (await _put(anna, _package())).status_code == 200
