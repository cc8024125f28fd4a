"""Slips of unit: a figure that is wrong by the ratio of two units (亿元 for 万元, 平方米 for 亩), told but never changed.

The method, its thresholds and how well it does: docs/methods/unit-slips.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.ledger.checking.evidence import NORMAL, Reference, Values, bounds_in_time, centre_and_scale, logs, others_median, spread
from liantu.reference.checking import Evidence, SlipRules
from liantu.tables.contracts import OBSERVATIONS
from liantu.tables.fold import in_order

_TOTAL, _PLAN, _DONE, _DONE_YEAR, _AREA = "total_investment_wan", "plan_year_wan", "done_total_wan", "done_year_wan", "area_mu"
_GROWING = (_DONE, _DONE_YEAR)
_ZH = {column.name: column.zh for column in OBSERVATIONS.columns}

Header = Callable[[Any, str], str]


def _no_header(index: Any, column: str) -> str:
    return ""


@dataclass(frozen=True)
class Suspected:
    """The unit in which a figure seems to be written: pairs of (as written, as the ledger asks), and the figure read so."""

    units: tuple[tuple[str, str], ...]
    value: float
    base: str
    """万元 or 亩: the unit of `value`."""

    def written(self, header: str = "") -> str:
        """`亿元`: of several units the one that goes with the unit that the header asks for."""
        asked = re.findall("|".join(sorted({stated for _, stated in self.units}, key=len, reverse=True)), header)
        written = [unit for unit, stated in self.units if not asked or stated == asked[-1]] or [unit for unit, _ in self.units]
        return "/".join(dict.fromkeys(written))

    def told(self, header: str = "") -> str:
        """`亿元（6600万元）`: the unit and the figure read so."""
        return f"{self.written(header)}（{self.value:.10g}{self.base}）"


class Slip(NamedTuple):
    """One cell whose figure seems to stand in another unit: index and column of observations."""

    index: Any
    column: str
    suspected: Suspected


@dataclass(frozen=True)
class Slips:
    """Cells, and columns of sheets, that seem to be written in another unit than the ledger says."""

    cells: tuple[Slip, ...]
    sheets: tuple[dict[str, Any], ...]
    """Findings `sheet_unit`; the cells of such a column are not listed one by one."""


def unit_slips(observations: pd.DataFrame, rules: SlipRules) -> list[Slip]:
    """Every cell of a sum or an area that seems to be written in another unit, in the order of columns and rows.

    `observations` needs project_id, snapshot, source, source_file, sheet, the four sums (万元) and area_mu, on a unique index. Nothing is
    changed. Columns that are wrong as a whole are left to `sheet_units`. Source of the method: docs/methods/unit-slips.md.
    """
    return list(find_slips(observations, rules).cells)


def sheet_units(observations: pd.DataFrame, rules: SlipRules) -> list[dict[str, Any]]:
    """A finding `sheet_unit` for each column of a sheet all of whose figures seem to be written in another unit."""
    return list(find_slips(observations, rules).sheets)


def doubtful_projects(observations: pd.DataFrame, rules: SlipRules, column: str = _TOTAL) -> set[str]:
    """The projects whose newest figure of a column, the one that the tables use, seems to be written in another unit.

    `observations` as of `unit_slips`, with row: give those known at a date to know what was doubtful then.
    """
    slips = find_slips(observations, rules)
    doubtful = observations.index.isin([slip.index for slip in slips.cells if slip.column == column])
    for finding in slips.sheets:
        if finding["field"] == column:
            doubtful |= (observations["source_file"].eq(finding["source_file"]) & observations["sheet"].eq(finding["sheet"])).to_numpy()
    needed = observations[["project_id", "snapshot", "source", "source_file", "sheet", "row"]]
    told = in_order(needed.assign(_doubtful=doubtful)[observations[column].notna()]).drop_duplicates("project_id", keep="last")
    return set(told.loc[told["_doubtful"], "project_id"])


def find_slips(observations: pd.DataFrame, rules: SlipRules, header: Header = _no_header) -> Slips:
    """Cells and whole columns that seem to be written in another unit; columns first, so that their cells are judged as meant.

    `header` tells the header above a cell by its index and column, so that a finding names one unit.
    """
    ledger = _Ledger(observations, rules, {column: logs(observations[column]) for column in rules.columns}, header)
    findings = _whole_columns(ledger)
    cells: list[Slip] = []
    near = ledger.of_projects(_screened(ledger))
    for column in rules.columns:
        shift = _cell_shifts(near, column)
        common = _common(near, ledger, column, shift)
        findings += _findings(ledger, column, common)
        cells += _slips(near, column, np.where(common[near.sheet] == shift, 0, shift))
        # The columns that follow are judged beside this one as it is meant.
        near.logs[column] = near.logs[column] - shift
    return Slips(tuple(cells), tuple(findings))


class _Usual(NamedTuple):
    """What is usual in each sheet for one column: median, robust scale and number of figures, by the code of the sheet."""

    centre: Values
    scale: Values
    number: Values


@dataclass(frozen=True)
class _Ledger:
    """Observations as numbers: codes of the groups that are compared, and powers of ten of each column."""

    rows: pd.DataFrame
    rules: SlipRules
    logs: dict[str, Values]
    header: Header
    whole: _Ledger | None = None
    """The ledger of which this is a part; sheets keep their codes, and what is usual in them."""
    places: Values | None = None
    """The places of the rows in `whole`."""

    def of_projects(self, screened: Values) -> _Ledger:
        """All rows of the projects of the rows screened."""
        kept = np.zeros(int(self.project.max(initial=-1)) + 1, dtype=bool)
        kept[self.project[screened]] = True
        places = np.flatnonzero(kept[self.project])
        part = {name: values[places] for name, values in self.logs.items()}
        return _Ledger(self.rows.iloc[places], self.rules, part, self.header, self, places)

    @cached_property
    def day(self) -> Values:
        return self.rows["snapshot"].to_numpy("datetime64[D]").astype("int64")

    @cached_property
    def project(self) -> Values:
        return pd.factorize(self.rows["project_id"])[0].astype("int64")

    @cached_property
    def project_year(self) -> Values:
        return self.project * 10_000 + self.rows["snapshot"].dt.year.to_numpy()

    @cached_property
    def source(self) -> Values:
        return pd.factorize(self.rows["source"])[0].astype("int64")

    @cached_property
    def sheet(self) -> Values:
        if self.whole is not None:
            return self.whole.sheet[self.places]
        file, sheet = (pd.factorize(self.rows[name])[0].astype("int64") for name in ("source_file", "sheet"))
        return pd.factorize(file * (int(sheet.max(initial=0)) + 1) + sheet)[0]

    @cached_property
    def first_of_sheet(self) -> Values:
        """The place of the first row of each sheet."""
        return np.unique(self.sheet, return_index=True)[1]

    def usual(self, column: str) -> _Usual:
        """What is usual in each sheet for a column."""
        if self.whole is not None:
            return self.whole.usual(column)
        frame = pd.Series(self.logs[column]).groupby(self.sheet)
        centre = frame.median().to_numpy()
        away = pd.Series(np.abs(self.logs[column] - centre[self.sheet])).groupby(self.sheet)
        return _Usual(centre, away.median().to_numpy() / NORMAL, frame.count().to_numpy())


def _screened(ledger: _Ledger) -> Values:
    """Rows of which some figure lies farther than half a shift from some other that tells of it; no other row can be suspect."""
    rules, found = ledger.rules, ledger.logs
    far = np.zeros(len(ledger.rows), dtype=bool)
    for column in rules.columns:
        half = min(abs(shift) for shift in rules.shifts(column)) / 2
        far |= np.abs(found[column] - ledger.usual(column).centre[ledger.sheet]) > half
        if column == _TOTAL:
            far |= np.abs(found[column] - rules.typical.centre) > half
        far |= spread(found[column], ledger.project) > half
    for part, how in _parts(rules).items():
        far |= np.abs(found[part] - found[_TOTAL] - how.centre) > rules.least_shift / 2
    far |= np.abs(found[_DONE_YEAR] - found[_PLAN]) > rules.least_shift / 2
    return far | (np.abs(found[_TOTAL] - found[_AREA] - rules.per_mu.centre) > rules.least_shift / 2)


def _references(ledger: _Ledger, column: str) -> list[Reference]:
    """What a project's own figures say of each cell of a column: history, other ledgers, the same row."""
    rules, found = ledger.rules, ledger.logs
    references = [_history(ledger, column), _other_ledgers(ledger, column)]
    if column == _TOTAL:
        # The total is expected above each part, so the sides change places.
        references += [_point(found[part] - how.centre, how.above, how.below, how.cap) for part, how in _parts(rules).items()]
        references.append(_beside(found[_AREA], rules.per_mu, 1))
    elif column == _AREA:
        references.append(_beside(found[_TOTAL], rules.per_mu, -1))
    elif column == _DONE_YEAR:
        # What was done since the start says more than the total, and says the same.
        whole = np.where(np.isnan(found[_DONE]), found[_TOTAL], found[_DONE])
        references += [_beside(whole, rules.done_of_total, 1), _beside(found[_PLAN], rules.done_of_plan, 1)]
    else:
        references.append(_beside(found[_TOTAL], _parts(rules)[column], 1))
    return references


