"""Sign-ins that a first start makes: their passwords lie in a file that only the owner of the data folder can read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from tongmai.cli.output import Output, aligned
from tongmai.kit import Text


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that was made here; ``kept_in`` is the file its password lies in."""

    role: Text
    login: str
    password: str
    kept_in: Path

    def document(self) -> dict[str, str]:
        return {"role": self.role.en, "login": self.login, "password": self.password}


def keep_passwords(file: Path, passwords: Mapping[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # A torn write would lose the passwords: written beside, then moved. Readable by the owner alone from the start.
    beside = file.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(orjson.dumps(dict(passwords)))
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)


def kept_sign_ins(file: Path, roles: Mapping[str, Text]) -> tuple[SignIn, ...]:
    """Of the logins in ``roles`` those that the file knows; none where there is no file."""
    if not file.exists():
        return ()
    passwords: dict[str, str] = orjson.loads(file.read_bytes())
    return tuple(SignIn(role, login, passwords[login], file) for login, role in roles.items() if login in passwords)


def sign_in_lines(out: Output, sign_ins: tuple[SignIn, ...]) -> list[str]:
    """What a person reads of them."""
    if not sign_ins:
        return []
    columns = zip(*((each.role.say(out.language), each.login) for each in sign_ins), strict=True)
    padded = zip(*map(aligned, columns), strict=True)
    kept = sign_ins[0].kept_in
    return [
        out.say("可用以下账号登录：", "Sign in as:"),
        *(f"  {role}  {login}  {each.password}" for (role, login), each in zip(padded, sign_ins, strict=True)),
        out.say(f"（密码保存在 {kept}）", f"(kept in {kept})"),
    ]
