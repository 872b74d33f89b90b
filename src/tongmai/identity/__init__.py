"""Accounts, passwords, sessions, tokens and single sign-on: who is there, before anyone asks what he may do.

Invariants: a secret is given away once and stored only as a hash; nothing that can be measured from outside tells
whether a login exists; a session never survives a new password, and no sign-in takes over a session that was there
before, nor outlives its person's leaving, even where the person comes back; whoever resets a password or makes an
account gets no further than his own powers over the platform. Every sign-in, failure and change is in the audit log.
"""

from tongmai.identity.accounts import Member, OidcSubject
from tongmai.identity.audit import read_audit, write_audit
from tongmai.identity.identity import Identity
from tongmai.identity.leaving import end_access_of_gone
from tongmai.identity.member_sign_in import MemberSignIn, MemberStart
from tongmai.identity.oidc_provider import OidcProvider
from tongmai.identity.oidc_sign_in import OidcStart
from tongmai.identity.origin import Origin
from tongmai.identity.passwords import Hasher
from tongmai.identity.people import load_actor, load_person
from tongmai.identity.sessions import Session, SessionLine, check_csrf, csrf_for
from tongmai.identity.signed_in import Presence, SignedIn
from tongmai.identity.tokens import Token

__all__ = [
    "Hasher",
    "Identity",
    "Member",
    "MemberSignIn",
    "MemberStart",
    "OidcProvider",
    "OidcStart",
    "OidcSubject",
    "Origin",
    "Presence",
    "Session",
    "SessionLine",
    "SignedIn",
    "Token",
    "check_csrf",
    "csrf_for",
    "end_access_of_gone",
    "load_actor",
    "load_person",
    "read_audit",
    "write_audit",
]