def _parts(rules: SlipRules) -> dict[str, Evidence]:
    return {_PLAN: rules.plan_of_total, _DONE: rules.done_of_total, _DONE_YEAR: rules.done_of_total}


def _point(expected: Values, below: Values | float, above: Values | float, cap: Values | float) -> Reference:
    return Reference(expected, expected, below, above, cap)


def _beside(other: Values, how: Evidence, sign: int) -> Reference:
    return _point(other + sign * how.centre, how.below, how.above, how.cap)


def _history(ledger: _Ledger, column: str) -> Reference:
    """The project's own other figures: by the same kind of reporter, else by any; sums that grow lie between earlier and later ones."""
    how, found = ledger.rules.history, ledger.logs[column]
    if column in _GROWING:
        group = ledger.project if column == _DONE else ledger.project_year
        low, high = bounds_in_time(found, group, ledger.day)
        known = ~(np.isnan(low) & np.isnan(high))
        low, high = (np.where(known & np.isnan(side), bound, side) for side, bound in ((low, -np.inf), (high, np.inf)))
        return Reference(low, high, how.below, how.above, how.cap_alone or how.cap, how.against or np.inf)
    group = ledger.project_year if column == _PLAN else ledger.project
    own, number = others_median(found, group * (int(ledger.source.max(initial=0)) + 1) + ledger.source)
    alone = np.flatnonzero(number == 0)
    every, _ = others_median(found, group)
    own[alone] = every[alone]
    return Reference(own, own, how.below, how.above, np.where(number >= 2, how.cap, how.cap_alone or how.cap), how.against or np.inf)


