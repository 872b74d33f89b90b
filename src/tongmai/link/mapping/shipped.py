"""The mappings that come with the product (S0-23), to be taken as they are or changed to a company's own model."""

from __future__ import annotations

from importlib import resources

import yaml

from tongmai.model import MappingDef


def shipped_mappings() -> tuple[MappingDef, ...]:
    """Mappings with twelve field associations in all, over WeCom chats, DingTalk approvals and U8."""
    text = resources.files("tongmai.link.mapping").joinpath("association_rules.yaml").read_text(encoding="utf-8")
    return tuple(MappingDef.model_validate(each) for each in yaml.safe_load(text))
