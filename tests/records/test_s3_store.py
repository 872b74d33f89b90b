"""Files on S3: the same store by the same doors, over requests that a server checks the signatures of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.records.s3_server import REGION, S3Server
from tests.simulators.serving import served

from tongmai.kit import Settings, Unavailable
from tongmai.records.file_store import ContentMissing, FileStore

SECRET = "s3cr3t/key+with=marks"
COMPANY, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[S3Server]:
    made = S3Server("tongmai-files", "AKIDTEST", SECRET)
    async with served(made.app()) as address:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", made.access_key),
            ("AWS_SECRET_ACCESS_KEY", made.secret_key),
            ("AWS_REGION", REGION),
            ("AWS_ENDPOINT_URL", address),
            ("AWS_ALLOW_HTTP", "true"),
        ):
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def store(server: S3Server) -> FileStore:
    return FileStore(Settings(files_url=f"s3://{server.bucket}/company files"))


async def content_of(store: FileStore, file: UUID, workspace: UUID = COMPANY) -> bytes:
    return b"".join([chunk async for chunk in store.stream(workspace, file)])


@pytest.mark.parametrize("size", [0, 1, 100_000, 12 * 1024 * 1024])
async def test_a_content_comes_back_as_it_was_also_one_that_is_sent_in_parts(
    store: FileStore, server: S3Server, size: int, tmp_path: Path
) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    file = uuid4()
    await store.put(COMPANY, file, BytesIO(content))
    assert await content_of(store, file) == content
    async with store.local_copy(COMPANY, file) as path:
        assert path.read_bytes() == content
    assert not path.exists()
    assert list(server.objects) == [f"company files/{COMPANY}/{file}"]
    assert server.refusals == []


async def test_what_is_not_there_is_told_and_removing_it_is_no_fault(store: FileStore) -> None:
    file = uuid4()
    with pytest.raises(ContentMissing):
        await content_of(store, file)
    with pytest.raises(ContentMissing):
        async with store.local_copy(COMPANY, file):
            pass
    await store.delete(COMPANY, file)


async def test_a_removed_content_is_gone_and_no_other(store: FileStore, server: S3Server) -> None:
    file, kept = uuid4(), uuid4()
    for each in (file, kept):
        await store.put(COMPANY, each, BytesIO(b"contract"))
    await store.put(OTHER, file, BytesIO(b"of another company"))
    await store.delete(COMPANY, file)
    assert sorted(server.objects) == sorted([f"company files/{COMPANY}/{kept}", f"company files/{OTHER}/{file}"])


async def test_parts_of_a_job_are_read_in_order_dropped_and_swept_when_they_are_old(
    store: FileStore, server: S3Server
) -> None:
    job, dead = uuid4(), uuid4()
    for number, content in ((2, b"two"), (1, b"one"), (1, b"ONE")):
        await store.put_part(COMPANY, job, number, content)
    await store.put_part(COMPANY, dead, 1, b"left over")
    assert [part async for part in store.parts(COMPANY, job, [1, 2])] == [b"ONE", b"two"]
    await store.drop_parts(COMPANY, job, [1, 2])
    assert len(server.objects) == 1
    hour = timedelta(hours=1)
    assert await store.drop_old_parts(COMPANY, datetime.now(UTC) - hour) == 0
    assert await store.drop_old_parts(OTHER, datetime.now(UTC) + hour) == 0
    assert await store.drop_old_parts(COMPANY, datetime.now(UTC) + hour) == 1
    assert server.objects == {}


async def test_a_wrong_secret_is_refused_and_told_as_a_store_that_does_not_serve(
    store: FileStore, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uuid4()
    await store.put(COMPANY, file, BytesIO(b"contract"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    stranger = FileStore(Settings(files_url=f"s3://{server.bucket}/company files"))
    for attempt in (
        stranger.put(COMPANY, file, BytesIO(b"x")),
        content_of(stranger, file),
        stranger.delete(COMPANY, file),
        stranger.drop_old_parts(COMPANY, datetime.now(UTC)),
    ):
        with pytest.raises(Unavailable) as refused:
            await attempt
        assert refused.value.faults[0].way_out is not None
    assert server.refusals == ["SignatureDoesNotMatch"] * 4
    assert await content_of(store, file) == b"contract"


async def test_a_store_that_may_only_be_read_keeps_what_it_has_and_says_so(store: FileStore, server: S3Server) -> None:
    file = uuid4()
    await store.put(COMPANY, file, BytesIO(b"first"))
    server.is_read_only = True
    with pytest.raises(Unavailable) as refused:
        await store.put(COMPANY, file, BytesIO(b"second"))
    assert refused.value.faults[0].code == "file.not_stored"
    assert await content_of(store, file) == b"first"
