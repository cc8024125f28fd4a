"""How near each county is to a link by what it makes already, also where nobody in the city makes it, and how sure that is.

Activities are the links that somebody in the city supplies; the links of a pool are one activity, for the same firms serve them. A link
that nobody supplies meets no other in any county, so its proximity cannot be counted. It is borrowed from the links it would buy from
and sell to: the mean of their proximities, weighted by intensity, each of them being at 1 from itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.chains.given import divided
from liantu.chains.neighbours import neighbours
from liantu.chains.programs import Floats
from liantu.chains.relatedness import present_in, proximity_of, rca_of, reflections
from liantu.reference import Chains

BLOCK = 25
"""Draws held in memory at once: each needs the square of the number of activities."""


@dataclass(frozen=True)
class Nearness:
    """Gaps (rows) by counties (columns): `rca`, `density`, `low` and `high` (of the density), `gain` (of outlook, deviations of raw eci).

    `basis` (one a gap): where its proximities come from: counties (counted), neighbours (borrowed), "" (neither: density is NaN).
    `drawn` (draws, gaps, counties): the density in each draw.
    """

    rca: Floats
    density: Floats
    low: Floats
    high: Floats
    gain: Floats
    basis: tuple[str, ...]
    drawn: Floats


def nearness(gaps: pd.DataFrame, firms: pd.DataFrame, chains: Chains, counties: Sequence[str], draws: int, level: float,
             seed: int = 0) -> Nearness:
    """Relatedness of every county to every gap from the register, with the register drawn anew `draws` times.

    `gaps`: chain, link. `firms`: enterprise_id, chain, link, county, supply_wan (万元 a year), a row a firm and link; firms outside
    `counties` do not count. RCA, proximity, density and outlook as in `liantu.chains.relatedness`. `low` and `high` hold the share
    `level` of the draws, each of which takes as many firms as there are, with replacement (Efron 1979).
    """
    place, borrowed = _activities(chains)
    asked = np.array([place[pair] for pair in zip(gaps["chain"], gaps["link"], strict=True)], dtype=int)
    register = _register(firms, place, list(counties))
    shape = (-1, len(counties), len(borrowed))
    values = register.sum(axis=0).reshape(shape)
    present, near = _near_rows(values, asked, borrowed)
    source, drawn = np.random.default_rng(seed), []
    for start in range(0, draws if len(register) else 0, BLOCK):
        count = min(BLOCK, draws - start)
        times = source.multinomial(len(register), np.full(len(register), 1 / len(register)), size=count)
        drawn.append(_dense(*_near_rows((times @ register).reshape(shape), asked, borrowed)))
    density = _dense(present, near)[0]
    spread = np.concatenate(drawn) if drawn else np.full((1, *density.shape), np.nan)
    low, high = _quantiles(spread, level)
    supplied = values[0].sum(axis=0)[asked] > 0
    basis = np.select([supplied, near[0].sum(axis=1) > 0], ["counties", "neighbours"], "")
    gain = _gain(present[0], near[0], values[0], asked)
    return Nearness(rca_of(values)[0].T[asked], density, low, high, gain, tuple(basis.tolist()), spread)


def _activities(chains: Chains) -> tuple[dict[tuple[str, str], int], Floats]:
    """The activity of each (chain, link), and the weights (activities, activities) by which one borrows from others."""
    names: dict[object, int] = {}
    place = {(chain.zh, link.id): names.setdefault(link.shared or (chain.zh, link.id), len(names))
             for chain in chains.chains for link in chain.links}
    weights = np.zeros((len(names), len(names)))
    for chain, link, other, intensity in neighbours(chains)[["chain", "link", "neighbour", "intensity"]].itertuples(index=False):
        weights[place[chain, link], place[chain, other]] += intensity
    np.fill_diagonal(weights, 0.0)
    return place, weights


def _register(firms: pd.DataFrame, place: dict[tuple[str, str], int], counties: list[str]) -> Floats:
    """Each firm (a row) by what it makes: counties x activities, flat."""
    here = firms[firms["county"].isin(counties) & (firms["supply_wan"] > 0)]
    firm, width = pd.factorize(here["enterprise_id"])[0], max(place.values(), default=-1) + 1
    at = [counties.index(county) * width + place[chain, link]
          for county, chain, link in zip(here["county"], here["chain"], here["link"], strict=True)]
    table = np.zeros((firm.max(initial=-1) + 1, len(counties) * width))
    np.add.at(table, (firm, np.array(at, dtype=int)), here["supply_wan"].to_numpy(dtype=float))
    return table


def _near_rows(values: Floats, asked: np.ndarray, weights: Floats) -> tuple[Floats, Floats]:
    """What is present (k, counties, activities) and the proximities of what is asked (k, asked, activities)."""
    present = present_in(rca_of(values))
    near, supplied = proximity_of(present), present.any(axis=1)
    lent = weights[asked][None] * supplied[:, None, :]
    lent = divided(lent, lent.sum(axis=2, keepdims=True))
    borrowed = lent @ near + lent
    rows = np.arange(len(asked))
    borrowed[:, rows, asked] = 0.0
    return present, np.where(supplied[:, asked, None], near[:, asked, :], borrowed)


def _dense(present: Floats, near: Floats) -> Floats:
    """Density (k, asked, counties); NaN for what is near to nothing."""
    whole = near.sum(axis=2, keepdims=True)
    found = np.minimum(divided(near @ np.swapaxes(present, 1, 2), whole), 1.0)
    return np.where(whole > 0, found, np.nan)


def _gain(present: Floats, near: Floats, values: Floats, asked: np.ndarray) -> Floats:
    """What outlook gains (asked, counties), as cog of `liantu.chains.relatedness`; NaN where complexity is not told."""
    eci, pci = reflections(present)
    if not np.isfinite(eci).any() or not np.nanstd(eci) > 0:
        return np.full((len(asked), len(present)), np.nan)
    reached = divided(np.nan_to_num(pci), proximity_of(present).sum(axis=0))
    gain = (near * reached[None, :]) @ (1 - present).T / np.nanstd(eci)
    gain[:, values.sum(axis=1) == 0] = np.nan
    return np.where(near.sum(axis=1)[:, None] > 0, gain * (1 - present[:, asked]).T, np.nan)


def _quantiles(drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """The quantiles between which the share `level` of draws lies, of those in which the density is known; NaN where it never is."""
    known = ~np.isnan(drawn).all(axis=0)
    found = np.full((2, *drawn.shape[1:]), np.nan)
    if known.any():
        found[:, known] = np.nanquantile(drawn[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return found[0], found[1]
