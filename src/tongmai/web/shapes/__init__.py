"""What the API answers, as types: the description, the generated client and the checks of handlers come from them.

Why it exists: an answer that only code knows is no contract. Invariants: a shape says what is on the wire, nothing of
how it is made; every answer of a test run is held against its shape, so that the description cannot drift.
"""

from tongmai.web.shapes.common import ANY_RECORD, NEXT_BEFORE, Caption, Id, Moment, ShownFault, items_of, page_of

__all__ = ["ANY_RECORD", "NEXT_BEFORE", "Caption", "Id", "Moment", "ShownFault", "items_of", "page_of"]
