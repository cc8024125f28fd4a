"""What is known of an open phase at the start of an interval, as columns for the hazard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.forecasting.reading import Known
from liantu.progress.forecasting.seasons import Seasons

AGES = (0.0, 91.0, 182.0, 365.0, 730.0, 1460.0)
"""Days since the phase began: lower edges of the classes; one more class has no start, or one still to come."""
OVERDUE = (-730.0, -365.0, -182.0, -91.0, 0.0)
"""Days from the start of the interval to the planned end: upper edges of the overdue classes."""
LATER = (91.0, 365.0)
"""Days from the end of the interval to the planned end: upper edges; then the class beyond them and that without a plan."""
AHEAD = 4
FRESH, NO_START = 0, len(AGES)
NO_PLAN = len(OVERDUE) + 2 + len(LATER) + 1
MANY_GROUPS, LARGE_PROJECT = 60, 80
TYPICAL = 91.0


@dataclass(frozen=True)
class Block:
    """Columns of one factor: as many as `width`, beginning at `first`, each with prior spread."""

    first: int
    width: int


@dataclass(frozen=True)
class Layout:
    """Names of all levels, the place of each block of columns and the prior of each column."""

    stages: tuple[str, ...]
    order: dict[str, float]
    groups: tuple[str, ...]
    constructions: tuple[str, ...]
    blocks: dict[str, Block]
    spread: np.ndarray
    plans: bool
    size_scale: tuple[float, float]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.spread)


def stage_order(rows: pd.DataFrame) -> dict[str, float]:
    """The usual place of each stage in a project's life, 0 to 1, by the dates of ends, plans and starts (mean rank within projects)."""
    when = rows["end"].fillna(rows["planned"]).fillna(rows["start"])
    several = when.notna() & (rows.groupby("project")["stage"].transform("size") > 1)
    if not several.any():
        return dict.fromkeys(sorted(rows["stage"].unique()), 0.5)
    ranks = when[several].groupby(rows["project"][several]).rank(pct=True)
    means = ranks.groupby(rows["stage"][several]).mean()
    return {stage: float(means.get(stage, 0.5)) for stage in sorted(rows["stage"].unique())}


def layout(now: Known, stages: Sequence[str], plans: bool) -> Layout:
    """The columns for a programme as known `now`."""
    rows = now.rows
    groups = tuple(sorted(rows["group"].unique()))
    constructions = tuple(sorted(rows["construction"].unique()))
    groups = groups if 1 < len(groups) <= MANY_GROUPS else ()
    constructions = constructions if 1 < len(constructions) <= 12 else ()
    count, ages, plan = len(stages), len(AGES) + 1, NO_PLAN + 1
    widths = {
        "one": (1, 3.0), "stage": (count, 1.2), "ahead": (AHEAD, 1.0), "stage_ahead": (count * AHEAD, 0.6),
        "age": (ages, 0.6), "stage_age": (count * ages, 0.35), "plan": (plan, 0.8), "stage_plan": (count * plan, 0.35),
        "group": (len(groups), 0.25), "construction": (len(constructions), 0.3), "size": (2, 0.2), "season": (1, 0.4),
    }  # fmt: skip
    blocks, spread, first = {}, [], 0
    for name, (width, sd) in widths.items():
        blocks[name] = Block(first, width)
        spread.append(np.full(width, sd))
        first += width
    size = np.log(rows["size"].dropna())
    scale = (float(size.mean()), max(0.3, float(size.std()))) if len(size) > 5 else (0.0, 1.0)
    return Layout(tuple(stages), stage_order(rows), groups, constructions, blocks, np.concatenate(spread), plans, scale)


def ahead_pairs(rows: pd.DataFrame, order: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (later row, earlier row) of the same project among open `rows`; projects of very many rows are left out."""
    rank = rows["stage"].map(order).fillna(0.5).to_numpy()
    size = rows.groupby("project")["stage"].transform("size").to_numpy()
    places = np.flatnonzero((size > 1) & (size <= LARGE_PROJECT))
    own = pd.DataFrame({"project": rows["project"].to_numpy()[places], "place": places})
    both = own.merge(own, on="project")
    later = rank[both["place_x"]] > rank[both["place_y"]] + 1e-9
    return both["place_x"].to_numpy()[later], both["place_y"].to_numpy()[later]


def codes(rows: pd.DataFrame, start: float, end: float, shape: Layout) -> dict[str, np.ndarray]:
    """The class of each row by factor for the interval (start, end]: stage, ahead, age, plan, group, construction."""
    later, _ = ahead_pairs(rows, shape.order)
    ahead = np.minimum(np.bincount(later, minlength=len(rows)), AHEAD - 1)
    age = start - rows["start"].to_numpy()
    plan = rows["planned"].to_numpy() if shape.plans else np.full(len(rows), np.nan)
    return {
        "stage": pd.Index(shape.stages).get_indexer(rows["stage"]),
        "ahead": ahead,
        "age": np.where(age >= 0, np.searchsorted(AGES, np.nan_to_num(age), side="right") - 1, NO_START),
        "plan": plan_class(plan, start, end),
        "group": pd.Index(shape.groups).get_indexer(rows["group"]) if shape.groups else np.full(len(rows), -1),
        "construction": pd.Index(shape.constructions).get_indexer(rows["construction"]) if shape.constructions else np.full(len(rows), -1),
    }


def plan_class(plan: np.ndarray, start: float, end: float) -> np.ndarray:
    """The class of a planned end: overdue by how long, in the first or second half of the interval, later by how much, none."""
    overdue = np.searchsorted(OVERDUE, np.nan_to_num(plan - start), side="left")
    half = np.where(plan - start <= (end - start) / 2, 0, 1)
    beyond = np.searchsorted(LATER, np.nan_to_num(plan - end), side="left")
    inside = len(OVERDUE)
    result = np.where(plan <= start, overdue, np.where(plan <= end, inside + half, inside + 2 + beyond))
    return np.where(np.isnan(plan), NO_PLAN, result)


def design(rows: pd.DataFrame, start: float, end: float, shape: Layout, season: Seasons) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The columns of each row (rows x columns) and its classes."""
    of = codes(rows, start, end, shape)
    table = np.zeros((len(rows), shape.width))
    every = np.arange(len(rows))
    table[:, 0] = 1.0
    for name in ("stage", "ahead", "age", "plan", "group", "construction"):
        told = of[name] >= 0
        table[every[told], shape.blocks[name].first + of[name][told]] = 1.0
    for name in ("ahead", "age", "plan"):
        table[every, crossed(shape, name, of["stage"], of[name])] = 1.0
    middle, scale = shape.size_scale
    size = np.log(rows["size"].to_numpy())
    first = shape.blocks["size"].first
    table[:, first] = np.nan_to_num((size - middle) / scale)
    table[:, first + 1] = np.isnan(size)
    table[:, shape.blocks["season"].first] = season.log_share(rows["stage"], start, end)
    return table, of


def crossed(shape: Layout, name: str, stage: np.ndarray, level: np.ndarray) -> np.ndarray:
    """The column of the interaction of stage with a factor."""
    width = shape.blocks[name].width
    return shape.blocks[f"stage_{name}"].first + stage * width + level
