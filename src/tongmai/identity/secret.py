"""Secrets that people or programs carry: random, 256 bits, and only their SHA-256 is ever stored.

A plain digest will do where a secret cannot be guessed; passwords can be and take Argon2id instead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_BYTES = 32


def new_secret() -> str:
    """256 random bits, URL-safe, 43 characters."""
    return secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def keyed(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(one, other)


def to_text(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Raises ``ValueError`` for what is not URL-safe base64."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
