"""The vendor's side of DingTalk's signatures, written from its pages and not from ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC


def sign(*parts: str) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for part in sorted(parts):
        digest.update(part.encode("utf-8"))
    return digest.hexdigest()


def robot_sign(timestamp: str, secret: str) -> str:
    mac = hmac.digest(secret.encode(), (timestamp + "\n" + secret).encode(), "sha256")
    return base64.b64encode(mac).decode("ascii")


def encrypt(aes_key: str, text: str, owner: str) -> str:
    key = base64.b64decode(aes_key + "=")
    body = text.encode("utf-8")
    content = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + owner.encode()
    padder = padding.PKCS7(256).padder()
    filled = padder.update(content) + padder.finalize()
    machine = Cipher(AES(key), CBC(key[0:16])).encryptor()
    return base64.b64encode(machine.update(filled) + machine.finalize()).decode("ascii")


def decrypt(aes_key: str, encrypted: str) -> tuple[str, str]:
    """``(message, owner)`` of what a receiver answered."""
    key = base64.b64decode(aes_key + "=")
    machine = Cipher(AES(key), CBC(key[0:16])).decryptor()
    filled = machine.update(base64.b64decode(encrypted)) + machine.finalize()
    unpadder = padding.PKCS7(256).unpadder()
    content = unpadder.update(filled) + unpadder.finalize()
    length = int.from_bytes(content[16:20], "big")
    return content[20 : 20 + length].decode(), content[20 + length :].decode()
