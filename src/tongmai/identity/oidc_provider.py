"""An OpenID Connect provider as a relying party sees it: discovery, keys, the code's exchange, the ID token's check.

Authorization code with PKCE, state and nonce (OpenID Connect Core 3.1, RFC 7636, RFC 9207). Only signatures that the
provider alone can make are accepted: a token signed with the client's secret, or not at all, is refused.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from tongmai.kit import NotSignedIn, Text, Unavailable

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
SCOPES = "openid profile email"
_LEEWAY_S = 60
_TIMEOUT_S = 10.0
_KEYS_FRESH_S = 3600.0
_LONGEST_ANSWER = 1024 * 1024
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom the provider means. The e-mail address is there only if the provider says that it was verified."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    at: float
    metadata: dict[str, Any]
    keys: KeySet


@dataclass
class OidcProvider:
    """One provider and this program as its client.

    Its keys are turned over rarely and announced with a new id: then they are read again, but not more often than each
    ``keys_again_s`` seconds, whatever bad tokens come. ``transport`` is for tests.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    transport: httpx.AsyncBaseTransport | None = None
    keys_again_s: float = 60.0
    _found: _Found | None = field(default=None, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to."""
        found = await self._discover()
        url: str = prepare_grant_uri(
            _endpoint(found.metadata, "authorization_endpoint"),
            client_id=self.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=SCOPES,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return url

    async def identify(self, *, code: str, redirect_uri: str, verifier: str, nonce: str, now: datetime) -> Identified:
        """Exchanges the code and checks the ID token.

        Raises ``NotSignedIn`` if the provider or the check refuses, ``Unavailable`` if the provider cannot be reached.
        """
        found = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = await self._post(found.metadata, form)
        return await self._check(answer.get("id_token"), nonce, now)

    def is_other_issuer(self, named: str | None) -> bool:
        """Whether the answer names another issuer than ours (RFC 9207): then it was mixed up on the way."""
        return named is not None and named != self.issuer

    async def _check(self, id_token: object, nonce: str, now: datetime) -> Identified:
        if not isinstance(id_token, str):
            raise refused("no id_token")
        try:
            token = await self._verified(id_token)
            registry = jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            registry.validate(token.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise refused(type(error).__name__) from error
        return self._identified(token.claims)

    async def _verified(self, id_token: str) -> jwt.Token:
        found = await self._discover()
        try:
            return jwt.decode(id_token, found.keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # Perhaps the provider has new keys.
            found = await self._discover(fresh_s=self.keys_again_s)
            return jwt.decode(id_token, found.keys, algorithms=list(ALGORITHMS))

    def _identified(self, claims: dict[str, Any]) -> Identified:
        audience, authorized = claims["aud"], claims.get("azp")
        if (isinstance(audience, list) and len(audience) > 1 and authorized is None) or (
            authorized is not None and authorized != self.client_id
        ):
            raise refused("azp")
        email = claims.get("email")
        is_verified = claims.get("email_verified") is True and isinstance(email, str)
        name = claims.get("name")
        return Identified(
            self.issuer, claims["sub"], email if is_verified else None, name if isinstance(name, str) else None
        )

    async def _discover(self, fresh_s: float = _KEYS_FRESH_S) -> _Found:
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._found is None or self._found.at + fresh_s < now:
                metadata = await self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if metadata.get("issuer") != self.issuer:
                    raise _misconfigured("issuer")
                keys = await self._get(_endpoint(metadata, "jwks_uri"))
                self._found = _Found(now, metadata, _key_set(keys))
            return self._found

    async def _get(self, url: str) -> dict[str, Any]:
        _require_safe(url)
        async with self._client() as client:
            return await _answer(client, client.build_request("GET", url, headers={"accept": "application/json"}))

    async def _post(self, metadata: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        url = _endpoint(metadata, "token_endpoint")
        _require_safe(url)
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth: httpx.BasicAuth | None = None
        if self.client_secret is None:
            form = {**form, "client_id": self.client_id}
        elif "client_secret_basic" in methods:
            auth = httpx.BasicAuth(_encoded(self.client_id), _encoded(self.client_secret.get_secret_value()))
        else:
            form = {**form, "client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        async with self._client() as client:
            request = client.build_request("POST", url, data=form, headers={"accept": "application/json"})
            return await _answer(client, request, auth)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, timeout=_TIMEOUT_S, follow_redirects=False)


def refused(why: str) -> NotSignedIn:
    """The refusal of a sign-in through the provider; ``why`` is a short word for whoever looks into it."""
    error = NotSignedIn.of(
        "oidc.refused",
        f"统一登录未成功（{why}）",
        f"Sign-in through the provider failed ({why})",
        way_out=Text("请重新登录；若仍失败请联系管理员", "Try again; if it fails again ask an administrator"),
    )
    assert isinstance(error, NotSignedIn)
    return error


async def _answer(
    client: httpx.AsyncClient, request: httpx.Request, auth: httpx.BasicAuth | None = None
) -> dict[str, Any]:
    try:
        response = await client.send(request, auth=auth or httpx.USE_CLIENT_DEFAULT, stream=True)
        try:
            body = await _bounded(response)
        finally:
            await response.aclose()
        if response.status_code in (400, 401, 403) and request.method == "POST":
            raise refused("token endpoint")
        response.raise_for_status()
        found = httpx.Response(200, content=body).json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable() from error
    if not isinstance(found, dict):
        raise _unreachable()
    return found


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise ValueError("the provider's answer is too long")
    return bytes(body)


def _key_set(document: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": document["keys"]})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _misconfigured("jwks") from error


def _endpoint(metadata: dict[str, Any], name: str) -> str:
    url = metadata.get(name)
    if not isinstance(url, str):
        raise _misconfigured(name)
    _require_safe(url)
    return url


def _require_safe(url: str) -> None:
    """Everything goes over TLS, but to this very machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise _misconfigured("https")


def _encoded(text: str) -> str:
    """RFC 6749, 2.3.1: id and secret are form-encoded before they become a Basic header."""
    return quote_plus(text)


def _unreachable() -> Exception:
    return Unavailable.of("oidc.unreachable", "暂时无法连接统一登录服务", "The sign-in provider cannot be reached")


def _misconfigured(what: str) -> Exception:
    return Unavailable.of(
        "oidc.misconfigured",
        f"统一登录服务的配置有误：{what}",
        f"The sign-in provider is not set up rightly: {what}",
        way_out=Text("请检查 TONGMAI_OIDC_ISSUER 等设置", "Check TONGMAI_OIDC_ISSUER and the settings beside it"),
    )
