"""The speech model: two halves that ship as packages, joined once and checked; or a better one that a company mounts.

OpenAI's Whisper base (MIT) as converted by Systran; the packages' publisher is unknown, hence the pinned hash.
"""

from __future__ import annotations

import hashlib
import shutil
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from tongmai.scan.availability import SHIPPED_MODEL
from tongmai.scan.refusing import Unreadable

_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_FIRST, _SECOND = SHIPPED_MODEL
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
_BLOCK = 1024 * 1024


def ready_speech_model(folder: Path, mounted: Path | None = None) -> Path | None:
    """The folder of a model that can be loaded: ``mounted`` if given, else the shipped one, joined under ``folder``.

    None where there is none. Raises ``Unreadable`` where the joined weights are not the ones that were checked.
    Takes a second the first time; not for the event loop.
    """
    if mounted is not None:
        return mounted if (mounted / "model.bin").is_file() else None
    if find_spec(_FIRST) is None or find_spec(_SECOND) is None:
        return None
    target = folder / "whisper-base"
    if not (target / "model.bin").is_file():
        _join(target)
    return target


def _join(target: Path) -> None:
    """Written beside and renamed whole: another process never sees a half."""
    fresh = target.with_name(f"{target.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    first = files(_FIRST) / "data"
    digest = hashlib.sha256()
    with (fresh / "model.bin").open("wb") as whole:
        for part in (first / "model.bin.part1", files(_SECOND) / "data" / "model.bin.part2"):
            with part.open("rb") as half:
                while block := half.read(_BLOCK):
                    digest.update(block)
                    whole.write(block)
    if digest.hexdigest() != _SHA256:
        shutil.rmtree(fresh)
        raise Unreadable(
            "speech.model_changed",
            "语音模型文件与校验值不符，未使用",
            "The speech model is not the one that was checked, so it is not used",
            "请重新安装 speech 组件",
            "Install the speech extra again",
        )
    for name in _BESIDE:
        (fresh / name).write_bytes((first / name).read_bytes())
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
