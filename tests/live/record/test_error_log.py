"""Errors of this program: a gap of one target, counted, and written down beside the capture without secrets."""

from __future__ import annotations

import threading

import pytest

from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.cli.inspect import _capture_text
from kafka_analysis.live.record import targets
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.live.record.error_log import ERRORS_LOG, LARGEST_LOG, ErrorLog
from kafka_analysis.model.profile import Profile


class Panic(BaseException):
    """As Polars panics: no Exception."""


@pytest.fixture
def recorded(pages, closed_port, tmp_path, monkeypatch):
    """Return a function that records two pages, one of which is not survived."""
    real = targets.translate
    monkeypatch.setenv("KA_TEST_SECRET", "silence")

    def record(error):
        def failing(exposition, chosen, *, source, **more):
            if source.endswith("/page2"):
                raise type(error)(*error.args)
            return real(exposition, chosen, source=source, **more)

        monkeypatch.setattr(targets, "translate", failing)
        stop = threading.Event()
        login = pages.replace("http://", "http://ann:hush@")
        endpoints = [
            {"url": f"{pages}/metrics", "broker": 1},
            {"url": f"{login}/page2?token=mute", "broker": 2},
        ]
        security = {
            "protocol": "SASL_PLAINTEXT",
            "mechanism": "PLAIN",
            "username": "ann",
            "password": {"env": "KA_TEST_SECRET"},
        }
        cluster = {"name": "c", "bootstrap_servers": f"127.0.0.1:{closed_port}", "endpoints": endpoints}
        cluster |= {"security": security}
        given = Profile.model_validate({"clusters": [cluster], "admin_timeout_s": 0.5})
        return record_capture(
            given,
            tmp_path / "c",
            duration_s=None,
            interval_s=1,
            stop=stop,
            on_progress=lambda _: stop.set(),
        )

    return record


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("at http://ann:hush@h/page2?token=mute with silence"), "internal error"),
        (MemoryError("hush"), "out of memory"),
        (Panic("hush"), "internal error"),
    ],
)
def test_an_error_of_this_program_is_a_gap_of_one_target(recorded, error, reason, tmp_path):
    path = recorded(error)
    capture = read_capture(path)
    one, two = (s for s in capture.manifest.sources if s.kind == "jmx")
    assert (one.ok, one.failed, one.errors) == (2, 0, 0)
    assert (two.ok, two.failed, two.errors) == (0, 2, 2)
    assert two.gaps[0].reason == f"{reason} while reading the answer ({type(error).__name__}); see errors.log"
    assert f"2 internal errors: see {ERRORS_LOG}" in _capture_text(capture)
    log = (path / ERRORS_LOG).read_text()
    assert log.count("Traceback (most recent call last)") == 1  # the same one, written once
    assert type(error).__name__ in log
    assert "in failing" in log
    everything = log + (path / "manifest.json").read_text()
    assert not [secret for secret in ("hush@", "token=mute", "silence", "ann:hush") if secret in everything]


def test_the_log_is_no_part_of_the_capture(recorded, small_capture, tmp_path):
    path = recorded(RuntimeError("x"))
    assert ERRORS_LOG not in {file.path for file in read_capture(path).manifest.files}
    merge_captures([path, small_capture], tmp_path / "merged")
    redact_capture(path, tmp_path / "redacted")
    for made in (tmp_path / "merged", tmp_path / "redacted"):
        assert not (made / ERRORS_LOG).exists()
        assert sum(source.errors for source in read_capture(made).manifest.sources) == 2


def test_the_log_is_bounded(tmp_path):
    log = ErrorLog(tmp_path)
    for n in range(100):
        log.write("c", f"{n}" + "x" * 30_000)
    assert LARGEST_LOG - 30_000 < (tmp_path / ERRORS_LOG).stat().st_size <= LARGEST_LOG
