"""Voice messages become text by themselves: heard once, understood like what is written, gone with their consent.

A stand-in hears at the door; the way there and back is the product's. One test at the end hears a real clip.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bench.capture import real_data
from tests.link.desk import Desk, open_desk

from tongmai.kit import Invalid, Settings, Unavailable
from tongmai.link.understanding import ChatReader, WorkspaceWords
from tongmai.link.voices import Heard, Voices, VoicesStand, ears_of
from tongmai.link.wecom import FolderArchive, Forgetting
from tongmai.model import ObjectDef, diff
from tongmai.records import FileStore
from tongmai.scan import abilities
from tongmai.store import Database, Workspace

from .conftest import BOSS, BUYER, WeComSite

DATA = real_data()
AMR = b"#!AMR\n" + b"\x3c" * 64
MESSAGE: dict[str, Any] = {
    "key": "message", "label": "消息", "title": "code",
    "fields": [
        {"key": "code", "type": "text", "label": "编号"}, {"key": "body", "type": "long_text", "label": "内容"},
    ],
}  # fmt: skip


@dataclass
class EarDouble:
    """Says what it is told to have heard, in turn; ``meanwhile`` happens while it listens."""

    says: list[str | Exception]
    name: str = "a-model"
    listened: list[bytes] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def hear(self, path: Path, media_type: str) -> Heard:
        assert media_type == "audio/amr"
        self.listened.append(await asyncio.to_thread(path.read_bytes))
        if self.meanwhile is not None:
            await self.meanwhile()
        said = self.says[min(len(self.listened), len(self.says)) - 1]
        if isinstance(said, Exception):
            raise said
        return Heard(said, self.name, 0.83)


@dataclass
class Hall:
    desk: Desk
    site: WeComSite
    reader: ChatReader
    forgetting: Forgetting

    def voices(self, ear: EarDouble | None) -> Voices:
        links = self.desk.links
        ears = {} if ear is None else {"here": ear}
        return Voices(
            self.desk.database, self.desk.catalogues, self.site.clock, links.sources, links.raw, links.runs, ears
        )

    async def hear(self, ear: EarDouble | None) -> int:
        return await self.voices(ear).advance(self.desk.workspace)

    async def stand(self, ear: EarDouble | None) -> VoicesStand:
        known = await self.desk.links.sources.known(self.desk.workspace, "wecom")
        found = await self.voices(ear).stand(self.desk.workspace, known)
        assert found is not None
        return found

    async def speak(self, sender: str = BOSS, recording: bytes = AMR) -> str:
        self.site.clock.advance(timedelta(minutes=1))
        given = {"from": sender, "to": ["zhangsan"], "recording": base64.b64encode(recording).decode()}
        return str((await self.site.control("voice", **given))["msgid"])

    async def pull(self, *streams: str, **more: Any) -> None:
        done = await self.desk.pull("wecom", streams=streams, **more)
        assert done["state"] == "done", done
        await self.understand()

    async def understand(self) -> None:
        workspace = self.desk.workspace
        await self.forgetting.advance(workspace)
        await self.desk.links.mapper.advance(workspace)
        await self.reader.advance(workspace)
        await self.desk.links.mapper.advance(workspace)

    async def texts(self) -> list[str | None]:
        rows = await self.desk.fetch("SELECT body FROM {schema}.message WHERE deleted_at IS NULL ORDER BY id")
        return [row[0] for row in rows]

    async def events(self) -> list[str]:
        return [row[0] for row in await self.desk.fetch("SELECT event FROM {schema}._event ORDER BY id")]


@pytest.fixture
async def hall(site: WeComSite, database: Database, workspace: Workspace, settings: Settings) -> AsyncIterator[Hall]:
    """A firm with an archive whose files can be fetched; both customers agreed to be archived."""
    desk = await open_desk(database, workspace, site.clock, settings)
    catalogue = await desk.catalogues.get(workspace)
    wanted = catalogue.replace(objects=(*catalogue.objects, ObjectDef.model_validate(MESSAGE)))
    await desk.editor.apply(workspace, diff(catalogue, wanted), None)
    company = site.company
    options = {
        "corp_id": company.corp_id, "base_url": site.url, "archive": "http",
        "archive_url": f"{site.url}/archive/lines", "archive_files_url": f"{site.url}/archive/file",
    }  # fmt: skip
    await desk.define(
        {"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options},
        {
            "key": "wecom_customers", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
            "columns": [{"path": "external_userid"}, {"path": "corp_name"}],
            "fields": [{"field": "code", "value": "[external_userid]"}, {"field": "name", "value": "[corp_name]"}],
        },
        {
            "key": "wecom_messages", "label": "消息", "source": "wecom", "stream": "messages", "object": "message",
            "columns": [{"path": "id"}, {"path": "kind"}, {"path": "text"}], "where": "kind = 'voice'",
            "fields": [{"field": "code", "value": "[id]"}, {"field": "body", "value": "[text]"}],
        },
    )  # fmt: skip
    await desk.secret("wecom", secret=company.secret, archive_secret=company.archive_secret)
    for customer in (BOSS, BUYER):
        await site.control("consent", member="zhangsan", customer=customer)
    reader = ChatReader(database, desk.catalogues, site.clock, WorkspaceWords(database, site.clock))
    files = FileStore(settings)
    yield Hall(desk, site, reader, Forgetting(database, desk.catalogues, desk.gateway, files, site.clock))
    await desk.links.close()


async def test_what_was_spoken_is_heard_once_mapped_and_understood(hall: Hall) -> None:
    key = await hall.speak()
    await hall.pull("customers", "messages")
    assert await hall.texts() == [None]
    ear = EarDouble(["我们下周换仓，这批货急要"])
    assert await hall.hear(ear) == 1
    await hall.understand()
    assert (await hall.texts(), ear.listened) == (["我们下周换仓，这批货急要"], [AMR])
    assert {"warehouse_change", "urgent"} <= set(await hall.events())
    # It is told where the words come from.
    record = (await hall.desk.fetch("SELECT id FROM {schema}.message"))[0][0]
    lineage = await hall.desk.links.lineage.of(hall.desk.system, hall.desk.workspace, "message", record)
    (said,) = (each for each in lineage.origins if each.field == "body")
    assert (said.key, said.heard) == (key, ("a-model", 0.83))
    assert "a-model" in said.words("08:12").zh
    assert "83%" in said.words("08:12").en
    # Neither a second look nor the same message pulled anew does it again, or takes the words away.
    events = await hall.events()
    await hall.pull("messages", anew=True)
    assert await hall.hear(ear) == 0
    await hall.understand()
    assert (await hall.texts(), len(ear.listened)) == (["我们下周换仓，这批货急要"], 1)
    assert await hall.events() == events
    assert (await hall.stand(ear)).counts.heard == 1


async def test_the_latest_is_heard_first(hall: Hall) -> None:
    for recording in (AMR, AMR + b"1", AMR + b"2"):
        await hall.speak(recording=recording)
    await hall.pull("messages")
    ear = EarDouble(["好"])
    assert await hall.hear(ear) == 3
    assert ear.listened == [AMR + b"2", AMR + b"1", AMR]


async def test_without_a_model_nothing_is_tried_and_it_is_said_and_with_one_it_is_made_up_for(hall: Hall) -> None:
    await hall.speak()
    await hall.pull("messages")
    assert await hall.hear(None) == 0
    stand = await hall.stand(None)
    assert (stand.by, stand.model, stand.counts.waiting) == ("none", None, 1)
    ear = EarDouble(["好"])
    assert await hall.hear(ear) == 1
    stand = await hall.stand(ear)
    assert (stand.by, stand.model, stand.counts.waiting) == ("here", "a-model", 0)


async def test_consent_withdrawn_takes_the_words_and_who_never_agreed_is_not_heard(hall: Hall) -> None:
    await hall.speak()
    await hall.pull("customers", "messages")
    assert await hall.hear(EarDouble(["机密的换仓计划"])) == 1
    await hall.understand()
    assert await hall.texts() == ["机密的换仓计划"]
    hall.site.clock.advance(timedelta(minutes=1))
    await hall.site.control("consent", member="zhangsan", customer=BOSS, answer="Disagree")
    await hall.pull("consents")
    assert await hall.texts() == [None]
    rows = await hall.desk.fetch("SELECT count(*) FROM {schema}._raw r WHERE r.body::text LIKE '%换仓%'")
    assert rows[0][0] == 0
    await hall.speak()
    await hall.pull("messages")
    ear = EarDouble(["机密"])
    assert (await hall.hear(ear), ear.listened) == (0, [])


async def test_consent_withdrawn_while_it_is_heard_leaves_no_words(hall: Hall) -> None:
    await hall.speak()
    await hall.pull("customers", "messages")

    async def withdraw() -> None:
        await hall.site.control("consent", member="zhangsan", customer=BOSS, answer="Disagree")
        await hall.pull("consents")

    assert await hall.hear(EarDouble(["机密的换仓计划"], meanwhile=withdraw)) == 0
    await hall.understand()
    assert await hall.texts() == [None]
    assert (await hall.stand(None)).counts.waiting == 0


async def test_a_recording_that_comes_late_is_waited_for_and_one_that_never_comes_is_told_of(hall: Hall) -> None:
    late, never = await hall.speak(recording=AMR + b"late"), await hall.speak(BUYER, recording=AMR + b"never")
    files = hall.site.company.files
    kept = dict(files)
    files.clear()
    await hall.pull("messages")
    ear = EarDouble(["到了"])
    assert await hall.hear(ear) == 0
    files.update({name: content for name, content in kept.items() if content.endswith(b"late")})
    assert await hall.hear(ear) == 0, "it is due later"
    hall.site.clock.advance(timedelta(minutes=2))
    assert await hall.hear(ear) == 1
    for _ in range(10):
        hall.site.clock.advance(timedelta(days=1))
        await hall.hear(ear)
    assert (await hall.desk.refusals("wecom")) == {never: ["voice.no_file"]}
    stand = await hall.stand(ear)
    assert (stand.counts.heard, stand.counts.refused, stand.counts.waiting) == (1, 1, 0)
    assert late not in await hall.desk.refusals("wecom")


async def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(hall: Hall) -> None:
    text, broken = await hall.speak(recording=b"no sound at all"), await hall.speak(recording=AMR + b"broken")
    await hall.speak(recording=AMR)
    await hall.pull("messages")
    ear = EarDouble(["好", Invalid.of("scan.corrupt", "录音已损坏", "The recording is damaged")])
    assert await hall.hear(ear) == 1
    assert await hall.desk.refusals("wecom") == {text: ["voice.no_recording"], broken: ["scan.corrupt"]}


async def test_who_is_away_or_dies_with_it_loses_nothing(hall: Hall) -> None:
    await hall.speak()
    await hall.pull("messages")
    away = EarDouble([Unavailable.of("speech.service", "语音服务没有响应", "The service does not answer")])
    assert await hall.hear(away) == 0

    async def die() -> None:
        raise KeyboardInterrupt

    hall.site.clock.advance(timedelta(minutes=2))
    with pytest.raises(KeyboardInterrupt):
        await hall.hear(EarDouble([""], meanwhile=die))
    ear = EarDouble(["好"])
    assert await hall.hear(ear) == 0, "somebody may still be at it"
    hall.site.clock.advance(timedelta(minutes=11))
    assert await hall.hear(ear) == 1


async def test_a_secret_that_is_missing_is_no_fault_of_the_recording(hall: Hall) -> None:
    await hall.speak()
    await hall.pull("messages")
    async with hall.desk.database.write() as tx:
        await hall.desk.links.secrets.put(tx, hall.desk.workspace, "wecom", {"secret": None})
    ear = EarDouble(["好"])
    assert (await hall.hear(ear), (await hall.stand(ear)).counts.waiting) == (0, 1)
    await hall.desk.secret("wecom", secret=hall.site.company.secret)
    hall.site.clock.advance(timedelta(minutes=2))
    assert await hall.hear(ear) == 1


async def test_it_is_off_where_the_source_says_so_or_files_cannot_be_fetched(hall: Hall) -> None:
    await hall.speak()
    await hall.pull("messages")
    catalogue = await hall.desk.catalogues.get(hall.desk.workspace)
    (source,) = catalogue.sources
    ear = EarDouble(["好"])
    for changed, by in (({"voices": "off"}, "off"), ({"archive_files_url": ""}, "no_files")):
        document = source.model_dump(mode="json")
        await hall.desk.define({**document, "options": {**document["options"], **changed}})
        assert (await hall.hear(ear), (await hall.stand(ear)).by) == (0, by)
    assert ear.listened == []


async def test_a_folder_gives_out_whole_files_under_their_checksums_alone(tmp_path: Path) -> None:
    home = tmp_path / "files"
    home.mkdir()
    digest = hashlib.md5(AMR, usedforsecurity=False).hexdigest()
    (tmp_path / f"{digest}.amr").write_bytes(AMR)
    archive = FolderArchive(tmp_path)
    assert await archive.file("any", digest) is None
    (home / f"{digest}.amr").write_bytes(AMR[:10])
    assert await archive.file("any", digest) is None, "still being written"
    (home / f"{digest}.amr").write_bytes(AMR)
    assert await archive.file("any", digest) == AMR
    assert await archive.file("any", "../" + digest) is None
    (home / f"{digest}.amr").unlink()
    (home / f"{digest}.amr").symlink_to(tmp_path / f"{digest}.amr")
    assert await archive.file("any", digest) is None


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.skipif(not abilities().speech, reason="the speech extra is not installed")
@pytest.mark.skipif(DATA is None, reason="the real clips are not beside the project; set TONGMAI_REAL_DATA")
async def test_a_real_clip_is_heard_by_the_shipped_model(hall: Hall, settings: Settings) -> None:
    assert DATA is not None
    clip = DATA / "asr_zh" / "BAC009S0724W0121.wav"
    await hall.speak(recording=await asyncio.to_thread(clip.read_bytes))
    await hall.pull("messages")
    links = hall.desk.links
    voices = Voices(
        hall.desk.database, hall.desk.catalogues, hall.site.clock, links.sources, links.raw, links.runs,
        ears_of(settings),
    )  # fmt: skip
    assert await voices.advance(hall.desk.workspace) == 1
    await hall.understand()
    (text,) = await hall.texts()
    assert text is not None
    wanted = "广州市房地产中介协会分析"
    assert sum(letter in text for letter in wanted) >= 0.7 * len(wanted), text
