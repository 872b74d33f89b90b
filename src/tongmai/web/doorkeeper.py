"""Who may come in: a token in ``Authorization``, or the session's cookie together with its CSRF token.

A cookie is sent by the browser whoever made the page, so it alone only reads: a request that changes something needs
the header ``X-CSRF-Token`` as well, and must not say that another site made it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from tongmai.access import Actor, only_reads
from tongmai.identity import Identity, Presence, SignedIn, check_csrf
from tongmai.kit import Denied, Fault, Language, NotSignedIn, Text
from tongmai.web.problems import not_signed_in

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})
_LONGEST_SECRET = 200


class Doorkeeper:
    """``https`` decides the cookie's name: with ``__Host-`` a browser takes it only from this very host over TLS."""

    def __init__(self, identity: Identity, *, https: bool) -> None:
        self._identity = identity
        self.is_https = https
        self.cookie = "__Host-tongmai" if https else "tongmai"
        self.oidc_cookie = f"{self.cookie}-oidc"

    async def admit(self, request: Request, language: Language, *, is_use: bool = True) -> Presence:
        """``is_use`` keeps a session from ending unused. Raises NotSignedIn or Denied."""
        bearer = _bearer(request)
        if bearer is not None:
            presence = await self._identity.find_token(bearer, language)
            if presence is None:
                raise _bad_token()
            return presence
        secret = self.session_secret(request)
        presence = None if secret is None else await self._identity.find_session(secret, language, is_use=is_use)
        if presence is None or presence.session is None:
            raise not_signed_in()
        if request.method not in _SAFE:
            refuse_foreign_site(request)
            check_csrf(presence.session, request.headers.get("x-csrf-token"))
        return presence

    def session_secret(self, request: Request) -> str | None:
        found = request.cookies.get(self.cookie)
        return found if found and len(found) <= _LONGEST_SECRET else None

    def give(self, response: Response, signed_in: SignedIn) -> None:
        """Sets the cookie. It ends with the browser; how long a session lasts is decided here, not there."""
        response.set_cookie(
            self.cookie, signed_in.session_token, path="/", secure=self.is_https, httponly=True, samesite="lax"
        )

    def take_back(self, response: Response) -> None:
        response.delete_cookie(self.cookie, path="/", secure=self.is_https, httponly=True, samesite="lax")


def refuse_foreign_site(request: Request) -> None:
    """Browsers say where a request comes from; one that another site made is refused whatever it carries."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in _OWN_SITES:
        raise Denied.of(
            "session.foreign_site",
            "请求来自其他网站",
            "The request was made by another site",
            way_out=Text("请在本系统的页面中操作", "Do it on a page of this system"),
        )


def refuse_reading_token(actor: Actor) -> None:
    """Raises Denied for a token whose scopes all read, whatever it would change: also what is no record."""
    if only_reads(actor.scopes):
        raise Denied.of(
            "token.scope_needed",
            "此令牌只能读取",
            "This token only reads",
            way_out=Text("请用含 write 范围的令牌，或登录后操作", "Use a token with the scope write, or sign in"),
            rule="scope:write",
        )


def _bearer(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip() or len(secret) > _LONGEST_SECRET:
        raise _bad_token()
    return secret.strip()


def _bad_token() -> NotSignedIn:
    return NotSignedIn(
        (
            Fault(
                "token.invalid",
                Text("令牌无效、已过期或已吊销", "The token is not valid, has expired or was revoked"),
                Text("请在“个人设置”中新建令牌", "Make a new token in your settings"),
            ),
        )
    )
