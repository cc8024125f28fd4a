"""How long steps took: observed in the ledgers with open ones counted in, and what the law gives where too few are known.

Lengths are counted days of the step's own calendar (working days, days of works, calendar days).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from liantu.progress.scheduling.networks import LONG_AGO
from liantu.progress.scheduling.standing import DONE, NOT_NEEDED, Standing
from liantu.progress.scheduling.step_rules import Spread, Step, StepRules
from liantu.progress.scheduling.working_days import Calendar

_TAIL = 0.25
"""Beyond the last observation lengths run on as the longest quarter of them did, without memory."""


@dataclass(frozen=True, eq=False)
class Lengths:
    """A distribution of lengths: `days` ascending, `share` still open after each, `tail` (mean excess) beyond the last.

    `n`: ended ones observed; `source`: observed, or legal where these are too few; `usual`: the observed median, or the legal days.
    """

    days: np.ndarray
    share: np.ndarray
    tail: float
    n: int
    source: str
    usual: float

    def quantile(self, level: float) -> float:
        """The length by which `level` (0 to 1) of the steps have ended."""
        return float(self._at(np.array([1 - level]))[0])

    def drawn(self, spent: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Lengths drawn for steps that have been open for `spent` days, from uniform numbers of the same shape: longer than `spent`."""
        return np.maximum(self._at(self._open(spent) * uniform), spent)

    def _open(self, spent: np.ndarray) -> np.ndarray:
        """The share still open after so many days."""
        after = np.append(1.0, self.share)[np.searchsorted(self.days, spent, side="right")]
        return after * np.exp(-np.maximum(spent - self.days[-1], 0) / self.tail)

    def _at(self, share: np.ndarray) -> np.ndarray:
        """The length after which just so much of the whole is still open."""
        place = np.searchsorted(-self.share, -share, side="left")
        beyond = self.days[-1] - self.tail * np.log(np.maximum(share, 1e-12) / self.share[-1])
        return np.where(place < len(self.days), self.days[np.minimum(place, len(self.days) - 1)], beyond)


@dataclass(frozen=True, eq=False)
class StepLengths:
    """The lengths of each step for each project: `of[step]` are those in use, `which[step]` (projects) tells each project's.
    """

    of: tuple[tuple[Lengths, ...], ...]
    which: np.ndarray
    table: pd.DataFrame
    """step, size (lower bound in wan; NaN: all), n, median, q25, q75, legal_days, used_days, used_from, out_of_order."""

    def usual(self) -> np.ndarray:
        """The median length of each step of each project, steps x projects, in whole days."""
        medians = [np.array([lengths.usual for lengths in several]) for several in self.of]
        found = np.array([median[which] for median, which in zip(medians, self.which, strict=True)])
        return np.maximum(np.rint(found), 1).astype("int64")


def step_lengths(stands: Standing, known: Standing, rules: StepRules, calendar: Calendar, opened: int, cut: int) -> StepLengths:
    """The lengths of the steps of `stands` as observed in `known` (all projects of the city).

    `cut` is the day up to which ends are taken to be known: what ended later, or not at all, counts as open then. `opened` is the day from
    which ends are known at all: ledgers leave out what was finished in an earlier year, so a step of works enters the count at that age
    (left truncation). Source: Kaplan-Meier with delayed entry (Klein and Moeschberger, Survival Analysis, 4.6), by statsmodels.
    """
    bounds = np.array(rules.sizes_wan)
    sizes = np.searchsorted(bounds, known.projects["total_investment_wan"].fillna(-1).to_numpy(), side="right")
    own = np.searchsorted(bounds, stands.projects["total_investment_wan"].fillna(-1).to_numpy(), side="right")
    several, which, rows = [], np.zeros(stands.state.shape, dtype="int64"), []
    for place, step in enumerate(rules.steps):
        seen, early = _seen(known, place, rules, calendar, opened, cut)
        pooled = _observed(seen, rules.fewest)
        if pooled is None:
            several.append(_legal(step, rules.legal_spread))
            which[place] = _heavy(step, stands)
            rows += [_row(step, np.nan, lengths, int(seen["ended"].sum()), early) for lengths in several[-1]]
            continue
        bands = [_observed(seen[sizes[seen["project"]] == band], rules.fewest) for band in range(len(bounds) + 1)] if step.by_size else []
        found = {band: lengths for band, lengths in enumerate(bands) if lengths is not None}
        several.append((pooled, *found.values()))
        for index, band in enumerate(found, 1):
            # A project without an amount has no size; the lengths of all stand in.
            which[place, (own == band) & stands.projects["total_investment_wan"].notna().to_numpy()] = index
        lows = [np.nan, *(0.0 if band == 0 else bounds[band - 1] for band in found)]
        rows += [_row(step, low, lengths, lengths.n, early) for low, lengths in zip(lows, several[-1], strict=True)]
    return StepLengths(tuple(several), which, pd.DataFrame(rows, columns=_COLUMNS))


_COLUMNS = ["step", "size", "n", "median", "q25", "q75", "legal_days", "used_days", "used_from", "out_of_order"]


def _row(step: Step, size: float, lengths: Lengths, ended: int, early: float) -> tuple[object, ...]:
    quartiles = [lengths.quantile(level) for level in (0.5, 0.25, 0.75)]
    return step.id, size, ended, *quartiles, step.legal.days, max(1, round(lengths.usual)), \
        lengths.source, early


