"""The stream of buttons that people pressed on a vendor's cards."""

from __future__ import annotations

from tongmai.kit import Text
from tongmai.link.source import Stream

CARD_ACTIONS = Stream(
    "card_actions",
    Text("卡片按钮", "Buttons pressed"),
    {"card": "text", "action": "text", "member": "text"},
    passes=True,
    told=True,
)
