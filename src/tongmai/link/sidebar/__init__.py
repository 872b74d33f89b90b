"""What stands behind the side-bar of a WeCom chat: whose chat it is, linking it, taking messages and files (S2-19).

Invariants: a chat is shown to who follows its customer or may see the record it is linked with, and to nobody else;
every look is in the audit log (S2-52); texts of messages are never copied, so that consent withdrawn leaves none.
"""

from tongmai.link.sidebar.capturing import Captured, ChatCapture
from tongmai.link.sidebar.chats import Chats, Contact
from tongmai.link.sidebar.customers import ChatCustomer, ChatCustomers, LinkedRecord
from tongmai.link.sidebar.signing import PageSigner, SignedPage

__all__ = [
    "Captured",
    "ChatCapture",
    "ChatCustomer",
    "ChatCustomers",
    "Chats",
    "Contact",
    "LinkedRecord",
    "PageSigner",
    "SignedPage",
]
