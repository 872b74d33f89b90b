"""The demo company told to its systems, each in its vendor's own shape: U8's tables, WeCom's interfaces and archive,
DingTalk's approvals, and the company's own spreadsheets.

Invariant: a writer is brought up to a moment and then holds what the vendor's system would hold at that moment, no
more; brought up further it adds and changes, as the system would.
"""

from tongmai.demo.writers.dingtalk import DingTalkWriter
from tongmai.demo.writers.ledgers import LedgerWriter
from tongmai.demo.writers.u8 import U8Writer
from tongmai.demo.writers.wecom import WeComWriter

__all__ = ["DingTalkWriter", "LedgerWriter", "U8Writer", "WeComWriter"]
