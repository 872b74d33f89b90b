"""tongmai rules, and rules in the model's YAML."""

from __future__ import annotations

from pathlib import Path

import yaml

from .conftest import Tongmai

MODEL = """
rules:
  - key: nobody
    label: {zh: 无人负责, en: Nobody}
    object: team
    when: {kind: becomes}
    if: lead IS BLANK
    then:
      - {kind: notify, to: ["role:administrator"], title: "{name} 没有负责人"}
  - {key: weekly, label: 每周, object: team, when: {kind: scheduled, cron: "0 9 * * 1"}, enabled: false,
     then: [{kind: notify, to: [owner], title: x}]}
"""


def test_rules_come_by_yaml_and_are_shown_again(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(MODEL, encoding="utf-8")
    assert tongmai("model", "apply", str(file), "-w", acme, "--yes", "--json").json["changed"] is True
    shown = tongmai("model", "show", "-w", acme).out
    assert [each["if"] for each in yaml.safe_load(shown)["rules"] if each["key"] == "nobody"] == ["lead IS BLANK"]
    again = tmp_path / "again.yaml"
    again.write_text(shown, encoding="utf-8")
    assert tongmai("model", "apply", str(again), "-w", acme, "--prune", "--yes", "--json").json["changed"] is False
    listed = {each["rule"]: each for each in tongmai("rules", "list", "-w", acme, "--json").json["items"]}
    assert (listed["nobody"]["enabled"], listed["weekly"]["enabled"]) == (True, False)
    assert "nobody" in tongmai("rules", "list", "-w", acme).out
    assert tongmai("rules", "log", "-w", acme, "--rule", "nobody", "--json").json == {"items": []}
    assert tongmai("rules", "dead", "-w", acme, "--again", "--json").json == {"items": [], "sent_again": 0}


def test_a_rule_that_cannot_be_is_refused_with_its_place(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(MODEL.replace("lead IS BLANK", "leader IS BLANK").replace("0 9 * * 1", "0 25 * * 1"), "utf-8")
    done = tongmai("model", "apply", str(file), "-w", acme, "--yes")
    assert done.code != 0
    assert "rules.nobody.if" in done.out + done.err and "rules.weekly.when.cron" in done.out + done.err


def test_what_is_can_be_taken_as_known(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    """After a back-fill of years: the rules count from then on, and nothing fires for what was so before."""
    file = tmp_path / "rules.yaml"
    file.write_text(MODEL, encoding="utf-8")
    tongmai("model", "apply", str(file), "-w", acme, "--yes")
    assert tongmai("rules", "settle", "-w", acme, "--json").json["rules"] >= 1
    assert tongmai("rules", "log", "-w", acme, "--json").json == {"items": []}
