"""The HTTP door: sign-in, the API with its description, the event stream, the screens; and how the rooms are wired.

Invariants: every refusal is a problem document in the reader's language; a handler decides no rule of the business;
rows pass through as the bytes PostgreSQL made; a cookie alone changes nothing; nothing of a request's body or of a
secret reaches the log.
"""

from tongmai.web.app import create_app
from tongmai.web.assembly import Duty, assemble, open_services
from tongmai.web.description import description
from tongmai.web.logs import configure_logs
from tongmai.web.server import address_of, bind, serve
from tongmai.web.services import Services

__all__ = [
    "Duty",
    "Services",
    "address_of",
    "assemble",
    "bind",
    "configure_logs",
    "create_app",
    "description",
    "open_services",
    "serve",
]
