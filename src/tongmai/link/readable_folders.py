"""Folders of this machine that sources may read: those below the roots that the settings name, and no archive of talks
but by its own source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tongmai.kit import Invalid, Text


def folder_within(given: str, roots: Sequence[Path]) -> Path | None:
    """The folder that is meant, if it lies in one of the roots: as seen from where the program runs, which may call its
    own data ``var``, or from the root."""
    for root in roots:
        for found in (Path(given).resolve(), (root / given).resolve()):
            if found.is_relative_to(root.resolve()):
                return found
    return None


def allowed_folder(
    given: str, roots: Sequence[Path], closed: Sequence[Path] = (), *, field: str = "options.path"
) -> Path:
    """The folder, if it lies in one that sources may read, and in none that is ``closed``. Raises ``Invalid``."""
    found = folder_within(given, roots)
    if found is None:
        raise Invalid.of(
            "source.folder_not_allowed",
            "这个文件夹不在允许读取的范围内",
            "The folder is not among those that may be read",
            way_out=Text(
                "请放到数据目录的 inbox 下，或设置 TONGMAI_SOURCE_FOLDERS", "Use inbox, or TONGMAI_SOURCE_FOLDERS"
            ),
            field=field,
        )
    if any(found.is_relative_to(each) for each in closed):
        raise Invalid.of(
            "source.folder_of_archive",
            "这个文件夹里是会话存档，只由它自己的数据源读取",
            "The folder is an archive of talks, which only its own source reads",
            way_out=Text("请换一个文件夹", "Choose another folder"),
            field=field,
        )
    return found
