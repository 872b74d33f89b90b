"""From the wished columns to checked ones: each names a real column, a field that may be written, and a way to match.

All that is wrong is told at once, before a row is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tongmai.access import OWNER, Action
from tongmai.formula import FALSE
from tongmai.kit import Denied, Fault, Invalid, Text
from tongmai.model import SYSTEM_KEYS, WRITABLE_SYSTEM_KEYS, AutoNumberOptions, BoundField, ComputedField, FieldDef
from tongmai.records.place import Place
from tongmai.records.selection import hidden_fields
from tongmai.records.structure import unique_sets
from tongmai.records.transfer.denials import denied
from tongmai.records.transfer.request import ColumnMap, ImportRequest

_PERSON = "person"
# Not a field: the name a person signs in with.
LOGIN = "login"
ID = "id"


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the file (its index) and the field it fills. ``matches``: by which fields a relation is found,
    the first that finds anything counts; a single one may be of any type, several are compared as text."""

    source: int
    field: BoundField
    matches: tuple[str, ...] = ()
    create_missing: bool = False

    @property
    def key(self) -> str:
        return self.field.key

    @property
    def is_relation(self) -> bool:
        return bool(self.matches)


def map_columns(
    place: Place, request: ImportRequest, columns: Sequence[str], wished: Iterable[ColumnMap]
) -> tuple[MappedColumn, ...]:
    """The checked mapping. Raises ``Invalid`` or ``Denied`` with every fault."""
    check_actions(place, request)
    index = {name: position for position, name in enumerate(columns)}
    faults: list[Fault] = []
    found: list[MappedColumn] = []
    for wish in wished:
        source = index.get(wish.column.strip())
        if source is None:
            faults.append(_no_such_column(wish.column, columns))
            continue
        mapped = _map_one(place, request, wish, source, faults)
        if mapped is not None:
            found.append(mapped)
    if not found and not faults:
        faults.append(_nothing_mapped())
    faults += _check_together(place, request, found)
    if faults:
        raise Invalid(tuple(faults))
    _check_fields(place, request, found)
    return tuple(found)


def _map_one(
    place: Place, request: ImportRequest, wish: ColumnMap, source: int, faults: list[Fault]
) -> MappedColumn | None:
    hidden = hidden_fields(place, request.object)
    fields = {key: each for key, each in place.structure.fields(request.object).items() if key not in hidden}
    if wish.field not in fields:
        faults.append(_no_such_field(wish.field, fields))
        return None
    bound = place.structure.bound(request.object, wish.field)
    if not (is_importable(bound) or (wish.field in request.key and wish.field == ID)):
        faults.append(_read_only(fields[wish.field]))
        return None
    if bound.target is None or wish.field == ID:
        return MappedColumn(source, bound)
    matches = _matches(place, bound, wish, faults)
    return MappedColumn(source, bound, matches, wish.create_missing) if matches else None


def is_importable(bound: BoundField) -> bool:
    """Whether a column can fill the field: neither made by the platform nor a file."""
    if isinstance(bound.definition, ComputedField):
        return False
    if bound.key in SYSTEM_KEYS:
        return bound.key in WRITABLE_SYSTEM_KEYS
    if isinstance(bound.options, AutoNumberOptions):
        return bound.options.editable
    return bound.column_type is not None and bound.type.writable and bound.definition.type != "file"


def _matches(place: Place, bound: BoundField, wish: ColumnMap, faults: list[Fault]) -> tuple[str, ...]:
    target = bound.target
    assert target is not None
    known = place.structure.fields(target)
    if wish.match is None and wish.create_missing:
        faults.append(_no_match(bound.definition))
        return ()
    if wish.match is None:
        return natural_matches(place, target)
    if wish.match == LOGIN and target == _PERSON:
        return (LOGIN,)
    if (
        wish.match not in known
        or isinstance(known[wish.match], ComputedField)
        or place.structure.bound(target, wish.match).column_type is None
    ):
        faults.append(_no_such_field(wish.match, known))
        return ()
    if place.policy(target).readable.get(wish.match, FALSE) == FALSE:
        raise _hidden_match(known[wish.match])
    if wish.create_missing and wish.match not in place.policy(target).settable:
        raise denied(place, target, "create", wish.match)
    return (wish.match,)


def natural_matches(place: Place, target: str) -> tuple[str, ...]:
    """What a person may write in a cell to name a record: its id, a unique text, its title, a sign-in name."""
    definition = place.structure.definition(target)
    candidates = [keys[0] for keys in unique_sets(definition) if len(keys) == 1]
    candidates += [definition.title] if definition.title else []
    if target == _PERSON:
        candidates.insert(0, "email")
    policy = place.policy(target)
    readable = [
        key
        for key in dict.fromkeys(candidates)
        if key in definition.by_key
        and place.structure.bound(target, key).column_type == "text"
        and policy.readable.get(key, FALSE) != FALSE
    ]
    return (ID, *([LOGIN] if target == _PERSON else []), *readable)


def named_by(place: Place, target: str) -> tuple[str, ...]:
    """The fields by which people name a record: ``natural_matches`` without what is no field."""
    return tuple(each for each in natural_matches(place, target) if each not in (ID, LOGIN))


def _hidden_match(field: FieldDef) -> Denied:
    text = _about(field, "您不能查看，不能用来匹配", "is not for you to see, so nothing can be matched by it")
    way_out = Text("请换一个字段，或联系管理员", "Choose another field, or ask an administrator")
    return Denied((Fault("access.field_hidden", text, way_out, field=field.key),))


