"""Where a command takes a password from: never from the command line, which others on the machine can read."""

from __future__ import annotations

import os
import secrets
import sys

import typer

from tongmai.cli.output import Output
from tongmai.kit import Invalid, Text

VARIABLE = "TONGMAI_PASSWORD"
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def read_password(out: Output, *, from_stdin: bool) -> str:
    """From stdin if asked for, else the environment, else a prompt. Raises Invalid where none of them gives one."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given = os.environ.get(VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise Invalid.of(
            "password.missing",
            "没有给出密码",
            "No password was given",
            way_out=Text(f"用 --password-stdin 或环境变量 {VARIABLE}", f"Use --password-stdin or set {VARIABLE}"),
        )
    question = out.say("密码", "Password")
    again = out.say("再输入一次", "Once more")
    entered: str = typer.prompt(question, hide_input=True, confirmation_prompt=again, err=True)
    return entered


def make_password() -> str:
    """A password that can be read out: four groups of five from an alphabet without look-alikes (99 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
