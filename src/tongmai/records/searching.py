"""Search inside an object: a record must hold all tokens of what was typed, in fields the actor may see."""

from __future__ import annotations

from tongmai.formula import FALSE, TRUE
from tongmai.kit import Invalid, Text
from tongmai.model import ObjectDef, query_tokens
from tongmai.records.frame import Frame
from tongmai.records.place import Place

MOST_CHARACTERS = 200


def search_values(text: str) -> dict[str, object]:
    """Values for the parameters of ``search_condition``. Raises ``Invalid`` if too long or without a token."""
    tokens = query_tokens(text) if len(text) <= MOST_CHARACTERS else []
    if not tokens:
        raise Invalid.of(
            "search.unusable",
            f"搜索内容须有 1 到 {MOST_CHARACTERS} 个可搜索的字符",
            f"Search for 1 to {MOST_CHARACTERS} letters, digits or Chinese characters",
            way_out=Text("输入名称、编号或拼音首字母", "Type a name, a number or pinyin initials"),
            field="search",
        )
    return {"search.tokens": list(tokens), "search.words": text.lower().split()}


def search_condition(frame: Frame) -> str:
    """``_search`` holds the tokens of all searchable fields, so the index finds too much where the actor may not see
    all of them: such rows are looked at again, for the words themselves and in the visible fields alone. Pinyin
    initials and other spellings find nothing there; hidden fields never do.
    """
    place = frame.place
    tokens = frame.parameters.named("search.tokens", "text[]")
    condition = f'"{frame.alias}"."_search" @> {tokens}'
    searchable = searchable_fields(place.structure.definition(frame.object_key))
    policy = place.policy(frame.object_key)
    masks = {policy.readable.get(key, FALSE) for key in searchable}
    if masks <= {TRUE}:
        return condition
    everything = "FALSE"
    if FALSE not in masks:
        open_rows = [frame.raw_sql(mask) for mask in masks if mask != TRUE]
        everything = " AND ".join(f"coalesce({sql}, FALSE)" for sql in open_rows)
    readable = [f"({frame.seen_column_sql((key,))})::text" for key in searchable]
    words = frame.parameters.named("search.words", "text[]")
    text = f"lower(concat_ws(' ', {', '.join(readable)}))"
    missing = f"EXISTS (SELECT FROM unnest({words}) AS word(w) WHERE strpos({text}, word.w) = 0)"
    return f"{condition} AND ({everything} OR NOT {missing})"


def searchable_fields(definition: ObjectDef) -> tuple[str, ...]:
    """Keys of the fields whose tokens a record is found by."""
    return tuple(each.key for each in definition.fields if each.searchable and each.type != "formula")


def is_searchable(place: Place, object_key: str) -> bool:
    return bool(searchable_fields(place.structure.definition(object_key)))
