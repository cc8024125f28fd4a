"""Money done, put together from what a table tells of it where that is certain, and held against the total."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.ledger.rows.body import Body
from liantu.ledger.rows.row_words import AmountWords

DONE_OVER_TOTAL = 3
"""Money done beyond this many times the total investment is an error (contracts, Values)."""
_EXACT = 6
"""Decimals of 万元 to which sums are rounded: a hundredth of a yuan."""
_QUARTERS = {word: place for words in ("1234", "一二三四") for place, word in enumerate(words)}


def done_so_far(body: Body, columns: Mapping[str, pd.Series], words: AmountWords) -> dict[str, pd.Series]:
    """The columns done_year_wan and done_total_wan with the rows filled that other columns tell for certain.

    Done in the year is the sum of its months or quarters when they are all there up to the snapshot. Done since the start is done up to
    the end of the year before, and done in the year, together. One month alone, or the past alone, makes neither.
    """
    year = _year_from_periods(body, columns.get("done_year_wan"), words)
    made = {"done_year_wan": year} if year is not None else {}
    done = year if year is not None else columns.get("done_year_wan")
    before = body.columns.get("done_before_wan")
    told = body.told.get("done_before_wan")
    if before is None or done is None or told is None or not _is_year_before(body, told.year, told.header, words):
        return made
    if body.told.get("done_year_wan") and body.told["done_year_wan"].year not in (None, body.context.snapshot.year):
        return made
    total = _silent_or(body, "done_total_wan", columns)
    sums = np.round(before.series().to_numpy() + done.to_numpy(), _EXACT)
    return made | {"done_total_wan": pd.Series(np.where(body.silent("done_total_wan"), sums, total))}


def _silent_or(body: Body, name: str, columns: Mapping[str, pd.Series]) -> np.ndarray:
    return columns[name].to_numpy() if name in columns else np.full(len(body.rows), np.nan)


def _is_year_before(body: Body, year: int | None, header: str, words: AmountWords) -> bool:
    """Whether a header (截至2021年底) speaks of the end of the year before the snapshot's."""
    if year is not None:
        return year == body.context.snapshot.year - 1
    return any(word in header for word in words.year_before)


def _year_from_periods(body: Body, done: pd.Series | None, words: AmountWords) -> pd.Series | None:
    """Done in the year, from its months where they are all there; None when no row gains by it."""
    snapshot = body.context.snapshot
    months = [(_months(match.header, words), column) for match, column in body.periods if match.year in (None, snapshot.year)]
    due = [(told, column) for told, column in months if told and max(told) <= snapshot.month]
    if sorted(month for told, _ in due for month in told) != list(range(1, snapshot.month + 1)):
        return None
    sums = np.round(np.sum([column.series().to_numpy() for _, column in due], axis=0), _EXACT)
    fill = body.silent("done_year_wan") & ~np.isnan(sums)
    own = done.to_numpy() if done is not None else np.full(len(fill), np.nan)
    return pd.Series(np.where(fill, sums, own)) if fill.any() else None


def _months(header: str, words: AmountWords) -> tuple[int, ...]:
    """The months of the one month or quarter that a header tells."""
    text = re.sub(r"20\d{2}年", "", re.sub(r"\s", "", unicodedata.normalize("NFKC", header)))
    found = list(re.finditer(words.months, text))
    if len(found) != 1:
        return ()
    if found[0]["month"]:
        return (int(found[0]["month"]),)
    first = 3 * _QUARTERS[found[0]["quarter"]] + 1
    return (first, first + 1, first + 2)


def check_done(body: Body, columns: Mapping[str, pd.Series]) -> None:
    """Flag the rows whose money done is far beyond their total investment."""
    if "total_investment_wan" not in columns or "done_total_wan" not in columns:
        return
    total, done = (columns[name].to_numpy() for name in ("total_investment_wan", "done_total_wan"))
    with np.errstate(invalid="ignore"):
        over = np.flatnonzero((total > 0) & (done > DONE_OVER_TOTAL * total))
    own = ~body.silent("done_total_wan")[over]
    body.flag(over[own], "done_total_wan", "done_over_total")
    for place in over[~own].tolist():
        body.flaw(place, "done_before_wan", "done_over_total")
