"""The words that signals are told by (S0-09): a workspace's own beside the shipped ones, tried on before they hold."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Fault, Invalid, Text
from tongmai.link import OwnWords, WordsChange, shipped_dictionary
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import WHOLE, Answer, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.talking import SignalWordList, WordsChanged, WordsTried

_MOST_MESSAGES = 20_000


class WordsRequest(BaseModel):
    """A kind's words, and the version the author saw (0: none of the workspace's own)."""

    model_config = ConfigDict(extra="forbid")

    words: OwnWords
    version: int = Field(0, ge=0)


class WordTrialRequest(BaseModel):
    """Words to be tried on the last ``messages`` messages."""

    model_config = ConfigDict(extra="forbid")

    words: OwnWords
    messages: int = Field(2_000, ge=1, le=_MOST_MESSAGES)


async def list_signal_words(call: Call) -> Response:
    await _may(call)
    own = {each.kind: each for each in await call.services.links.words.own(call.workspace)}
    shipped = shipped_dictionary().kinds
    kinds = [
        *(
            {"shipped": each.model_dump(mode="json"), "own": _change(own[each.key]) if each.key in own else None}
            for each in shipped
        ),
        *(
            {"shipped": None, "own": _change(each)}
            for key, each in own.items()
            if key not in shipped_dictionary().by_key
        ),
    ]
    reread = [
        {"source": each.source, "share": each.share, "since": each.since, "told": each.told,
         "finished_at": each.finished_at}
        for each in await call.services.links.words.rereadings(call.workspace)
    ]  # fmt: skip
    return document({"items": kinds, "reread": reread})


async def put_signal_words(call: Call) -> Response:
    await _may(call)
    given = await call.body(WordsRequest)
    _same_kind(call, given.words)
    made = await call.services.links.words.put(call.workspace, given.words, by=call.actor.id, seen=given.version)
    return document(_change(made))


async def remove_signal_words(call: Call) -> Response:
    await _may(call)
    seen = call.whole("version", 0, least=0, most=999_999_999)
    await call.services.links.words.remove(call.workspace, call.part("kind"), by=call.actor.id, seen=seen)
    return nothing()


async def list_signal_word_changes(call: Call) -> Response:
    await _may(call)
    found = await call.services.links.words.changes(call.workspace, call.part("kind"))
    return document({"items": [_change(each) for each in found]})


async def try_signal_words(call: Call) -> Response:
    await _may(call)
    given = await call.body(WordTrialRequest)
    tried = await call.services.links.word_trial.run(call.actor, call.workspace, given.words, messages=given.messages)
    counts = ("messages", "hits_now", "hits", "gained", "lost", "customers", "unseen")
    return document(
        {
            **{name: getattr(tried, name) for name in counts},
            "refused": dict(tried.refused),
            "samples": [
                {
                    "object": each.object,
                    "record": str(each.record),
                    "at": each.at and each.at.isoformat(),
                    "keyword": each.keyword,
                    "text": each.text,
                    "start": each.start,
                    "end": each.end,
                    "refused": each.refused,
                }
                for each in tried.samples
            ],
        }
    )


async def _may(call: Call) -> None:
    require_manage(call.actor, await call.catalogue(), "model")


def _same_kind(call: Call, words: OwnWords) -> None:
    if words.key != call.part("kind"):
        text = Text("与地址中的类别不同", "Not the kind that the address names")
        raise Invalid((Fault("signals.other_kind", text, field="words.key"),))


def _change(each: WordsChange) -> dict[str, object]:
    return {
        "kind": each.kind,
        "words": each.words and each.words.model_dump(mode="json"),
        "version": each.version,
        "by": each.by and str(each.by),
        "at": each.at.isoformat(),
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/signal-words", list_signal_words, "signals",
        Text("信号词：随产品提供的与自定义的", "Signal words: those shipped and your own"),
        answers={
            200: Answer(Text("按类别，及旧消息重读到哪里", "By kind, and how far it read again"), SignalWordList)
        },
    ),
    Operation(
        "POST", "/api/signal-words/trial", try_signal_words, "signals",
        Text("试用：最近的消息会命中多少，附样例", "Try words on the last messages: counts and samples"),
        takes=WordTrialRequest, answers={200: Answer(Text("计数与样例", "Counts and samples"), WordsTried)},
    ),
    Operation(
        "PUT", "/api/signal-words/{kind}", put_signal_words, "signals",
        Text("设定一类信号的自定义词，立即生效", "Set your own words of a kind; they hold at once"),
        takes=WordsRequest, answers={200: Answer(Text("现在的词", "The words now"), WordsChanged)}, problems=(409,),
    ),
    Operation(
        "DELETE", "/api/signal-words/{kind}", remove_signal_words, "signals",
        Text("去掉自定义词，恢复随产品提供的", "Take your own words away: back to what is shipped"),
        parameters=(Parameter("version", Text("所见的版本", "The version you saw"), WHOLE, 9),),
        answers={204: Answer(Text("已恢复", "Taken away"))}, problems=(404, 409),
    ),
    Operation(
        "GET", "/api/signal-words/{kind}/changes", list_signal_word_changes, "signals",
        Text("这一类的词改过哪些", "What was changed of a kind's words"),
        answers={200: Answer(Text("最近的在前", "The latest first"), items_of(WordsChanged))},
    ),
)  # fmt: skip
