"""Targets that hang: stated as gaps, asked again, and never waited for."""

from __future__ import annotations

import threading
import time

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.record import rounds, targets
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model.profile import Profile


def test_a_target_that_hangs_is_a_gap_and_asked_again(pages, closed_port, tmp_path, monkeypatch):
    over, asked = threading.Event(), []

    def hang(*_):
        asked.append(time.monotonic())
        over.wait(300)

    monkeypatch.setattr(targets, "_offsets", hang)
    monkeypatch.setattr(rounds, "MOST_HUNG", 2)
    cluster = {
        "name": "c",
        "bootstrap_servers": f"127.0.0.1:{closed_port}",
        "endpoints": [{"url": f"{pages}/metrics", "broker": 1}],
    }
    given = Profile.model_validate({"clusters": [cluster], "admin_timeout_s": 0.1})
    began = time.monotonic()
    record_capture(given, tmp_path / "c", duration_s=4, interval_s=1)
    assert time.monotonic() - began < 60
    over.set()
    (source,) = [s for s in read_capture(tmp_path / "c").manifest.sources if s.kind == "offsets"]
    assert source.ok == 0
    assert [gap.reason for gap in source.gaps] == ["no full answer within 0.4 s"]
    assert len(asked) == 2
    assert source.attempts >= 3
