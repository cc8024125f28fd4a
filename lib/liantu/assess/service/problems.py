"""Problems: which are open, overdue or solved, how long they take to be solved, and who carries how many of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd

from liantu.assess.service.tasks import newest_rows
from liantu.progress.survival import kaplan_meier, log_rank, quantile

NOTES = ("undated", "backward", "over_before", "later")
"""Why a problem is in no risk set: no day on which it was raised; solved before it was raised; over before the ledgers could show it;
raised after the day that is looked at."""
_TIMES = ["group", "problems", "open", "overdue", "solved", "timed", "median", "low", "high", "note"]
_CURVE = ["group", "days", "at_risk", "ended", "share", "low", "high"]
Since = Literal["year", "ledger"]


def problem_lives(problems: pd.DataFrame, as_of: dt.date, solved: Collection[str], since: Since = "year") -> pd.DataFrame:
    """One row for each problem by its newest row, with its state and the days that it has lasted.

    `problems` follows its contract and may hold several snapshots; `solved` are the words of a status that says so. Added columns: state
    (open, solved, gone: the newest ledger lists it no more and none said that it was solved), overdue (open and due before `as_of`), age
    (days since it was raised, of open ones), late (solved after it was due), by_ledger (solved without a date: the first ledger that says
    so stands for it, so its days are too long), reopened (a ledger before said that it was solved), ended, days, entry (for risk sets:
    days from being raised until solved or last seen, and from when it could be seen being solved; see ServiceRules.solved_listed_since)
    and note (one of NOTES, empty where a risk set may hold it).
    """
    rows, today = newest_rows(problems, "problem_id"), pd.Timestamp(as_of)
    says = (problems["resolved"] <= today) | problems["status"].fillna("").str.strip().isin(solved)
    seen = problems.assign(says=says).groupby("problem_id")
    first = seen["snapshot"].min().reindex(rows["problem_id"]).set_axis(rows.index)
    told = problems[says].groupby("problem_id")["snapshot"].min().reindex(rows["problem_id"]).set_axis(rows.index)
    dated = rows["resolved"] <= today
    settled = dated | rows["status"].fillna("").str.strip().isin(solved)
    is_open = ~settled & rows["listed"] & ~(rows["raised"] > today)
    end = rows["resolved"].where(dated, told).where(settled, rows["snapshot"].where(~rows["listed"], today))
    days = (end - rows["raised"]).dt.days.astype("float64")
    begin = pd.Timestamp(year=problems["snapshot"].min().year, month=1, day=1) if len(problems) and since == "year" else first
    entry = (begin - rows["raised"]).dt.days.astype("float64").clip(lower=0)
    note = np.select([rows["raised"].isna(), rows["raised"] > today, days < 0, entry >= days.clip(lower=0.5)],
                     ["undated", "later", "backward", "over_before"], "")
    return rows.assign(
        state=pd.Series(np.select([settled, is_open], ["solved", "open"], "gone"), index=rows.index, dtype="str"),
        overdue=(is_open & (rows["due"] < today)).astype("bool"), age=(today - rows["raised"]).dt.days.astype("float64").where(is_open),
        late=(dated & (rows["resolved"] > rows["due"])).astype("bool"), by_ledger=(settled & ~dated).astype("bool"),
        reopened=(~settled & told.notna()).astype("bool"), ended=settled.astype("bool"), days=days, entry=entry,
        note=pd.Series(note, index=rows.index, dtype="str"))


def _grouped(lives: pd.DataFrame, by: str) -> pd.DataFrame:
    return lives.assign(group=lives[by].astype("object").fillna("").astype("str") if by else "")


def times_by(lives: pd.DataFrame, by: str = "", few: int = 10, level: float = 0.9) -> pd.DataFrame:
    """Problems of each group and the days until they are solved: group, problems, open, overdue, solved, timed, median, low, high, note.

    `lives` as from `problem_lives`; without `by` one row of all. `timed`: how many a risk set holds; median by Kaplan-Meier with delayed
    entry, open ones censored on the day that is looked at, and its interval. `note`: `few` with fewer than `few` timed (no estimate),
    `open` when fewer than half are solved within the days seen (NaN), else empty.
    """
    found = []
    for group, rows in _grouped(lives, by).groupby("group", sort=True):
        timed = rows[rows["note"] == ""]
        median, low, high = (np.nan,) * 3
        if len(timed) >= few:
            median, low, high = quantile(kaplan_meier(timed["days"], timed["ended"], timed["entry"], level))
        note = "few" if len(timed) < few else "open" if np.isnan(median) else ""
        found.append((group, len(rows), int((rows["state"] == "open").sum()), int(rows["overdue"].sum()),
                      int((rows["state"] == "solved").sum()), len(timed), median, low, high, note))
    counts = dict.fromkeys(("problems", "open", "overdue", "solved", "timed"), "int64")
    floats = dict.fromkeys(("median", "low", "high"), "float64")
    return pd.DataFrame(found, columns=_TIMES).astype(counts | floats | {"group": "str", "note": "str"})


def solved_curves(lives: pd.DataFrame, by: str = "", few: int = 10, level: float = 0.9) -> pd.DataFrame:
    """The share of each group's problems that is solved by each day: group, days, at_risk, ended, share, low, high.

    Kaplan-Meier as in `times_by`; groups with fewer than `few` are left out. A curve begins with a row at day 0 and share 0.
    """
    parts = []
    for group, rows in _grouped(lives[lives["note"] == ""], by).groupby("group", sort=True):
        if len(rows) < few or not rows["ended"].any():
            continue
        curve = kaplan_meier(rows["days"], rows["ended"], rows["entry"], level)
        line = pd.DataFrame({"group": group, "days": curve["days"], "at_risk": curve["at_risk"], "ended": curve["ended"],
                             "share": 1 - curve["survival"], "low": 1 - curve["high"], "high": 1 - curve["low"]})
        zero = pd.DataFrame([{"group": group, "days": 0.0, "at_risk": curve["at_risk"].iloc[0], "ended": 0.0, "share": 0.0, "low": 0.0,
                              "high": 0.0}])
        parts += [zero, line]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_CURVE)


def times_differ(lives: pd.DataFrame, by: str, few: int = 10) -> tuple[int, int, float, float]:
    """Whether groups are solved at different speeds: groups with `few` problems, their problems, chi-square and p of one log-rank test."""
    rows = _grouped(lives[lives["note"] == ""], by)
    rows = rows[(rows["group"] != "") & (rows.groupby("group")["group"].transform("size") >= few)]
    chi2, p = log_rank(rows["days"], rows["ended"], rows["group"], rows["entry"]) if len(rows) else (np.nan, np.nan)
    return rows["group"].nunique(), len(rows), chi2, p


def steward_load(lives: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
    """Open problems of each steward's office: steward, county, problems, open, low, high, above, overdue, share_low, share_high.

    `low` and `high`: the exact interval of a Poisson number (Garwood, Biometrika 28 (1936) 437; 10 gives 4.795 to 18.390 at 95 %) for the
    open ones; `above`: so many would hardly come if all stewards had the mean number, also when the chance is multiplied by the number of
    stewards looked at (Bonferroni). overdue of open has Wilson's interval. Problems without a steward are the row with an empty name,
    which stands last and is in no mean.
    """
    from scipy.stats import poisson

    from liantu.assess.intervals import wilson

    rows = lives.assign(steward=lives["steward"].astype("object").fillna("").astype("str"), is_open=lives["state"] == "open")
    table = rows.groupby("steward", sort=True).agg(
        county=("county", _commonest), problems=("problem_id", "size"), open=("is_open", "sum"), overdue=("overdue", "sum")).reset_index()
    low, high = poisson_interval(table["open"].to_numpy(), level)
    named = table["steward"] != ""
    mean = table.loc[named, "open"].mean() if named.any() else np.nan
    above = named & (poisson.sf(table["open"] - 1, mean) * named.sum() < 1 - level) if named.any() else named
    share_low, share_high = wilson(table["overdue"], table["open"], level)
    table = table.assign(low=low, high=high, above=above.astype("bool"), share_low=share_low, share_high=share_high,
                         nobody=~named)
    order = table.sort_values(["nobody", "open", "steward"], ascending=[True, False, True], kind="stable")
    names = ["steward", "county", "problems", "open", "low", "high", "above", "overdue", "share_low", "share_high"]
    return order[names].reset_index(drop=True).astype({"open": "int64", "overdue": "int64"})


def poisson_interval(count: np.ndarray, level: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """The exact interval of a Poisson mean given its count, by quantiles of chi-square (Garwood 1936)."""
    from scipy.stats import chi2

    counts, tail = np.asarray(count, dtype="float64"), (1 - level) / 2
    return np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0), chi2.ppf(1 - tail, 2 * counts + 2) / 2


def _commonest(values: pd.Series) -> str:
    counts = values.dropna().value_counts()
    return str(counts.index[0]) if len(counts) else ""
