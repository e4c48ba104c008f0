from __future__ import annotations

import json

import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.report.notify.http_post import post, slack_message, without_secrets
from kafka_analysis.sources.http.deadline import Deadline

SECRET = "T0/hUnt3r-2"


@pytest.fixture
def send(monkeypatch, digest):
    """Return a function that posts to an address, and returns the reason of a failure."""

    def to(url: str, *, kind: str = "webhook", seconds: float = 5, **more: object) -> str:
        monkeypatch.setenv("KA_TEST_URL", url)
        monkeypatch.setenv("KA_TEST_TOKEN", "t0ken-hush")
        target = NotifyTarget(kind=kind, url={"env": "KA_TEST_URL"}, **more)
        reason = ""
        try:
            post(target, digest, deadline=Deadline.after(seconds))
        except SourceError as error:
            reason = str(error)
        assert SECRET not in reason
        assert "hush" not in reason
        return reason

    return to


def test_a_webhook_gets_the_run_as_json(webhook, send, digest) -> None:
    server = webhook()
    assert send(f"{server.url}/ok/{SECRET}?a=b\n", token={"env": "KA_TEST_TOKEN"}) == ""
    [(path, headers, document)] = server.taken
    assert (path, headers["Content-Type"]) == (f"/ok/{SECRET}?a=b", "application/json")
    assert headers["Authorization"] == "Bearer t0ken-hush"
    assert document == json.loads(digest.model_dump_json())


def test_slack_gets_a_text_in_which_no_name_is_a_mention(webhook, send) -> None:
    server = webhook()
    assert send(f"{server.url}/ok", kind="slack") == ""
    [(_, headers, document)] = server.taken
    assert set(document) == {"text"}
    assert "&lt;!channel&gt; &amp; co next" in document["text"]
    assert "<" not in document["text"]
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("error", "it answered 500"),
        ("missing", "it answered 404"),
        ("redirect", "it answered 302, a redirect, which is not followed"),
    ],
)
def test_what_is_not_taken_has_a_reason(webhook, send, way, reason) -> None:
    server = webhook()
    assert send(f"{server.url}/{way}/{SECRET}") == reason
    assert len(server.taken) == 1


def test_a_huge_answer_is_not_read(webhook, send) -> None:
    assert send(f"{webhook().url}/huge") == ""


@pytest.mark.parametrize("way", ["hang", "drip"])
def test_an_answer_that_never_ends_is_left_at_the_deadline(webhook, send, way) -> None:
    assert send(f"{webhook().url}/{way}/{SECRET}", seconds=0.5) == "no full answer within 0.5 s"


def test_nobody_there(send, closed_port) -> None:
    assert send(f"http://127.0.0.1:{closed_port}/{SECRET}") == "no connection: Connection refused"


@pytest.mark.parametrize(
    "url", ["", SECRET, f"ftp://h/{SECRET}", f"http://ann:{SECRET}@h:bad/", "http://[::1"]
)
def test_what_is_no_address_is_not_shown(send, url) -> None:
    reason = send(url)
    assert reason
    assert not url or url not in reason


def test_an_address_without_a_host_is_none(send) -> None:
    assert send("https://") == "its url holds no address that begins with http:// or https://"


def test_a_certificate_must_be_trusted_or_given(webhook, send, certificate, tmp_path) -> None:
    server = webhook(tls=True)
    assert "certificate verify failed" in send(f"{server.url}/ok/{SECRET}")
    assert server.taken == []
    assert send(f"{server.url}/ok", ca_file=certificate) == ""
    assert len(server.taken) == 1
    assert send(f"{server.url}/ok", ca_file=tmp_path / "none.pem") == "it cannot be asked: FileNotFoundError"


def test_parts_of_an_address_are_taken_out_of_a_reason() -> None:
    url = "https://ann:pass%20word@hooks.example.org/T0AA/B0BB?key=value#part"
    said = "hooks.example.org T0AA B0BB key=value ann pass word part t0ken ok"
    assert without_secrets(said, url, "t0ken") == "… … … … … … … … ok"


def test_the_text_is_that_of_the_mail_but_for_its_escapes(digest) -> None:
    assert slack_message(digest)["text"].count("&lt;b&gt;x&lt;/b&gt;") == 1
