"""Apps as packages of definitions and content: installed with a preview, upgraded without losing a company's own
changes, exported from what a workspace built, removed so that exactly what they brought is gone.

Invariants (tested): install → remove leaves the catalogue as it was; an upgrade keeps what the company changed and
shows where both sides changed the same thing; nothing is installed in part, nor left in part where a
process is killed in the middle; each of them taken back leaves catalogue, app and content as they were; a scenario
brings all that it needs and nothing that it could do without, and scenario by scenario comes to the same app.
"""

from tongmai.market.beginning import Beginning, Shares
from tongmai.market.component import (
    Ask,
    Component,
    built_in_components,
    fields_for,
    find_component,
    fit,
    suggested,
)
from tongmai.market.content_piece import ContentPiece
from tongmai.market.ledger import InstalledApp
from tongmai.market.market import Market, MarketPlan
from tongmai.market.model_file import merge, read_model, read_model_file, to_yaml
from tongmai.market.narrowing import narrowed
from tongmai.market.package import AppInfo, AppPackage, built_in_apps, read_package, write_package
from tongmai.market.pieces import (
    Address,
    address_text,
    brought_by,
    kind_of,
    name_of,
    pieces_of,
    put_pieces,
    read_address,
)
from tongmai.market.scenario import Proof, Scenario
from tongmai.market.three_way import Conflict, Merged, Side, merge_three, take_away

__all__ = [
    "Address",
    "AppInfo",
    "AppPackage",
    "Ask",
    "Beginning",
    "Component",
    "Conflict",
    "ContentPiece",
    "InstalledApp",
    "Market",
    "MarketPlan",
    "Merged",
    "Proof",
    "Scenario",
    "Shares",
    "Side",
    "address_text",
    "brought_by",
    "built_in_apps",
    "built_in_components",
    "fields_for",
    "find_component",
    "fit",
    "kind_of",
    "merge",
    "merge_three",
    "name_of",
    "narrowed",
    "pieces_of",
    "put_pieces",
    "read_address",
    "read_model",
    "read_model_file",
    "read_package",
    "suggested",
    "take_away",
    "to_yaml",
    "write_package",
]
