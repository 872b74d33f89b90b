"""The description of the API (OpenAPI 3.1), made from the operations and from the caller's own objects.

Why it exists: each company's objects are its own, so is the description. Invariants: it is derived, never written by
hand; it shows no object or field that the caller may not know of; equal input gives equal bytes, so it can be kept by
(catalogue version, roles).
"""

from tongmai.web.openapi.document import describe_api
from tongmai.web.openapi.objects import ObjectSchemas

__all__ = ["ObjectSchemas", "describe_api"]
