"""The metadata as YAML: what ``tongmai model show`` writes and ``tongmai model apply`` reads.

A file describes the objects, roles, metrics, rules, boards … it names, each in full; what it does not name stays as
it is unless asked otherwise. So a company can keep its model under version control, in one file or in several.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tongmai.kit import Fault, Invalid, Text
from tongmai.model import PARTS, Catalogue, FieldDef, ObjectDef, read_document

_LARGEST = 10 * 1024 * 1024


def read_model_file(path: Path) -> Catalogue:
    """Raises Invalid with every fault, each at its place."""
    if path.stat().st_size > _LARGEST:
        raise Invalid.of("yaml.too_large", "文件超过 10 MB", "The file is larger than 10 MB")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Invalid.of("yaml.encoding", "文件不是 UTF-8", "The file is not UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{mark.line + 1}:{mark.column + 1}" if mark is not None else "?"
        problem = getattr(error, "problem", None) or "YAML"
        raise Invalid.of(
            "yaml.syntax", f"YAML 在 {where} 处有误：{problem}", f"The YAML is wrong at {where}: {problem}"
        ) from None
    return read_model(given)


def read_model(given: object) -> Catalogue:
    """A document's objects, roles and parts. Raises Invalid."""
    if not isinstance(given, dict):
        raise Invalid((Fault("yaml.shape", Text("应有 objects 或 roles", "There must be objects or roles")),))
    return read_document(
        Catalogue,
        {
            "objects": given.get("objects") or (),
            "roles": given.get("roles") or (),
            **{name: value for name, value in given.items() if name not in ("objects", "roles", "version")},
        },
    )


def merge(present: Catalogue, wanted: Catalogue, *, prune: bool = False) -> Catalogue:
    """The present catalogue with what the file describes in place of what was; ``prune`` drops what it does not name.

    Built-in objects keep their built-in fields, and fields their columns: neither is a file's to say.
    """
    named = {each.key for each in wanted.objects}
    objects = [_object(present.object_by_key.get(each.key), each) for each in wanted.objects]
    kept = [each for each in present.objects if each.key not in named and (each.builtin or not prune)]
    roles = {each.key for each in wanted.roles}
    kept_roles = [each for each in present.roles if each.key not in roles and (each.builtin or not prune)]
    return Catalogue(
        version=present.version,
        objects=(*kept, *objects),
        roles=(*kept_roles, *wanted.roles),
        **{part.name: _merged(part.of(present), part.of(wanted), prune=prune) for part in PARTS},
        calendar=wanted.calendar if prune or "calendar" in wanted.model_fields_set else present.calendar,
    )


def _merged(present: tuple[Any, ...], wanted: tuple[Any, ...], *, prune: bool) -> tuple[Any, ...]:
    named = {each.key: each for each in wanted}
    there = {each.key for each in present}
    stay = [named.get(each.key, each) for each in present if each.key in named or not prune]
    return (*stay, *(each for each in wanted if each.key not in there))


def _object(present: ObjectDef | None, wanted: ObjectDef) -> ObjectDef:
    if present is None:
        return wanted
    given = {each.key for each in wanted.fields}
    builtin = tuple(each for each in present.fields if each.builtin and each.key not in given)
    fields = tuple(_field(present.by_key.get(each.key), each) for each in wanted.fields)
    return wanted.model_copy(update={"fields": (*builtin, *fields), "builtin": present.builtin})


def _field(present: FieldDef | None, wanted: FieldDef) -> FieldDef:
    if present is None:
        return wanted
    column = present.column if present.type == wanted.type else None
    return wanted.model_copy(update={"column": column, "builtin": present.builtin})


def to_yaml(catalogue: Catalogue) -> str:
    """Readable, with Chinese as it is; defaults and inner columns are left out."""
    document = catalogue.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"version"})
    for each in document.get("objects", ()):
        for field in each.get("fields", ()):
            field.pop("column", None)
    # What kind a measure or window is must be written even where it is the usual one.
    for part in PARTS:
        if part.of(catalogue):
            listed = [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in part.of(catalogue)]
            document[part.name] = listed
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)
