"""An app as files: ``app.yaml``, the model in any number of YAML files, content packs in ``content/*.yaml``, the
scenarios that one may begin with in ``scenarios/*.yaml``.

A package is a folder or a ZIP of one. Nothing in it is code.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from tongmai.kit import Fault, Invalid, Text
from tongmai.market.content_piece import ContentPiece
from tongmai.market.model_file import read_model, to_yaml
from tongmai.market.pieces import pieces_of
from tongmai.market.plain_yaml import read_mapping
from tongmai.market.scenario import Scenario, faults_of_scenario
from tongmai.model import PARTS, Catalogue, Definition, Key, Label, read_document

# Twenty times the largest app there is: what is more keeps the program busy for minutes.
_LARGEST = 5 * 1024 * 1024
_MOST_FILES = 500
# What any program packs with; the others can ask for any memory to be unpacked.
_PACKED_BY = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_MODEL_NAMES = ("objects", "roles", *(part.name for part in PARTS))


class AppInfo(Definition):
    """What ``app.yaml`` says. ``version`` is a point-separated number; ``requires`` are keys of other apps; ``files``
    names those that come first, in the order in which what they define is to be listed."""

    key: Key
    label: Label
    version: Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$")]
    description: Label | None = None
    requires: tuple[Key, ...] = ()
    files: tuple[str, ...] = ()


class AppPackage(Definition):
    """An app: its definitions as a catalogue of its own, its content and its scenarios. ``chosen`` are the scenarios
    to which it was narrowed; None for the whole app."""

    info: AppInfo
    model: Catalogue
    content: tuple[ContentPiece, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    chosen: tuple[Key, ...] | None = None


def built_in_apps() -> Iterator[tuple[str, Traversable]]:
    """The apps that come with the program, by folder name."""
    for folder in sorted((resources.files("tongmai") / "apps").iterdir(), key=lambda each: each.name):
        if folder.is_dir() and (folder / "app.yaml").is_file():
            yield folder.name, folder


def read_package(source: Path | Traversable | bytes) -> AppPackage:
    """Reads a folder, or a ZIP as a file or in bytes. Raises ``Invalid`` with what is wrong and where."""
    if isinstance(source, bytes):
        return read_files(_from_zip(source))
    if source.is_file():
        return read_files(_from_zip(source.read_bytes()))
    return read_files(files_in(source))


def files_in(folder: Path | Traversable) -> dict[str, str]:
    """The texts of an app's folder, by their paths in it."""
    return dict(_from_folder(folder, ""))


def write_package(package: AppPackage) -> bytes:
    """The package as a ZIP; the same package gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _files(package).items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _files(package: AppPackage) -> dict[str, str]:
    info = package.info.model_dump(mode="json", exclude_defaults=True, exclude={"files"})
    found = {"app.yaml": _dump(info), "model.yaml": to_yaml(package.model)}
    for piece in package.content:
        found[f"content/{piece.key}.yaml"] = _dump(piece.model_dump(mode="json", exclude_defaults=True))
    for scenario in package.scenarios:
        found[f"scenarios/{scenario.key}.yaml"] = _dump(scenario.model_dump(mode="json", exclude_defaults=True))
    return found


def _dump(document: object) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


def _from_folder(folder: Path | Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda one: one.name):
        if each.is_dir() and not prefix:
            yield from _from_folder(each, f"{each.name}/")
        elif each.name.endswith((".yaml", ".yml")):
            yield prefix + each.name, each.read_text(encoding="utf-8")


def _from_zip(content: bytes) -> dict[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each for each in archive.infolist() if each.filename.endswith((".yaml", ".yml"))]
            # Sizes as declared; reading stops at them, so that a bomb is refused before it unfolds.
            if len(entries) > _MOST_FILES or sum(each.file_size for each in entries) > _LARGEST:
                raise Invalid.of(
                    "app.too_large",
                    "应用包过大",
                    "The package is too large",
                    way_out=Text("解压后的 YAML 合计至多 5 MB、500 个文件", "Its YAML has at most 5 MB in 500 files"),
                )
            if any(each.compress_type not in _PACKED_BY for each in entries):
                raise NotImplementedError
            files = {each.filename: archive.read(each).decode("utf-8") for each in entries}
            return _without_folder(files)
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError):
        raise Invalid.of(
            "app.not_zip",
            "不是有效的应用包",
            "This is not an app package",
            way_out=Text("请重新导出，或把文件夹压缩为 ZIP", "Export it anew, or pack the folder as a ZIP"),
        ) from None


def _without_folder(files: dict[str, str]) -> dict[str, str]:
    """Who packs a folder packs its name too: one folder around everything is left away."""
    outer = {name.partition("/")[0] for name in files}
    if "app.yaml" in files or len(outer) != 1:
        return files
    return {name.partition("/")[2]: text for name, text in files.items()}


def read_files(files: dict[str, str]) -> AppPackage:
    """Reads the texts of a package by their paths. Raises ``Invalid`` as ``read_package`` does."""
    if "app.yaml" not in files:
        raise Invalid.of("app.no_info", "应用包里没有 app.yaml", "The package has no app.yaml")
    documents = {name: read_mapping(name, text) for name, text in files.items()}
    info = read_document(AppInfo, documents["app.yaml"])
    first = {name: place for place, name in enumerate(info.files)}
    model: dict[str, list[Any]] = {}
    content, scenarios = [], []
    for name, document in sorted(documents.items(), key=lambda each: (first.get(each[0], len(first)), each[0])):
        if name.startswith("content/"):
            content.append(read_document(ContentPiece, document))
        elif name.startswith("scenarios/"):
            scenarios.append(read_document(Scenario, document))
        elif name != "app.yaml":
            for part, items in document.items():
                if part not in _MODEL_NAMES or not isinstance(items, list):
                    raise Invalid.of(
                        "app.unknown_part", f"{name} 里有未知内容“{part}”", f"{name} has an unknown part “{part}”"
                    )
                model.setdefault(part, []).extend(items)
    package = AppPackage(info=info, model=read_model(model), content=tuple(content), scenarios=tuple(scenarios))
    if faults := _faults_of_scenarios(package):
        raise Invalid(faults)
    return package


def _faults_of_scenarios(package: AppPackage) -> tuple[Fault, ...]:
    pieces = frozenset(pieces_of(package.model))
    keys = [each.key for each in package.scenarios]
    twice = [
        Fault("scenario.twice", Text(f"场景“{each}”出现两次", f"The scenario {each} is there twice"), field=each)
        for each in dict.fromkeys(keys)
        if keys.count(each) > 1
    ]
    found = (fault for each in package.scenarios for fault in faults_of_scenario(each, package.model, pieces))
    return (*twice, *found)
