"""Sessions, tokens, accounts, and why someone may see something."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from tongmai.web.shapes.common import Id, Moment


class SessionLine(TypedDict):
    """A place where one is signed in; ``present`` is the one that asks."""

    id: Id
    created_at: Moment
    seen_at: Moment
    expires_at: Moment
    ip: str | None
    agent: str | None
    present: bool


class TokenLine(TypedDict):
    """An API token; of its secret only the beginning is known."""

    id: Id
    prefix: str
    name: str
    scopes: list[str]
    created_at: Moment
    expires_at: Moment
    seen_at: Moment | None


class TokenMade(TypedDict):
    """The only answer that shows the secret."""

    id: Id
    name: str
    expires_at: Moment
    token: str


class SignInWay(TypedDict):
    """A way to sign in beside a password: where the browser goes, and by whom (``oidc``: the company's own). ``place``
    is ``workspace/source`` as the operator wrote it, which tells ways of a kind apart; empty where there is one."""

    kind: Literal["oidc", "wecom", "dingtalk"]
    address: str
    place: str


class AccountLine(TypedDict):
    """The account by which a person signs in."""

    person: Id
    login: str
    has_password: bool
    has_oidc: bool
    disabled_at: Moment | None
    created_at: Moment


class AccountMade(TypedDict):
    person: Id
    login: str


class AccessReason(TypedDict):
    """One thing that decides on access, and whether it holds."""

    holds: bool
    text: str
    role: str | None
    scope: str | None


class AccessExplained(TypedDict):
    """The verdict on ``action`` and everything it rests on."""

    allowed: bool
    verdict: str
    reasons: list[AccessReason]