def _no_match(field: FieldDef) -> Fault:
    return Fault(
        "import.no_match",
        _about(field, "要自动新建关联记录，需指定匹配字段", "needs a match field if missing records are to be made"),
        Text("请指定 match", "Tell match"),
        field=field.key,
    )


def _check_together(place: Place, request: ImportRequest, found: list[MappedColumn]) -> list[Fault]:
    faults = []
    seen: set[str] = set()
    for column in found:
        if column.key in seen:
            label = column.field.definition.label
            faults.append(
                Fault(
                    "import.field_twice",
                    Text(f"有两列都对应“{label.zh}”", f"Two columns go to “{label.en}”"),
                    Text("请只保留一列", "Keep one of them"),
                    field=column.key,
                )
            )
        seen.add(column.key)
    if request.mode != "insert":
        faults += _check_key(place, request, found)
    return faults


def _check_key(place: Place, request: ImportRequest, found: list[MappedColumn]) -> list[Fault]:
    if not request.key:
        return [
            Fault(
                "import.no_key",
                Text("更新已有记录需要指定按哪个字段匹配", "To change records, tell by which field they are found"),
                Text("例如编号或手机号", "For example a code or a phone number"),
                field="key",
            )
        ]
    mapped = {column.key: column for column in found}
    faults = [_key_not_mapped(place, request, key) for key in request.key if key not in mapped]
    faults += [
        Fault(
            "import.bad_key",
            Text(
                f"“{column.field.definition.label.zh}”不能用来匹配",
                f"“{column.field.definition.label.en}” cannot be a key",
            ),
            Text("请用编号一类的字段", "Use a field like a code"),
            field=key,
        )
        for key, column in mapped.items()
        if key in request.key and _cannot_be_key(column.field, request)
    ]
    return faults


def _cannot_be_key(field: BoundField, request: ImportRequest) -> bool:
    """Lists and documents have no equality people expect; a new record's id is not theirs to choose."""
    return field.column_type in {"jsonb", "text[]", "uuid[]"} or (field.key == ID and request.mode != "update")


def _key_not_mapped(place: Place, request: ImportRequest, key: str) -> Fault:
    fields = place.structure.fields(request.object)
    if key not in fields:
        return _no_such_field(key, fields)
    label = fields[key].label
    return Fault(
        "import.key_not_mapped",
        Text(f"匹配字段“{label.zh}”没有对应的列", f"No column goes to the key field “{label.en}”"),
        Text("请为它选择一列", "Choose a column for it"),
        field=key,
    )


def _nothing_mapped() -> Fault:
    return Fault(
        "import.nothing_mapped",
        Text("没有一列对应到字段", "No column goes to a field"),
        Text("请为至少一列选择字段", "Choose a field for at least one column"),
    )


def check_actions(place: Place, request: ImportRequest) -> None:
    """Refuses what no role allows on any record: before anything is read of a file. Rows are asked one by one later."""
    policy = place.policy(request.object)
    place.structure.definition(request.object)
    wanted: list[Action] = ["import"]
    if request.mode != "update":
        wanted.append("create")
    if request.mode != "insert":
        wanted.append("update")
    refusals = [denied(place, request.object, action) for action in wanted if not policy.may(action)]
    if refusals:
        raise Denied(tuple(fault for refused in refusals for fault in refused.faults))


def _check_fields(place: Place, request: ImportRequest, found: list[MappedColumn]) -> None:
    """Refuses fields that no role lets write on any record."""
    policy = place.policy(request.object)
    creates, updates = request.mode != "update", request.mode != "insert"
    written = [each.key for each in found if updates is False or creates or each.key not in request.key]
    # Anyone may name himself as owner: that is asked of each row (``checks.insert_checks``).
    forbidden = {key for key in written if creates and key not in policy.settable and key != OWNER}
    forbidden |= {
        key for key in written if updates and key not in request.key and policy.writable.get(key, FALSE) == FALSE
    }
    if forbidden:
        raise denied(place, request.object, "create" if creates else "update", *sorted(forbidden))


def _no_such_column(name: str, columns: Sequence[str]) -> Fault:
    near = get_close_matches(name, columns, 1)
    shown = name[:60]
    listed = near[0] if near else "、".join(columns[:10])
    return Fault(
        "import.unknown_column",
        Text(f"文件里没有“{shown}”这一列", f"The file has no column “{shown}”"),
        Text(f"是否为：{listed}", f"Is it: {listed}"),
        field="columns",
    )


def _no_such_field(key: str, fields: dict[str, FieldDef]) -> Fault:
    near = get_close_matches(key, list(fields), 1)
    way_out = Text(f"是否为 {near[0]}", f"Did you mean {near[0]}") if near else None
    return Fault("field.unknown", Text(f"没有字段“{key}”", f"There is no field “{key}”"), way_out, field=key)


def _about(field: FieldDef, zh: str, en: str) -> Text:
    return Text(f"“{field.label.zh}”{zh}", f"“{field.label.en}” {en}")


def _read_only(field: FieldDef) -> Fault:
    return Fault(
        "field.read_only",
        Text(
            f"“{field.label.zh}”由系统产生，不能导入",
            f"“{field.label.en}” is made by the system and cannot be imported",
        ),
        Text("请去掉这一列的对应", "Leave this column out"),
        field=field.key,
    )