def _other_ledgers(ledger: _Ledger, column: str) -> Reference:
    how = ledger.rules.others
    expected, _ = others_median(ledger.logs[column], ledger.project * 100_000 + ledger.day)
    return _point(expected, how.below, how.above, how.cap)


def _in_sheet(ledger: _Ledger, column: str) -> Reference:
    """The column's figures in the same sheet; of a total in a sheet with few rows, what is usual anywhere."""
    rules, usual = ledger.rules, ledger.usual(column)
    enough = usual.number >= rules.sheet.least_rows
    centre = np.where(enough, usual.centre, rules.typical.centre if column == _TOTAL else np.nan)
    scale = np.where(enough, np.maximum(usual.scale, rules.sheet.least_scale), rules.typical.below)
    below = np.maximum(scale, rules.sheet.growing) if column in _GROWING else scale
    cap = np.where(enough, rules.sheet.cap, rules.typical.cap)
    return _point(*(values[ledger.sheet] for values in (centre, below, scale, cap)))


def _cell_shifts(ledger: _Ledger, column: str) -> Values:
    """By how many powers of ten each cell of a column seems to be too high, 0 where nothing is suspected."""
    rules, found = ledger.rules, ledger.logs[column]
    references = [*_references(ledger, column), _in_sheet(ledger, column)]
    farthest = np.nanmax(np.abs([np.zeros(len(found)), *(reference.distance(found) for reference in references)]), axis=0)
    best, shift = np.full(len(found), log(rules.rarity * rules.certainty)), np.zeros(len(found))
    for candidate in rules.shifts(column):
        gained = _evidence(references, found, candidate, rules)
        better = (gained > best) & ((farthest > rules.modified_z) | (abs(candidate) < rules.least_shift))
        best, shift = np.where(better, gained, best), np.where(better, candidate, shift)
    return shift


def _slips(ledger: _Ledger, column: str, shift: Values) -> list[Slip]:
    meant = ledger.logs[column] - shift
    return [Slip(ledger.rows.index[place], column, _suspected(column, shift[place], 10 ** meant[place], ledger.rules))
            for place in np.flatnonzero(shift)]


def _common(near: _Ledger, ledger: _Ledger, column: str, shift: Values) -> Values:
    """The shift that most cells of a sheet's column share, by the code of the sheet (0: none): one finding instead of many warnings."""
    told = ledger.usual(column).number
    common = np.zeros(len(told))
    for candidate in np.unique(shift[shift != 0]):
        counted = np.bincount(near.sheet[shift == candidate], minlength=len(told))
        common[(counted > told / 2) & (told >= ledger.rules.whole_sheet.least_rows)] = candidate
    return common


