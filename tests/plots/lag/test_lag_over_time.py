from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from kafka_analysis.plots import lag_over_time
from kafka_analysis.plots.lag.lag_over_time import MOST_GROUPS
from kafka_analysis.plots.palette import GREY

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "group": pl.String, "lag_records": pl.Int64,
    "lag_seconds": pl.Float64, "is_at_least": pl.Boolean,
}  # fmt: skip
NAN = float("nan")


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def rows_of(**groups):
    """Return a row per minute: a string is a lower bound; names of groups may have a cluster before them."""
    rows = []
    for name, values in groups.items():
        cluster, group = name.split("__", 1) if "__" in name else ("c", name)
        for minute, value in enumerate(values):
            seconds = None if value is None else float(value)
            records = None if value is None else round(10 * seconds)
            rows.append((at(minute), cluster, group, records, seconds, isinstance(value, str)))
    return rows


def lags(**groups):
    return pl.DataFrame(rows_of(**groups), schema=SCHEMA, orient="row")


def names(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def clusters(drawing):
    return [axes.get_legend().get_title().get_text() for axes in drawing.axes]


def looks(axes):
    lines = axes.get_legend().get_lines()
    return {
        name.split(":")[0]: (line.get_color(), line.get_marker(), line.get_markerfacecolor())
        for name, line in zip(names(axes), lines, strict=True)
    }


def test_a_panel_per_cluster_on_one_scale_and_a_line_per_group_highest_first(frame):
    rows = frame(rows_of(b__g=[1, 2], a__low=[5, 4], a__high=[0, 90]), schema=SCHEMA, orient="row")
    drawing = lag_over_time(rows)
    assert clusters(drawing) == ["a", "b"]
    assert [names(axes) for axes in drawing.axes] == [["high: 1 min 30 s", "low: 5 s"], ["g: 2 s"]]
    assert drawing.axes[0].lines[0].get_ydata().tolist() == [0, 90]
    assert [axes.get_ylim() for axes in drawing.axes] == [(0, pytest.approx(90 * 1.06))] * 2


def test_clusters_come_in_the_order_given_and_one_without_a_known_lag_is_named():
    drawing = lag_over_time(lags(b__g=[1], a__g=[2], d__g=[3], c__g=[None]), clusters=["d", "a", "c", "e"])
    assert clusters(drawing) == ["d", "a"]
    assert "1 group of c with unknown lag; e without known groups." in drawing.caption


def test_groups_that_are_less_behind_are_left_out_and_counted():
    drawing = lag_over_time(lags(a=[1], b=[2], c=[3], d=[None], e=[None]), top_n=2)
    assert names(drawing.axes[0]) == ["c: 3 s", "b: 2 s"]
    assert "Left out: 1 group of c with a lower lag; 2 groups of c with unknown lag." in drawing.caption


def test_of_the_groups_given_no_other_is_counted():
    drawing = lag_over_time(lags(a=[1], b=[2], c=[3]), groups=["a", "c"])
    assert names(drawing.axes[0]) == ["c: 3 s", "a: 1 s"]
    assert "Left out" not in drawing.caption


def test_an_unknown_lag_breaks_the_line_and_is_not_0():
    line = lag_over_time(lags(g=[1, None, 3, 4])).axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), [1, NAN, 3, 4])


def test_a_known_lag_between_unknown_ones_and_the_highest_are_marked():
    marks = lag_over_time(lags(g=[None, 2, None, 7, 4])).axes[0].lines[-1]
    assert marks.get_ydata().tolist() == [2, 7]
    assert (marks.get_marker(), marks.get_linestyle()) == ("o", "None")


def test_a_lower_bound_is_dotted_up_to_its_neighbour_and_said_in_words():
    drawing = lag_over_time(lags(g=["9", "5", 4, 3]))
    solid, dotted, _ = drawing.axes[0].lines
    np.testing.assert_array_equal(solid.get_ydata(), [NAN, NAN, 4, 3])
    np.testing.assert_array_equal(dotted.get_ydata(), [9, 5, 4, NAN])
    assert dotted.get_linestyle() != solid.get_linestyle() == "-"
    assert names(drawing.axes[0]) == ["g: at least 9 s"]
    assert [text.get_text() for text in drawing.figure.legends[0].get_texts()] == ["at least"]
    assert "Dotted: at least" in drawing.caption
    assert "Dotted: at least" in drawing.alt


def test_records_are_exact_whatever_the_seconds_are():
    drawing = lag_over_time(lags(g=["9", "500"]), measure="lag_records")
    assert names(drawing.axes[0]) == ["g: 5 k records"]
    assert len(drawing.axes[0].lines) == 2
    assert not drawing.figure.legends
    assert drawing.caption.startswith("Lag of groups in records")


def test_a_group_has_the_same_look_in_all_clusters_and_no_other_has_it_there():
    drawing = lag_over_time(lags(a__x=[9], a__y=[8], b__new=[9], b__y=[5], b__x=[1]))
    first, second = map(looks, drawing.axes)
    assert {name: second[name] for name in first} == first
    assert len(set(second.values())) == 3


