"""Capture: a quotation, contract, photo or recording becomes values that are attached to a customer (S0-27, S1-07).

Invariants: a file is read by ``scan`` in a confined process, in a job; what was found is an ordinary record of the
built-in object ``capture`` with the original beside it; nothing is written to another record but by a person, through
the gateway and as that person; a value below the workspace's threshold is written only when the person confirmed it.
"""

from tongmai.link.capture.attaching import Attached, AttachRequest
from tongmai.link.capture.captures import CAPTURE_READ, Captures, Started
from tongmai.link.capture.proposal import Proposal, Proposed
from tongmai.link.capture.result import Capture
from tongmai.link.capture.speech_service import SpeechAbility, no_speech

__all__ = [
    "CAPTURE_READ",
    "AttachRequest",
    "Attached",
    "Capture",
    "Captures",
    "Proposal",
    "Proposed",
    "SpeechAbility",
    "Started",
    "no_speech",
]
