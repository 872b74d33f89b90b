"""Files in and out from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Tongmai

MODEL = """
objects:
  - key: item
    label: {zh: 物品, en: Item}
    title: name
    fields:
      - {key: name, type: text, label: {zh: 名称, en: Name}, required: true}
      - {key: code, type: text, label: {zh: 编码, en: Code}, unique: true}
"""


@pytest.fixture
def shop(tongmai: Tongmai, acme: str, tmp_path: Path) -> str:
    file = tmp_path / "model.yaml"
    file.write_text(MODEL, encoding="utf-8")
    assert tongmai("model", "apply", str(file), "-w", acme, "--yes").code == 0
    return acme


def test_rows_go_in_and_come_out(tongmai: Tongmai, shop: str, tmp_path: Path) -> None:
    source = tmp_path / "items.csv"
    source.write_bytes("名称,编码\n苹果,a\n梨,b\n".encode("gb18030"))
    assert tongmai("import", "item", str(source), "-w", shop, "--preview", "--json").json["inserted"] == 2
    done = tongmai("import", "item", str(source), "-w", shop, "--json")
    assert (done.code, done.json["inserted"]) == (0, 2)
    again = tongmai("import", "item", str(source), "-w", shop, "--merge", "code", "--json")
    assert (again.json["unchanged"], again.json["inserted"]) == (2, 0)
    target = tmp_path / "out.jsonl"
    assert tongmai("export", "item", "--to", str(target), "--sort", "code", "-w", shop).code == 0
    assert "苹果" in target.read_text(encoding="utf-8").splitlines()[0]


def test_refused_rows_end_with_one_and_come_with_reasons(tongmai: Tongmai, shop: str, tmp_path: Path) -> None:
    source, refused = tmp_path / "items.csv", tmp_path / "refused.csv"
    source.write_text("名称,编码\n苹果,a\n,b\n", encoding="utf-8")
    done = tongmai("import", "item", str(source), "-w", shop, "--refused-to", str(refused))
    assert done.code == 1
    assert "refused 1" in done.out
    assert ",b" in refused.read_text(encoding="utf-8-sig")


def test_what_cannot_be_read_is_refused(tongmai: Tongmai, shop: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert tongmai("import", "item", str(empty), "-w", shop).code == 1
    assert tongmai("import", "item", str(tmp_path / "absent.csv"), "-w", shop).code == 2
    assert tongmai("import", "nothing", str(_one_row(tmp_path)), "-w", shop).code == 1
    assert tongmai("export", "nothing", "-w", shop).code == 1
    assert tongmai("export", "item", "--filter", "nonsense(", "-w", shop).code == 1


def _one_row(folder: Path) -> Path:
    file = folder / "one.csv"
    file.write_text("名称\n苹果\n", encoding="utf-8")
    return file
