"""Light entry: one tap writes today's key progress down, the platform fills the rest (S2-19, S2-20).

Why it exists: nobody writes a visit report on a phone. Invariants: what a preset fills and moves is data of the object;
the record, what moved and the memory of it are one transaction through the gateway, as the person who tapped; a second
tap of the same day is the same entry; an entry can be taken back, and what somebody has changed since stays then.
"""

from tongmai.link.light_entry.entered import Entered, Moved, Undone
from tongmai.link.light_entry.entries import LightEntries
from tongmai.link.light_entry.offers import Offer, OfferedPreset, Offers, SubjectOffer

__all__ = [
    "Entered",
    "LightEntries",
    "Moved",
    "Offer",
    "OfferedPreset",
    "Offers",
    "SubjectOffer",
    "Undone",
]
