"""The vendor's side of the call-back envelope, written from its page and not from ours (…/document/path/90968)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC


def sign(*parts: str) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for part in sorted(parts):
        digest.update(part.encode("utf-8"))
    return digest.hexdigest()


def encrypt(encoding_aes_key: str, text: str, receiver: str) -> str:
    key = base64.b64decode(encoding_aes_key + "=")
    body = text.encode("utf-8")
    content = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + receiver.encode()
    padder = padding.PKCS7(256).padder()
    filled = padder.update(content) + padder.finalize()
    machine = Cipher(AES(key), CBC(key[0:16])).encryptor()
    return base64.b64encode(machine.update(filled) + machine.finalize()).decode("ascii")


def xml(values: dict[str, object]) -> str:
    """Texts in CDATA and numbers bare, as the vendor writes them; lists repeat their element."""
    return f"<xml>{_inner(values)}</xml>"


def _inner(values: dict[str, object]) -> str:
    pairs = ((name, each) for name, value in values.items() for each in (value if isinstance(value, list) else [value]))
    return "".join(f"<{name}>{_one(each)}</{name}>" for name, each in pairs)


def _one(value: object) -> str:
    if isinstance(value, dict):
        return _inner(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return escape(text) if "]]>" in text else f"<![CDATA[{text}]]>"
