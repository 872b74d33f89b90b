"""Apps by command: what both sides changed is decided there too, and what was built here becomes a package."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Tongmai
from tests.market.shop import MODEL, folder

_LEVEL = "field customer.level"
_OURS = """
objects:
  - key: customer
    label: {zh: 客户, en: Customer}
    title: name
    fields:
      - {key: name, type: text, label: {zh: 名称, en: Name}}
      - {key: level, type: text, label: {zh: 我们的等级, en: Our level}}
"""


def test_where_both_changed_the_app_s_side_is_taken_by_name(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    crm = str(folder(tmp_path / "crm"))
    assert tongmai("app", "install", crm, "-w", acme, "--yes").code == 0
    ours = tmp_path / "ours.yaml"
    ours.write_text(_OURS, encoding="utf-8")
    assert tongmai("model", "apply", str(ours), "-w", acme, "--yes").code == 0

    folder(tmp_path / "crm", MODEL.replace("{zh: 等级, en: Level}", "{zh: 级别, en: Grade}"), "1.1")
    shown = tongmai("app", "install", crm, "-w", acme, "--preview")
    assert f"both changed, yours stays: {_LEVEL} (to take the app's: --theirs '{_LEVEL}')" in shown.out
    done = tongmai("app", "install", crm, "-w", acme, "--theirs", _LEVEL, "--yes", "--json")
    assert done.json["conflicts"] == [_LEVEL]
    assert "Grade" in tongmai("model", "show", "-w", acme).out


def test_what_was_built_on_an_app_is_exported_with_its_name(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    tongmai("app", "install", str(folder(tmp_path / "crm")), "-w", acme, "--yes")
    ours = tmp_path / "ours.yaml"
    ours.write_text(_OURS, encoding="utf-8")
    tongmai("model", "apply", str(ours), "-w", acme, "--yes")
    package = tmp_path / "ours.zip"
    first = tongmai("app", "export", "ours", str(package), "-w", acme, "--json").json
    assert first["requires"] == ["crm"]
    tongmai("app", "remove", "crm", "-w", acme, "--yes")
    alone = tongmai("app", "install", str(package), "-w", acme, "--preview")
    assert alone.code != 0
    assert "Install first: crm" in alone.err
    refused = tongmai("app", "export", "Not A Key", str(package), "-w", acme)
    assert refused.code != 0
    assert "key" in refused.err
