"""WeCom (企业微信): its API, its call-backs, its message archive under consent, its messages out, its sign-in.

Invariants: text of a talk is a row only while all its customers agree; a call-back is believed by its signature alone;
nothing here knows our records.
"""

from tongmai.link.members import Member, SignsIn, members_of, person_of
from tongmai.link.wecom.agreement_people import customer_object
from tongmai.link.wecom.agreement_rows import AgreementState, Pair, Place
from tongmai.link.wecom.agreements import (
    Agreement,
    AgreementPage,
    Agreements,
    AgreementsAsked,
    Known,
    Told,
)
from tongmai.link.wecom.archive_message import ArchivedFile, ArchivedMessage, read_message
from tongmai.link.wecom.archive_provider import ArchiveLine, ArchiveProvider, FolderArchive, HttpArchive
from tongmai.link.wecom.channel import WeComChannel
from tongmai.link.wecom.client import WeComClient
from tongmai.link.wecom.consent import ConsentEntry, ConsentLedger, is_customer
from tongmai.link.wecom.forgetting import Forgetting
from tongmai.link.wecom.messages_out import ApplicationMessages, Card, CardButton, Sent
from tongmai.link.wecom.safe_xml import read_xml
from tongmai.link.wecom.sidebar import PageSignature, SidebarSignatures, page_signature
from tongmai.link.wecom.sign_in import WeComSignIn
from tongmai.link.wecom.source import WECOM, WeComOptions, WeComSource
from tongmai.link.wecom.taken_back import TakenBack

__all__ = [
    "WECOM",
    "Agreement",
    "AgreementPage",
    "AgreementState",
    "Agreements",
    "AgreementsAsked",
    "ApplicationMessages",
    "ArchiveLine",
    "ArchiveProvider",
    "ArchivedFile",
    "ArchivedMessage",
    "Card",
    "CardButton",
    "ConsentEntry",
    "ConsentLedger",
    "FolderArchive",
    "Forgetting",
    "HttpArchive",
    "Known",
    "Member",
    "PageSignature",
    "Pair",
    "Place",
    "Sent",
    "SidebarSignatures",
    "SignsIn",
    "TakenBack",
    "Told",
    "WeComChannel",
    "WeComClient",
    "WeComOptions",
    "WeComSignIn",
    "WeComSource",
    "customer_object",
    "is_customer",
    "members_of",
    "page_signature",
    "person_of",
    "read_message",
    "read_xml",
]
