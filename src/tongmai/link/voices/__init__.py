"""Voice messages of an archive become text by themselves, and are understood like any other (S0-08, S0-42).

Invariants: only what its customer agreed to keep is heard, and consent withdrawn takes the words with the message; a
message is heard once, by one process, and a kill loses none; the words stand in the message's own raw row, with who
heard them and how certainly; nothing leaves the machine unless the source says so; without a model nothing is tried.
"""

from tongmai.link.voices.ear import Ear, Heard, LocalEar, ServiceEar, ears_of
from tongmai.link.voices.queue import VoiceCounts
from tongmai.link.voices.transcribing import Voices, VoicesStand

__all__ = ["Ear", "Heard", "LocalEar", "ServiceEar", "VoiceCounts", "Voices", "VoicesStand", "ears_of"]
