"""Patterns of digits in what each reporter writes: last digits, round totals, and first digits where Benford's law may be asked at all.

They speak about a ledger, never about a project: figures that are rounded or estimated show them as figures that are made up do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence.known import Known
from liantu.report.senders import senders

COLUMNS = ["county", "measure", "n", "share", "expected", "statistic", "effect", "p", "q", "flagged", "why"]
MEASURES = ("last_digit", "round_total", "first_digit")


def benford_shares() -> np.ndarray:
    """Expected shares of the first digits 1 to 9, log10(1 + 1/d).

    Source: Benford, Proc. Am. Phil. Soc. 78 (1938) 551-572; checked: 30.1, 17.6, 12.5, 9.7, 7.9, 6.7, 5.8, 5.1, 4.6 %.
    """
    return np.log10(1 + 1 / np.arange(1, 10))


def last_digit_test(amounts: Sequence[float] | np.ndarray) -> tuple[int, np.ndarray, float, float]:
    """Pearson's chi-square of the last digits of whole amounts against equal shares: n, counts by digit, statistic (9 df), p.

    Source: Beber and Scacco, Political Analysis 20 (2012) 211-234 (last digits of counts that nobody rounds are uniform).
    """
    from scipy.stats import chisquare  # slow to import

    values = np.asarray(amounts, dtype="float64")
    digits = np.bincount((np.round(values[np.isfinite(values)]).astype("int64") % 10), minlength=10)
    if not digits.sum():
        return 0, digits, float("nan"), float("nan")
    test = chisquare(digits)
    return int(digits.sum()), digits, float(test.statistic), float(test.pvalue)


def first_digit_test(amounts: Sequence[float] | np.ndarray) -> tuple[int, np.ndarray, float, float, float]:
    """First digits of positive amounts against Benford's law: n, counts of 1 to 9, chi-square (8 df), p, mean absolute deviation of shares.

    Of the deviation Nigrini (Benford's Law, 2012, table 7.1) calls 0.006 close, 0.012 acceptable, 0.015 marginal, more none.
    """
    from scipy.stats import chisquare  # slow to import

    values = np.asarray(amounts, dtype="float64")
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return 0, np.zeros(9, dtype=int), float("nan"), float("nan"), float("nan")
    digits = np.floor(values / 10.0 ** np.floor(np.log10(values)) + 1e-9).astype("int64").clip(1, 9)
    counts = np.bincount(digits, minlength=10)[1:]
    test = chisquare(counts, benford_shares() * len(values))
    return len(values), counts, float(test.statistic), float(test.pvalue), float(np.abs(counts / len(values) - benford_shares()).mean())


def orders_of_magnitude(amounts: np.ndarray) -> float:
    """How many powers of ten the middle 98 % of positive amounts span; 0 for none. Single slips of a unit shall not widen it."""
    positive = amounts[np.isfinite(amounts) & (amounts > 0)]
    if not len(positive):
        return 0.0
    low, high = np.quantile(positive, [0.01, 0.99])
    return float(np.log10(high / low))


def reporters(known: Known, last_digits: Mapping[str, Any], rounds: Mapping[str, Any], first_digits: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each reporter (county code; "": the departments) and measure, each project once with its newest row of that reporter.

    Measures: last_digit (of money done; share of 0, expected 0.1, effect Cramér's V), round_total (share of totals that are multiples of
    `unit_wan`, expected: that of all other reporters, one-sided binomial), first_digit (share of 1, expected 0.301, effect: mean absolute
    deviation). q is p after Benjamini and Hochberg over the reporters of a measure; flagged: q < `level`. why: "", `few` (under `least`) or
    `narrow_span` (money done spans under `orders` powers of ten); an untested row has no p.
    """
    rows = known.observations.assign(_sender=known.observations["source_file"].map(senders(known.observations)))
    rows = rows.sort_values("snapshot", kind="stable").drop_duplicates(["_sender", "project_id"], keep="last")
    found = []
    totals = rows["total_investment_wan"].where(rows["total_investment_wan"] >= rounds["unit_wan"])
    is_round = (totals % rounds["unit_wan"] == 0).where(totals.notna())
    for county in sorted(set(rows["_sender"].dropna())):
        mine = (rows["_sender"] == county).to_numpy()
        done = rows.loc[mine, "done_total_wan"].to_numpy("float64")
        done = done[done > 0]
        found += [_last(county, done, last_digits), _round(county, is_round, mine, rounds), _first(county, done, first_digits)]
    table = pd.DataFrame(found, columns=[name for name in COLUMNS if name not in ("q", "flagged")])
    levels = {"last_digit": last_digits["level"], "round_total": rounds["level"], "first_digit": first_digits["level"]}
    return _controlled(table, levels)


def _last(county: str, done: np.ndarray, parameters: Mapping[str, Any]) -> list[object]:
    whole = done[(done >= parameters["least_wan"]) & (done == np.round(done))]
    n, digits, statistic, p = last_digit_test(whole)
    share = digits[0] / n if n else np.nan
    if n < parameters["least"]:
        return [county, "last_digit", n, share, 0.1, np.nan, np.nan, np.nan, "few"]
    return [county, "last_digit", n, share, 0.1, statistic, float(np.sqrt(statistic / (9 * n))), p, ""]


def _round(county: str, is_round: pd.Series, mine: np.ndarray, parameters: Mapping[str, Any]) -> list[object]:
    from scipy.stats import binom  # slow to import

    own, others = is_round[mine].dropna().astype(bool), is_round[~mine].dropna().astype(bool)
    n, k, share = len(own), int(own.sum()), float(own.mean()) if len(own) else np.nan
    expected = float(others.mean()) if len(others) else np.nan
    if min(n, len(others)) < parameters["least"]:
        return [county, "round_total", n, share, expected, np.nan, np.nan, np.nan, "few"]
    return [county, "round_total", n, share, expected, k, share - expected, float(binom.sf(k - 1, n, expected)), ""]


def _first(county: str, done: np.ndarray, parameters: Mapping[str, Any]) -> list[object]:
    n, counts, statistic, p, deviation = first_digit_test(done)
    share, expected = counts[0] / n if n else np.nan, float(benford_shares()[0])
    why = "few" if n < parameters["least"] else "narrow_span" if orders_of_magnitude(done) < parameters["orders"] else ""
    told = [np.nan, np.nan, np.nan] if why else [statistic, deviation, p]
    return [county, "first_digit", n, share, expected, *told, why]


def _controlled(table: pd.DataFrame, levels: Mapping[str, float]) -> pd.DataFrame:
    from scipy.stats import false_discovery_control  # slow to import

    q = pd.Series(np.nan, index=table.index)
    for _, part in table[table["p"].notna()].groupby("measure"):
        q[part.index] = false_discovery_control(part["p"].to_numpy("float64"))
    flagged = (q < table["measure"].map(levels).astype("float64")).to_numpy(bool)
    return table.assign(q=q, flagged=flagged)[COLUMNS]
