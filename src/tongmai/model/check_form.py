"""Whether the layout of a record page names fields that are there, each once, under headings that can be read."""

from __future__ import annotations

from collections.abc import Iterator

from tongmai.kit import Fault
from tongmai.model.definitions import ObjectDef
from tongmai.model.fault_at import Place, fault
from tongmai.model.system_fields import SYSTEM_KEYS

_LONGEST_LABEL = 100


def check_form(place: Place, each: ObjectDef) -> Iterator[Fault]:
    """The faults of ``each.form``; ``owner`` and the other system fields may stand in it as well."""
    seen: set[str] = set()
    for index, section in enumerate(each.form):
        here = place / "form" / str(index)
        if any(not word.strip() or len(word) > _LONGEST_LABEL for word in (section.label.zh, section.label.en)):
            yield fault(
                "form.bad_label",
                here / "label",
                f"分组名称应为 1 到 {_LONGEST_LABEL} 个字符",
                f"a section's heading has 1 to {_LONGEST_LABEL} characters",
            )
        for key in section.fields:
            if key not in each.by_key and key not in SYSTEM_KEYS:
                yield fault(
                    "form.unknown_field",
                    here / "fields",
                    f"没有字段“{key}”",
                    f"there is no field “{key}”",
                    "请先把它从页面布局中移除",
                    "take it out of the page layout first",
                )
            elif key in seen:
                yield fault(
                    "form.repeated_field",
                    here / "fields",
                    f"字段“{key}”出现了两次",
                    f"the field “{key}” is there twice",
                )
            seen.add(key)
