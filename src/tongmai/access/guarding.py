"""What is said in watched records (chats) goes nowhere else by the hand of who may not read it there.

Who manages the model decides where values go: a mapping makes records of a source's rows, a rule writes and tells, a
default is copied. None of them asks who reads the result. So whoever makes or changes one that carries what a watched
object says, leads its source elsewhere, or takes the watch away, must be able to read all of that object. To leave
everything as it is, or to build on what is merely counted, takes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tongmai.access.actors import AnyActor, SystemActor
from tongmai.access.policy import ObjectPolicy, compile_policy
from tongmai.formula import TRUE, Path, parse, paths_of
from tongmai.kit import Fault, Invalid, Text
from tongmai.model import Catalogue, MappingDef, ObjectDef, ObjectScope, ReadPaths, RuleDef, all_rules, wants_of


def check_guarded(actor: AnyActor, before: Catalogue, after: Catalogue) -> list[Fault]:
    """The faults of changing the metadata where that carries what the actor may not read, whatever his token may."""
    if isinstance(actor, SystemActor):
        return []
    hidden = {
        each.key: each
        for catalogue in (after, before)
        for each in catalogue.objects
        if each.watched and not shows_all(compile_policy(catalogue, actor.roles, each.key))
    }
    if not hidden:
        return []
    carried = dict.fromkeys(each for each in _carried(before, after) if each[0] in hidden)
    return [_fault(hidden[object_key], place, label) for object_key, place, label in carried]


def guards_of(catalogue: Catalogue, source: str, stream: str, *drafts: MappingDef) -> frozenset[str]:
    """The watched objects that the rows of a stream become, by the catalogue's mappings and ``drafts``; a second source
    of the same kind brings the same rows under the same name."""
    known = catalogue.source_by_key.get(source)
    alike = {source, *(each.key for each in catalogue.sources if known is not None and each.kind == known.kind)}
    return frozenset(
        mapping.object
        for mapping in (*catalogue.mappings, *drafts)
        if mapping.stream == stream and mapping.source in alike and is_watched(catalogue, mapping.object)
    )


def is_watched(catalogue: Catalogue, object_key: str) -> bool:
    definition = catalogue.object_by_key.get(object_key)
    return definition is not None and definition.watched


def shows_all(policy: ObjectPolicy) -> bool:
    """Whether every field of every record of the object is read."""
    return policy.rows["read"] == TRUE and all(mask == TRUE for mask in policy.readable.values())


def _carried(before: Catalogue, after: Catalogue) -> Iterator[tuple[str, str, Text]]:
    """The watched objects whose content the change moves, with where it does and what people call that."""
    for watched in before.objects:
        if watched.watched and not is_watched(after, watched.key):
            yield watched.key, f"objects.{watched.key}", watched.label
    for key in dict.fromkeys((*before.mapping_by_key, *after.mapping_by_key)):
        old, new = before.mapping_by_key.get(key), after.mapping_by_key.get(key)
        if old == new:
            continue
        for mapping in (each for each in (old, new) if each is not None):
            for catalogue in (before, after):
                for object_key in sorted(guards_of(catalogue, mapping.source, mapping.stream)):
                    yield object_key, f"mappings.{key}", mapping.label
    for source in before.sources:
        # Where it reads from: elsewhere it would leave its files to others, or bring other rows under these names.
        kept = after.source_by_key.get(source.key)
        if kept is None or (kept.kind, kept.options) != (source.kind, source.options):
            for mapping in before.mappings:
                if mapping.source == source.key:
                    for object_key in sorted(guards_of(before, mapping.source, mapping.stream)):
                        yield object_key, f"sources.{source.key}", source.label
    # A rule or default that is as it was tells more where a figure or formula in it does.
    old_rules = {each.key: each for each in all_rules(before)}
    for rule in all_rules(after):
        was_told = _told_by(before, rule) if old_rules.get(rule.key) == rule else frozenset()
        for object_key in sorted(_told_by(after, rule) - was_told):
            yield object_key, f"rules.{rule.key}", rule.label
    for definition in after.objects:
        known = before.object_by_key.get(definition.key)
        for field in definition.fields:
            if field.default is None:
                continue
            old_field = None if known is None else known.by_key.get(field.key)
            is_kept = old_field is not None and old_field.default == field.default
            was_copied = _copied(before, definition.key, field.default) if is_kept else frozenset()
            for object_key in sorted(_copied(after, definition.key, field.default) - was_copied):
                yield object_key, f"objects.{definition.key}.{field.key}", field.label


def _told_by(catalogue: Catalogue, rule: RuleDef) -> frozenset[str]:
    """The watched objects of which the rule writes or tells something; that it asks them is no telling."""
    if rule.object not in catalogue.object_by_key:
        return frozenset()
    scope = ObjectScope(catalogue, rule.object)
    try:
        # Who is told is no content.
        told = [paths_of(tree) for place, tree in wants_of(catalogue, rule, scope) if not place.startswith("who.")]
    except (Invalid, KeyError, TypeError):
        # No formulas, fields or people where they should be: the editor refuses it, with its reasons.
        return frozenset()
    return _Walk(catalogue).watched(rule.object, frozenset[Path]().union(*told))


def _copied(catalogue: Catalogue, object_key: str, default: str) -> frozenset[str]:
    try:
        paths = parse(default, ObjectScope(catalogue, object_key, metrics=False)).paths
    except Invalid:
        return frozenset()
    return _Walk(catalogue).watched(object_key, (path for path in paths if len(path) > 1))


class _Walk:
    """The watched objects on paths of fields, also on those of metrics that repeat the words of rows."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._reads = ReadPaths(catalogue)

    def watched(self, object_key: str, paths: Iterable[Path]) -> frozenset[str]:
        found: set[str] = set()
        for path in paths:
            self._along(object_key, path, found, set())
        return frozenset(found)

    def _along(self, object_key: str, path: Path, found: set[str], seen: set[str]) -> None:
        scope = ObjectScope(self._catalogue, object_key)
        for key in path:
            if is_watched(self._catalogue, scope.object_key):
                found.add(scope.object_key)
            if key in self._catalogue.metric_by_key and key not in seen:
                self._of_metric(scope.object_key, key, found, seen)
            onward = scope.through(key)
            if onward is None:
                return
            scope = onward

    def _of_metric(self, object_key: str, key: str, found: set[str], seen: set[str]) -> None:
        seen.add(key)
        reads = self._reads.of(key)
        if reads is None:
            return
        if reads.repeats and is_watched(self._catalogue, reads.source):
            found.add(reads.source)
        for path in reads.record:
            self._along(object_key, path, found, seen)


def _fault(definition: ObjectDef, place: str, label: Text) -> Fault:
    watched = definition.label
    return Fault(
        "access.guarded_content",
        Text(
            f"“{label.zh}”会把“{watched.zh}”的内容带到别处，而您不能查看全部“{watched.zh}”",
            f"“{label.en}” carries what “{watched.en}” says elsewhere, and you may not read all of it",
        ),
        Text(
            f"请能查看全部“{watched.zh}”的管理员来修改",
            f"Ask an administrator who reads all of “{watched.en}” to do it",
        ),
        field=place,
        rule=f"watched:{definition.key}",
    )