def _seen(known: Standing, place: int, rules: StepRules, calendar: Calendar, opened: int, cut: int) -> tuple[pd.DataFrame, float]:
    """Project (place), days, ended and entry of each step that can be timed; and the share that ended before what they come after."""
    step, count = rules.steps[place], calendar.counting(rules.steps[place].kind)
    told = rules.by_id(step.rest_of) if step.rest_of else step
    end_place = known.net.place(told.id)
    begun, dated = _timed(known, place, rules, calendar)
    other = told.legal.days if step.rest_of else 0
    ended = np.where(known.ended[end_place] == LONG_AGO, LONG_AGO, known.ended[end_place] - other)
    over = (known.state[end_place] == DONE) & (ended != LONG_AGO)
    late = over & (ended > cut)
    going = late | _going(known, place, rules)
    rows = np.flatnonzero(dated & (known.state[place] != NOT_NEEDED) & ((over & ~late) | (going & (begun < cut))) & (begun != LONG_AGO))
    finish = np.where(over & ~late, ended, cut)[rows]
    days = count.between(begun[rows], finish)
    truncated = told.stage is not None and step.kind != "paper"
    entry = np.maximum(count.between(begun[rows], np.full(len(rows), opened)), 0) if truncated else np.zeros(len(rows))
    happened = (over & ~late)[rows]
    table = pd.DataFrame({"project": rows, "days": np.maximum(days, 0.5), "ended": happened, "entry": entry})
    return table[table["entry"] < table["days"]], float((days[happened] < 0).mean()) if happened.any() else 0.0


def _going(known: Standing, place: int, rules: StepRules) -> np.ndarray:
    """Whether a step is under way; what follows a step that no ledger dates is counted as under way with it."""
    found = known.running[place].copy()
    for earlier in known.net.after[place]:
        if _undated(rules.steps[earlier]):
            found |= known.running[earlier]
    return found


def _undated(step: Step) -> bool:
    """Whether no ledger tells when a step ends, nor can it be told from another."""
    return not (step.stage or step.approval or step.rest_of)


def _timed(known: Standing, place: int, rules: StepRules, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """The day from which a step can be timed, and whether it is known; a step before it that no ledger dates takes its legal days."""
    if not known.net.after[place]:
        return known.since, known.dated
    begun, dated = np.full(known.since.shape, LONG_AGO), np.ones(known.since.shape, dtype=bool)
    for earlier in known.net.after[place]:
        before = rules.steps[earlier]
        ended, told = known.ended[earlier], known.ended[earlier] != LONG_AGO
        passes, told_before = _timed(known, earlier, rules, calendar)
        if _undated(before):
            took = calendar.counting(before.kind).after(np.where(told_before, passes, 0), before.legal.days)
            ended, told = np.where(told_before, took, LONG_AGO), told_before
        unneeded = known.state[earlier] == NOT_NEEDED
        begun = np.maximum(begun, np.where(unneeded, passes, ended))
        dated &= np.where(unneeded, told_before, told)
    return begun, dated & (begun != LONG_AGO)


def _observed(seen: pd.DataFrame, fewest: int) -> Lengths | None:
    """The distribution of what was observed; None where fewer than `fewest` ended."""
    if seen["ended"].sum() < fewest:
        return None
    # Slow to import, and not wanted where nothing was observed.
    from statsmodels.duration.survfunc import SurvfuncRight

    curve = SurvfuncRight(seen["days"].to_numpy(), seen["ended"].to_numpy(), entry=seen["entry"].to_numpy())
    days, share = np.asarray(curve.surv_times, dtype="float64"), np.asarray(curve.surv_prob, dtype="float64")
    longest = seen["days"][seen["ended"]].nlargest(max(2, int(_TAIL * seen["ended"].sum())))
    tail = max(float(longest.mean() - longest.min()), 1.0)
    found = Lengths(days, np.maximum(share, 0.5 / len(seen)), tail, int(seen["ended"].sum()), "observed", 0.0)
    return replace(found, usual=found.quantile(0.5))


def _legal(step: Step, spread: Spread) -> tuple[Lengths, ...]:
    """The legal days, spread as a triangle; a second distribution for heavy projects where the law has one."""
    return tuple(_triangle(days, spread) for days in (step.legal.days, step.legal.heavy_days) if days is not None)


def _triangle(days: int, spread: Spread) -> Lengths:
    levels = (np.arange(100) + 0.5) / 100
    width, turn = spread.high - spread.low, (spread.usual - spread.low) / (spread.high - spread.low)
    factor = np.where(levels < turn, spread.low + np.sqrt(levels * width * (spread.usual - spread.low)),
                      spread.high - np.sqrt((1 - levels) * width * (spread.high - spread.usual)))
    return Lengths(np.maximum(days * factor, 0.5), np.append(1 - (np.arange(99) + 1) / 100, 0.005), max(days / 2, 1.0), 0, "legal", days)


def _heavy(step: Step, stands: Standing) -> np.ndarray:
    if step.legal.heavy_when is None or step.legal.heavy_days is None:
        return np.zeros(len(stands.projects), dtype="int64")
    return (stands.state[stands.net.place(step.legal.heavy_when)] != NOT_NEEDED).astype("int64")
