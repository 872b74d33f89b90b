"""The keys that seal credentials. They lie outside the database, so that a copy of it opens nothing.

A key is 32 bytes; the first of the ring seals, all of it open. Without ``TONGMAI_SECRET_KEY`` the ring is the file
``secret.key`` of the data folder (a key a line, mode 0600), made when it is first needed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongmai.kit import Invalid, Settings, Text, Unavailable

_KEY_BYTES, _NONCE_BYTES = 32, 12
KEY_FILE = "secret.key"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text: by which key, with which nonce (never used twice)."""

    key_id: str
    nonce: bytes
    content: bytes


class Keyring:
    """Seals and opens texts (AES-256-GCM). ``about`` is bound to them: sealed for one place, they open at no other."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_id_of(key): AESGCM(key) for key in keys}
        self.current = _id_of(keys[0])

    @classmethod
    def of(cls, settings: Settings) -> Keyring:
        """The ring that the settings name. Raises ``Invalid`` for a key that is none, ``Unavailable`` where the file
        can be neither read nor made."""
        if settings.secret_key is not None:
            return cls(_read_keys(settings.secret_key.get_secret_value().split(",")))
        return cls(_read_file(settings.data_dir / KEY_FILE))

    def has(self, key_id: str) -> bool:
        return key_id in self._keys

    def seal(self, text: str, about: str) -> Sealed:
        nonce = os.urandom(_NONCE_BYTES)
        return Sealed(self.current, nonce, self._keys[self.current].encrypt(nonce, text.encode(), about.encode()))

    def open(self, sealed: Sealed, about: str) -> str:
        """Raises ``Invalid`` if the key is not on the ring or the content is not what was sealed here."""
        key = self._keys.get(sealed.key_id)
        try:
            if key is not None:
                return key.decrypt(sealed.nonce, sealed.content, about.encode()).decode()
        except InvalidTag:
            pass
        raise Invalid.of(
            "secret.cannot_open",
            "数据源的凭据不能解密：密钥不是当初加密所用的",
            "The source's credentials cannot be opened: the key is not the one they were sealed with",
            way_out=Text("请恢复密钥文件，或重新填写凭据", "Restore the key file, or give the credentials again"),
        )


def add_key(settings: Settings) -> Keyring:
    """Puts a new key before those of the file. Raises ``Invalid`` where the keys come from the environment."""
    if settings.secret_key is not None:
        raise Invalid.of(
            "secret.key_from_environment",
            "密钥来自环境变量，请在其中把新密钥放在最前",
            "The keys come from the environment: put the new one first there",
        )
    path = settings.data_dir / KEY_FILE
    keys = [os.urandom(_KEY_BYTES), *_read_file(path)]
    _write_file(path, keys)
    return Keyring(keys)


def drop_old_keys(settings: Settings) -> None:
    """Keeps the first key of the file alone, when nothing is sealed with the others any more."""
    if settings.secret_key is None:
        path = settings.data_dir / KEY_FILE
        _write_file(path, _read_file(path)[:1])


def _id_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]


def _read_keys(lines: Sequence[str]) -> list[bytes]:
    try:
        keys = [base64.b64decode(line.strip(), validate=True) for line in lines if line.strip()]
    except binascii.Error:
        keys = []
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise Invalid.of(
            "secret.bad_key",
            "加密密钥应为 32 字节的 base64",
            "A sealing key is 32 bytes in base64",
            way_out=Text("可用 openssl rand -base64 32 生成", "Make one with openssl rand -base64 32"),
            field="secret_key",
        )
    return keys


def _read_file(path: Path) -> list[bytes]:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make_file(path)
        return _read_keys(path.read_text(encoding="ascii").splitlines())
    except OSError as error:
        raise Unavailable.of(
            "secret.no_key_file", f"密钥文件不可用：{error}", f"The key file cannot be used: {error}"
        ) from error


def _make_file(path: Path) -> None:
    """Only one of several processes makes it: the others find it there, whole."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    _put(own, [os.urandom(_KEY_BYTES)])
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()


def _write_file(path: Path, keys: Sequence[bytes]) -> None:
    own = path.with_name(f"{path.name}.{os.getpid()}")
    _put(own, keys)
    own.replace(path)


def _put(path: Path, keys: Sequence[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(base64.b64encode(key).decode() + "\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
