"""The last guard: an expression may hold only the kinds of nodes and the functions that our own forms write."""

from __future__ import annotations

from sqlglot import exp

ALLOWED = frozenset(
    {
        "Abs", "Add", "AddMonths", "Alias", "And", "Any", "Array", "ArrayContains", "ArrayContainsAll",
        "ArrayExcept", "ArrayFilter", "ArrayOverlaps", "ArraySize", "Asin", "AtTimeZone", "Between", "Boolean",
        "Bracket", "Case", "Cast", "Ceil", "Coalesce", "Column", "Concat", "Cos", "DataType", "DataTypeParam",
        "DateDiff", "DateFromParts", "Day", "Div", "Dot", "EQ", "Exp", "Extract", "Floor", "Format", "From",
        "FromTimeZone", "GT", "GTE", "Greatest", "Identifier", "If", "In", "IntDiv", "Interval", "Is",
        "JSONExtractScalar", "JSONPath", "JSONPathKey", "JSONPathRoot", "LT", "LTE", "Lambda", "LastDay", "Least",
        "Left", "Length", "Literal", "Ln", "MakeInterval", "Month", "Mul", "NEQ", "Neg", "Not", "Null",
        "NullSafeEQ", "NullSafeNEQ", "Nullif", "Offset", "Or", "Pad", "Paren", "Pow", "PropertyEQ", "Radians",
        "RegexpExtract", "RegexpLike", "RegexpReplace", "Repeat", "Replace", "Reverse", "Right", "SafeDivide",
        "SafeMultiply", "Select", "Sign", "Sin", "SplitPart", "Sqrt", "StartsWith", "StrPosition", "Struct", "Sub",
        "Subquery", "Substring", "TableAlias", "TimeFromParts", "TimeToStr", "TimestampFromParts", "TimestampTrunc",
        "Transform", "Translate", "Trim", "Trunc", "Try", "TryCast", "TsOrDsAdd", "TsOrDsToDate", "UnixMicros",
        "Var", "WidthBucket", "Year",
    }
)  # fmt: skip
"""Names of sqlglot's classes."""

ALLOWED_FUNCTIONS = frozenset(
    {
        "ARRAYS_OVERLAP", "BTRIM", "CARDINALITY", "EPOCH_US", "GET", "LIST_EXTRACT", "LIST_HAS_ALL", "MAKE_DATE",
        "MAKE_DT_INTERVAL", "MOD", "PRINTF", "ROUND", "TO_MICROSECONDS", "TO_MONTHS", "TRIM_SCALE", "WEEKDAY",
    }
)  # fmt: skip
"""Functions that sqlglot has no class for."""


class ForeignNode(RuntimeError):
    """A defect of ours: a form produced what no formula should. Refused rather than run."""


def refuse_foreign_nodes(expression: exp.Expression) -> None:
    """Raises ForeignNode where the expression holds a node or function that no form of ours writes.

    What the environment gave (columns, parameters, constants) is the caller's and is not looked into.
    """
    waiting: list[exp.Expr] = [expression]
    while waiting:
        node = waiting.pop()
        if node.meta.get("from_environment"):
            continue
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            if node.name.upper() not in ALLOWED_FUNCTIONS:
                raise ForeignNode(node.name)
        elif kind not in ALLOWED:
            raise ForeignNode(kind)
        waiting.extend(node.iter_expressions())
