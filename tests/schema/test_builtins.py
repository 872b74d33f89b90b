"""What is built in since a workspace was made comes to it when the program starts, once, and takes nothing away."""

from __future__ import annotations

import asyncio

from tongmai.kit import Settings, Text
from tongmai.model import WORK_OBJECTS, AddObject, Changeset, ObjectDef
from tongmai.schema import CatalogueStore, SchemaEditor, add_missing_builtins

from .company import Company


async def test_an_old_workspace_gets_the_objects_of_work(company: Company, settings: Settings) -> None:
    await _make_old(company)
    before = await company.catalogue()
    assert {each.key for each in before.objects} == {"person", "team"}
    done = await asyncio.gather(*(_start(company, settings) for _ in range(2)))
    assert sorted(done) == [0, 1]
    after = await CatalogueStore(company.database).newest(company.workspace)
    assert [each.key for each in after.objects] == ["person", "team", *WORK_OBJECTS]
    assert after.object_by_key["task"].builtin
    assert await _start(company, settings) == 0
    rows = await company.fetch(f"SELECT count(*) FROM {company.schema('task')}")
    assert rows == [(0,)]


async def test_a_companys_own_object_of_the_name_stays(company: Company, settings: Settings) -> None:
    await _make_old(company)
    own = ObjectDef(key="task", label=Text("工单", "Work order"))
    await company.editor.apply(company.workspace, Changeset(actions=(AddObject(object=own),)), None)
    assert await _start(company, settings) == 1
    after = await CatalogueStore(company.database).newest(company.workspace)
    assert not after.object_by_key["task"].builtin
    assert {"signal", "content"} <= after.object_by_key.keys()
    assert await _start(company, settings) == 0


async def _start(company: Company, settings: Settings) -> int:
    """What the program does when it starts."""
    catalogues = CatalogueStore(company.database)
    editor = SchemaEditor(company.database, catalogues, company.clock, settings)
    return await add_missing_builtins(company.database, catalogues, editor)


async def _make_old(company: Company) -> None:
    """The workspace as an earlier program left it: without the objects of work."""
    present = await company.catalogue()
    objects = tuple(each for each in present.objects if each.key not in WORK_OBJECTS)
    async with company.database.write() as tx:
        for key in WORK_OBJECTS:
            await tx.execute(f"DROP TABLE {company.schema(key)} CASCADE")
        await tx.execute(
            f"UPDATE {company.schema('_catalogue')} SET model = $1", present.replace(objects=objects).model_dump_json()
        )
    company.catalogues.forget(company.workspace)
