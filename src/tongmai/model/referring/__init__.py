"""What each definition of a catalogue names: what it cannot stand without, read from its formulas and its keys.

Pure. Invariant (tested): a catalogue from which something is taken that another definition names has faults.
"""

from tongmai.model.referring.names import Reference
from tongmai.model.referring.references import References

__all__ = ["Reference", "References"]
