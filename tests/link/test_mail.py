"""Mailboxes as a source (S1-61): read as they are written, by a way that nobody listens in on, and left as they were."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tongmai.kit import Invalid
from tongmai.link.faults import SourceAway
from tongmai.link.source import Page
from tongmai.link.sources.mail import MailOptions, MailSource
from tongmai.link.sources.mail_text import html_text

from .desk import Desk, customers_of
from .imap_server import ImapServer, Mailbox


async def test_mail_is_read_from_where_it_stood_and_left_unread(desk: Desk) -> None:
    box = Mailbox()
    box.put(1, "Anfrage", "请报价 100 台电机", "<a@x>")
    box.put(2, "=?utf-8?b?5oqA5pyv5pa55qGI?=", "技术方案通过初审", "<b@x>")
    with ImapServer(box) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "security": "none"}
        await desk.define(
            {"key": "mail", "label": "邮箱", "kind": "mail", "options": options},
            customers_of("mail", "INBOX", ("message_id", "code"), ("subject", "name"), ("text", "nickname")),
        )
        await desk.secret("mail", password="geheim")

        await desk.pull("mail")
        box.put(3, "Nachtrag", "加急", "<c@x>")
        second = await desk.pull("mail")
        box.validity = 8
        third = await desk.pull("mail")

    assert second["rows"] == 1
    assert third["rows"] == 3
    assert box.sign_ins == 3
    assert await desk.counts("mail", "pull") == {"same": 3}
    assert [row[0] for row in await desk.records("customer", "name")] == ["Anfrage", "Nachtrag", "技术方案"]
    assert not box.flagged


@pytest.mark.parametrize(
    ("head", "body", "subject", "text"),
    [
        (b"Subject: =?gb2312?B?" + base64.b64encode("镕基轴承".encode("gb18030")) + b"?=\r\n"
         b"Content-Type: text/plain; charset=gb2312", "镕你好".encode("gb18030"), "镕基轴承", "镕你好"),
        (b"Subject: " + "询价单".encode("gbk") + b"\r\nContent-Type: text/plain", "请报价".encode("gbk"),
         "询价单", "请报价"),
        (b"Subject: a\r\nContent-Type: text/plain; charset=x-nothing", "请报价".encode(), "a", "请报价"),
        (b"Subject: a\r\nContent-Type: text/html; charset=gbk",
         "<style>p{}</style><p>数量&lt;100</p>".encode("gbk"), "a", "数量<100"),
    ],
)  # fmt: skip
async def test_mails_are_read_as_chinese_programs_write_them(
    desk: Desk, head: bytes, body: bytes, subject: str, text: str
) -> None:
    box = Mailbox(wants_id=True)
    box.messages[1] = b"Message-ID: <a@x>\r\nFrom: =?gbk?B?1cXI/Q==?= <z@x.cn>\r\n" + head + b"\r\n\r\n" + body
    with ImapServer(box) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "security": "none"}
        source = MailSource(MailOptions.model_validate(options), "geheim")

        (page,) = [page async for page in source.pull("INBOX", None)]

    (row,) = page.rows
    assert (row.body["subject"], row.body["text"]) == (subject, text)
    assert (row.body["from_name"], row.body["from"]) == ("张三", "z@x.cn")


async def test_a_wrong_mail_password_is_told(desk: Desk) -> None:
    with ImapServer(Mailbox()) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "security": "none"}
        await desk.define({"key": "mail", "label": "邮箱", "kind": "mail", "options": options})
        await desk.secret("mail", password="falsch")
        done = await desk.pull("mail")

    assert done["state"] == "failed"
    assert "wrong" in done["error"]["zh"]


HEAD = b"From: z@x.cn\r\nDate: Mon, 02 Nov 2026 08:30:00 +0800\r\n"


async def pulled(box: Mailbox, **options: Any) -> list[Page]:
    with ImapServer(box) as server:
        given = {"host": "127.0.0.1", "port": server.port, "user": "sales", "security": "none", **options}
        source = MailSource(MailOptions.model_validate(given), box.password)
        return [page async for page in source.pull("INBOX", None)]


async def test_a_mail_that_nobody_can_read_keeps_no_other_out() -> None:
    box = Mailbox()
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_500))
    box.messages[1] = b"Message-ID: <deep@x>\r\n" + HEAD + nested + b"Content-Type: text/plain\r\n\r\nhi\r\n"
    box.put(2, "Nachtrag", "加急", "<c@x>")

    (page,) = await pulled(box)

    assert [row.body["subject"] for row in page.rows] == ["Nachtrag"]
    assert [(each.key, each.faults[0].code) for each in page.set_aside] == [("uid:1", "mail.unreadable")]


async def test_a_mail_meant_to_be_read_for_hours_is_set_aside_at_once() -> None:
    box = Mailbox()
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300))
    box.messages[1] = b"Message-ID: <deep@x>\r\n" + HEAD + nested + b"Content-Type: text/plain\r\n" + b"\r\n" * 140_000
    box.put(2, "Nachtrag", "加急", "<c@x>")

    (page,) = await pulled(box)

    assert [row.body["subject"] for row in page.rows] == ["Nachtrag"]
    assert "too many parts" in page.set_aside[0].faults[0].text.en


async def test_what_a_mail_declares_of_itself_without_end_is_cut() -> None:
    """The library looks for each parameter of a declaration at all before it: these would take it some weeks."""
    box = Mailbox()
    declared = b"Content-Type: text/plain; charset=utf-8" + b";a=b" * 1_000_000
    box.messages[1] = b"Message-ID: <a@x>\r\n" + HEAD + declared + b"\r\n\r\nhi\r\n"

    (page,) = await pulled(box)

    assert page.rows[0].body["text"] == "hi"


@pytest.mark.parametrize("mark", ["<!--", "<script>", "<br ", "<", "<style"])
def test_html_whose_marks_are_never_closed_is_read_in_one_pass(mark: str) -> None:
    """Looking for the end from each of them would hold the whole program up for hours."""
    assert html_text("vorher " + mark * 400_000).startswith("vorher")


async def test_a_mail_without_id_or_date_is_known_by_what_it_says_and_when_it_came() -> None:
    box = Mailbox()
    box.messages[1] = b"From: <<<@>,;\r\nSubject: \r\n\r\nbare"
    box.messages[2] = b"Message-ID: <b@x>\r\nDate: Fri, 31 Dec 9999 23:59:59 -1200\r\n\r\nlate"

    (page,) = await pulled(box)

    assert len(page.rows[0].key) == 64
    assert [row.at for row in page.rows] == [datetime(2026, 11, 2, 0, 31, tzinfo=UTC)] * 2
    assert [row.body["sent_at"] for row in page.rows] == [None, None]


async def test_of_a_huge_mail_the_beginning_is_fetched_and_its_row_says_so() -> None:
    box = Mailbox()
    box.put(1, "big", "die Zeichnungen", "<big@x>")
    box.put(2, "small", "danke", "<small@x>")
    box.claimed_sizes[1] = 200 * 1024 * 1024

    (page,) = await pulled(box)

    assert [(row.body["text"], row.body["is_cut"]) for row in page.rows] == [
        ("die Zeichnungen", True),
        ("danke", False),
    ]
    assert ["<0." in each for each in box.fetched] == [True, False]


async def test_a_mail_that_is_attached_and_its_files_are_named_and_are_not_the_mails_words() -> None:
    name = base64.b64encode("镕基报价.pdf".encode("gb18030"))
    part = b"--q\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; "
    box = Mailbox()
    box.messages[1] = (
        b"Message-ID: <a@x>\r\n" + HEAD + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n"
        b"--q\r\nContent-Type: text/plain\r\n\r\nsee below\r\n"
        + part + b'filename="=?gb2312?B?' + name + b'?="\r\n\r\nxx\r\n'
        + part + b"filename*=gbk''%B1%A8%BC%DB.pdf\r\n\r\nx\r\n"
        + part + b'filename="' + "合同.pdf".encode("gbk") + b'"\r\n\r\nx\r\n'
        b"--q\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nother words\r\n--q--\r\n"
    )  # fmt: skip

    (page,) = await pulled(box)

    (row,) = page.rows
    assert row.body["text"] == "see below"
    attached: Any = row.body["attachments"]
    assert [each["name"] for each in attached] == ["镕基报价.pdf", "报价.pdf", "合同.pdf", ""]
    assert [each["type"] for each in attached][-1] == "message/rfc822"
    assert attached[0]["size"] == 2


async def test_html_is_read_line_by_line_without_what_only_programs_read() -> None:
    marked = (
        "<html><head><title>T</title></head><!--[if mso]><o:x>96</o:x> nie <![endif]--><p>王总：</p>第一行<br>\n第二行"
        "<table><tr><td>6204</td><td>100</td></tr><tr><td>6205</td><td>20</td></tr></table>"
    )
    box = Mailbox()
    box.messages[1] = b"Message-ID: <a@x>\r\n" + HEAD + b"Content-Type: text/html\r\n\r\n" + marked.encode()

    (page,) = await pulled(box)

    assert page.rows[0].body["text"] == "王总：\n第一行\n第二行\n6204 100\n6205 20"


@pytest.mark.parametrize("charset", ["idna", "unicode_escape", "rot13", "zlib", "utf-7", '"\x00"'])
async def test_what_is_no_charset_of_a_mail_makes_no_letters_that_cannot_be_kept(charset: str) -> None:
    box = Mailbox()
    head = HEAD + b"Content-Type: text/plain; charset=" + charset.encode()
    box.messages[1] = b"Message-ID: <a@x>\r\n" + head + b"\r\n\r\n\\ud800 +2AA- xn--"

    (page,) = await pulled(box)

    str(page.rows[0].body["text"]).encode()
    assert page.rows[0].body["text"]


async def test_control_characters_are_no_words() -> None:
    box = Mailbox()
    subject = base64.b64encode(b"\x00an\x1bfrage")
    head = HEAD + b"Subject: =?utf-8?B?" + subject + b"?=\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    box.messages[1] = b"Message-ID: <a@x>\r\n" + head + b"n=00ul =1Bund=0Amehr\r\n"

    (page,) = await pulled(box)

    assert (page.rows[0].body["subject"], page.rows[0].body["text"]) == ("anfrage", "nul und\nmehr")


async def test_a_password_that_is_not_ascii_signs_in() -> None:
    box = Mailbox(password='密码"x\\ y')
    box.put(1, "a", "b", "<a@x>")

    assert len((await pulled(box))[0].rows) == 1


async def test_what_may_pass_is_asked_for_again_and_a_folder_that_is_gone_is_not() -> None:
    with pytest.raises(SourceAway):
        await pulled(Mailbox(refusal="[UNAVAILABLE] try later"))
    with ImapServer(Mailbox()) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "security": "none", "folders": ["客户"]}
        source = MailSource(MailOptions.model_validate(options), "geheim")
        with pytest.raises(Invalid) as refused:
            [page async for page in source.pull("客户", None)]

    assert refused.value.faults[0].code == "mail.no_folder"
    assert "INBOX" in str(refused.value.faults[0].way_out)


# The way there


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + plain)
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_with_a_certificate_that_nobody_signed_is_not_told_the_password(
    certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Mailbox()
    box.put(1, "a", "b", "<a@x>")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ImapServer(box, context, is_tls_later=security == "starttls") as server:
        options = {"host": "localhost", "port": server.port, "user": "sales", "security": security}
        source = MailSource(MailOptions.model_validate(options), "geheim")

        doubted = await source.test()
        signed_in_before = box.sign_ins
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        pages = [page async for page in source.pull("INBOX", None)]

    assert [fault.code for fault in doubted.faults] == ["mail.certificate"]
    assert signed_in_before == 0
    assert [row.body["subject"] for page in pages for row in page.rows] == ["a"]


async def test_a_server_that_speaks_no_tls_is_told_apart_from_one_that_is_away() -> None:
    with ImapServer(Mailbox()) as server:
        options = {"host": "localhost", "port": server.port, "user": "sales"}
        health = await MailSource(MailOptions.model_validate(options), "geheim").test()

    assert [fault.code for fault in health.faults] == ["mail.no_tls"]


async def test_another_machine_is_not_told_the_password_without_encryption() -> None:
    options = MailOptions(host="192.0.2.7", user="sales", security="none")

    health = await MailSource(options, "geheim").test()

    assert [fault.code for fault in health.faults] == ["mail.unencrypted"]


def test_a_definition_made_before_there_was_starttls_means_what_it_meant() -> None:
    assert MailOptions.model_validate({"host": "x", "user": "y", "tls": False}).security == "none"
    assert MailOptions.model_validate({"host": "x", "user": "y", "tls": True}).security == "tls"
