"""Types of function calls: finds the function in the catalogue, counts and adapts its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tongmai.formula.catalogue import WORDS, Function, Parameter, find_function, function_names
from tongmai.formula.catalogue.number import MOST_PLACES
from tongmai.formula.coerce import Coercer
from tongmai.formula.faults import FaultList
from tongmai.formula.operators import OperatorChecker, Placed
from tongmai.formula.patterns import PatternFault, read_pattern
from tongmai.formula.suggest import did_you_mean
from tongmai.formula.syntax import ApplyNode
from tongmai.formula.tree import Call, Literal, Tree, is_blank
from tongmai.formula.types import TEXT, Kind, Type


class Applier:
    """Gives a function's call its type, or tells why it has none."""

    def __init__(self, faults: FaultList, coercer: Coercer, operators: OperatorChecker) -> None:
        self._faults = faults
        self._coercer = coercer
        self._operators = operators

    def find(self, node: ApplyNode) -> Function | None:
        """The function that ``node`` names; a fault where there is none."""
        function = find_function(node.function)
        if function is None:
            near = did_you_mean(node.function, function_names())
            self._faults.add(
                "formula.unknown_function", node.start,
                f"没有函数“{node.function}”" + (f"，是否想写“{near}”？" if near else ""),
                f"There is no function “{node.function}”" + (f"; did you mean “{near}”?" if near else ""),
                f"写成 {near}(…)" if near else "函数参考列出了所有函数",
                f"Write {near}(…)" if near else "The function reference lists all functions",
            )  # fmt: skip
        return function

    def check(self, node: ApplyNode, args: list[Placed]) -> Tree | None:
        function = self.find(node)
        if function is None or not self._count(function, node, len(args)):
            return None
        if function.name == "CONTAINS" and args[0][0].type.kind is Kind.LIST:
            function = find_function("HAS_ANY")
            assert function is not None
        trees = self._adapt(function, args)
        if trees is None:
            return None
        if function.rewrites is not None:
            return function.rewrites(tuple(trees))
        return Call(function.name, tuple(trees), self._result(function, trees))

    def _count(self, function: Function, node: ApplyNode, count: int) -> bool:
        if count < function.least:
            zh, en = f"参数太少，至少 {function.least} 个", f"Too few arguments, at least {function.least}"
        elif count and function.parameter(count - 1) is None:
            zh, en = f"参数太多，最多 {len(function.takes)} 个", f"Too many arguments, at most {len(function.takes)}"
        else:
            return True
        call = function.signature()
        self._faults.add("formula.argument_count", node.start, zh, en, f"用法：{call}", f"Usage: {call}")
        return False

    def _adapt(self, function: Function, args: list[Placed]) -> list[Tree] | None:
        """Each argument as its parameter wants it; ``same`` and ``like`` ones are brought to one type together."""
        found: list[Tree | None] = [tree for tree, _ in args]
        wanted = self._parameters(function, len(args))
        for group in ("same", "like"):
            places = [n for n, parameter in enumerate(wanted) if parameter.accepts == group]
            if not places:
                continue
            common = self._coercer.common(args[n] for n in places)
            if common is None:
                return None
            for n, tree in zip(places, common[0], strict=True):
                found[n] = tree
        for n, parameter in enumerate(wanted):
            if parameter.accepts not in {"same", "like"}:
                found[n] = self._one(parameter, args, n)
        whole = [tree for tree in found if tree is not None]
        return whole if len(whole) == len(found) else None

    def _parameters(self, function: Function, count: int) -> list[Parameter]:
        """The parameters in the order of the arguments. After whole groups (IFS, SWITCH) one value more is the else."""
        found = [parameter for n in range(count) if (parameter := function.parameter(n)) is not None]
        if function.repeats == 2 and (count - len(function.takes)) % 2:
            found[-1] = function.takes[-1]
        return found

    def _one(self, parameter: Parameter, args: list[Placed], n: int) -> Tree | None:
        tree, position = args[n]
        accepts = parameter.accepts
        if accepts == "any":
            return tree
        if accepts.startswith("word:"):
            return self._word(tree, accepts.removeprefix("word:"), position)
        if accepts == "pattern":
            return self._pattern(tree, position)
        if accepts == "places":
            return self._places(tree, position)
        if accepts == "constant":
            return self._constant_text(tree, position)
        if accepts == "joinable":
            return self._operators.to_text(tree, position)
        if accepts == "item":
            return self._item(args[0][0], tree, position)
        if accepts == "textable":
            return self._textable(tree, position)
        return self._coercer.to(tree, Type(Kind(accepts)), position)

    def _item(self, group: Tree, tree: Tree, position: int) -> Tree | None:
        """An item, or a list of items, of the list that came first."""
        want = group.type.item
        if want is None:
            return None
        if tree.type.kind is Kind.LIST:
            return self._coercer.to(tree, group.type, position)
        return self._coercer.to(tree, want, position)

    def _textable(self, tree: Tree, position: int) -> Tree | None:
        if tree.type.kind in {Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN, Kind.TEXT} or is_blank(tree):
            return tree
        return self._coercer.to(tree, TEXT, position)

    def _places(self, tree: Tree, position: int) -> Tree | None:
        number = tree.value if isinstance(tree, Literal) else None
        if isinstance(number, Decimal) and abs(number) <= MOST_PLACES and number == int(number):
            return tree
        self._faults.add(
            "formula.places", position, f"小数位须是 -{MOST_PLACES} 到 {MOST_PLACES} 的整数，直接写定",
            f"The places are a whole number from -{MOST_PLACES} to {MOST_PLACES}, written as a constant",
        )  # fmt: skip
        return None

    def _constant_text(self, tree: Tree, position: int) -> Tree | None:
        if isinstance(tree, Literal) and isinstance(tree.value, str) and tree.type.kind is Kind.TEXT:
            return tree
        self._faults.add(
            "formula.constant_needed", position, "这里需要写定的文本", "A constant text is needed here",
            "写成带引号的文本", "Write a text in quotes",
        )  # fmt: skip
        return None

    def _word(self, tree: Tree, words: str, position: int) -> Tree | None:
        """A constant out of a small vocabulary, in Chinese or English; becomes the English key."""
        if self._constant_text(tree, position) is None:
            return None
        assert isinstance(tree, Literal)
        vocabulary = WORDS[words]
        for key, synonyms in vocabulary.items():
            if str(tree.value).lower() in (key, *synonyms):
                return Literal(key, TEXT)
        zh = "、".join(synonyms[0] if synonyms else key for key, synonyms in vocabulary.items())
        self._faults.add(
            "formula.unknown_word", position, f"不认识“{tree.value}”", f"Unknown word “{tree.value}”",
            f"可以写：{zh}", f"One of: {', '.join(vocabulary)}",
        )  # fmt: skip
        return None

    def _pattern(self, tree: Tree, position: int) -> Tree | None:
        if self._constant_text(tree, position) is None:
            return None
        assert isinstance(tree, Literal)
        try:
            read_pattern(str(tree.value))
        except PatternFault as fault:
            self._faults.add(
                "formula.pattern", position, f"匹配模式不可用：{fault.text.zh}",
                f"This pattern cannot be used: {fault.text.en}",
            )  # fmt: skip
            return None
        return tree

    def _result(self, function: Function, trees: Sequence[Tree]) -> Type:
        if function.gives in {"same", "like"}:
            for n, tree in enumerate(trees):
                parameter = self._parameters(function, len(trees))[n]
                if parameter.accepts == function.gives:
                    return tree.type
        return Type(Kind(function.gives))
