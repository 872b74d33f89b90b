"""What an operator does without a browser: results, refusals and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Tongmai

from tongmai.cli import build
from tongmai.cli.speech import chosen_language, localise

PASSWORD = "correct-horse-battery"


def test_a_workspace_is_made_listed_and_dropped(tongmai: Tongmai) -> None:
    made = tongmai("workspace", "create", "wx_made", "--zh", "甲公司", "--en", "Acme", "--json")
    assert (made.code, made.json["key"], made.json["label_zh"]) == (0, "wx_made", "甲公司")
    assert "wx_made" in tongmai("workspace", "list").out
    again = tongmai("workspace", "create", "wx_made")
    assert again.code == 1
    assert "wx_made" in again.err
    assert tongmai("workspace", "drop", "wx_made", given="other\n").code == 1
    assert tongmai("workspace", "drop", "wx_made", given="wx_made\n").code == 0
    assert "wx_made" not in tongmai("workspace", "list").out


def test_a_bad_key_and_a_bad_zone_are_both_told(tongmai: Tongmai) -> None:
    refused = tongmai("workspace", "create", "Bad Key", "--zone", "Mars/Base", "--json")
    assert refused.code == 1
    assert {fault["field"] for fault in refused.json["faults"]} == {"key", "zone"}  # type: ignore[attr-defined, index]


def test_a_person_is_added_listed_and_given_a_token(tongmai: Tongmai, acme: str) -> None:
    added = tongmai(
        "user", "add", f"wang@{acme}", "--name", "王芳", "--role", "administrator", "-w", acme, "--password-stdin",
        given=f"{PASSWORD}\n",
    )  # fmt: skip
    assert added.code == 0, added.err
    (line,) = (each for each in tongmai("user", "list", "-w", acme).out.splitlines() if f"wang@{acme}" in each)
    assert "王芳" in line
    (listed,) = (e for e in tongmai("user", "list", "-w", acme, "--json").json["items"] if e["login"] == f"wang@{acme}")
    assert (listed["name"], listed["roles"], listed["active"], listed["disabled"]) == (
        "王芳", ["administrator"], True, False
    )  # fmt: skip
    token = tongmai("user", "token", f"wang@{acme}", "--name", "report", "--scope", "read", "-w", acme)
    assert token.code == 0, token.err
    assert token.out.startswith("tm_")


@pytest.mark.parametrize(
    ("options", "given", "said"),
    [
        (("--role", "king"), PASSWORD, "king"),
        (("--team", "nowhere"), PASSWORD, "nowhere"),
        ((), "short", "password"),
    ],
)
def test_a_refused_person_leaves_nothing_behind(
    tongmai: Tongmai, acme: str, options: tuple[str, ...], given: str, said: str
) -> None:
    refused = tongmai("user", "add", f"li@{acme}", *options, "-w", acme, "--password-stdin", given=f"{given}\n")
    assert refused.code == 1
    assert said in refused.err.lower()
    assert f"li@{acme}" not in tongmai("user", "list", "-w", acme).out


def test_a_password_never_comes_from_the_command_line(tongmai: Tongmai, acme: str) -> None:
    assert tongmai("user", "add", f"li@{acme}", "--password", "on-the-command-line", "-w", acme).code == 2
    without = tongmai("user", "add", f"li@{acme}", "-w", acme, given="")
    assert without.code == 1
    assert "--password-stdin" in without.err


def test_the_model_is_shown_changed_and_found_unchanged(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(
        "objects:\n  - key: visit\n    label: {zh: 拜访, en: Visit}\n    title: topic\n"
        "    fields:\n      - {key: topic, type: text, label: {zh: 主题, en: Topic}, required: true}\n",
        encoding="utf-8",
    )
    preview = tongmai("model", "apply", str(file), "-w", acme, "--preview")
    assert preview.code == 0, preview.err
    assert "拜访" not in tongmai("model", "show", "-w", acme).out
    assert tongmai("model", "apply", str(file), "-w", acme).code == 1  # nobody to ask
    applied = tongmai("model", "apply", str(file), "-w", acme, "--yes", "--json")
    assert applied.json["changed"] is True
    assert "拜访" in tongmai("model", "show", "-w", acme).out
    assert tongmai("model", "apply", str(file), "-w", acme, "--yes", "--json").json["changed"] is False


def test_what_the_model_shows_can_be_applied_again(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(tongmai("model", "show", "-w", acme).out, encoding="utf-8")
    assert tongmai("model", "apply", str(file), "-w", acme, "--prune", "--yes", "--json").json["changed"] is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("objects: [", "YAML"),
        ("- 1", "objects"),
        ("objects:\n  - {key: Bad Key, label: x}\n  - {label: y}\n", "objects.0.key"),
        ("surprise: 1", "surprise"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tongmai: Tongmai, acme: str, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(text, encoding="utf-8")
    refused = tongmai("model", "apply", str(file), "-w", acme, "--yes")
    assert refused.code == 1
    assert said in refused.err


def test_a_sound_history_is_found_sound(tongmai: Tongmai, acme: str) -> None:
    tongmai("user", "add", f"li@{acme}", "-w", acme, "--password-stdin", given=f"{PASSWORD}\n")
    found = tongmai("verify-history", "-w", acme, "--json")
    assert found.code == 0, found.out
    assert found.json["ok"] is True
    assert found.json["rows"] != 0


def test_the_doctor_looks_at_everything(tongmai: Tongmai, acme: str) -> None:
    found = tongmai("doctor", "--json")
    assert found.code == 0, found.out
    checks = {each["check"] for each in found.json["findings"]}  # type: ignore[attr-defined]
    assert {"version", "data_dir", "disk", "database", "clock", f"workspace.{acme}"} <= checks


def test_the_doctor_says_that_the_database_is_away(tongmai: Tongmai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    found = tongmai("doctor", "--json")
    assert found.code == 3
    assert found.json["ok"] is False


def test_a_database_that_is_away_is_a_fault_of_the_machine(tongmai: Tongmai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert tongmai("workspace", "list").code == 3


def test_a_wrong_setting_is_named(tongmai: Tongmai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_POOL_SIZE", "many")
    refused = tongmai("workspace", "list")
    assert refused.code == 1
    assert "pool_size" in refused.err


def test_an_unknown_workspace_is_refused(tongmai: Tongmai) -> None:
    assert tongmai("user", "list", "-w", "nowhere").code == 1


def test_the_general_description_needs_no_database(tongmai: Tongmai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    described = tongmai("openapi")
    assert described.code == 0
    assert "/api/records/{object}" in described.json["paths"]  # type: ignore[operator]


def test_wrong_usage_ends_with_two(tongmai: Tongmai) -> None:
    assert tongmai("workspace", "create").code == 2
    assert tongmai("no-such-command").code == 2


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "zh"),
        ([], {"LANG": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        (["--lang", "en"], {"LANG": "zh_CN"}, "en"),
        (["--lang=en", "user", "list"], {}, "en"),
        (["--lang", "fr"], {}, "zh"),
    ],
)
def test_the_language_is_chosen(arguments: list[str], environment: dict[str, str], language: str) -> None:
    assert chosen_language(arguments, environment) == language


def test_every_command_has_help_in_both_languages_and_an_example() -> None:
    for language, title in (("zh", "例"), ("en", "Example")):
        commands = list(_leaves(language))
        assert len(commands) > 10
        for path, command in commands:
            assert command.help, path
            assert title in (command.epilog or ""), path
            assert "\x1f" not in command.help, path


def _leaves(language: str):
    from typer.core import TyperGroup
    from typer.main import get_group

    def walk(path: str, command):
        if isinstance(command, TyperGroup):
            for name, inner in command.commands.items():
                yield from walk(f"{path} {name}", inner)
        else:
            yield path, command

    return walk("tongmai", localise(get_group(build()), language))  # type: ignore[arg-type]
