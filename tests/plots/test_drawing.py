from __future__ import annotations

import base64
import io
import re

import matplotlib as mpl
import polars as pl
import pytest
from PIL import Image

from kafka_analysis.plots import topic_ranking
from kafka_analysis.plots.drawing import (
    COLOURS,
    COLOURS_OF_MANY_HUES,
    Drawing,
    name_rows,
    nothing,
    shortened,
    styled,
)
from kafka_analysis.plots.palette import LINES, ORANGE, tint

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def drawing():
    return topic_ranking(pl.DataFrame({"topic": [HOSTILE], "bytes_in_per_s": [5.0]}))


def test_a_figure_is_a_small_picture_of_few_colours(drawing):
    picture = Image.open(io.BytesIO(drawing.webp()))
    assert picture.format == "WEBP"
    assert len(picture.convert("RGB").getcolors()) <= COLOURS
    assert picture.width > 1000


def test_pale_areas_keep_their_colours_under_lines_of_many_hues():
    with styled(3, 2) as figure:
        axes = figure.subplots()
        axes.axvspan(0, 1, color=ORANGE, alpha=0.14, linewidth=0)
        for place, (colour, _) in enumerate(LINES):
            axes.plot([0, 3], [place, place + 2], color=colour)
    picture = Image.open(io.BytesIO(Drawing(figure, "f", "c", "a", has_many_hues=True).webp())).convert("RGB")
    (_, most), (_, next_most) = sorted(picture.getcolors(COLOURS_OF_MANY_HUES), reverse=True)[:2]
    assert most == (255, 255, 255)
    assert next_most == pytest.approx([255 * part for part in mpl.colors.to_rgb(tint(ORANGE, 0.14))], abs=2)


def test_it_is_shown_with_alternative_text_and_the_function_that_drew_it(drawing):
    shown = drawing._repr_html_()
    assert 'alt="Bars of bytes in of 1 topics' in shown
    assert "Drawn by <code>kafka_analysis.plots.topic_ranking</code>." in shown
    assert base64.b64decode(re.search(r"base64,([^\"]+)", shown)[1]).startswith(b"RIFF")


def test_names_read_from_a_cluster_are_text(drawing):
    assert HOSTILE not in drawing._repr_html_()
    assert "&lt;script&gt;" in drawing._repr_html_()


def test_as_text_it_is_its_caption(drawing):
    assert repr(drawing) == f"{drawing.caption} [kafka_analysis.plots.topic_ranking]"


def test_a_subject_is_named_in_caption_and_text(drawing):
    about = drawing.about("monolith")
    assert about.caption == f"monolith: {drawing.caption}"
    assert about.alt.startswith("monolith: ")
    assert about.figure is drawing.figure


def test_nothing_to_show_says_what_is_missing():
    shown = nothing("topic_ranking", "no topic has bytes in")
    assert shown.caption == "Nothing to show: no topic has bytes in."
    assert [text.get_text() for text in shown.axes[0].texts] == ["nothing to show: no topic has bytes in"]


def test_the_style_stays_with_our_figures():
    before = dict(mpl.rcParams)
    with styled(3, 2) as figure:
        assert figure.get_layout_engine() is not None
    assert dict(mpl.rcParams) == before


def test_text_is_dark_on_white():
    with styled(3, 2):
        names = ("text.color", "xtick.color", "ytick.color", "axes.labelcolor", "axes.titlecolor")
        colours = [mpl.colors.to_rgb(mpl.rcParams[name]) for name in names]
        assert mpl.colors.to_hex(mpl.rcParams["figure.facecolor"]) == "#ffffff"
    for rgb in colours:  # contrast as WCAG 2 defines it; 7 is its stricter level
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) > 7


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a" * 34, "a" * 34), ("a" * 18 + "b" * 18, "a" * 17 + "…" + "b" * 17), ("", "")],
)
def test_long_names_keep_both_ends(name, shown):
    assert shortened(name) == shown


def test_names_are_no_formulas_wherever_they_are_drawn():
    with styled(3, 2) as figure:
        axes = figure.subplots()
        title = axes.set_title("a$b$c")
        name_rows(axes, ["a$b$c"])
        legend = figure.legend(handles=axes.plot([0, 1], label="a$b$c"))
    drawn = [title, *axes.get_yticklabels(), *legend.get_texts(), axes.xaxis.label]
    assert [text.get_text() for text in drawn[:3]] == ["a$b$c"] * 3
    assert not any(text.get_parse_math() for text in drawn)
