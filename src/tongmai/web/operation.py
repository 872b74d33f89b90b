"""One call of the API as a value: its address, what it takes and gives, and the function that runs it.

The same declaration routes the request, checks its query parameters and describes it in OpenAPI, so that the three
never disagree. Record routes answer bytes that PostgreSQL made; nothing here turns rows into objects.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydantic import BaseModel
from starlette.responses import Response

from tongmai.kit import Fault, Invalid, Text
from tongmai.web.call import Call

JsonSchema: TypeAlias = Mapping[str, object]
Handler: TypeAlias = Callable[[Call], Awaitable[Response]]

# Who may call: anybody; whoever is signed in (the policies then decide).
Access = Literal["open", "signed_in"]

# The forms of simple parameters.
TEXT: JsonSchema = {"type": "string"}
WHOLE: JsonSchema = {"type": "integer", "minimum": 1}
YES_NO: JsonSchema = {"type": "boolean"}
ID: JsonSchema = {"type": "string", "format": "uuid"}
MOMENT: JsonSchema = {"type": "string", "format": "date-time"}
# Of parameters that are not ours: how long, how many.
_LONGEST_FOREIGN, _MOST_FOREIGN = 10_000, 50
# Told of an address; who mistyped so many knows by then.
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter. It comes at most once; ``longest`` bounds its text in characters."""

    name: str
    about: Text
    schema: JsonSchema = field(default_factory=lambda: TEXT)
    longest: int = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How many a list answers by its parameter ``limit``: ``usual`` without it, ``most`` at the most."""

    usual: int
    most: int
    about: Text = field(default_factory=lambda: Text("条数", "How many"))

    @property
    def parameter(self) -> Parameter:
        about = Text(f"{self.about.zh}，至多 {self.most}", f"{self.about.en}, at most {self.most}")
        return Parameter("limit", about, {**WHOLE, "maximum": self.most, "default": self.usual}, 9)

    def asked(self, call: Call) -> int:
        """Raises Invalid for any other number."""
        return call.whole("limit", self.usual, most=self.most)


@dataclass(frozen=True, slots=True)
class Without:
    """A body that is ``shape`` but for what the address says already."""

    shape: type[BaseModel]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a status carries: a schema for JSON (or none), or bytes of the media types named.

    A schema is a model, a ``TypedDict`` of ``shapes``, or JSON schema in which such types stand anywhere.
    """

    about: Text
    schema: JsonSchema | type | None = None
    media_types: tuple[str, ...] = ("application/json",)


@dataclass(frozen=True, slots=True)
class Operation:
    """``path`` is a template (``/api/records/{object}``); ``takes`` the body: a model, a schema, or media types.

    ``raw`` lists media types of a body that is read as a stream instead of JSON. ``problems`` are the refusals a
    caller has to expect beside those every call has (400, 401, 403, 404, 422, 429, 500, 503). ``any_query`` takes
    whatever parameters come: a vendor's call-back has its own. ``asks`` tells of a POST that changes nothing but what
    is the caller's own (a question too long for an address, an export): a token that only reads may call it.
    """

    method: str
    path: str
    run: Handler
    tag: str
    summary: Text
    access: Access = "signed_in"
    parameters: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    takes: JsonSchema | type[BaseModel] | Without | None = None
    raw: tuple[str, ...] = ()
    answers: Mapping[int, Answer] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    any_query: bool = False
    asks: bool = False

    @property
    def changes(self) -> bool:
        """Whether the call may change something."""
        return self.method != "GET" and not self.asks

    @property
    def name(self) -> str:
        """The OpenAPI operation id."""
        return self.run.__name__

    def check_query(self, given: list[tuple[str, str]]) -> dict[str, str]:
        """The parameters by name. Raises Invalid for all that are unknown, repeated or too long, at once.

        An unknown name is refused because a mistyped ``filter`` must not answer with everything.
        """
        if self.any_query:
            return {name[:200]: value[:_LONGEST_FOREIGN] for name, value in given[:_MOST_FOREIGN]}
        known = {each.name: each for each in self.parameters}
        found: dict[str, str] = {}
        faults: list[Fault] = []
        for name, value in given:
            parameter = known.get(name)
            if len(faults) == _MOST_FAULTS:
                break
            if parameter is None:
                faults.append(_unknown_parameter(name, list(known)))
            elif name in found:
                faults.append(Fault("query.repeated", Text("参数重复", "Given twice"), field=name))
            elif len(value) > parameter.longest:
                limit = parameter.longest
                faults.append(
                    Fault("query.too_long", Text(f"超过 {limit} 个字符", f"Longer than {limit} characters"), field=name)
                )
            elif "\x00" in value:
                faults.append(Fault("query.nul", Text("含有空字符", "Contains a NUL character"), field=name))
            else:
                found[name] = value
        if faults:
            raise Invalid(tuple(faults))
        return found


def _unknown_parameter(name: str, known: list[str]) -> Fault:
    name = name[:100]
    near = difflib.get_close_matches(name, known, 1)
    if near:
        way_out = Text(f"是否想写 {near[0]}？", f"Did you mean {near[0]}?")
    elif known:
        listed = ", ".join(known)
        way_out = Text(f"可用的参数：{listed}", f"Parameters: {listed}")
    else:
        way_out = Text("此地址没有参数", "This address takes no parameters")
    return Fault("query.unknown", Text(f"没有参数“{name}”", f"There is no parameter '{name}'"), way_out, name)
