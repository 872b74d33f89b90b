"""Rooms are entered by their doors, and files build on one another one way round."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest
from tests.structure.imports import exported, imports, is_package, room


def test_a_room_imports_another_only_by_a_door() -> None:
    """A door is a package that says what it exports: a room, or one inside it with ``__all__`` of its own."""
    deep = [
        f"{importer} imports {imported}"
        for importer, found in imports().items()
        for imported in found
        if room(importer) != room(imported) and not _is_door(imported)
    ]
    assert deep == []


@pytest.mark.parametrize("name", ["tongmai.records", "tongmai.web"])
def test_the_files_of_a_room_import_one_another_one_way_round(name: str) -> None:
    files = {
        importer: {each for each in found if room(each) == name and each != importer and not is_package(each)}
        for importer, found in imports().items()
        if room(importer) == name and not is_package(importer)
    }
    try:
        TopologicalSorter(files).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' ← '.join(error.args[1])}")


def _is_door(module: str) -> bool:
    return module == "tongmai" or bool(exported(module))
