from __future__ import annotations

import polars as pl

from kafka_analysis.stats.traffic.change_findings import change_findings
from kafka_analysis.stats.traffic.topic_changes import topic_changes
from kafka_analysis.stats.traffic.window_events import WindowEvents

SCHEMA = {"flow": pl.String, "topic": pl.String, "before": pl.Float64, "after": pl.Float64}
IN, OUT = "bytes_in_per_s", "bytes_out_per_s"
BIG = (IN, "big", 100e3, 100e3)


def findings(*topics, **options):
    return change_findings(topic_changes(pl.DataFrame(list(topics), schema=SCHEMA, orient="row")), **options)


def test_a_finding_names_topics_and_amounts():
    (finding,) = findings(BIG, (IN, "payments", 50e3, 30e3), (IN, "grown", 10e3, 30e3))
    assert finding.light == "amber"
    assert finding.title == "1 topic lost 20 % or more of its bytes in (payments)"
    assert finding.detail == "payments 50 kB/s to 30 kB/s (-40 %), a loss of 12.5 % of all bytes in before."


def test_losses_that_weigh_together_are_red():
    lost = [(IN, f"t{i}", 20e3, 1e3) for i in range(4)]
    (finding,) = findings(BIG, *lost)
    assert finding.light == "red"
    assert "(t0, t1 and 2 more)" in finding.title


def test_many_topics_are_counted_and_not_all_listed():
    lost = [(IN, f"t{i}", 2e3, 1e3) for i in range(9)]
    (finding,) = findings(BIG, *lost)
    assert finding.title.startswith("9 topics lost 20 % or more of their bytes in (t0, t1 and 7 more)")
    assert "t4 2 kB/s to 1 kB/s (-50 %) and 4 more" in finding.detail


def test_each_kind_of_change_is_a_finding_of_its_own():
    topics = [BIG, (OUT, "big", 9e3, 1e3), (OUT, "x", 9e3, 9e3)]
    topics += [(IN, "a", 5e3, 1e3), (IN, "b", 5e3, None), (IN, "c", None, 9e3)]
    titles = [finding.title for finding in findings(*topics)]
    assert titles == [
        "1 topic is no longer written (b)", "1 topic lost 20 % or more of its bytes in (a)",
        "1 topic is read less, by 20 % or more (big)", "1 topic is written now but was not before (c)",
    ]  # fmt: skip


def test_what_happened_meanwhile_stands_beside_each_finding():
    happened = WindowEvents(("A broker restarted.",), (("wave-1", "cut-over of a begins"),))
    first, second = findings(BIG, (IN, "a", 5e3, 1e3), (IN, "b", 5e3, None), happened=happened)
    assert first.detail.endswith("before. A broker restarted.")
    assert second.detail.endswith("before. Cut over in between: a (wave-1). A broker restarted.")
