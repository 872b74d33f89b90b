"""The envelope in which WeCom and DingTalk call back: a SHA-1 signature over four texts, and AES-256-CBC.

Pages: developer.work.weixin.qq.com/document/path/90968 and
open.dingtalk.com/document/orgapp/configure-event-subcription. The plain text is ``16 random bytes + length (4 bytes,
big-endian) + message + receiver``, padded by PKCS#7 to blocks of 32 bytes; the IV is the key's first half.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tongmai.kit import Denied, Fault, Invalid, Text

_BLOCK = 32
_HEAD = 20
_LONGEST = 8 * 1024 * 1024


@dataclass(frozen=True)
class CallbackEnvelope:
    """Token, AES key (43 letters) and receiver (WeCom: the corp id; DingTalk: the application's key, or the corp id of
    older subscriptions) as the company typed them into the vendor's console.

    Raises ``Invalid`` at once if the key is not one.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receiver: str
    _key: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_key", key_of(self.aes_key))

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """40 hexadecimal digits."""
        parts = sorted((self.token, timestamp, nonce, encrypted))
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """The message. Raises ``Denied`` for what the vendor did not make, or made for another receiver."""
        if not hmac.compare_digest(self.signature(timestamp, nonce, encrypted).encode(), signature.encode()):
            raise forged("signature")
        message, receiver = _unframed(self._decrypted(encrypted))
        if not hmac.compare_digest(receiver, self.receiver.encode()):
            raise forged("receiver")
        return message

    def seal(self, message: bytes, timestamp: str, nonce: str) -> tuple[str, str]:
        """``(encrypted, signature)`` for a reply that only the vendor can read."""
        plain = os.urandom(16) + struct.pack(">I", len(message)) + message + self.receiver.encode()
        filler = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([filler]) * filler) + encryptor.finalize()
        encrypted = base64.b64encode(sealed).decode()
        return encrypted, self.signature(timestamp, nonce, encrypted)

    def _decrypted(self, encrypted: str) -> bytes:
        if len(encrypted) > _LONGEST:
            raise forged("length")
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise forged("base64") from error
        if not sealed or len(sealed) % 16:
            raise forged("block")
        decryptor = self._cipher().decryptor()
        return decryptor.update(sealed) + decryptor.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def forged(what: str) -> Denied:
    """The refusal of a call-back; ``what`` says in a word which check failed, never what would have passed."""
    if what in ("signature", "sign"):
        told = Text("回调的签名不对，已拒绝", "The call-back's signature is wrong; it was refused")
        way_out = Text(
            "请核对 Token（机器人：AppSecret）是否与后台一致",
            "Compare the token (a robot's: AppSecret) with the console",
        )
    elif what == "receiver":
        told = Text("回调不是发给本企业的，已拒绝", "The call-back is not for this organisation; it was refused")
        way_out = Text("请核对企业 ID（钉钉：AppKey、owner_key）", "Compare the corp id (DingTalk: AppKey, owner_key)")
    else:
        told = Text("回调的密文解不开，已拒绝", "The call-back cannot be decrypted; it was refused")
        way_out = Text("请核对 EncodingAESKey（钉钉：aes_key）", "Compare EncodingAESKey (DingTalk: aes_key)")
    return Denied((Fault("callback.forged", told, way_out, what),))


def key_of(aes_key: str, name: str = "aes_key") -> bytes:
    """The 32 bytes of the AES key, which is called ``name``. Raises ``Invalid`` if it is none."""
    try:
        # The vendors' keys are drawn from all letters: the last one may carry bits that base64 does not use.
        key = base64.b64decode(aes_key + "=") if len(aes_key) == 43 else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise Invalid.of(
            "callback.aes_key",
            "加密密钥（EncodingAESKey、aes_key）应为 43 位字母和数字",
            "The AES key (EncodingAESKey, aes_key) must be 43 letters and digits",
            way_out=Text("请从后台完整复制", "Copy the whole of it from the console"),
            field=name,
        )
    return key


def _unframed(plain: bytes) -> tuple[bytes, bytes]:
    filler = plain[-1]
    if not 1 <= filler <= _BLOCK or plain[-filler:] != bytes([filler]) * filler:
        raise forged("padding")
    body = plain[:-filler]
    if len(body) < _HEAD:
        raise forged("frame")
    (length,) = struct.unpack(">I", body[16:_HEAD])
    if length > len(body) - _HEAD:
        raise forged("frame")
    return body[_HEAD : _HEAD + length], body[_HEAD + length :]
