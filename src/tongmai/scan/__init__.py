"""What a file says: the words of a PDF, picture, sheet, document or recording, each with its place (S0-27, S1-07).

Invariants: a foreign file is parsed only in a child process without network and secrets and with limits on time,
memory, pages and pixels; what cannot be read is refused with the reason and harms nobody; nothing is ever downloaded;
text that a file holds is taken as it is, and only pages without any are recognised. No database, no business here.
"""

from tongmai.scan.availability import Abilities, abilities
from tongmai.scan.confinement import bare_environment, confine
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Box, Page, ReadBy, Scan, Word
from tongmai.scan.recording import RECORDING_TYPES
from tongmai.scan.running import Scanner
from tongmai.scan.speech_model import ready_speech_model

__all__ = [
    "RECORDING_TYPES",
    "Abilities",
    "Box",
    "Page",
    "ReadBy",
    "Scan",
    "ScanLimits",
    "Scanner",
    "Word",
    "abilities",
    "bare_environment",
    "confine",
    "ready_speech_model",
]
