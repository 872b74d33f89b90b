"""The metadata: read it, preview a change, apply it live, take it back."""

from __future__ import annotations

from starlette.responses import Response

from tongmai.access import check_catalogue_change, check_guarded, is_watched, require_manage
from tongmai.formula import FALSE, TRUE
from tongmai.kit import Denied, Fault, Invalid, NotFound, Text
from tongmai.model import AddSource, Catalogue, Changeset, ChangeSource, apply, read_document
from tongmai.schema import Loss, Preview
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import YES_NO, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.modelling import ChangeApplied, ChangePreview, ModelChange, ModelShown
from tongmai.web.visible_model import sees_everything

_LIMIT = Limit(50, most=500)
_MOST_CHANGES = 10_000


async def read_model(call: Call) -> Response:
    """With ``If-None-Match`` of what is already held: 304, so that a screen may ask often."""
    catalogue = await call.catalogue()
    shown, tag = call.services.visible.document(call.actor, catalogue)
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if call.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return document(shown, headers=headers)


async def change_model(call: Call) -> Response:
    changeset = read_document(Changeset, await call.json())
    catalogue = await call.catalogue()
    require_power(call, catalogue, changeset)
    _check_sources(call, changeset)
    if call.yes("preview"):
        preview = await call.services.editor.preview(call.workspace, changeset)
        return document(shown_preview(call, catalogue, preview))
    applied = await call.services.editor.apply(call.workspace, changeset, call.actor.id)
    return document({"id": str(applied.id), "version": applied.version, "tidied": applied.tidied}, status=201)


def _check_sources(call: Call, changeset: Changeset) -> None:
    """What a kind of source wants for its options is known to ``link`` alone, below which the editor lies. One that is
    switched off may wait for them. Raises Invalid with all faults."""
    faults: list[Fault] = []
    for each in changeset.actions:
        source = each.source if isinstance(each, AddSource) else each.after if isinstance(each, ChangeSource) else None
        if source is None or not source.enabled:
            continue
        try:
            call.services.links.sources.check(source)
        except Invalid as invalid:
            faults += (fault.at_field(f"sources.{source.key}.{fault.field}") for fault in invalid.faults)
    if faults:
        raise Invalid(tuple(faults))


async def list_model_changes(call: Call) -> Response:
    if not sees_everything(call.actor, await call.catalogue()):
        require_manage(call.actor, await call.catalogue(), "model")
    changes = await call.services.editor.history(call.workspace, limit=_LIMIT.asked(call))
    return document({"items": [each.document(call.language) for each in changes]})


async def undo_model_change(call: Call) -> Response:
    changes = await call.services.editor.history(call.workspace, limit=_MOST_CHANGES)
    change = next((each for each in changes if each.id == call.id()), None)
    if change is None:
        require_manage(call.actor, await call.catalogue(), "model")
        raise NotFound.of("change.unknown", "没有这项变更", "There is no such change")
    require_power(call, await call.catalogue(), change.inverse)
    if call.yes("preview"):
        preview = await call.services.market.preview_undo(call.workspace, change.id)
        return document(shown_preview(call, await call.catalogue(), preview))
    applied = await call.services.market.undo(call.workspace, change.id, call.actor.id)
    return document({"id": str(applied.id), "version": applied.version, "tidied": applied.tidied}, status=201)


def require_power(call: Call, catalogue: Catalogue, changeset: Changeset) -> None:
    """Raises Denied where the change takes a power the actor lacks, or carries elsewhere what he may not read."""
    if not sees_everything(call.actor, catalogue):
        require_manage(call.actor, catalogue, "model")
    try:
        after = apply(catalogue, changeset)
    except Invalid:
        # The editor will refuse it with all its faults; here it is only asked who may know of them.
        require_manage(call.actor, catalogue, "model")
        return
    faults = check_catalogue_change(call.actor, catalogue, after) or check_guarded(call.actor, catalogue, after)
    if faults:
        raise Denied(tuple(faults))


def shown_preview(call: Call, catalogue: Catalogue, preview: Preview) -> dict[str, object]:
    """The preview with samples of records that the actor may read; of the others, and of watched ones, whose looks are
    in the audit log, he is told how many there are."""
    policies = call.services.policies

    def is_shown(loss: Loss) -> bool:
        definition = catalogue.object_by_key.get(loss.object)
        if definition is None or is_watched(catalogue, loss.object):
            return False
        policy = policies.of(call.actor, catalogue, loss.object)
        read = (*loss.fields, *([definition.title] if definition.title else []))
        return policy.rows["read"] == TRUE and all(policy.readable.get(key, FALSE) == TRUE for key in read)

    return preview.with_samples(is_shown).document(call.language)


_PREVIEW = Parameter("preview", Text("只预览，不生效", "Only show what it would do"), YES_NO, 5)
_ANSWERS = {
    200: Answer(Text("预览：步骤、锁、会丢失的内容", "The preview: steps, locks, what would be lost"), ChangePreview),
    201: Answer(Text("已生效", "In force"), ChangeApplied),
}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/model",
        read_model,
        "model",
        Text("我可见的对象和字段", "The objects and fields I may know of"),
        answers={200: Answer(Text("模型", "The model"), ModelShown)},
    ),
    Operation(
        "POST",
        "/api/model/changes",
        change_model,
        "model",
        Text("预览或应用结构变更", "Preview or apply a change of the structure"),
        parameters=(_PREVIEW,),
        takes=Changeset,
        answers=_ANSWERS,
        problems=(409, 413, 415),
    ),
    Operation(
        "GET",
        "/api/model/changes",
        list_model_changes,
        "model",
        Text("结构变更的历史", "The changes of the structure"),
        parameters=(_LIMIT.parameter,),
        answers={200: Answer(Text("变更", "Changes"), items_of(ModelChange))},
    ),
    Operation(
        "POST",
        "/api/model/changes/{id}/undo",
        undo_model_change,
        "model",
        Text("撤销一项结构变更", "Take back a change of the structure"),
        parameters=(_PREVIEW,),
        answers=_ANSWERS,
        problems=(404, 409),
    ),
)
