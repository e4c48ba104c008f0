from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Evidence, Finding, Light
from kafka_analysis.stats.effect.measure import WANDERS
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic.kinds import FLOWS
from kafka_analysis.stats.traffic.results import ALL_CLUSTERS, throughput_result, throughput_verdict

FULL = {"c": Coverage(expected=10, seen=10)}


def figures(result) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in result.figures}


TRAFFIC = {"cluster": pl.String, "kind": pl.String, **dict.fromkeys(FLOWS, pl.Float64), "evidence": pl.String}


@pytest.fixture
def throughput(frame):
    def answer(
        after, before=(("old", "business", 100.0, 50.0, 10.0, "measured"),), change=0.0, targets=("new",), **o
    ):
        rows = [(flow, 100.0, 100.0 * (1 + change), change) for flow in FLOWS]
        schema = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}
        return throughput_result(
            frame(rows, schema=schema, orient="row"),
            before=frame(list(before), schema=TRAFFIC, orient="row"),
            after=frame(list(after), schema=TRAFFIC, orient="row"),
            targets=targets,
            coverage=o.pop("coverage", FULL["c"]),
            **o,
        )

    return answer


MOVED = (
    ("new", "business", 75.0, 0.0, 1.0, "estimated"),
    ("new", "migration", 20.0, 0.0, 1.0, "estimated"),
    ("old", "business", 25.0, 0.0, 1.0, "measured"),
)


def test_what_the_targets_carry_is_a_share_of_the_business(throughput):
    result = throughput(MOVED)
    assert result.cluster == ALL_CLUSTERS
    assert result.verdict.light is Light.GREEN
    assert figures(result)["share_on_targets"] == 0.75
    assert figures(result)["migration_after"] == 20.0


def test_a_figure_of_estimates_says_so(throughput):
    evidence = {figure.name: figure.evidence for figure in throughput(MOVED).figures}
    assert evidence["bytes_in_before"] is Evidence.MEASURED
    assert evidence["bytes_in_after"] is Evidence.ESTIMATED
    assert evidence["migration_after"] is Evidence.ESTIMATED


def test_without_targets_or_traffic_no_share_is_known(throughput):
    assert figures(throughput(MOVED, targets=()))["share_on_targets"] is None
    nothing = throughput((), targets=("new",))
    assert figures(nothing)["share_on_targets"] is None
    assert figures(nothing)["migration_after"] is None


def test_without_migration_traffic_there_was_none(throughput):
    assert figures(throughput(MOVED[2:]))["migration_after"] == 0.0


def test_traffic_that_fell_is_told(throughput):
    assert throughput(MOVED, change=-0.5).verdict.light is Light.RED


def test_guessed_windows_are_shown_and_not_judged(throughput):
    t = datetime(2026, 1, 1, tzinfo=UTC)
    result = throughput(MOVED, change=-0.5, windows=[Window(t, t), Window(t, t, guessed=True)])
    assert result.verdict.light is Light.GREY
    assert "no event marks" in result.verdict.sentence
    assert figures(result)["bytes_in_after"] == 50.0


LOST = Finding(light=Light.AMBER, title="1 topic lost 20 % or more of its bytes in (t)")


def test_a_topic_that_lost_is_a_finding_and_turns_the_light(throughput):
    result = throughput(MOVED, findings=[LOST])
    assert result.verdict.light is Light.AMBER
    assert result.findings == (LOST,)


def test_where_nothing_is_judged_there_are_no_findings(throughput):
    t = datetime(2026, 1, 1, tzinfo=UTC)
    assert throughput(MOVED, findings=[LOST], coverage=Coverage(expected=9, seen=1)).findings == ()
    assert throughput(MOVED, findings=[LOST], windows=[Window(t, t, guessed=True)]).findings == ()


ALL_SEEN = Coverage(expected=100, seen=100)
CHANGE = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


@pytest.fixture
def judged_change(frame):
    def judge(before, after, coverage=ALL_SEEN, **options):
        change = None if None in (before, after) else round(after / before - 1, 12)
        rows = [("messages_in_per_s", 1.0, 1.0, 0.0), ("bytes_in_per_s", before, after, change)]
        return told(
            throughput_verdict(frame(rows, schema=CHANGE, orient="row"), coverage=coverage, **options)
        )

    return judge


@pytest.mark.parametrize(
    ("after", "light"), [(120, "green"), (95, "green"), (94, "amber"), (81, "amber"), (79, "red"), (0, "red")]
)
def test_traffic_lost_turns_the_light(judged_change, after, light):
    assert judged_change(100.0, float(after))[0] == light


def test_what_was_lost_is_told_in_numbers(judged_change):
    assert judged_change(10e6, 9e6) == (
        "amber",
        "business bytes in fell: 10 MB/s before, 9 MB/s after (-10.0 %).",
    )


def test_how_much_may_be_lost_is_the_caller_s(judged_change):
    assert judged_change(100.0, 90.0, tolerance=0.11)[0] == "green"
    assert judged_change(100.0, 90.0, red=0.09)[0] == "red"
    assert judged_change(100.0, 0.0, flow="messages_in_per_s")[0] == "green"


