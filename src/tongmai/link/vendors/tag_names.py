"""A name that stands for no tag of a vendor's, or for several."""

from __future__ import annotations

from tongmai.kit import Fault, Text


def no_single_tag(code: str, vendor: Text, name: str, count: int) -> Fault:
    """``count`` tags of the vendor are called so, and it is not one. ``code`` as in ``wecom.tag``."""
    if count:
        return Fault(
            f"{code}_ambiguous",
            Text(
                f"{vendor.zh}有 {count} 个标签叫“{name}”，不知该打哪一个",
                f"{vendor.en} has {count} tags called “{name}”",
            ),
            Text(f"请在{vendor.zh}后台把同名的标签改名", f"Rename one of them in {vendor.en}'s console"),
        )
    return Fault(
        f"{code}_unknown",
        Text(f"{vendor.zh}没有标签“{name}”", f"{vendor.en} has no tag “{name}”"),
        Text(f"请在{vendor.zh}后台新建，或选已有的标签", f"Make it in {vendor.en}'s console, or choose another"),
    )
