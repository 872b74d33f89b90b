"""Files: who gets them, how they are called, when they go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tongmai.kit import Invalid, NotFound, Settings, TooLarge, Unavailable
from tongmai.model import AddField, Changeset
from tongmai.records.files import Files, clean_name

from .transfer.conftest import desk  # noqa: F401
from .transfer.desk import ROOT, Desk, field, once


@pytest.fixture
async def shelf(desk: Desk) -> Desk:  # noqa: F811
    """A company whose customers have contracts."""
    action = AddField(object="customer", field=field("contract", "file", "合同"))
    await desk.editor.apply(desk.workspace, Changeset(actions=(action,)), None)
    return desk


async def content_of(desk: Desk, file: UUID, actor: object) -> bytes:  # noqa: F811
    found = await desk.files.find(actor, desk.workspace, file)  # type: ignore[arg-type]
    return b"".join([chunk async for chunk in desk.files.content(desk.workspace, found)])


async def test_a_file_comes_back_as_it_was(shelf: Desk) -> None:
    content = bytes(range(256)) * 9000
    file = await shelf.upload(content, "图纸.bin")
    assert await content_of(shelf, file, ROOT) == content
    found = await shelf.files.find(ROOT, shelf.workspace, file)
    assert (found.size, found.name) == (len(content), "图纸.bin")
    assert found.content_disposition.startswith("attachment;")


async def test_until_a_record_takes_it_only_the_uploader_sees_it(shelf: Desk) -> None:
    seller, other = await shelf.actor("王芳"), await shelf.actor("李强")
    file = await shelf.upload(b"secret", actor=seller)
    assert await content_of(shelf, file, seller) == b"secret"
    with pytest.raises(NotFound):
        await shelf.files.find(other, shelf.workspace, file)


async def test_a_records_file_is_seen_by_who_sees_the_field(shelf: Desk) -> None:
    seller, other = await shelf.actor("王芳"), await shelf.actor("李强")
    file = await shelf.upload(b"contract", actor=seller)
    values = {"code": "C1", "name": "甲", "contract": [str(file)]}
    made = await shelf.gateway.create(seller, shelf.workspace, "customer", values)
    assert await content_of(shelf, file, seller) == b"contract"
    assert await content_of(shelf, file, ROOT) == b"contract"
    with pytest.raises(NotFound):
        await shelf.files.find(other, shelf.workspace, file)
    await shelf.gateway.update(ROOT, shelf.workspace, "customer", made.records[0].id, {"owner": str(other.id)})
    assert await content_of(shelf, file, other) == b"contract"
    with pytest.raises(NotFound):
        await shelf.files.find(seller, shelf.workspace, file)


async def test_no_name_leads_out_of_the_store(shelf: Desk) -> None:
    for name in ("../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "a\x00b", "\u202egnp.exe", "." * 300):
        file = await shelf.upload(b"x", name)
        found = await shelf.files.find(ROOT, shelf.workspace, file)
        assert "/" not in found.name
        assert "\\" not in found.name
        assert "\x00" not in found.name
        assert "\u202e" not in found.name
        assert "\n" not in found.content_disposition
    folder = shelf.settings.data_dir / "files" / str(shelf.workspace.id)
    names = {path.name for path in Path(folder).rglob("*") if path.is_file()}  # noqa: ASYNC240
    assert all(UUID(name) for name in names)


def test_a_name_keeps_its_last_part_and_its_ending() -> None:
    assert clean_name("C:\\文件\\报价 单.xlsx") == "报价 单.xlsx"
    assert clean_name("x" * 500 + ".pdf") == "x" * 196 + ".pdf"
    assert clean_name("...") == "file"


async def test_too_large_and_empty_files_are_refused_and_leave_nothing(shelf: Desk) -> None:
    small = Settings(data_dir=shelf.settings.data_dir, max_upload_bytes=2048)
    files = Files(shelf.database, small, shelf.clock, shelf.gateway)
    with pytest.raises(TooLarge):
        await files.save(ROOT, shelf.workspace, "a", once(b"x" * 3000))
    with pytest.raises(Invalid):
        await files.save(ROOT, shelf.workspace, "a", once(b""))
    async with shelf.database.read() as tx:
        assert await tx.fetch_value(f"SELECT count(*) FROM {shelf.workspace.quoted_schema}._file") == 0


async def test_nobody_fills_the_disk_with_files_that_no_record_takes(shelf: Desk) -> None:
    small = Settings(data_dir=shelf.settings.data_dir, max_upload_bytes=1024)
    files = Files(shelf.database, small, shelf.clock, shelf.gateway)
    seller, other = await shelf.actor("王芳"), await shelf.actor("李强")
    sent = [await files.save(seller, shelf.workspace, "a", once(b"x" * 1024)) for _ in range(10)]
    with pytest.raises(TooLarge) as refused:
        await files.save(seller, shelf.workspace, "a", once(b"x"))
    assert [each.code for each in refused.value.faults] == ["file.too_many_unclaimed"]
    await files.save(other, shelf.workspace, "a", once(b"x"))
    values = {"code": "C1", "name": "甲", "contract": [str(sent[0].id)]}
    await shelf.gateway.create(seller, shelf.workspace, "customer", values)
    await files.save(seller, shelf.workspace, "a", once(b"x"))
    shelf.clock.advance(timedelta(hours=25))
    await files.remove_unclaimed(shelf.workspace)
    await files.save(seller, shelf.workspace, "a", once(b"x"))


async def test_files_nobody_took_go_after_a_day(shelf: Desk) -> None:
    lost, kept = await shelf.upload(b"lost"), await shelf.upload(b"kept")
    await shelf.gateway.create(ROOT, shelf.workspace, "customer", {"code": "C1", "name": "甲", "contract": [str(kept)]})
    shelf.clock.advance(timedelta(hours=23))
    assert await shelf.files.remove_unclaimed(shelf.workspace) == 0
    shelf.clock.advance(timedelta(hours=2))
    assert await shelf.files.remove_unclaimed(shelf.workspace) == 1
    with pytest.raises(NotFound):
        await shelf.files.find(ROOT, shelf.workspace, lost)
    assert await content_of(shelf, kept, ROOT) == b"kept"


async def test_parts_of_jobs_that_never_ended_go_too(shelf: Desk) -> None:
    await shelf.files.store.put_part(shelf.workspace.id, shelf.workspace.id, 1, b"part")
    assert await shelf.files.store.drop_old_parts(shelf.workspace.id, datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await shelf.files.store.drop_old_parts(shelf.workspace.id, datetime.now(UTC) + timedelta(hours=1)) == 1


async def test_a_content_that_is_gone_is_a_fault_of_the_machine(shelf: Desk) -> None:
    file = await shelf.upload(b"x")
    await shelf.files.store.delete(shelf.workspace.id, file)
    with pytest.raises(Unavailable):
        await content_of(shelf, file, ROOT)
