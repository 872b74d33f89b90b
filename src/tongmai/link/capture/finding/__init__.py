"""What a business paper says: number, date, amount, customer, product, each with its place, certainty and reason.

Invariants: pure functions of a scan; every value tells where it stands and why it was taken; a certainty is a claim
that the measurements of ``bench.capture`` can refute, so what is ambiguous is told with a low one.
"""

from tongmai.link.capture.finding.amounts import Amount, amounts_in
from tongmai.link.capture.finding.capitals import capital_amount
from tongmai.link.capture.finding.dates import DayOrder, ReadDate, dates_in
from tongmai.link.capture.finding.finder import find_values
from tongmai.link.capture.finding.found import FIELDS, Found, FoundField
from tongmai.link.capture.finding.kinds import PaperKind, paper_kind
from tongmai.link.capture.finding.organisations import organisation_in

__all__ = [
    "FIELDS",
    "Amount",
    "DayOrder",
    "Found",
    "FoundField",
    "PaperKind",
    "ReadDate",
    "amounts_in",
    "capital_amount",
    "dates_in",
    "find_values",
    "organisation_in",
    "paper_kind",
]