def test_many_groups_of_a_cluster_all_look_different_and_only_grey_is_shared():
    drawing = lag_over_time(lags(**{f"g{i}": [i + 1] for i in range(36)}), top_n=36)
    seen = looks(drawing.axes[0])
    assert len(set(seen.values())) == len(seen) == MOST_GROUPS
    coloured = [colour for colour, *_ in seen.values() if colour != GREY]
    assert len(set(coloured)) == len(coloured) == 6
    assert {seen[f"g{35 - i}"][0] for i in range(6)} == set(coloured)
    assert "Grey: groups with a lower lag than the 6 in colour." in drawing.caption
    assert "6 groups of c with a lower lag" in drawing.caption


def test_a_colour_is_one_group_in_all_clusters():
    groups = {f"{cluster}__{cluster}{i}": [10 * i + 1] for cluster in "abc" for i in range(4)}
    by_group = {}
    for axes in lag_over_time(lags(**groups)).axes:
        by_group |= {group: colour for group, (colour, *_) in looks(axes).items()}
    coloured = {group: colour for group, colour in by_group.items() if colour != GREY}
    assert set(coloured) == {f"{cluster}{i}" for cluster in "abc" for i in (2, 3)}
    assert len(set(coloured.values())) == 6
    assert "Grey" not in lag_over_time(lags(a__x=[1], b__y=[2])).caption


def test_events_are_numbered_listed_and_windows_are_shaded():
    events = pl.DataFrame({"ts": [at(1), at(3)], "kind": ["fault", "load"], "name": ["broker killed", "x"]})
    drawing = lag_over_time(
        lags(a__g=range(5), b__g=range(5)), events=events, windows=[("during", at(1), at(2))]
    )
    assert [[text.get_text() for text in axes.texts] for axes in drawing.axes] == [["1"], []]
    assert drawing.caption.endswith("1: broker killed.")
    assert [text.get_text() for text in drawing.figure.legends[0].get_texts()] == ["window during"]
    assert [len(axes.patches) for axes in drawing.axes] == [1, 1]


def test_the_scale_is_in_readable_time():
    axes = lag_over_time(lags(g=[0, 1300])).axes[0]
    ticks = [tick for tick in axes.get_yticks() if 0 <= tick <= axes.get_ylim()[1]]
    written = [axes.yaxis.get_major_formatter()(tick) for tick in ticks]
    assert written == ["0 s", "10 min", "20 min"]


def test_groups_that_are_not_behind_lie_on_0():
    drawing = lag_over_time(lags(g=[0, 0]))
    assert drawing.axes[0].get_ylim() == (0, 1)
    assert names(drawing.axes[0]) == ["g: 0 s"]


@pytest.mark.parametrize(
    "rows",
    [
        lags(),
        lags(g=[None, None]),
        lags(g=[1]).with_columns(pl.lit(None).alias("lag_seconds"), pl.lit(None).alias("is_at_least")),
    ],
)
def test_without_a_known_lag_it_says_so(rows):
    assert lag_over_time(rows).caption == "Nothing to show: no group has a known lag."


def test_whether_it_is_a_lower_bound_may_be_unknown():
    rows = lags(g=[1, 2]).with_columns(pl.lit(None).alias("is_at_least"))
    assert names(lag_over_time(rows).axes[0]) == ["g: 2 s"]


def test_one_row_is_a_mark(assert_whole):
    drawing = lag_over_time(lags(g=[65]))
    assert drawing.axes[0].lines[-1].get_ydata().tolist() == [65]
    assert_whole(drawing)


def test_of_two_thousand_groups_six_are_drawn():
    drawing = lag_over_time(lags(**{f"g{i:04}": [i, i] for i in range(2000)}))
    assert names(drawing.axes[0])[0] == "g1999: 33 min 19 s"
    assert len(names(drawing.axes[0])) == 6
    assert "1,994 groups of c with a lower lag" in drawing.caption


def test_long_and_strange_names_are_shown_whole_and_as_they_are(assert_whole):
    strange = ["x" * 249, "a$b$c<script>", "_internal", "$\\frac{1}{2}$", "y" * 99, "z" * 99]
    groups = {f"{cluster}__{name}": ["45000", 9, 0] for cluster in ("a$b$c", "c" * 200) for name in strange}
    drawing = lag_over_time(
        lags(**groups), windows=[("before", at(0), at(1))],
        events=pl.DataFrame({"ts": [at(1)], "kind": ["fault"], "name": ["<b>"]}),
    )  # fmt: skip
    assert_whole(drawing)
    assert {"_internal: at least 12 h 30 min", "a$b$c<script>: at least 12 h 30 min"} < set(
        names(drawing.axes[0])
    )
    assert not any(text.get_parse_math() for text in drawing.axes[0].get_legend().get_texts())
    assert "<script>" not in drawing._repr_html_()


def test_flows_of_a_replication_are_drawn_by_target():
    rows = lags(g=[5, 9]).rename({"cluster": "target", "group": "flow"})
    drawing = lag_over_time(rows, of="flows")
    assert names(drawing.axes[0]) == ["g: 9 s"]
    assert "flows" in drawing.caption
    assert lag_over_time(rows.clear(), of="flows").caption == "Nothing to show: no flow has a known lag."
