from __future__ import annotations

import itertools

import matplotlib.colors as mc
import numpy as np
import pytest

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.plots import palette

# Linear simulation of full colour vision deficiency in linear RGB (Machado, Oliveira and Fernandes, 2009).
DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
PAIRS = [
    (palette.BEFORE, palette.AFTER),
    *itertools.combinations(palette.KINDS.values(), 2),
    (palette.GAP, palette.SKY),
    *itertools.combinations(palette.CAUSES.values(), 2),
]


def linear(colour: str) -> np.ndarray:
    rgb = np.array(mc.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("pair", PAIRS)
def test_colours_that_stand_together_are_told_apart_with_any_vision(deficiency, pair):
    seen = [np.clip(np.array(DEFICIENCIES[deficiency]) @ linear(colour), 0, 1) for colour in pair]
    assert np.linalg.norm(seen[0] - seen[1]) > 0.15


def test_names_get_the_same_colours_in_any_order():
    assert palette.colours_of(["b", "a", None]) == palette.colours_of([None, "a", "b", "a"])
    assert palette.colours_of(["a", None])[None] == palette.GREY


def test_more_names_than_colours_begin_again():
    assert len(palette.colours_of([str(i) for i in range(20)])) == 20


def test_every_cause_has_a_colour_of_its_own():
    assert list(palette.CAUSES) == list(CAUSES)
    assert len(set(palette.CAUSES.values())) == len(CAUSES)


def test_darker_and_lighter_keep_the_hue():
    assert palette.darker("#ff0080") == "#cc0066"
    assert palette.tint("#ff0080", 0.5) == "#ff80c0"
    assert palette.tint("#ff0080", 1.0) == "#ff0080"
