from __future__ import annotations

import importlib
import itertools
import math
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import matplotlib.colors as mc
import numpy as np
import polars as pl
import pytest

from kafka_analysis import plots
from kafka_analysis.model.causes import CAUSES
from kafka_analysis.model.findings import Light
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.plots import palette

# Simulation of full colour vision deficiency in linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based
# Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, severity 1.0.
VISIONS = {
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
LEAST_DIFFERENCE = 13.0  # CIEDE2000; from about 10 on, two colours are told apart at a glance
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> np.ndarray:
    rgb = np.array(mc.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour: str, vision: str) -> tuple[float, float, float]:
    """Return CIE L*a*b* of a colour as it is seen."""
    seen = np.clip(np.array(VISIONS[vision]) @ linear(colour), 0, 1)
    ratio = XYZ @ seen / XYZ.sum(axis=1)
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return CIEDE2000 of two colours in L*a*b* (ISO/CIE 11664-6)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = h1 + h2 if c1 * c2 == 0 else h1 + turn / 2
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    wave = 1 + sum(size * math.cos(math.radians(times * hue + shift)) for size, times, shift in waves)
    by_l = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2))
    by_c = (c2 - c1) / (1 + 0.045 * chroma)
    by_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * wave)
    swing = 60 * math.exp(-(((hue % 360 - 275) / 25) ** 2))
    bend = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7)) * math.sin(math.radians(swing))
    return math.sqrt(by_l**2 + by_c**2 + by_h**2 + bend * by_c * by_h)


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(plots.__path__, f"{plots.__name__}."):
        if not found.ispkg and not found.name.endswith(".palette"):
            yield importlib.import_module(found.name)


def colours_in(value: object) -> list[str]:
    """Return the palette's colours within a constant, in their order, as often as they are there."""
    if isinstance(value, str):
        return [value] if value in PALETTE else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return [colour for part in parts for colour in colours_in(part)]


PALETTE = {
    colour
    for name, colour in vars(palette).items()
    if isinstance(colour, str)
    and colour.startswith("#")
    and name != "INK"  # ink is for text and lines of reference
}


def colours_of_figure(module: ModuleType) -> set[str]:
    """Return all colours that a figure can have together: what its module takes from the palette."""
    found = {colour for value in vars(module).values() for colour in colours_in(value)}
    return found | ({*palette.CYCLE, palette.GREY} if "colours_of" in vars(module) else set())


FIGURES = {module.__name__.removeprefix("kafka_analysis.plots."): module for module in modules()}
COLOURED = {
    name: colours for name, module in FIGURES.items() if len(colours := colours_of_figure(module)) > 1
}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # of the test data of Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", 2005
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_that_of_the_standard(one, other, expected):
    assert difference(one, other) == pytest.approx(expected, abs=5e-5)


def test_figures_with_many_colours_are_looked_at():
    assert {
        "sizing.option_costs",
        "load.broker_load",
        "split.split_layout",
        "lag.lag_over_time",
    } <= COLOURED.keys()
    assert len(COLOURED["sizing.option_costs"]) == len(palette.CYCLE) + 2


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("figure", COLOURED)
def test_the_colours_of_a_figure_are_told_apart_with_any_vision(figure, vision):
    pairs = itertools.combinations(sorted(COLOURED[figure]), 2)
    near = {pair: difference(*(lab(colour, vision) for colour in pair)) for pair in pairs}
    assert {pair: round(far, 1) for pair, far in near.items() if far < LEAST_DIFFERENCE} == {}


@pytest.mark.parametrize("figure", FIGURES)
def test_two_things_of_a_figure_never_share_a_colour(figure):
    constants = vars(FIGURES[figure]).items()
    taken = [
        value for name, value in constants if isinstance(value, str) and vars(palette).get(name) == value
    ]
    assert sorted(set(taken)) == sorted(taken)
    for name, value in constants:
        if isinstance(value, dict) and not name.startswith("__"):
            held = colours_in(value)
            assert len(set(held)) == len(held), name


def test_what_is_drawn_is_seen_on_white():
    pale = {colour for colour in PALETTE if palette.contrast(colour) < palette.LEAST_CONTRAST}
    assert pale == {palette.YELLOW, palette.FAINT}
    assert {palette.edge_of(colour) for colour in pale} == {palette.INK}
    assert palette.edge_of(palette.BLUE, otherwise="white") == "white"
    assert not pale & {
        palette.BEFORE,
        palette.AFTER,
        *palette.KINDS.values(),
        *(colour for colour, _ in palette.LINES),
    }


def test_bars_too_pale_for_white_have_an_outline():
    items = pl.DataFrame(
        {"broker_type": "t", "brokers": 3, "item": ["tiered storage", "tax"], "monthly_usd": [9.0, 5.0]}
    )
    causes = pl.DataFrame({"resource": "leaders", "cause": ["new_broker"], "share": [1.0], "of_total": [0.3]})
    racks = pl.DataFrame({"broker": range(8), "rack": [f"r{n}" for n in range(8)], "leaders": [5] * 8})
    drawings = [
        plots.option_costs(items),
        plots.skew_causes(causes),
        plots.broker_load(racks, resources=["leaders"]),
    ]
    for drawing in drawings:
        patches = [*drawing.axes[0].patches, *drawing.figure.legends[0].get_patches()]
        pale = [
            bar
            for bar in patches
            if palette.contrast(mc.to_hex(bar.get_facecolor())) < palette.LEAST_CONTRAST
        ]
        assert len(pale) >= 2
        assert {mc.to_hex(bar.get_edgecolor()) for bar in pale} == {palette.INK}
        assert all(bar.get_linewidth() >= 0.8 for bar in pale)


def test_names_get_the_same_colours_in_any_order():
    assert palette.colours_of(["b", "a", None]) == palette.colours_of([None, "a", "b", "a"])
    assert palette.colours_of(["a", None])[None] == palette.GREY
    assert palette.GREY not in palette.CYCLE


def test_of_more_names_than_colours_the_first_have_one_each_and_the_others_are_grey():
    names = [f"cell-{19 - i:02d}" for i in range(20)]
    colours = palette.colours_of(names)
    assert [colours[name] for name in reversed(names[:8])] == list(palette.CYCLE)
    assert {colours[name] for name in names[8:]} == {palette.GREY}
    assert len({*palette.MANY_LINES}) == len(palette.MANY_LINES) >= len(RESOURCES)


def test_every_cause_has_a_colour_of_its_own():
    assert list(palette.CAUSES) == list(CAUSES)
    assert len(set(palette.CAUSES.values())) == len(CAUSES)


def test_every_light_that_is_judged_has_a_colour():
    assert set(palette.LIGHTS) == set(Light) - {Light.GREY}


def test_darker_and_lighter_keep_the_hue():
    assert palette.darker("#ff0080") == "#cc0066"
    assert palette.contrast(palette.darker(palette.YELLOW)) >= palette.LEAST_CONTRAST
    assert palette.tint("#ff0080", 0.5) == "#ff80c0"
    assert palette.tint("#ff0080", 1.0) == "#ff0080"
