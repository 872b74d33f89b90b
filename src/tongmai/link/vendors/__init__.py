"""What WeCom, DingTalk and their like have in common: call-backs, readings, cards, notices, changes written back.

Invariants: nothing here knows one vendor; a call-back is believed by its signature, and while it is fresh; what a
vendor cannot lock is written only over what a person saw there.
"""

from tongmai.link.vendors.card_presses import CardPresses, Press, card_of_task

__all__ = ["CardPresses", "Press", "card_of_task"]
