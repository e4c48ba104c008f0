from __future__ import annotations

import base64
import email
import email.policy

import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.report.notify.mail import message_of, send_mail
from kafka_analysis.sources.http.deadline import Deadline

LOGIN = {"username": "ann-hush", "password": {"env": "KA_TEST_PW"}}
TO = ["first@example.org", "second@example.org"]


def target(port: int = 25, **more: object) -> NotifyTarget:
    given = {"host": "127.0.0.1", "port": port, "from": "kafka@example.org", "to": TO, "tls": "none"}
    return NotifyTarget(kind="mail", **(given | more))


@pytest.fixture
def send(digest, monkeypatch):
    """Return a function that sends to a server, and returns the reason of a failure."""
    monkeypatch.setenv("KA_TEST_PW", "pw-hush")

    def to(server, *, seconds: float = 5, **more: object) -> str:
        reason = ""
        try:
            send_mail(target(server.port, **more), digest, deadline=Deadline.after(seconds))
        except SourceError as error:
            reason = str(error)
        assert "hush" not in reason
        assert "example.org" not in reason
        return reason

    return to


def test_a_message_is_sent_to_all(postman, send) -> None:
    server = postman()
    assert send(server) == ""
    [text] = server.taken
    message = email.message_from_string(text, policy=email.policy.default)
    assert message["To"] == ", ".join(TO)
    assert message["From"] == "kafka@example.org"
    assert message["Subject"] == "kafka_analysis: 1 act; something changed"
    assert "Auto-Submitted" in message
    assert "✖ act · <!channel> & co next · About nb: red." in message.get_content()
    assert [word for word in server.words if word.startswith("rcpt")] == [f"rcpt TO:<{one}>" for one in TO]


def test_a_login_goes_over_a_protected_connection(postman, send, certificate) -> None:
    for way in ("starttls", "tls"):
        server = postman(way)
        assert send(server, tls=way, ca_file=certificate, **LOGIN) == ""
        [login] = [word for word in server.words if word.startswith("AUTH")]
        assert base64.b64decode(login.split()[-1]) == b"\0ann-hush\0pw-hush"
        assert len(server.taken) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_must_be_trusted(postman, send, tls) -> None:
    server = postman(tls)
    assert send(server, tls=tls, **LOGIN) == "TLS: the certificate of the mail server cannot be trusted"
    assert not [word for word in server.words if word.startswith("AUTH")]


@pytest.mark.parametrize(
    ("way", "more", "reason"),
    [
        ("refuses", {}, "the mail server answered 554"),
        ("nobody", {}, "the mail server refused all recipients"),
        ("some", {}, "the mail server refused 1 of 2 recipients"),
        ("bare", {"tls": "starttls"}, "the mail server lacks what is needed"),
        ("", {"tls": "tls"}, "TLS: no protected connection to the mail server"),
    ],
)
def test_what_is_not_taken_has_a_reason_without_the_server_s_words(postman, send, way, more, reason) -> None:
    assert send(postman(way), **more).startswith(reason)


def test_a_refused_login_is_said_without_it(postman, send, certificate) -> None:
    server = postman("no login")
    assert (
        send(server, tls="starttls", ca_file=certificate, **LOGIN)
        == "the mail server refused the login (535)"
    )


@pytest.mark.parametrize("way", ["silent", "drip"])
def test_a_server_that_never_finishes_is_left_at_the_deadline(postman, send, way) -> None:
    assert send(postman(way), seconds=0.5) == "no full answer within 0.5 s"


def test_a_server_without_a_farewell_has_taken_the_message(postman, send) -> None:
    server = postman("lingers")
    assert send(server) == ""
    assert len(server.taken) == 1


def test_nobody_there(send, closed_port) -> None:
    class _Nobody:
        port = closed_port

    assert send(_Nobody) == "no connection: Connection refused"


def test_no_name_makes_a_header(digest) -> None:
    message = message_of(target(), digest.model_copy(update={"counts": {"red": 1}}))
    assert set(message.keys()) >= {"Subject", "From", "To", "Date", "Message-ID"}
    assert len(message.get_all("To")) == 1
