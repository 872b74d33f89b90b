"""Who is one and the same: company names, candidates with reasons, merging and taking it back."""

from tongmai.link.identity.candidates import Candidates, IdentityFields, Likely
from tongmai.link.identity.company_names import CompanyName, company_name, likeness
from tongmai.link.identity.merging import Merger
from tongmai.link.identity.name_list import Candidate, NameList

__all__ = [
    "Candidate",
    "Candidates",
    "CompanyName",
    "IdentityFields",
    "Likely",
    "Merger",
    "NameList",
    "company_name",
    "likeness",
]
