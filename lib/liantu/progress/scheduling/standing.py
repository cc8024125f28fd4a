"""Where each project stands among the steps: which are done and when, which it does not need, which are open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from liantu.progress.scheduling.networks import LONG_AGO, Network, network
from liantu.progress.scheduling.step_rules import Step, StepRules
from liantu.progress.scheduling.working_days import as_days, in_reach

OPEN, DONE, NOT_NEEDED = 0, 1, 2
STATES = ("open", "done", "not_needed")


@dataclass(frozen=True, eq=False)
class Standing:
    """Projects (`projects`, one row each) among steps: arrays of steps x projects.

    `state` is OPEN, DONE or NOT_NEEDED. `ended` is the day on which a step ended as a ledger states it, LONG_AGO where none does.
    `since` (projects) is the day from which the first steps run: that of signing, else the first on which anything is known of the project.
    """

    projects: pd.DataFrame
    net: Network
    state: np.ndarray
    ended: np.ndarray
    since: np.ndarray
    signed: np.ndarray
    """Whether the project is signed, or past it (projects)."""
    dated: np.ndarray
    """Whether the day of signing is known (projects)."""

    def of(self, rows: np.ndarray) -> Standing:
        """Only the projects at these places."""
        return Standing(self.projects.iloc[rows], self.net, self.state[:, rows], self.ended[:, rows], self.since[rows], self.signed[rows],
                        self.dated[rows])

    @cached_property
    def overtaken(self) -> np.ndarray:
        """Open steps of which a later step is done: nothing waits for them any more, but the paper is missing."""
        later = np.array([(self.state[self.net.later(step)] == DONE).any(axis=0) for step in range(len(self.net.steps))])
        return (self.state == OPEN) & later

    @cached_property
    def begun(self) -> np.ndarray:
        """The day from which each step runs or ran: the last known end of the steps before it; one without passes on its own begin."""
        return self._passed[0]

    @cached_property
    def passed(self) -> np.ndarray:
        """The day on which each step that is not open ended, or by what is known can have ended at the earliest; LONG_AGO for open ones."""
        return np.where((self.state == OPEN) & ~self.overtaken, LONG_AGO, self._passed[1])

    @cached_property
    def told(self) -> np.ndarray:
        """Whether the day from which a step runs is known: that of the end of every step before it that was needed."""
        found = np.empty(self.state.shape, dtype=bool)
        for step in self.net.order:
            after = self.net.after[step]
            known = [np.where(self.state[earlier] == NOT_NEEDED, found[earlier], self.ended[earlier] != LONG_AGO) for earlier in after]
            found[step] = np.all(known, axis=0) if after else self.dated
        return found

    @cached_property
    def running(self) -> np.ndarray:
        """Open steps that nothing before holds up."""
        free = [np.all([self._free[earlier] for earlier in after], axis=0) if after else self.signed for after in self.net.after]
        return (self.state == OPEN) & ~self.overtaken & np.array(free)

    @cached_property
    def _free(self) -> np.ndarray:
        return (self.state != OPEN) | self.overtaken

    @cached_property
    def _passed(self) -> tuple[np.ndarray, np.ndarray]:
        begun, passed = np.empty_like(self.ended), np.empty_like(self.ended)
        for step in self.net.order:
            begun[step] = np.max([self.since, *(passed[earlier] for earlier in self.net.after[step])], axis=0)
            passed[step] = np.where(self.ended[step] == LONG_AGO, begun[step], self.ended[step])
        return begun, passed


def standing(projects: pd.DataFrame, milestones: pd.DataFrame, approvals: pd.DataFrame, rules: StepRules) -> Standing:
    """Where the projects stand; the tables follow their contracts as known at one date.

    A step is done when its approval or its stage is, or when no ledger says that it is pending and a later stage is reached.
    """
    net = network({step.id: step.after for step in rules.steps})
    dates, reached = _stages(projects["project_id"], milestones)
    papers = _papers(projects["project_id"], approvals)
    told = [_told(step, reached, papers, len(projects)) for step in rules.steps]
    by_stage = np.array([_reached(step, reached, len(projects)) for step in rules.steps])
    upgrade = (projects["construction"] == "upgrade").to_numpy(dtype=bool, na_value=False)
    state, ended = np.empty(by_stage.shape, dtype="int8"), np.full(by_stage.shape, LONG_AGO)
    for place, (step, (done, pending, spared)) in enumerate(zip(rules.steps, told, strict=True)):
        beyond = by_stage[net.later(place)].any(axis=0)
        spared = spared | (~pending & ~done & _unneeded(step, upgrade))
        done = (done | (beyond & ~pending)) & ~spared
        state[place] = np.where(spared, NOT_NEEDED, np.where(done, DONE, OPEN))
        ended[place] = np.where(done, _ended(step, dates, papers), LONG_AGO)
    signed = np.any([reached["signed"], *by_stage], axis=0)
    return Standing(projects.reset_index(drop=True), net, state, ended, _since(projects, dates["signed"], ended), signed,
                    dates["signed"] != LONG_AGO)


def _since(projects: pd.DataFrame, signed: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """The day of signing, else of the first ledger or of the first step known to have ended, whichever is the earlier."""
    named = as_days(projects["first_snapshot"].to_numpy())
    first = np.where(ended == LONG_AGO, np.iinfo("int64").max, ended).min(axis=0, initial=np.iinfo("int64").max)
    return np.where(signed == LONG_AGO, np.minimum(named, first), signed)


_Papers = dict[str, tuple[np.ndarray, np.ndarray]]
_STAGES = ("signed", "approved", "started", "completed", "producing", "at_capacity")


def _stages(projects: pd.Series, milestones: pd.DataFrame) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """By stage: its day for each project (LONG_AGO without), and whether it is reached (a stage may be stated without a date)."""
    dates, reached = {}, {}
    for stage in _STAGES:
        rows = milestones[milestones["stage"] == stage].set_index("project_id")
        dates[stage] = in_reach(rows["actual_date"].reindex(projects).to_numpy())
        stated = rows["actual_date"].notna() | rows["first_reported"].notna()
        reached[stage] = stated.reindex(projects, fill_value=False).to_numpy(dtype=bool)
    return dates, reached


def _papers(projects: pd.Series, approvals: pd.DataFrame) -> _Papers:
    """By approval: its status for each project (empty: no ledger says), and its day (LONG_AGO without)."""
    found = {}
    for name, rows in approvals.groupby("approval", observed=True):
        mine = rows.set_index("project_id").reindex(projects)
        found[str(name)] = mine["status"].fillna("").to_numpy(dtype=object), in_reach(mine["date"].to_numpy())
    return found


def _told(step: Step, reached: dict[str, np.ndarray], papers: _Papers, count: int) -> tuple[np.ndarray, ...]:
    """Whether ledgers say that a step is done, pending, not needed."""
    status = papers[step.approval][0] if step.approval in papers else np.full(count, "", dtype=object)
    done = (status == "done") | _reached(step, reached, count)
    return done, (status == "pending") & ~done, (status == "not_needed") & ~done


def _reached(step: Step, reached: dict[str, np.ndarray], count: int) -> np.ndarray:
    return reached[step.stage] if step.stage else np.zeros(count, dtype=bool)


def _unneeded(step: Step, upgrade: np.ndarray) -> np.ndarray:
    """Whether a project of which no ledger speaks of the step is taken not to need it."""
    return upgrade if step.needed == "new_land" else np.full(len(upgrade), step.needed == "stated")


def _ended(step: Step, dates: dict[str, np.ndarray], papers: _Papers) -> np.ndarray:
    paper = papers[step.approval][1] if step.approval in papers else LONG_AGO
    stage = dates[step.stage] if step.stage else LONG_AGO
    return np.where(np.equal(paper, LONG_AGO), stage, paper)
