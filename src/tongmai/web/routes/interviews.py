"""Interviews: fields and page drafted from what front-line people said, and the change that those ticked make (S0-39).

The answers are records of the app ``interviews``, read as the one who asks may read them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Invalid, Language, NotFound, Text, TooLarge
from tongmai.link.capture import no_speech
from tongmai.link.voices import ears_of
from tongmai.market.interviews import (
    INTERVIEW,
    QUESTIONS,
    Answer,
    Draft,
    DraftedField,
    Unused,
    answers_in,
    draft_change,
    draft_of,
)
from tongmai.model import FIELD_TYPES, Catalogue, Changeset, Key, ObjectDef
from tongmai.scan import RECORDING_TYPES
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer as Answered
from tongmai.web.operation import Operation
from tongmai.web.shapes.interviewing import (
    DraftedFieldShown,
    HeardWords,
    InterviewDraft,
    QuotedWords,
    UnusedWords,
)

_MOST_INTERVIEWS = 100


class Ticked(BaseModel):
    """The keys of the drafted fields that are wanted, and of those there that are to stand first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: Annotated[tuple[Key, ...], Field(max_length=200)]


class Recorded(BaseModel):
    """``file`` is the uploaded recording."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: UUID


async def show_draft(call: Call) -> Response:
    catalogue, target = await _target(call)
    records = await _interviews(call, catalogue)
    draft = draft_of(answers_in(records), target)
    return document(_draft(draft, len({each.get("teller") for each in records}), call.language))


async def draft_actions(call: Call) -> Response:
    """Gives the actions; ``POST /api/model/changes`` previews them, and puts them into force."""
    catalogue, target = await _target(call)
    ticked = await call.body(Ticked)
    draft = draft_of(answers_in(await _interviews(call, catalogue)), target)
    change = draft_change(catalogue, target, draft, ticked.keys)
    return document(change.model_dump(mode="json", by_alias=True))


async def hear_recording(call: Call) -> Response:
    """A recorded answer as text, by the model on this machine or, without one, by the service that is configured."""
    require_manage(call.actor, await call.catalogue(), "model")
    ears = ears_of(call.services.settings)
    ear = ears.get("here") or ears.get("service")
    if ear is None:
        raise no_speech()
    wanted = await call.body(Recorded)
    stored = await call.services.files.find(call.actor, call.workspace, wanted.file)
    if stored.media_type not in RECORDING_TYPES:
        raise Invalid.of("interview.no_recording", "这不是录音", "This is no recording", field="file")
    if stored.size > call.services.settings.capture_max_bytes:
        raise TooLarge.of("interview.too_large", "录音过大", "The recording is too large", field="file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer"
        path.write_bytes(b"".join([chunk async for chunk in call.services.files.content(call.workspace, stored)]))
        heard = await ear.hear(path, stored.media_type)
    return document(HeardWords(text=heard.text, by=heard.by))


async def _target(call: Call) -> tuple[Catalogue, ObjectDef]:
    catalogue = await call.catalogue()
    require_manage(call.actor, catalogue, "model")
    key = call.part("object")
    target = catalogue.object_by_key.get(key)
    if target is None:
        raise NotFound.of("object.unknown", f"没有对象“{key[:60]}”", f"there is no object “{key[:60]}”")
    return catalogue, target


async def _interviews(call: Call, catalogue: Catalogue) -> list[dict[str, object]]:
    """The earliest first: who asks three people and then three more finds the first drafts where they were."""
    if INTERVIEW not in catalogue.object_by_key:
        raise NotFound.of(
            "interview.no_app",
            "还没有安装“一线访谈”",
            "The app “Front-line interviews” is not installed",
            way_out=Text("请先在“应用”里安装它", "Install it under Apps first"),
        )
    fields = ("id", "teller", *(each.key for each in QUESTIONS))
    page = await call.services.gateway.list(
        call.actor, call.workspace, INTERVIEW, fields=fields, sort="created_at", limit=_MOST_INTERVIEWS
    )
    items: list[dict[str, object]] = orjson.loads(page)["items"]
    return items


def _draft(draft: Draft, tellers: int, language: Language) -> InterviewDraft:
    return {
        "questions": [{"key": each.key, "text": each.text.say(language)} for each in QUESTIONS],
        "tellers": tellers,
        "fields": [_field(each, language) for each in (*draft.fields, *draft.known)],
        "unused": [_unused(each, language) for each in draft.unused],
    }


def _field(each: DraftedField, language: Language) -> DraftedFieldShown:
    return {
        "key": each.field.key,
        "label": each.field.label.say(language),
        "type": FIELD_TYPES[each.field.type].label.say(language),
        "is_new": each.is_new,
        "looked_up": each.is_looked_up,
        "said": [_quoted(one.answer, one.clause, one.word) for one in each.mentions],
    }


def _unused(each: Unused, language: Language) -> UnusedWords:
    return {"said": _quoted(each.answer, each.clause, None), "reason": each.reason.say(language)}


def _quoted(answer: Answer, clause: str, word: str | None) -> QuotedWords:
    return {"who": answer.who, "question": answer.question, "clause": clause, "word": word}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/interviews/{object}",
        show_draft,
        "model",
        Text("从访谈里得出的字段草稿", "Fields drafted from interviews"),
        answers={200: Answered(Text("草稿和没用上的话", "The draft, and words not used"), InterviewDraft)},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/interviews/{object}/actions",
        draft_actions,
        "model",
        Text("勾选的草稿变成模型变更", "The change of the model that the ticked drafts make"),
        takes=Ticked,
        answers={200: Answered(Text("变更", "The change"), Changeset)},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/interviews/hear",
        hear_recording,
        "model",
        Text("把录下的回答转成文字", "A recorded answer as text"),
        takes=Recorded,
        answers={200: Answered(Text("文字", "The text"), HeardWords)},
        problems=(404, 413, 503),
    ),
)
