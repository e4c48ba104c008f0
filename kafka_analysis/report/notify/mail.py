"""Send the text of a report by mail: within a deadline, over a protected connection unless told otherwise."""

import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formatdate, make_msgid

from kafka_analysis.model.background import in_background
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.report.notify.digest import Digest
from kafka_analysis.report.notify.text import subject_of, text_of
from kafka_analysis.sources.http.deadline import Deadline

_FAREWELL_S = 1.0
_READY = 220
_NAME = "[127.0.0.1]"  # how a client without a name of its own greets


def message_of(target: NotifyTarget, digest: Digest) -> EmailMessage:
    """Return the message: plain text, addressed as the profile says."""
    message = EmailMessage(policy=POLICY)
    message["Subject"] = subject_of(digest)
    message["From"] = target.sender
    message["To"] = ", ".join(target.to)
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=str(target.sender).rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text_of(digest), cte="quoted-printable")  # not every server takes 8 bits
    return message


def send_mail(target: NotifyTarget, digest: Digest, *, deadline: Deadline) -> None:
    """Send a run in short by mail.

    Raises
    ------
    SourceError
        It was not taken; the reason holds no address, login or word of the server.
    ProfileError
        A secret that the profile refers to is not there.
    """
    password = "" if target.password is None else target.password.read()
    opened: list[smtplib.SMTP] = []
    sending = in_background(lambda: _send(target, message_of(target, digest), password, deadline, opened))
    try:
        sending.result(timeout=deadline.left)
    except TimeoutError:  # also what the connection itself raises
        raise deadline.passed() from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        if not deadline.left:
            raise deadline.passed() from None
        raise SourceError(_reason(error)) from None
    finally:
        for server in opened:
            _abandon(server)


def _abandon(server: smtplib.SMTP) -> None:
    """End a connection, also one on which another thread still waits."""
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        server.close()


def _send(
    target: NotifyTarget, message: EmailMessage, password: str, deadline: Deadline, opened: list[smtplib.SMTP]
) -> None:
    trusted = ssl.create_default_context(cafile=None if target.ca_file is None else str(target.ca_file))
    deadline.check()
    about = {"local_hostname": _NAME, "timeout": deadline.left}
    server = smtplib.SMTP_SSL(**about, context=trusted) if target.tls == "tls" else smtplib.SMTP(**about)
    opened.append(server)
    server._host = str(target.host)  # noqa: SLF001 - whose certificate is expected; connect() does not set it
    code, _ = server.connect(str(target.host), target.smtp_port)
    if code != _READY:
        raise smtplib.SMTPConnectError(code, b"")
    if target.tls == "starttls":
        server.starttls(context=trusted)
    if target.username is not None:
        server.login(target.username, password)
    refused = server.send_message(message)
    if refused:
        raise SourceError(f"the mail server refused {len(refused)} of {len(target.to)} recipients")
    with suppress(smtplib.SMTPException, OSError):  # it was taken, whatever comes of the farewell
        server.sock.settimeout(min(deadline.left, _FAREWELL_S))
        server.quit()


def _reason(error: Exception) -> str:
    """Say what went wrong without any word of the server, which may repeat a login or an address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the mail server refused all recipients"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refused the login ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server lacks what is needed: STARTTLS, a login, or addresses of that kind"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the mail server ended the connection"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "TLS: the certificate of the mail server cannot be trusted"
    if isinstance(error, ssl.SSLError):
        return "TLS: no protected connection to the mail server"
    return f"no connection: {getattr(error, 'strerror', None) or type(error).__name__}"
