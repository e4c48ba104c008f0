from __future__ import annotations

import pytest

from kafka_analysis.cli.progress import shown_progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("kafka_analysis.cli.progress.time.monotonic", lambda: now[0])
    monkeypatch.setenv("CI", "true")
    return now


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end(clock, capsys):
    with shown_progress(every_s=10) as show:
        for second, share in ((0, 0.0), (4, 0.4), (10, 0.5), (12, 1.0)):
            clock[0] = 100 + second
            show(share, f"{second} things")
    assert capsys.readouterr().err.splitlines() == [
        "0 s, 0%: 0 things",
        "10 s, 50%: 10 things",
        "12 s, 100%: 12 things",
    ]


def test_a_share_that_is_not_known_is_not_told(clock, capsys):
    with shown_progress() as show:
        show(None, "7 samples")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "0 s: 7 samples\n")
