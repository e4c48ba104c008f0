from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError, ProfileError
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.report.history import SCHEMA, rows_of
from kafka_analysis.report.notify import send as module
from kafka_analysis.report.notify.send import Notifier, notifier_of

PROFILE = """
[[clusters]]
name = "c"
bootstrap_servers = "h:9092"

[notify.team]
kind = "slack"
url = { env = "KA_TEST_URL" }

[notify.people]
kind = "mail"
host = "127.0.0.1"
from = "kafka@example.org"
to = "ann@example.org"
"""


@pytest.fixture
def target(monkeypatch):
    """Return a function: a target of an address."""

    def make(url: str, name: str = "KA_TEST_URL") -> NotifyTarget:
        monkeypatch.setenv(name, url)
        return NotifyTarget(kind="webhook", url={"env": name})

    return make


@pytest.fixture
def run(made):
    summary = made.summary(made.answer())
    return made.run("r", 1), {"nb": summary}, SCHEMA.to_frame()


def test_each_target_is_told_and_a_failure_is_the_target_s_own(webhook, target, run, closed_port) -> None:
    server = webhook()
    targets = {
        "good": target(f"{server.url}/ok", "KA_TEST_A"),
        "bad": target(f"{server.url}/error/hush", "KA_TEST_B"),
        "gone": target(f"http://127.0.0.1:{closed_port}/hush", "KA_TEST_C"),
        "unset": NotifyTarget(kind="webhook", url={"env": "KA_TEST_UNSET"}),
    }
    good, bad, gone, unset = Notifier(targets)(*run)
    assert (good.target, good.ok, good.reason) == ("good", True, "")
    assert (bad.target, bad.ok, bad.reason) == ("bad", False, "it answered 500")
    assert gone.reason == "no connection: Connection refused"
    assert "KA_TEST_UNSET is not set" in unset.reason


def test_all_share_one_deadline(webhook, target, run) -> None:
    server = webhook()
    targets = {f"t{n}": target(f"{server.url}/hang", f"KA_TEST_{n}") for n in range(3)}
    told = Notifier(targets, seconds=0.5)(*run)
    assert {one.reason for one in told} == {"no full answer within 0.5 s"}


def test_only_changes_are_told_where_that_is_asked(made, webhook, target, run) -> None:
    server = webhook()
    notifier = Notifier({"t": target(f"{server.url}/ok")}, only_changes=True)
    now, summaries, _ = run
    [told] = notifier(now, summaries, rows_of(made.run("before", 0), summaries))
    assert (told.ok, told.reason, server.taken) == (True, "nothing changed: not sent", [])
    [told] = notifier(now, summaries, rows_of(made.run("before", 0, failed=("nb",)), {}))
    assert (told.ok, told.reason, len(server.taken)) == (True, "", 1)


def test_whatever_is_raised_becomes_a_line_without_its_words(target, run, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("hush\nhush")

    notifier = Notifier({"t": target("http://127.0.0.1:1/")})
    monkeypatch.setattr(module, "post", fail)
    assert [one.reason for one in notifier(*run)] == ["it failed (RuntimeError)"]
    monkeypatch.setattr(module, "digest_of", fail)
    assert [one.reason for one in notifier(*run)] == ["what to tell could not be put together (RuntimeError)"]


def test_targets_are_those_of_the_profile(tmp_path) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text(PROFILE)
    assert notifier_of(profile, []) is None
    notifier = notifier_of(profile, ["team", "people"], only_changes=True)
    assert (list(notifier.targets), notifier.only_changes, notifier.seconds) == (["team", "people"], True, 10)
    assert notifier.targets["people"].smtp_port == 587
    with pytest.raises(InputError, match="did you mean 'team'"):
        notifier_of(profile, ["taem"])
    with pytest.raises(ProfileError, match="no profile at"):
        notifier_of(tmp_path / "none.toml", ["team"])
