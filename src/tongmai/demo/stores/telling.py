"""All that happens at the demo chain, drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.demo.ledgers import Ledgers
from tongmai.demo.stores.chain import Chain
from tongmai.demo.stores.registers import register_rows
from tongmai.demo.stores.talks import messages_of
from tongmai.demo.stores.till import Sale, sales_of, till_rows
from tongmai.demo.stores.visitors import Lesson, Visitor, lessons_of, visitors_of
from tongmai.demo.talk import Message


@dataclass(frozen=True)
class ChainStory:
    """Each list of what happened oldest first; ``till`` and ``registers`` are what stands in the files."""

    chain: Chain
    visitors: Sequence[Visitor]
    lessons: Sequence[Lesson]
    sales: Sequence[Sale]
    messages: Sequence[Message[Visitor]]
    till: Ledgers
    registers: Ledgers

    @staticmethod
    def of(chain: Chain) -> ChainStory:
        lessons = lessons_of(chain)
        visitors = visitors_of(chain, lessons)
        sales = sales_of(chain, visitors)
        return ChainStory(
            chain=chain,
            visitors=visitors,
            lessons=lessons,
            sales=sales,
            messages=messages_of(chain, visitors),
            till=Ledgers(till_rows(chain, sales)),
            registers=Ledgers(register_rows(chain, visitors, lessons, sales)),
        )
