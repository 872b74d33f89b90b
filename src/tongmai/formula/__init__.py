"""The one expression language: text → typed tree → SQL, Python, and JSON for the browser.

Filters, conditions, validations, policies, defaults, formula fields and metrics all use it. Pure: no I/O, imports only
``kit``; what a formula may name comes as a ``Scope``, what the moment and the actor give as parameters.

Invariants (``docs/functions.*.md`` says them for people):

- Every engine gives the same answer; generated expressions are compared between them.
- Logic has two values. A comparison with blank is false, but ``=`` and ``!=``, where blank equals blank; NOT is the
  true complement; a blank condition does not hold. In SQL's conditions NULL may stand for false, never for true.
- Arithmetic with blank is blank, so is division by zero and what leaves the range; text functions take blank for ''
  and an empty text is blank.
- Numbers are decimals of 17 digits and 10 places; products and quotients are rounded half away from zero.
- Moments are instants and are read in the workspace's zone; dates have no zone.
- No text of a person reaches SQL: only nodes and functions we wrote, names and constants through the environment.
"""

from tongmai.formula.build import and_, constant, equals, in_, not_, or_
from tongmai.formula.catalogue import Function, functions
from tongmai.formula.limits import DEFAULT, Limits
from tongmai.formula.moment import Moment
from tongmai.formula.parsing import parse
from tongmai.formula.python import Evaluator, Row, compile_python
from tongmai.formula.scope import EmptyScope, Scope, Symbol
from tongmai.formula.sql import (
    ColumnarEnvironment,
    Dialect,
    DigitsEnvironment,
    InlineLiterals,
    SqlEnvironment,
    five_digits,
    render,
    to_sql,
)
from tongmai.formula.tree import FALSE, TRUE, Call, FieldRef, Formula, Literal, Param, Path, Tree, paths_of, walk
from tongmai.formula.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    JSON,
    NULL,
    NUMBER,
    POINT,
    TEXT,
    Kind,
    Type,
    choice,
    list_of,
    reference,
)
from tongmai.formula.unparse import to_text
from tongmai.formula.wire import from_json, to_json

__all__ = [
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DEFAULT",
    "DURATION",
    "FALSE",
    "JSON",
    "NULL",
    "NUMBER",
    "POINT",
    "TEXT",
    "TRUE",
    "Call",
    "ColumnarEnvironment",
    "Dialect",
    "DigitsEnvironment",
    "EmptyScope",
    "Evaluator",
    "FieldRef",
    "Formula",
    "Function",
    "InlineLiterals",
    "Kind",
    "Limits",
    "Literal",
    "Moment",
    "Param",
    "Path",
    "Row",
    "Scope",
    "SqlEnvironment",
    "Symbol",
    "Tree",
    "Type",
    "and_",
    "choice",
    "compile_python",
    "constant",
    "equals",
    "five_digits",
    "from_json",
    "functions",
    "in_",
    "list_of",
    "not_",
    "or_",
    "parse",
    "paths_of",
    "reference",
    "render",
    "to_json",
    "to_sql",
    "to_text",
    "walk",
]
