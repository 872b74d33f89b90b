"""Fields and page drafted from what was heard, and the change that those make which a person ticked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tongmai.kit import Fault, Invalid, Text
from tongmai.market.interviews.hearing import SAID, Answer, Mention, Notion, Unused, hear
from tongmai.model import SYSTEM_KEYS, Catalogue, Changeset, FieldDef, FormSection, ObjectDef, diff, spelled

# The question whose answers tell what people look for: that stands first on the page.
_LOOKED_UP = "looked_up"
_FIRST = Text("查得最多的", "Looked up most")
_NOTED = Text("一线顺手记的", "Noted in passing")
_MOST = 40


@dataclass(frozen=True, slots=True)
class DraftedField:
    """A field and the words that speak of it. ``is_new``: the object has none such yet. One that people look up may
    stand first on the page, whether it is new or not."""

    field: FieldDef
    mentions: tuple[Mention, ...]
    is_new: bool

    @property
    def is_looked_up(self) -> bool:
        return any(each.answer.question == _LOOKED_UP for each in self.mentions)


@dataclass(frozen=True, slots=True)
class Draft:
    """``fields`` are to be made, ``known`` are there already."""

    fields: tuple[DraftedField, ...]
    known: tuple[DraftedField, ...]
    unused: tuple[Unused, ...]


def draft_of(answers: Iterable[Answer], target: ObjectDef) -> Draft:
    """What the answers propose for an object. The same answers give the same draft."""
    mentions, unused = hear(answers, [_named(each) for each in target.fields if len(each.label.zh) > 1])
    drafted: dict[str, list[Mention]] = {}
    known: dict[str, list[Mention]] = {}
    for mention in mentions:
        there = _field_for(mention, target)
        if there is not None:
            known.setdefault(there.key, []).append(mention)
        else:
            drafted.setdefault(mention.notion.label.zh, []).append(mention)
    taken = {*SYSTEM_KEYS, *target.by_key}
    fields = []
    for said in list(drafted.values())[:_MOST]:
        field = _field_of(said[0], taken)
        taken.add(field.key)
        fields.append(DraftedField(field, tuple(said), is_new=True))
    return Draft(
        tuple(fields),
        tuple(DraftedField(target.by_key[key], tuple(said), is_new=False) for key, said in known.items()),
        tuple(unused),
    )


def draft_change(catalogue: Catalogue, target: ObjectDef, draft: Draft, keys: Collection[str]) -> Changeset:
    """The change that adds the drafted fields of these keys, and puts what people look up first on the page.

    Raises ``Invalid`` for a key that the draft does not propose, and for none at all.
    """
    looked_up = {each.field.key for each in (*draft.fields, *draft.known) if each.is_looked_up}
    new = {each.field.key: each.field for each in draft.fields}
    unknown = [each for each in keys if each not in new and each not in looked_up]
    if unknown or not keys:
        text = Text(f"草稿里没有：{'、'.join(unknown)[:100]}", f"Not in the draft: {', '.join(unknown)[:100]}")
        nothing = Text("请至少勾选一项", "Tick something")
        raise Invalid((Fault("interview.not_drafted", text if unknown else nothing, field="keys"),))
    order = [*new, *(each.field.key for each in draft.known)]
    chosen = [key for key in order if key in keys]
    first = [key for key in chosen if key in looked_up]
    noted = [key for key in chosen if key not in looked_up]
    sections = [
        section.replace(fields=tuple(key for key in section.fields if key not in first)) for section in target.form
    ]
    form = _with(_with(sections, _NOTED, noted, first=False), _FIRST, first, first=True)
    changed = target.replace(
        fields=(*target.fields, *(new[key] for key in chosen if key in new)),
        form=tuple(each for each in form if each.fields),
    )
    objects = tuple(changed if each.key == target.key else each for each in catalogue.objects)
    return diff(catalogue, catalogue.replace(objects=objects))


def _with(form: list[FormSection], label: Text, keys: list[str], *, first: bool) -> list[FormSection]:
    """The layout with the fields in the section of that name, which is made where it is missing."""
    if not keys:
        return form
    if any(each.label == label for each in form):
        return [each.replace(fields=(*each.fields, *keys)) if each.label == label else each for each in form]
    made = FormSection(label=label, fields=tuple(keys))
    return [made, *form] if first else [*form, made]


def _named(field: FieldDef) -> Notion:
    return Notion(key=field.key, type=field.type, label=field.label, words=(field.label.zh,))


def _field_for(mention: Mention, target: ObjectDef) -> FieldDef | None:
    """The field of the object that is spoken of: by its key, or by a name that is one of the words for it."""
    names = {mention.notion.label.zh, mention.notion.label.en.lower(), mention.word.lower(), *mention.notion.words}
    by_name = (each for each in target.fields if each.label.zh in names or each.label.en.lower() in names)
    return target.by_key.get(mention.notion.key) or next(by_name, None)


def _field_of(mention: Mention, taken: Collection[str]) -> FieldDef:
    notion = mention.notion
    stem = notion.key if notion.key != SAID else f"{SAID}_{_letters(notion.label.zh)}"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return FieldDef(key=key, type=notion.type, label=notion.label, options=notion.options)


def _letters(label: str) -> str:
    found = "".join(each for each in spelled(label).lower() if each.isascii() and each.isalnum())
    return found[:20] or "it"
