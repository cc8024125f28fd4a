"""Scores as tables: points of each unit, how each came about, and grades."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.assess.scoring.known_indicators import known_indicators
from liantu.assess.scoring.normalising import NOT_REPORTED, STATES
from liantu.assess.scoring.points import Judged, judge, totals_of
from liantu.assess.scoring.scoring_rules import ScoringRules, load_rules
from liantu.reference.loading import ReferenceFileError

Rules = ScoringRules | Mapping | str | Path
DETAILS = ["unit", "part", "kind", "value", "normalised", "weight", "points", "state", "note"]


def score(values: pd.DataFrame, rules: Rules, group_of: Mapping[object, object] | None = None) -> pd.DataFrame:
    """Points of each unit by a scoring file: one column for each indicator, bonus and deduction (negative), then `total`.

    `values` has one row for each unit (its index) and one column for each indicator; NaN is "not reported", other columns are ignored.
    `rules`: ScoringRules, or what `load_rules` takes. `group_of` gives each unit's group (default: the `groups` of the rules); units are
    compared within their group. Points of an indicator that is not reported are NaN where its weight is spread over the others or the unit
    is not ranked (then `total` is NaN), else what the rule for missing values gives: `score_details` tells which. Raises
    ReferenceFileError (a broken file; a column that is missing and not listed in indicators.yml), ValueError (a unit twice, an infinite
    value). Checked against a published result: 0.48 + 0.60 + 0.50 + 0.50 + 0.30 + 0.40 = 2.78, and 2.95 (tests/assess/test_scoring.py).
    """
    rules = load_rules(rules)
    points = judge(_array(values, rules), rules, _groups(values.index, rules, group_of)).points
    return pd.DataFrame(points, index=values.index, columns=list(rules.ids)).assign(total=totals_of(points, rules))


def score_details(values: pd.DataFrame, rules: Rules, group_of: Mapping[object, object] | None = None) -> pd.DataFrame:
    """How each point of `score` came about: one row for each unit and part, in their order; arguments and errors as `score`.

    Columns: unit, part (id), kind (indicator, bonus, deduction), value (NaN: not reported, or several inputs), normalised (share of the
    weight earned, after caps; NaN for bonuses and deductions), weight (NaN for those), points (as `score`), state (scored, capped, floored,
    not_reported), note: codes joined by "、": `parts` (made of several inputs), `equal` (all units the same, or no mean to compare with),
    `spread` (raised because the weight of a part not reported is spread over the others), `zero`, `mean`, `not_ranked` (the rule that
    dealt with a part not reported), `nobody` (no unit of the group reports it), `no_bonus`/`no_deduction` (not reported: none given).
    """
    rules = load_rules(rules)
    array, groups = _array(values, rules), _groups(values.index, rules, group_of)
    judged = judge(array, rules, groups)
    units, parts = array.shape[0], len(rules.ids)
    weight = np.concatenate([rules.weights, np.full(parts - len(rules.indicators), np.nan)])
    return pd.DataFrame({
        "unit": np.repeat(values.index.to_numpy(), parts), "part": np.tile(np.array(rules.ids, dtype=object), units),
        "kind": np.tile(np.array(rules.kinds, dtype=object), units), "value": _values_of(array, rules).ravel(),
        "normalised": (judged.earned / weight).ravel(), "weight": np.tile(weight, units), "points": judged.points.ravel(),
        "state": np.array(STATES, dtype=object)[judged.state.ravel()], "note": _notes(judged, rules, groups),
    }, columns=DETAILS)


def grades(totals: pd.Series, rules: Rules, group_of: Mapping[object, object] | None = None) -> pd.Series:
    """The grade of each unit by its total: unit i of n from the best gets the first grade with (i - 0.5) / n <= `to`; "" without a total.

    With 20 units and cuts 0.25, 0.70, 0.95, 1 these are 5, 9, 5 and 1. Units with equal totals share the better place, so a tie never
    splits over two grades. Within groups where the rules have them. Raises ReferenceFileError for rules without grades.
    """
    rules = load_rules(rules)
    if not rules.grades:
        raise ReferenceFileError(f"{rules.file}: grades: none are stated")
    names = pd.Series(_groups(totals.index, rules, group_of) or [""] * len(totals), index=totals.index, dtype="str")
    place = totals.groupby(names.to_numpy()).rank(method="min", ascending=False)
    share = ((place - 0.5) / totals.groupby(names.to_numpy()).transform("count")).to_numpy(dtype=float)
    ids = np.array([*(entry.id for entry in rules.grades), ""], dtype=object)
    cut = np.searchsorted([entry.to for entry in rules.grades], np.where(np.isnan(share), np.inf, share) - 1e-12, side="left")
    return pd.Series(ids[cut], index=totals.index, name="grade", dtype="str")


def _array(values: pd.DataFrame, rules: ScoringRules) -> np.ndarray:
    absent = [name for name in rules.inputs if name not in values.columns]
    if absent and (unknown := [name for name in absent if name not in known_indicators()]):
        raise ReferenceFileError(f"{rules.file}: {_key_of(unknown[0], rules)}: unknown indicator {unknown[0]!r}: no column of the values, "
                                 "and not listed in indicators.yml")
    if values.index.has_duplicates:
        raise ValueError(f"a unit stands twice in the values: {values.index[values.index.duplicated()][0]!r}")
    array = values.reindex(columns=list(rules.inputs)).astype("float64").to_numpy(na_value=np.nan)
    if np.isinf(array).any():
        raise ValueError(f"infinite values in column {rules.inputs[int(np.flatnonzero(np.isinf(array).any(axis=0))[0])]!r}")
    return array


def _key_of(name: str, rules: ScoringRules) -> str:
    """Where in the file a column is asked for."""
    for key, entries in (("indicators", rules.indicators), ("bonuses", rules.bonuses), ("deductions", rules.deductions)):
        for at, entry in enumerate(entries):
            for part in entry.all_parts if key == "indicators" else (entry.part,):
                if name in part.inputs:
                    return f"{key}.{at}"
    return "indicators"


def _groups(units: pd.Index, rules: ScoringRules, group_of: Mapping[object, object] | None) -> list[str] | None:
    if group_of is not None:
        return [str(group_of.get(unit, "")) for unit in units]
    return rules.groups_of(units) if rules.groups else None


def _values_of(array: np.ndarray, rules: ScoringRules) -> np.ndarray:
    """The value behind each part; NaN where it is made of several."""
    at = {name: place for place, name in enumerate(rules.inputs)}
    read = [entry.all_parts[0].id if len(entry.all_parts) == 1 else None for entry in rules.indicators]
    read += [entry.part.id for entry in (*rules.bonuses, *rules.deductions)]
    missing = np.full(array.shape[0], np.nan)
    return np.column_stack([missing if name is None else array[:, at[name]] for name in read])


def _notes(judged: Judged, rules: ScoringRules, groups: list[str] | None) -> np.ndarray:
    units, parts = judged.points.shape
    out = judged.state == NOT_REPORTED
    counted = len(rules.indicators)
    labels = np.array(groups if groups is not None else [""] * units, dtype=object)
    same = labels[:, None] == labels[None, :]
    nobody = ~((same.astype(int) @ (~out).astype(int)) > 0)
    handled = [rules.missing_of(entry) for entry in rules.indicators] + [f"no_{kind}" for kind in rules.kinds[counted:]]
    many = np.array([len(entry.all_parts) > 1 for entry in rules.indicators] + [False] * (parts - counted))
    # What is raised by spreading is the points that another part of the same unit did not report.
    spread = np.zeros_like(out)
    spread[:, :counted] = ~np.isnan(judged.points[:, :counted]) & np.isnan(judged.points[:, :counted]).any(axis=1, keepdims=True)
    codes = ((np.broadcast_to(many, out.shape), "parts"), (judged.degenerate & ~out, "equal"), (spread & ~out, "spread"),
             (nobody, "nobody"))
    notes = np.full((units, parts), "", dtype=object)
    for where, code in codes:
        notes[where] = np.where(notes[where] == "", code, notes[where] + "、" + code)
    rules_of = np.broadcast_to(np.array(handled, dtype=object), out.shape)
    notes[out] = np.where(notes[out] == "", rules_of[out], notes[out] + "、" + rules_of[out])
    return notes.ravel()
