"""The chance of making a date, by simulation: open steps take lengths drawn from what such steps took, done ones stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liantu.progress.scheduling.durations import StepLengths
from liantu.progress.scheduling.networks import LONG_AGO
from liantu.progress.scheduling.standing import NOT_NEEDED, Standing
from liantu.progress.scheduling.step_rules import Step
from liantu.progress.scheduling.working_days import Calendar, Days

_BLOCK = 250_000
"""Numbers drawn at a time: more fills the memory, fewer takes longer."""


def drawn_ends(stands: Standing, lengths: StepLengths, steps: Sequence[Step], calendar: Calendar, today: int, lags: np.ndarray,
               draws: int, seed: int) -> np.ndarray:
    """Days on which each step of each project ends in each draw, int32: steps x projects x draws.

    An open step that has been running is known to have run until `today` less a reporting lag drawn from `lags` (days), for an end may have
    happened without a ledger saying so yet; what it has spent is held against the lengths of steps that took longer. Steps that are done
    keep their dates. The same seed gives the same draws. `steps` are those of the rules, in the order of the network.
    """
    random = np.random.default_rng(seed)
    projects = len(stands.projects)
    ends = np.empty((len(steps), projects, draws), dtype="int32")
    size = max(1, _BLOCK // draws)
    for first in range(0, projects, size):
        rows = np.arange(first, min(first + size, projects))
        seen = today - random.choice(lags, size=(len(rows), draws))
        block = stands.of(rows)
        for step in stands.net.order:
            kind = steps[step], _rest(steps, step)
            ends[step, rows] = _ended(block, lengths, step, ends[:, rows], calendar, kind, (seen, random), rows)
    return ends


def _rest(steps: Sequence[Step], step: int) -> int:
    """The days of the step whose end tells that this one is over: it may be over for so long without being told."""
    return next((other.legal.days for other in steps if other.id == steps[step].rest_of), 0)


def _ended(block: Standing, lengths: StepLengths, step: int, ends: np.ndarray, calendar: Calendar, kind: tuple[Step, int],
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
               calendar: Calendar, kind: tuple[Step, int], random: np.random.Generator) -> Days:
    """Ends of open steps; `own`: for each project which lengths are its, and whether its begin is known; `kind`: the step and `_rest`."""
    which, dated = own
    told, rest = kind
    count = calendar.counting(told.kind)
    # Where nobody says when it began, any day since the last that is known is as good as another.
    since = begin + np.floor(random.random(begin.shape) * np.maximum(seen - begin, 0)).astype("int64")
    start = count.first(np.where(dated[:, None], begin, since))
    spent = np.maximum(count.between(start, np.maximum(seen, start)) - rest, 0)
    uniform = 1 - random.random(begin.shape)
    drawn = np.empty(begin.shape)
    for group in np.unique(which):
        mine = which == group
        drawn[mine] = lengths.of[step][group].drawn(spent[mine], uniform[mine])
    return count.after(start, np.maximum(np.ceil(drawn), 1).astype("int64"))


def made_by(ends: np.ndarray, due: Days, staying: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The share of draws that end by `due` (projects), and at most its Monte-Carlo standard error sqrt(p (1 - p) / draws).

    `staying` (projects x draws): the chance that the project has not dropped out by that end; each draw counts with it.
    """
    inside = ends <= due[:, None]
    share = (inside if staying is None else inside * staying).mean(axis=1)
    return share, np.sqrt(share * (1 - share) / ends.shape[1])

