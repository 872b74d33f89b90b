"""A request as the handlers see it: who calls, in which workspace and language, with parameters already checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request

from tongmai.access import Actor
from tongmai.identity import Origin, Presence
from tongmai.kit import Fault, Invalid, Language, Text
from tongmai.model import Catalogue, read_document
from tongmai.store import Workspace
from tongmai.web.body import Json, read_json
from tongmai.web.problems import not_signed_in
from tongmai.web.services import Services

Body = TypeVar("Body", bound=BaseModel)
Word = TypeVar("Word", bound=str)
# Nobody needs more to sign in, and reading a body of millions of names holds up all others.
_MOST_OF_STRANGERS = 64 * 1024


@dataclass(slots=True)
class Call:
    """``query`` holds the parameters given; ``presence`` is None until ``authenticate``, and where anybody may call."""

    request: Request
    services: Services
    language: Language
    query: Mapping[str, str]
    presence: Presence | None = None

    async def authenticate(self) -> None:
        """Finds out who calls. Raises NotSignedIn, Denied (cross-site check) or TooMany."""
        presence = await self.services.doorkeeper.admit(self.request, self.language)
        who = str(presence.actor.id)
        self.request.scope["tongmai.actor"] = who
        self.services.rate.take(who)
        self.presence = presence

    async def look_again(self) -> None:
        """Whether who called may still be here, as whoever he is by now: of a connection that stays open. It is neither
        a request nor a use that keeps the session. Raises NotSignedIn or Denied."""
        self.presence = await self.services.doorkeeper.admit(self.request, self.language, is_use=False)

    @property
    def signed_in(self) -> Presence:
        if self.presence is None:
            raise not_signed_in()
        return self.presence

    @property
    def actor(self) -> Actor:
        return self.signed_in.actor

    @property
    def workspace(self) -> Workspace:
        return self.signed_in.workspace

    async def catalogue(self) -> Catalogue:
        return await self.services.catalogues.get(self.workspace)

    @property
    def origin(self) -> Origin:
        return Origin(self.ip, self.request.headers.get("user-agent"))

    @property
    def ip(self) -> str | None:
        client = self.request.client
        return client.host if client else None

    def part(self, name: str) -> str:
        """A part of the path as it came."""
        found: str = self.request.path_params[name]
        return found

    def id(self, name: str = "id") -> UUID:
        """A part of the path that is an id. Raises Invalid."""
        return parse_id(self.part(name), name)

    def whole(self, name: str, default: int, *, least: int = 1, most: int) -> int:
        """A whole number from the query. Raises Invalid outside ``[least, most]``."""
        given = self.query.get(name)
        if given is None:
            return default
        if given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most:
            return int(given)
        raise _bad(name, f"应为 {least} 至 {most} 的整数", f"must be a whole number from {least} to {most}")

    def yes(self, name: str, default: bool = False) -> bool:
        """true or false from the query. Raises Invalid for anything else."""
        given = self.query.get(name)
        if given is None:
            return default
        if given not in ("true", "false"):
            raise _bad(name, "应为 true 或 false", "must be true or false")
        return given == "true"

    def moment(self, name: str) -> datetime | None:
        """A moment with its zone from the query (ISO 8601). Raises Invalid."""
        given = self.query.get(name)
        return None if given is None else parse_moment(given, name)

    def one_of(self, name: str, words: Sequence[Word]) -> Word | None:
        """One of some words from the query, None if it is not given. Raises Invalid for any other."""
        given = self.query.get(name)
        found = next((each for each in words if each == given), None)
        if given is not None and found is None:
            raise _bad(name, f"应为 {'、'.join(words)} 之一", f"must be one of {', '.join(words)}")
        return found

    def id_asked(self, name: str) -> UUID | None:
        """An id from the query, None if it is not given. Raises Invalid."""
        given = self.query.get(name)
        return None if given is None else parse_id(given, name)

    def names(self, name: str) -> tuple[str, ...] | None:
        """A list separated by commas from the query; None if nothing is named."""
        given = self.query.get(name, "")
        return tuple(part for part in (each.strip() for each in given.split(",")) if part) or None

    async def json(self) -> Json:
        """The body. Raises Malformed, TooLarge or UnsupportedMediaType."""
        most = self.services.settings.max_body_bytes
        return await read_json(self.request, most if self.presence is not None else min(most, _MOST_OF_STRANGERS))

    async def body(self, model: type[Body]) -> Body:
        """The body as ``model``. Raises Invalid with all its faults."""
        return read_document(model, await self.json())


def parse_id(given: str, name: str) -> UUID:
    """Raises Invalid for what is not a UUID in its usual spelling."""
    try:
        if len(given) == 36:
            return UUID(given)
    except ValueError:
        pass
    raise _bad(name, f"“{given[:50]}”不是有效的编号", f"'{given[:50]}' is not an id")


def parse_moment(given: str, name: str) -> datetime:
    """ISO 8601 with a zone. Raises Invalid; a moment without a zone would mean another one to each reader."""
    # A plus sign that a caller left bare in an address arrives as a space.
    text = given.strip().replace(" 0", "+0") if given.count(" ") == 1 and "T" in given else given.strip()
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _bad(
        name,
        "应为带时区的时间，例如 2026-11-02T09:00:00+08:00",
        "must be a moment with its zone, like 2026-11-02T09:00:00+08:00",
    )


def _bad(name: str, zh: str, en: str) -> Invalid:
    return Invalid((Fault("parameter.invalid", Text(zh, en), field=name),))
