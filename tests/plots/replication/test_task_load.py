from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis import plots

LOADS = {
    "flow": "a → b", "task": [0, 1, 2, 0, 1, 2], "division": ["now"] * 3 + ["better"] * 3,
    "load_records_per_s": [10.0, 1.0, 40.0, 17.0, 16.0, 18.0],
}  # fmt: skip


def many(flows, tasks=12):
    return pl.DataFrame(
        [(f"f{flow:02d}", task, division, 1000.0 + (flow * 50 if task == 0 and division == "now" else 0))
         for flow in range(flows) for division in ("now", "better") for task in range(tasks)],
        schema=["flow", "task", "division", "load_records_per_s"], orient="row",
    )  # fmt: skip


def heights(axes):
    return [bar.get_height() for bar in axes.patches]


def test_bars_are_loads_the_heaviest_first_with_a_line_at_the_mean(frame):
    full = {name: values if isinstance(values, list) else [values] * 6 for name, values in LOADS.items()}
    now, better = plots.task_load(frame(full)).axes
    assert heights(now) == [40.0, 10.0, 1.0]
    assert heights(better) == [18.0, 17.0, 16.0]
    assert list(now.lines[0].get_ydata()) == [17.0, 17.0]
    assert now.get_title(loc="left") == "a → b, now\nmax ÷ mean 2.35"
    assert now.get_ylim() == better.get_ylim()


def test_the_caption_has_what_changes():
    caption = plots.task_load(pl.DataFrame(LOADS)).caption
    assert caption.endswith("Max ÷ mean: a → b: 2.35 → 1.06.")


def test_unknown_loads_are_counted_and_no_load_has_no_ratio():
    rows = pl.DataFrame(LOADS).with_columns(
        load_records_per_s=pl.when(pl.col("division") == "better").then(None).otherwise("load_records_per_s")
    )
    drawing = plots.task_load(rows)
    assert drawing.caption.endswith("a → b: 2.35 → unknown. The load of 3 tasks is unknown.")
    assert [text.get_text() for text in drawing.axes[1].texts] == ["unknown"]
    idle = plots.task_load(pl.DataFrame(LOADS).with_columns(load_records_per_s=0.0))
    assert "unknown → unknown" in idle.caption


def test_one_division_alone_has_one_panel():
    assert len(plots.task_load(pl.DataFrame(LOADS).head(3)).axes) == 1


def test_of_many_flows_the_least_even_are_drawn():
    drawing = plots.task_load(many(20))
    assert len(drawing.axes) == 12
    assert drawing.axes[0].get_title(loc="left").startswith("f19, now")
    assert "Of 20 flows, the 6 least balanced are drawn." in drawing.caption


def test_very_many_loads_are_one_outline():
    (outline,) = plots.task_load(many(1, 500)).axes[0].patches
    assert outline.get_data().values.tolist() == [1000.0] * 500


def test_nothing_is_said():
    assert "nothing to show" in plots.task_load(pl.DataFrame(LOADS).clear()).alt


@pytest.mark.parametrize("rows", [pl.DataFrame(LOADS), many(3, 500), many(20)])
def test_it_is_shown_whole(assert_whole, rows):
    assert_whole(plots.task_load(rows))


def test_long_names_are_cut_and_are_no_mathematics(assert_whole):
    drawing = plots.task_load(pl.DataFrame(LOADS).with_columns(flow=pl.lit("$x^2$" + "W" * 240 + "größe")))
    assert_whole(drawing)
    titles = [axes.get_title(loc="left") for axes in drawing.axes]
    assert all("$x^2$W" in title and "größe, " in title for title in titles)
    assert len(drawing.caption) < 200