@pytest.mark.parametrize(
    ("after", "finding", "light"),
    [
        (100, "amber", "amber"),
        (100, "red", "red"),
        (90, "amber", "amber"),
        (70, "amber", "red"),
        (100, "green", "green"),
    ],
)
def test_a_total_that_held_is_no_better_than_its_topics(judged_change, after, finding, light):
    found = [Finding(light=Light(finding), title="3 topics lost 20 %")]
    assert judged_change(100.0, float(after), findings=found)[0] == light


def test_the_worst_finding_is_named(judged_change):
    found = [Finding(light=Light.AMBER, title="small"), Finding(light=Light.RED, title="large")]
    assert judged_change(10e6, 10e6, findings=found) == (
        "red",
        "large (and 1 more finding); all business bytes in together: 10 MB/s before, 10 MB/s after (+0.0 %).",
    )


@pytest.mark.parametrize(("before", "after"), [(None, 1.0), (1.0, None)])
def test_one_side_unknown_is_not_judged(judged_change, before, after):
    assert judged_change(before, after) == (
        "grey",
        "no verdict: no business traffic was measured before, or none after.",
    )


def finding(light: str) -> Finding:
    return Finding(light=Light(light), title=f"a {light} thing")


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ({"low": -0.2, "high": 0.1, "least": 0.184, "is_share": True}, "+4.0 %; up to 18 % may be chance)"),
        (
            {"low": 0.01, "high": 0.07, "least": 0.03, "is_share": True},
            "+4.0 %; 95 % interval +1.0 % to +7.0 %)",
        ),
        (
            {"low": None, "high": None, "least": None, "is_share": True},
            "+4.0 %; whether this is chance is unknown)",
        ),
        (
            {"low": -5.0, "high": 9.0, "least": 7.0, "is_share": False},
            "+4.0 %; whether this is chance is unknown)",
        ),
    ],
)
def test_the_verdict_says_what_chance_could_have_done(effect, said):
    flow = "bytes_in_per_s"
    rows = pl.DataFrame({"flow": [flow], "before": [10e6], "after": [10.4e6], "change": [0.04]})
    effects = pl.DataFrame([{"flow": flow, **effect}])
    verdict = throughput_verdict(rows, coverage=Coverage(expected=1, seen=1), effects=effects)
    assert verdict.sentence.endswith(f"({said}.")
    assert verdict.light is Light.GREEN


def fallen(change: float, **effect):
    """Return the verdict on a change of the bytes in with an interval."""
    flow = "bytes_in_per_s"
    rows = pl.DataFrame(
        {"flow": [flow], "before": [10e6], "after": [10e6 * (1 + change)], "change": [change]}
    )
    found = {"flow": flow, "is_share": True, "least": 0.3, "reason": "r"} | effect
    return throughput_verdict(rows, coverage=ALL_SEEN, effects=pl.DataFrame([found]))


@pytest.mark.parametrize(
    ("change", "low", "high", "light"),
    [
        (-0.3, -0.4, -0.1, "red"),
        (-0.3, -0.6, 0.1, "amber"),
        (-0.1, -0.15, -0.02, "amber"),
        (-0.1, -0.3, 0.2, "amber"),
        (-0.04, -0.05, -0.03, "green"),
        (0.3, 0.1, 0.5, "green"),
    ],
)
def test_a_loss_is_red_only_where_its_interval_excludes_no_change(change, low, high, light):
    assert fallen(change, low=low, high=high).light.value == light


def test_a_loss_that_may_be_chance_is_said_to_be_untold():
    assert fallen(-0.3, low=-0.6, high=0.1).sentence == (
        "cannot tell whether business bytes in fell: 10 MB/s before, 7 MB/s after "
        "(-30.0 %; up to 30 % may be chance, longer windows would show)."
    )
    sure = fallen(-0.3, low=-0.4, high=-0.1).sentence
    assert (
        sure
        == "business bytes in fell: 10 MB/s before, 7 MB/s after (-30.0 %; 95 % interval -40.0 % to -10.0 %)."
    )


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (
            {"low": None, "high": None, "reason": "0.1 of 7 days: shorter windows do not show how weeks go"},
            "whether this is chance is unknown, 0.1 of 7 days).",
        ),
        (
            {"low": -0.5, "high": 0.5, "reason": WANDERS},
            "whether this is chance is unknown, the series wanders as slowly as the windows are long).",
        ),
    ],
)
def test_without_an_interval_the_loss_alone_counts_and_why_is_said(effect, said):
    verdict = fallen(-0.3, **effect)
    assert verdict.light is Light.RED
    assert verdict.sentence.endswith(said)
    assert fallen(-0.1, **effect).light is Light.AMBER


def test_a_loss_of_all_traffic_is_red_and_its_interval_in_bytes():
    verdict = fallen(-1.0, low=-11e6, high=-9e6, is_share=False)
    assert verdict.light is Light.RED
    assert "95 % interval -11 MB/s to -9 MB/s" in verdict.sentence
