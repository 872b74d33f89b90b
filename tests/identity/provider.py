"""A small OpenID Connect provider that really signs and really checks, with switches to make it misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tongmai.kit import Clock

ISSUER = "https://id.example.com"
CLIENT_ID = "tongmai"
CLIENT_SECRET = "a secret + more"


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


@dataclass
class FakeProvider:
    """``claims`` are laid over those of the next ID token (None removes one); ``signer`` signs it if given."""

    clock: Clock
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    claims: dict[str, Any] = field(default_factory=dict)
    signer: tuple[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    key_reads: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def transport(self) -> httpx.AsyncBaseTransport:
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/keys", self._keys),
            Route("/token", self._token, methods=["POST"]),
        ]
        return httpx.ASGITransport(Starlette(routes=routes))

    def approve(self, url: str) -> dict[str, str]:
        """What the browser comes back with when its person has signed in at the provider: the query's parameters."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (
            CLIENT_ID,
            "code",
            "S256",
        )
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def turn_keys(self) -> None:
        self.key = new_key("two")

    async def _discovery(self, _request: Request) -> Response:
        if self.is_down:
            return Response("busy", 503)
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
                **self.metadata,
            }
        )

    async def _keys(self, _request: Request) -> Response:
        self.key_reads += 1
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        asked = self._codes.pop(form["code"], None)
        if asked is None or not self._is_client(request, form):
            return JSONResponse({"error": "invalid_grant"}, 400)
        challenge = _encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        if challenge.decode() != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])})

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
        return (scheme, name, unquote_plus(secret)) == ("Basic", CLIENT_ID, CLIENT_SECRET)

    def _id_token(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "sub": "wang-42", "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        algorithm, key = self.signer or ("RS256", self.key)
        header = {"alg": algorithm, "kid": self.key.kid}
        if algorithm in ("none", "HS256"):
            return _sign_by_hand(header, claims, key)
        return jwt.encode(header, claims, key, algorithms=[algorithm])


def _sign_by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """What a library would refuse to make: signed with a shared secret, or not at all."""
    body = b".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
    seal = b"" if secret is None else _encode(hmac.digest(secret, body, "sha256"))
    return (body + b"." + seal).decode()


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
