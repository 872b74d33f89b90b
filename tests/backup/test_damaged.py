"""A backup that is torn, edited or hostile is refused before anything is touched."""

# ruff: noqa: ASYNC240 - small files, in tests

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tongmai.backup import back_up, read_manifest, restore
from tongmai.backup.renaming import SchemaRenamer
from tongmai.kit import Invalid, Unavailable

from .conftest import Company


async def saved(company: Company, place: Path) -> bytes:
    await back_up(company.database, company.files.store, company.clock, company.workspace, place)
    return place.read_bytes()


async def refused(company: Company, place: Path) -> str:
    with pytest.raises(Invalid) as caught:
        await restore(company.database, company.files.store, company.clock, place, key="never_made")
    assert await company.find("never_made") is None
    return caught.value.faults[0].code


async def test_a_cut_off_file_is_refused_wherever_it_is_cut(company: Company, place: Path) -> None:
    whole = await saved(company, place)
    for share in (0.0, 0.1, 0.5, 0.9):
        place.write_bytes(whole[: int(len(whole) * share)])
        assert await refused(company, place) == "backup.damaged"


async def test_a_changed_byte_is_found_in_every_part(company: Company, place: Path) -> None:
    whole = await saved(company, place)
    with tarfile.open(place) as archive:
        offsets = {member.name: member.offset_data + member.size // 2 for member in archive}
    assert len(offsets) == 4
    for name, offset in offsets.items():
        broken = bytearray(whole)
        broken[offset] ^= 1
        place.write_bytes(bytes(broken))
        assert await refused(company, place) == "backup.damaged", name


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "files/../../x", "other.sql"])
async def test_names_that_no_backup_has_are_refused(company: Company, place: Path, name: str) -> None:
    await saved(company, place)
    with tarfile.open(place) as old:
        members = [(member, old.extractfile(member).read()) for member in old]  # type: ignore[union-attr]
    with tarfile.open(place, "w") as new:
        evil = tarfile.TarInfo(name)
        evil.size = 4
        new.addfile(evil, io.BytesIO(b"evil"))
        for member, content in members:
            new.addfile(member, io.BytesIO(content))
    assert await refused(company, place) == "backup.damaged"


async def test_links_are_refused(company: Company, place: Path) -> None:
    with tarfile.open(place, "w") as new:
        link = tarfile.TarInfo("schema.dump")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/passwd"
        new.addfile(link)
    assert await refused(company, place) == "backup.damaged"


async def test_what_is_no_backup_is_refused(company: Company, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello")
    assert await refused(company, tmp_path / "x") == "backup.damaged"
    assert await refused(company, tmp_path / "none") == "backup.not_found"


async def test_a_backup_that_fails_leaves_nothing(company: Company, place: Path) -> None:
    async with company.database.write() as tx:
        await tx.execute(f"DROP TABLE {company.workspace.quoted_schema}._block")
    with pytest.raises(Exception, match="_block"):
        await back_up(company.database, company.files.store, company.clock, company.workspace, place)
    assert list(place.parent.iterdir()) == []


async def test_a_restore_that_fails_changes_nothing(company: Company, place: Path) -> None:
    await saved(company, place)
    before = await company.notes()
    async with company.database.write() as tx:
        await tx.execute("CREATE FUNCTION tongmai.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'")
        await tx.execute(
            "CREATE TRIGGER no BEFORE INSERT ON tongmai.workspace FOR EACH ROW EXECUTE FUNCTION tongmai.no()"
        )
    try:
        with pytest.raises(Unavailable):
            await restore(company.database, company.files.store, company.clock, place, replace=True)
    finally:
        async with company.database.write() as tx:
            await tx.execute("DROP FUNCTION tongmai.no() CASCADE")
    assert await company.notes() == before


async def test_a_killed_restore_changes_nothing(company: Company, place: Path) -> None:
    for n in range(200):
        await company.add(f"多{n}")
    await saved(company, place)
    script = Path(__file__).with_name("restore_process.py")
    other = f"{company.workspace.key}_killed"
    for pause in (0.4, 0.8, 1.2, 1.6):
        arguments = [str(script), company.database.dsn, str(company.settings.data_dir), str(place), other]
        process = subprocess.Popen([sys.executable, *arguments])  # noqa: ASYNC220
        await asyncio.sleep(pause)
        process.kill()
        process.wait()
    async with company.database.read() as tx:
        # A COMMIT that was sent before the kill is carried out by the orphaned psql: it is over before we look.
        ended = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
        await tx.fetch(f"{ended} WHERE application_name = 'psql' AND datname = current_database()")
    found = await company.find(other)
    async with company.database.read() as tx:
        schema = await tx.fetch_value("SELECT count(*) FROM pg_namespace WHERE nspname = $1", f"w_{other}")
    # All or nothing: a schema is there if and only if its workspace is.
    assert schema == (found is not None)
    again = await restore(
        company.database, company.files.store, company.clock, place, key=other, replace=found is not None
    )
    assert again.ok
    assert len(await company.notes(again.workspace)) == 202


def test_rows_are_passed_on_and_statements_renamed() -> None:
    renamer = SchemaRenamer("w_a", "w_b")
    lines = [
        b"CREATE TABLE w_a.t (x text DEFAULT nextval('w_a._seq'::regclass), w_ab text, xw_a text);\n",
        b'ALTER TABLE ONLY "w_a".t ADD CONSTRAINT w_a_x CHECK (true);\n',
        b"COPY w_a.t (x) FROM stdin;\n",
        b"w_a.t stays\n",
        b"\\.\n",
        b"SELECT w_a.f();\n",
    ]
    assert list(renamer.lines(iter(lines))) == [
        b"CREATE TABLE w_b.t (x text DEFAULT nextval('w_b._seq'::regclass), w_ab text, xw_a text);\n",
        b"ALTER TABLE ONLY w_b.t ADD CONSTRAINT w_a_x CHECK (true);\n",
        b"COPY w_b.t (x) FROM stdin;\n",
        b"w_a.t stays\n",
        b"\\.\n",
        b"SELECT w_b.f();\n",
    ]


async def test_no_password_is_on_a_command_line(company: Company, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = asyncio.create_subprocess_exec

    async def spy(*arguments: str, **more: object) -> asyncio.subprocess.Process:
        seen.extend(arguments)
        return await real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    await saved(company, place)
    await restore(company.database, company.files.store, company.clock, place, replace=True)
    secret = company.database.dsn.split("@")[0].rpartition(":")[2]
    assert len(seen) > 10
    assert not any(secret in each for each in seen)
    assert read_manifest(place)
