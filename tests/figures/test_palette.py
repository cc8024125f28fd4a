"""Colours that stand side by side stay apart for colour-blind readers and in greyscale.

Simulation: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6),
2009, matrices of severity 1.0, applied to linear RGB. Difference: CIE76 in CIELAB (D65); lightness L* for greyscale.
"""

import itertools

import numpy as np
import pytest
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from liantu.figures import palette

MACHADO = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
SETS = {
    "counts": (palette.IN_TIME, palette.LATE, palette.DEMAND, palette.PAPER), "gaps": tuple(palette.GAPS.values()),
    "rows": tuple(palette.ROWS.values()), "findings": tuple(palette.FINDINGS.values()), "promises": tuple(palette.PROMISES.values()),
    "work": (*palette.WORK.values(), palette.PAPER), "verdicts": tuple(palette.VERDICTS.values()),
    "stays": tuple(palette.STAYS.values()), "groups": (*palette.GROUPS, palette.PAPER),
    "grades": tuple(palette.GRADES.values()), "enclaves": tuple(palette.ENCLAVES.values()),
    "claims": tuple(palette.CLAIMS.values()), "severities": tuple(palette.SEVERITIES.values()),
    "gates": tuple(palette.GATES.values()), "kinds": tuple(palette.KINDS.values()), "fits": tuple(palette.FITS.values()),
    "forecast": (*palette.FORECAST.values(), palette.DEMAND, palette.PAPER),
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    ratio = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_measure_knows_white_and_red():
    assert lab(linear("white")) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize("eyes", MACHADO)
@pytest.mark.parametrize("name", SETS)
def test_pairs_differ_for_all_eyes(name, eyes):
    for one, other in itertools.combinations(SETS[name], 2):
        difference = np.linalg.norm(lab(MACHADO[eyes] @ linear(one)) - lab(MACHADO[eyes] @ linear(other)))
        assert difference > 20, (eyes, one, other, difference)


@pytest.mark.parametrize("name", SETS)
def test_pairs_differ_in_greyscale(name):
    for one, other in itertools.combinations(SETS[name], 2):
        assert abs(lab(linear(one))[0] - lab(linear(other))[0]) > 9, (one, other)


def test_the_sequence_only_darkens():
    colours = LinearSegmentedColormap.from_list("liantu", palette.SEQUENTIAL)
    lightness = np.array([lab(linear(colours(share)))[0] for share in np.linspace(0, 1, 40)])
    assert (np.diff(lightness) < -0.5).all() and lightness[0] > 93 and lightness[-1] < 22


def test_ink_reads_on_every_colour():
    for colour in (*palette.SEQUENTIAL, *palette.GAPS.values()):
        dark, bright = sorted(np.array([0.2126, 0.7152, 0.0722]) @ linear(ink) for ink in (colour, palette.ink_on(colour)))
        assert (bright + 0.05) / (dark + 0.05) > 4, colour


def test_the_states_of_links_are_worst_first_with_a_hatch_that_can_be_seen():
    assert tuple(palette.GAPS) == ("broken_open", "broken_in_repair", "blocked", "weak", "held", "unasked", "unknown")
    assert set(palette.GAP_HATCHES) == set(palette.GAPS)
    for state in palette.GAPS:
        dress = palette.gap_dress(state)
        assert abs(lab(linear(dress["hatchcolor"]))[0] - lab(linear(dress["facecolor"]))[0]) > 45, state
