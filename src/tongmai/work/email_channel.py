"""E-mail by SMTP: one message of text and HTML, its Message-ID the same at each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from html import escape
from typing import ClassVar

import aiosmtplib

from tongmai.kit import Settings, Text, Unavailable
from tongmai.work.channels import EMAIL, Line, Message, Receiver, Undeliverable

_TIMEOUT_S = 20.0
_OPEN = Text("打开", "Open")
_FOOT = Text("您可以在“我的通知”里调整接收方式。", "Change how you are told under “My notifications”.")


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail leaves. ``sender`` is the address it comes from; ``public_url`` makes the links."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    login: str | None = None
    password: str | None = None
    public_url: str | None = None

    @staticmethod
    def from_settings(settings: Settings) -> MailServer | None:
        """None where no server is set."""
        if settings.smtp_host is None or settings.smtp_from is None:
            return None
        password = settings.smtp_password
        return MailServer(
            settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_security, settings.smtp_login,
            None if password is None else password.get_secret_value(), settings.public_url,
        )  # fmt: skip


class EmailChannel:
    key: ClassVar[str] = EMAIL

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, message: Message) -> None:
        """Raises ``Undeliverable`` for who has no address or whom the server refuses for good."""
        receiver = message.receiver
        if receiver is None or not receiver.email:
            raise Undeliverable.of("email.no_address", "此人没有邮箱", "They have no e-mail address")
        server = self._server
        try:
            await aiosmtplib.send(
                _mail(server, message, receiver, receiver.email),
                hostname=server.host,
                port=server.port,
                username=server.login,
                password=server.password,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                timeout=_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(each.code >= 500 for each in error.recipients):
                raise _refused(str(error)) from error
            raise _later(error) from error
        except aiosmtplib.SMTPDataError as error:
            if error.code >= 500:
                raise _refused(error.message) from error
            raise _later(error) from error
        except UnicodeEncodeError as error:
            raise _refused(f"{receiver.email}: ASCII") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            # OSError: a certificate that is not to be trusted comes as the system's own.
            raise _later(error) from error


def _later(error: Exception) -> Unavailable:
    return Unavailable.of("email.unavailable", f"邮件未能发出：{error}", f"The mail could not be sent: {error}")


def _refused(why: str) -> Undeliverable:
    return Undeliverable.of("email.refused", f"邮件服务器拒收：{why[:200]}", f"The mail server refused it: {why[:200]}")


def _mail(server: MailServer, message: Message, receiver: Receiver, address: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Message-ID"] = f"<{message.id}@{server.sender.rpartition('@')[2]}>"
    mail["From"] = formataddr((message.workspace.label.say(receiver.language), server.sender))
    mail["To"] = formataddr((_one_line(receiver.name), address))
    mail["Subject"] = _one_line(_subject(message, receiver))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_plain(server, message, receiver))
    mail.add_alternative(_html(server, message, receiver), subtype="html")
    return mail


def _subject(message: Message, receiver: Receiver) -> str:
    if len(message.lines) == 1:
        return message.lines[0].title
    many = len(message.lines) + message.more
    return Text(f"{many} 条通知", f"{many} notifications").say(receiver.language)


def _plain(server: MailServer, message: Message, receiver: Receiver) -> str:
    parts = []
    for each in message.lines:
        link = _link(server, each)
        parts.append("\n".join(part for part in (each.title, each.body, link) if part))
    return "\n\n".join([*parts, *filter(None, [message.rest]), _FOOT.say(receiver.language)]) + "\n"


def _html(server: MailServer, message: Message, receiver: Receiver) -> str:
    parts = []
    for each in message.lines:
        link = _link(server, each)
        colour = "#c0392b" if each.urgent else "#1f2937"
        body = f'<p style="margin:4px 0;white-space:pre-line">{escape(each.body)}</p>' if each.body else ""
        button = f'<p><a href="{escape(link)}">{_OPEN.say(receiver.language)}</a></p>' if link else ""
        parts.append(f'<h3 style="margin:16px 0 4px;color:{colour}">{escape(each.title)}</h3>{body}{button}')
    if message.rest:
        parts.append(f"<p>{escape(message.rest)}</p>")
    foot = f'<p style="color:#6b7280;font-size:12px">{_FOOT.say(receiver.language)}</p>'
    language = "zh-CN" if receiver.language == "zh" else "en"
    head = f'<!doctype html><html lang="{language}"><body style="font-family:sans-serif">'
    return f"{head}{''.join(parts)}{foot}</body></html>"


def _link(server: MailServer, line: Line) -> str | None:
    if server.public_url is None or line.subject is None:
        return None
    return f"{server.public_url.rstrip('/')}{line.subject.page}"


def _one_line(text: str) -> str:
    """A header's value: line breaks in a name must not begin another header."""
    return " ".join(text.split())