def _evidence(references: list[Reference], found: Values, shift: float, rules: SlipRules) -> Values:
    """The weights of evidence for one shift, added; a small shift counts only when history gives the very figure."""
    total = sum(reference.weight(found, shift) for reference in references)
    if abs(shift) >= rules.least_shift:
        return np.asarray(total)
    history = references[0]
    exact = np.abs(found - shift - history.low) <= rules.exact
    return np.where(exact, total - history.weight(found, shift) + history.cap, -np.inf)


def _whole_columns(ledger: _Ledger) -> list[dict[str, Any]]:
    """The findings of columns that are wrong as a whole; their figures are set right in `ledger.logs`, where they only serve to compare."""
    findings: list[dict[str, Any]] = []
    for column in ledger.rules.columns:
        usual = ledger.usual(column)
        among = _among_sheets(ledger, column, usual)
        # A column off as a whole has a median far from those of the others; only the rows of such sheets are looked at.
        half = ledger.rules.least_shift / 2
        off = (np.abs(usual.centre - among.low) > half) & (usual.number >= ledger.rules.whole_sheet.least_rows)
        if off.any():
            shifts = np.where(off, _sheet_shifts(ledger.of_projects(off[ledger.sheet]), column, usual, among), 0)
            findings += _findings(ledger, column, shifts)
            ledger.logs[column] = ledger.logs[column] - shifts[ledger.sheet]
    return findings


def _sheet_shifts(near: _Ledger, column: str, usual: _Usual, among: Reference) -> Values:
    """The shift of each sheet's whole column (0: as it says), by the code of the sheet.

    The median of each kind of evidence over the column's cells, and the column's median held against those of the other sheets.
    """
    rules, references = near.rules, _references(near, column)
    shift, best = np.zeros(len(usual.centre)), np.full(len(usual.centre), log(rules.rarity * rules.certainty))
    for candidate in (shift for shift in rules.shifts(column) if abs(shift) >= rules.least_shift):
        gained = sum(_median_weight(reference, near, column, candidate) for reference in references)
        gained = gained + among.weight(usual.centre, candidate)
        better = gained > best
        best, shift = np.where(better, gained, best), np.where(better, candidate, shift)
    return shift


def _median_weight(reference: Reference, near: _Ledger, column: str, shift: float) -> Values:
    """The median weight over the cells of each sheet for which something is expected, when there are enough of them."""
    found = near.logs[column]
    weight = pd.Series(np.where(np.isnan(reference.distance(found)), np.nan, reference.weight(found, shift)))
    by_sheet = weight.groupby(near.sheet).agg(["median", "count"])
    middle = by_sheet["median"].where(by_sheet["count"] >= near.rules.whole_sheet.least_rows, 0.0)
    return middle.reindex(range(len(near.usual(column).centre)), fill_value=0.0).to_numpy()


def _among_sheets(ledger: _Ledger, column: str, usual: _Usual) -> Reference:
    """Where the median of a sheet's column is expected: beside those of the other sheets; of the total, where it usually is."""
    rules = ledger.rules
    how = rules.whole_sheet
    told = np.where(usual.number >= how.least_rows, usual.centre, np.nan)
    expected, others = others_median(told, np.zeros(len(told), dtype="int64"))
    _, among = centre_and_scale(pd.Series(told))
    enough = others >= how.least_others
    anywhere = rules.typical.centre if column == _TOTAL else np.nan
    scale = np.where(enough, np.fmax(among, how.least_scale), rules.typical.below)
    return _point(np.where(enough, expected, anywhere), scale, scale, how.cap)


def _findings(ledger: _Ledger, column: str, shifts: Values) -> list[dict[str, Any]]:
    findings = []
    for code in np.flatnonzero(shifts):
        row = ledger.rows.iloc[ledger.first_of_sheet[code]]
        inside = (ledger.sheet == code) & ~np.isnan(ledger.logs[column])
        middle = 10 ** (np.median(ledger.logs[column][inside]) - shifts[code])
        told, header = _suspected(column, shifts[code], float(f"{middle:.3g}"), ledger.rules), ledger.header(row.name, column)
        findings.append({
            "kind": "sheet_unit", "source_file": row["source_file"], "sheet": row["sheet"], "field": column, "field_zh": _ZH[column],
            "cells": int(inside.sum()), "suspected": told.written(header), "median": f"{told.value:g}{told.base}"})
    return findings


def _suspected(column: str, shift: float, value: float, rules: SlipRules) -> Suspected:
    powers = rules.units[rules.columns[column]]
    pairs = tuple((written, stated) for stated, high in powers.items() for written, low in powers.items()
                  if stated != written and abs(high - low - shift) < 1e-5)
    return Suspected(pairs, float(f"{value:.6g}"), next(unit for unit, power in powers.items() if power == 0))
