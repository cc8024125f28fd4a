"""The chance of making a date, by simulation: open steps take lengths drawn from what such steps took, done ones stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liantu.progress.scheduling.durations import StepLengths
from liantu.progress.scheduling.networks import LONG_AGO
from liantu.progress.scheduling.standing import NOT_NEEDED, Standing
from liantu.progress.scheduling.working_days import Calendar, Days

_BLOCK = 250_000
"""Numbers drawn at a time: more fills the memory, fewer takes longer."""


def drawn_ends(stands: Standing, lengths: StepLengths, kinds: Sequence[str], calendar: Calendar, today: int, lags: np.ndarray,
               draws: int, seed: int) -> np.ndarray:
    """Days on which each step of each project ends in each draw, int32: steps x projects x draws.

    An open step that has been running is known to have run until `today` less a reporting lag drawn from `lags` (days), for an end may have
    happened without a ledger saying so yet; what it has spent is held against the lengths of steps that took longer. Steps that are done
    keep their dates. The same seed gives the same draws.
    """
    random = np.random.default_rng(seed)
    projects = len(stands.projects)
    ends = np.empty((len(kinds), projects, draws), dtype="int32")
    size = max(1, _BLOCK // draws)
    for first in range(0, projects, size):
        rows = np.arange(first, min(first + size, projects))
        seen = today - random.choice(lags, size=(len(rows), draws))
        block = stands.of(rows)
        for step in stands.net.order:
            ends[step, rows] = _ended(block, lengths, step, ends[:, rows], calendar, kinds[step], (seen, random), rows)
    return ends


def _ended(block: Standing, lengths: StepLengths, step: int, ends: np.ndarray, calendar: Calendar, kind: str,
           known: tuple[np.ndarray, np.random.Generator], rows: np.ndarray) -> np.ndarray:
    """The ends of one step: projects x draws."""
    seen, random = known
    which, dated = lengths.which[step, rows], block.told[step]
    after = block.net.after[step]
    begin = np.max([ends[earlier] for earlier in after], axis=0) if after else np.repeat(block.since[:, None], seen.shape[1], axis=1)
    begin = begin.astype("int64")
    if not after:
        # What is not signed yet begins today at the earliest.
        begin = np.where(block.signed[:, None], begin, seen)
    passed = block.passed[step]
    out = np.where((passed == LONG_AGO)[:, None], begin, passed[:, None])
    out = np.where((block.state[step] == NOT_NEEDED)[:, None], begin, out)
    opened = np.flatnonzero(passed == LONG_AGO)
    if len(opened):
        out[opened] = _open_ends(begin[opened], seen[opened], lengths, step, (which[opened], dated[opened]), calendar, kind, random)
    return out


def _open_ends(begin: Days, seen: np.ndarray, lengths: StepLengths, step: int, own: tuple[np.ndarray, np.ndarray],
               calendar: Calendar, kind: str, random: np.random.Generator) -> Days:
    """Ends of open steps; `own` holds for each project which lengths are its and whether the day of its begin is known."""
    which, dated = own
    count = calendar.counting(kind)
    # Where nobody says when it began, any day since the last that is known is as good as another.
    since = begin + np.floor(random.random(begin.shape) * np.maximum(seen - begin, 0)).astype("int64")
    start = count.first(np.where(dated[:, None], begin, since))
    spent = np.maximum(count.between(start, np.maximum(seen, start)), 0)
    uniform = 1 - random.random(begin.shape)
    drawn = np.empty(begin.shape)
    for group in np.unique(which):
        mine = which == group
        drawn[mine] = lengths.of[step][group].drawn(spent[mine], uniform[mine])
    return count.after(start, np.maximum(np.ceil(drawn), 1).astype("int64"))


def made_by(ends: np.ndarray, due: Days) -> tuple[np.ndarray, np.ndarray]:
    """The share of draws that end by `due` (projects), and its Monte-Carlo standard error sqrt(p (1 - p) / draws)."""
    share = (ends <= due[:, None]).mean(axis=1)
    return share, np.sqrt(share * (1 - share) / ends.shape[1])

