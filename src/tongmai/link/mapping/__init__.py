"""Mappings at work: raw rows become records, every value knows where it came from, people decide what is unsure.

Invariants: records are written only through the door that imports use; the order of a stream is kept; the same version
of a row under the same definition is applied once; what a person has changed is overwritten only where the mapping
says that the source wins.
"""

from tongmai.link.identity.name_list import Candidate
from tongmai.link.mapping.compiled import CompiledMapping, Worked, fingerprint
from tongmai.link.mapping.mapper import Mapped, Mapper
from tongmai.link.mapping.shipped import shipped_mappings

__all__ = ["Candidate", "CompiledMapping", "Mapped", "Mapper", "Worked", "fingerprint", "shipped_mappings"]
