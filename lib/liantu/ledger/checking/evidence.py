"""What one figure says of another: robust scores, the median of the others of a group, and weights of evidence for a shift of unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

NORMAL = 0.6745
"""The third quartile of the standard normal distribution, as printed by Iglewicz and Hoaglin: MAD / 0.6745 estimates its deviation."""

Values = np.ndarray


def modified_z(values: pd.Series) -> pd.Series:
    """The modified z-score of each value: 0.6745 x (value - median) / median absolute deviation.

    Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, who label scores beyond 3.5; NIST/SEMATECH e-Handbook 1.3.5.17.
    Missing values stay missing; where the median absolute deviation is 0 every other value is infinitely far.
    """
    centre, scale = centre_and_scale(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (values - centre) / scale


def centre_and_scale(values: pd.Series) -> tuple[float, float]:
    """The median, and the median absolute deviation / 0.6745, which estimates a normal sample's standard deviation."""
    centre = values.median()
    return centre, (values - centre).abs().median() / NORMAL


@dataclass(frozen=True)
class Reference:
    """Where each of many values is expected: between `low` and `high` (NaN: nothing known), with a scale on each side.

    `cap` is the most that this may count, as a logarithm of odds, `against` the most against a shift; scales and cap may differ by value.
    """

    low: Values
    high: Values
    below: Values | float
    above: Values | float
    cap: Values | float
    against: float = np.inf

    def distance(self, values: Values) -> Values:
        """How many scales each value lies outside, negative when below; NaN where nothing is expected."""
        under, over = (values - self.low) / self.below, (values - self.high) / self.above
        inside = np.where(np.isnan(under) | np.isnan(over), np.nan, 0.0)
        return np.where(under < 0, under, np.where(over > 0, over, inside))

    def weight(self, values: Values, shift: float) -> Values:
        """The weight of evidence that a value is `shift` too high: a normal log likelihood ratio, capped; 0 where nothing is known."""
        gain = (self.distance(values) ** 2 - self.distance(values - shift) ** 2) / 2
        return np.nan_to_num(np.clip(gain, -np.minimum(self.cap, self.against), self.cap))


def logs(values: pd.Series) -> Values:
    """Powers of ten of amounts; NaN for missing values and for zero, of which no unit can be told."""
    found = values.to_numpy("float64", na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(found > 0, np.log10(found), np.nan)


def others_median(values: Values, groups: Values) -> tuple[Values, Values]:
    """For each value the median of the other values of its group (NaN without any) and their number; NaN values take no part."""
    middle, number = np.full(len(values), np.nan), np.zeros(len(values), dtype="int64")
    told = np.flatnonzero(~np.isnan(values))
    order = told[np.lexsort((values[told], groups[told]))]
    if not len(order):
        return middle, number
    found, group = values[order], groups[order]
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    size = np.diff(np.r_[first, len(order)])
    start, size = np.repeat(first, size), np.repeat(size, size)
    rank, left = np.arange(len(order)) - start, size - 1
    # The others in order are all values of the group but the one at `rank`; places from there on move up by one.
    low, high = np.maximum(left - 1, 0) // 2, left // 2
    last = len(order) - 1
    pair = [found[np.minimum(start + place + (place >= rank), last)] for place in (low, high)]
    middle[order] = np.where(left > 0, (pair[0] + pair[1]) / 2, np.nan)
    number[order] = left
    return middle, number


def spread(values: Values, groups: Values) -> Values:
    """For each value the distance between the largest and the smallest of its group (codes from 0); NaN values take no part."""
    size = int(groups.max(initial=-1)) + 1
    told = ~np.isnan(values)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, groups[told], values[told])
    np.maximum.at(high, groups[told], values[told])
    return (high - low)[groups]


def bounds_in_time(values: Values, groups: Values, days: Values) -> tuple[Values, Values]:
    """For a sum that only grows: the largest value of the group before each day and the smallest after it; NaN without any."""
    frame = pd.DataFrame({"group": groups, "day": days, "value": values}).dropna(subset=["value"])
    by_day = frame.groupby(["group", "day"])["value"].agg(["max", "min"])
    group = by_day.index.get_level_values("group")
    before = by_day["max"].groupby(group).cummax().groupby(group).shift()
    after = by_day["min"][::-1].groupby(group[::-1]).cummin().groupby(group[::-1]).shift()[::-1]
    places = pd.MultiIndex.from_arrays([groups, days])
    return before.reindex(places).to_numpy(), after.reindex(places).to_numpy()
