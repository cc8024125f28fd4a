"""How near an activity is to what a region does already: RCA, proximity, density, complexity, outlook.

Every function takes and gives plain tables, regions x activities, in any unit that can be added up; labels may be of any type and in any
order, and are kept. Regions or activities without any value are allowed. The same conventions everywhere: an activity is present where
RCA >= 1; the diagonal of the proximity is zero; deviations are those of the population (divided by n); what cannot be told is NaN.
Densities, ECI, PCI, COI and COG agree with the Stata package `ecomplexity` (docs/methods/chains.md says up to which scale).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from liantu.chains.given import GivenTableError, divided, numbers

# An RCA that is exactly 1 may come out of the division a few units of the last digit below it; nothing measured is as near to 1 as this.
PRESENT = 1 - 1e-12
# Eigenvalues below this are round-off: then all regions do the same, and no order of them can be told.
_NOTHING = 1e-10


def _names(parts: tuple) -> Iterator[str]:
    """The names of the parts."""
    return iter(parts._fields)  # type: ignore[attr-defined]


def _part(parts: tuple, key: object) -> object:
    return getattr(parts, key) if isinstance(key, str) and key in parts._fields else tuple.__getitem__(parts, key)  # type: ignore


def _has(parts: tuple, key: object) -> bool:
    return key in parts._fields  # type: ignore[attr-defined]


class Complexity(NamedTuple):
    """What `complexity` gives; `result.eci`, `result["eci"]`, `dict(result)` and `eci, pci = result` all work."""

    eci: pd.Series
    pci: pd.Series
    keys, __getitem__, __contains__ = _names, _part, _has


class Outlook(NamedTuple):
    """What `outlook` gives; `result.coi`, `result["coi"]`, `dict(result)` and `coi, cog = result` all work."""

    coi: pd.Series
    cog: pd.DataFrame
    keys, __getitem__, __contains__ = _names, _part, _has


def rca(values: pd.DataFrame) -> pd.DataFrame:
    """Revealed comparative advantage: an activity's share of its region over its share of all regions.

    values: regions x activities, 0 or more, any unit (only shares count: the result is the same in 元 or 万元). Gives regions x activities,
    without unit, 1 where the shares are the same; 0 where the region or the activity has no value at all.
    Raises GivenTableError for a negative, missing or infinite value, or one that is no number. Source: Balassa 1965.
    """
    told = numbers(values, "values", "region", "activity")
    return pd.DataFrame(rca_of(told.to_numpy()), told.index, told.columns)


def proximity(rca: pd.DataFrame) -> pd.DataFrame:
    """How often two activities are present in the same regions: the smaller of the two conditional probabilities.

    rca: regions x activities; present is RCA >= 1, so a 0/1 table of presence may be given instead. Gives activities x activities,
    symmetric, 0 to 1, zero on the diagonal: regions with both over regions with the more common one. An activity nobody has is at 0 from
    all. Raises GivenTableError as `rca`. Source: Hidalgo, Klinger, Barabási and Hausmann 2007.
    """
    told = numbers(rca, "rca", "region", "activity")
    return pd.DataFrame(proximity_of(present_in(told.to_numpy())), told.columns, told.columns)


def density(rca: pd.DataFrame, proximity: pd.DataFrame) -> pd.DataFrame:
    """How much of what is near an activity a region has: proximities to its present activities over all proximities.

    rca: regions x activities (present: RCA >= 1); proximity: activities x activities as `proximity` gives it, in any order of the same
    labels (labels that repeat must stand in the order of `rca`). Gives regions x activities, 0 to 1, for present activities too; 0 for an
    activity that is near to none. Raises GivenTableError where the labels do not fit or a value is bad.
    Source: Hidalgo et al. 2007; Hausmann et al., Atlas of Economic Complexity.
    """
    told = numbers(rca, "rca", "region", "activity")
    near = _in_order(numbers(proximity, "proximity", "activity", "activity"), told.columns)
    return pd.DataFrame(density_of(present_in(told.to_numpy()), near), told.index, told.columns)


def complexity(values: pd.DataFrame) -> Complexity:
    """Economic complexity of regions (eci) and activities (pci) from who does what.

    values: as `rca`; computed on the 0/1 table RCA >= 1. `eci`: one value a region, the eigenvector of the second largest eigenvalue of the
    region x region matrix D^-1 M U^-1 M' (D diversity, U ubiquity), positively correlated with diversity. `pci`: one an activity, with the
    same eigenvalue and sign: an activity's pci is proportional to the mean eci of the regions that have it. Each is standardised by itself:
    mean 0, population deviation 1. Stata puts pci on the scale of eci; that is a linear change. Where all regions are equally diverse the
    sign makes pci fall with ubiquity; if that too is undecided, the first value that is not zero is positive.

    A region or activity without any value is left out and NaN in the result. All NaN where no order can be told: fewer than two regions or
    activities, or all regions do the same. Where the regions fall into three or more groups with nothing in common, eci is not unique.
    Raises GivenTableError as `rca`. Source: Hidalgo and Hausmann 2009; Hausmann et al., Atlas of Economic Complexity.
    """
    told = numbers(values, "values", "region", "activity")
    eci, pci = reflections(present_in(rca_of(told.to_numpy())))
    return Complexity(pd.Series(_standard(eci), told.index, name="eci"), pd.Series(_standard(pci), told.columns, name="pci"))


def outlook(values: pd.DataFrame) -> Outlook:
    """How much complexity lies near a region (coi), and what each missing activity would add to it (cog).

    values: as `rca`. With M the 0/1 table RCA >= 1, d the density, phi the proximity and q the complexity of activities **not** centred
    (the eigenvector itself, scaled so that a region's raw eci is the mean q of its activities):
    coi_r = sum over a of d_ra (1 - M_ra) q_a, then standardised over regions (mean 0, population deviation 1);
    cog_ra = (1 - M_ra) x sum over b of (1 - M_rb) phi_ab / (sum over c of phi_cb) q_b, in deviations of raw eci, 0 where already present.
    cog is the gain of outlook at the other missing activities; that the activity itself is missing no longer is not taken off (as in
    Stata).

    Regions and activities without any value are left out and NaN. Raises GivenTableError as `rca`.
    Source: Hausmann et al., Atlas of Economic Complexity; Stata package `ecomplexity` (coicog).
    """
    told = numbers(values, "values", "region", "activity")
    present = present_in(rca_of(told.to_numpy()))
    coi, cog = outlook_of(present)
    return Outlook(pd.Series(_standard(coi), told.index, name="coi"), pd.DataFrame(cog, told.index, told.columns))


def rca_of(values: np.ndarray) -> np.ndarray:
    """RCA of one table or of a stack of tables (..., regions, activities)."""
    total = values.sum(axis=(-2, -1), keepdims=True)
    share = divided(values, values.sum(axis=-1, keepdims=True))
    return divided(share, divided(values.sum(axis=-2, keepdims=True), total))


def present_in(rca: np.ndarray) -> np.ndarray:
    """1 where an activity is present (RCA >= 1), else 0; of one table or of a stack of them."""
    return (rca >= PRESENT).astype(float)


def proximity_of(present: np.ndarray) -> np.ndarray:
    """Proximity of one 0/1 table or of a stack of them."""
    ubiquity = present.sum(axis=-2)
    both = np.swapaxes(present, -1, -2) @ present
    near = divided(both, np.maximum(ubiquity[..., :, None], ubiquity[..., None, :]))
    near[..., np.arange(near.shape[-1]), np.arange(near.shape[-1])] = 0.0
    return near


def density_of(present: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Density of one 0/1 table or of a stack of them."""
    # sums in another order may pass 1 by a unit of the last digit
    return np.minimum(divided(present @ near, near.sum(axis=-2, keepdims=True)), 1.0)


def _in_order(near: pd.DataFrame, activities: pd.Index) -> np.ndarray:
    """The proximities in the order of the activities."""
    for side, labels in (("rows", near.index), ("columns", near.columns)):
        if labels.equals(activities):
            continue
        if not (labels.is_unique and activities.is_unique) or len(labels) != len(activities) or not activities.isin(labels).all():
            odd = [label for label in activities if label not in labels] or [label for label in labels if label not in activities]
            what = f"the activity {odd[0]!r} stands in one of the tables only" if odd else "labels repeat and stand in another order"
            raise GivenTableError(f"proximity: its {side} are not the activities of rca: {what}; take it of the same table by `proximity`")
    return near.to_numpy() if near.index.equals(activities) and near.columns.equals(activities) \
        else near.reindex(index=activities, columns=activities).to_numpy()


def reflections(present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raw eci and pci, not centred, with raw eci the mean raw pci of what is present; NaN where nothing is present or told."""
    diversity, ubiquity = present.sum(axis=1), present.sum(axis=0)
    eci, pci = np.full(present.shape[0], np.nan), np.full(present.shape[1], np.nan)
    rows, columns = diversity > 0, ubiquity > 0
    table, wide, common = present[np.ix_(rows, columns)], diversity[rows], ubiquity[columns]
    if min(table.shape) < 2:
        return eci, pci
    # D^-1 M U^-1 M' has the eigenvalues of this symmetric matrix, so real ones; its trivial vector (all regions alike) is taken off first
    scaled = table / np.sqrt(np.outer(wide, common))
    trivial = np.sqrt(wide / wide.sum())
    values, vectors = np.linalg.eigh(scaled @ scaled.T - np.outer(trivial, trivial))
    if values[-1] < _NOTHING:
        return eci, pci
    raw = vectors[:, -1] / np.sqrt(wide)
    of_activities = table.T @ raw / common / values[-1]
    sign = _sign(raw, of_activities, wide, common)
    eci[rows], pci[columns] = sign * raw, sign * of_activities
    return eci, pci


def _sign(eci: np.ndarray, pci: np.ndarray, diversity: np.ndarray, ubiquity: np.ndarray) -> float:
    """The sign that makes eci rise with diversity, else pci fall with ubiquity, else the first value positive."""
    for one, other, turn in ((eci, diversity, 1.0), (pci, ubiquity, -1.0)):
        together = float((one - one.mean()) @ (other - other.mean()))
        if abs(together) > 1e-9 * np.linalg.norm(one) * np.linalg.norm(other):
            return float(np.sign(turn * together))
    return float(np.sign(eci[np.abs(eci) > 1e-9 * np.abs(eci).max()][0]))


def _standard(raw: np.ndarray) -> np.ndarray:
    """Mean 0 and population deviation 1 over what is known; all NaN where it does not vary."""
    known = raw[np.isfinite(raw)]
    spread = known.std() if known.size else 0.0
    return (raw - known.mean()) / spread if spread > 1e-12 * max(np.abs(known).max(initial=0.0), 1e-300) else np.full(raw.shape, np.nan)


def outlook_of(present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raw coi, not standardised, and cog in deviations of raw eci, of a 0/1 table; NaN where nothing is present or told."""
    eci, pci = reflections(present)
    if not np.isfinite(eci).any():
        return np.full(present.shape[0], np.nan), np.full(present.shape, np.nan)
    near, missing, weight = proximity_of(present), 1 - present, np.nan_to_num(pci)
    coi = (density_of(present, near) * missing) @ weight
    reached = divided(near, near.sum(axis=0, keepdims=True)) * weight[None, :]
    spread = np.nanstd(eci)
    cog = missing * (missing @ reached.T) / spread if spread > 0 else np.full(present.shape, np.nan)
    coi[np.isnan(eci)], cog[np.isnan(eci), :], cog[:, np.isnan(pci)] = np.nan, np.nan, np.nan
    return coi, cog
