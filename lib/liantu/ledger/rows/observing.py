"""What project rows say about their stages, their approvals and their money: dates told apart into plans and facts."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.ledger.rows.body import Body
from liantu.ledger.rows.grouping import Groups, stage_of_sheet
from liantu.ledger.rows.readers import Answer
from liantu.ledger.rows.row_words import remarks_of_now, row_words
from liantu.ledger.values import Column, read_column, read_stage
from liantu.ledger.values.reading import as_series, objects
from liantu.reference import City
from liantu.tables.contracts import APPROVALS, EARLY_STAGES, PRECISIONS, STAGES
from liantu.tables.fold import PROGRESS, RANK

_SIDES = ("planned", "actual", "date")
SHORT = 8
"""A text of at most so many characters says little beside the stage that is read in it."""
_AMOUNTS = ("total_investment_wan", "plan_year_wan", "done_year_wan", "done_total_wan")
_BY_REACH = tuple(sorted(STAGES, key=lambda stage: (stage in ("suspended", "resumed", "terminated"), RANK[stage], STAGES.index(stage))))
_STAGES = (*EARLY_STAGES, *STAGES)
_NUMBER = {stage: place for place, stage in enumerate(_STAGES)}
_RANKS = np.array([*(RANK[stage] for stage in _STAGES), -1], np.int8)
"""How far each stage is; the last one stands for none."""


@dataclass
class _Stages:
    """What each row says of its stage: a stage by its number in _STAGES, or an answer to whether a stage is reached; -1 for neither."""

    stage: np.ndarray
    asked: np.ndarray
    reached: np.ndarray


@dataclass
class _Days:
    """Dates of rows with the number of their precision."""

    day: np.ndarray
    precision: np.ndarray

    @property
    def told(self) -> np.ndarray:
        """For each row whether it has a date."""
        return ~np.isnat(self.day)

    def fill(self, where: np.ndarray, other: _Days) -> None:
        """Take the other's dates where `where` says so and there is none."""
        where = where & other.told & ~self.told
        self.day = np.where(where, other.day, self.day)
        self.precision = np.where(where, other.precision, self.precision)

    def clear(self, where: np.ndarray) -> None:
        """Forget the dates where `where` says so."""
        self.day = np.where(where, np.datetime64("NaT", "D"), self.day)


def observation_columns(body: Body, columns: Mapping[str, pd.Series], groups: Groups, city: City) -> dict[str, pd.Series]:
    """The columns of `observations` that more than one field, or more than one row of thought, goes into.

    Dates and precision of each stage, status and date of each approval, the stage, and the note with what stood beside the amounts.
    """
    resumes = _resumptions(body, columns, city)
    said = _stages_of(body.columns["stage"]) if "stage" in body.columns else _remarked(body, city)
    open_ = (said.asked >= 0) | (said.stage < 0)
    said.stage = np.where(open_, _ticked(body, resumes), said.stage)
    _around(body, said, groups, city)
    made: dict[str, pd.Series] = {}
    dated: dict[str, np.ndarray] = {}
    for stage in STAGES:
        planned, actual = _stage_dates(body, stage, said, resumes)
        made |= _side(f"{stage}_planned", planned) | _side(f"{stage}_actual", actual)
        dated[stage] = actual.told
    for approval in APPROVALS:
        made |= _approval(body, approval)
    reached = _stage_of(said, dated)
    again = resumes.get("stage", np.zeros(len(reached), bool)) & (reached == _NUMBER["started"])
    made["stage"] = worded(np.where(again, _NUMBER["resumed"], reached), _STAGES)
    made["note"] = _notes(body, columns)
    return made


def worded(numbers: np.ndarray, words: Sequence[str]) -> pd.Series:
    """Numbers of words as a column of texts, -1 as nothing."""
    return as_series(pa.array(words, pa.string()).take(pa.array(numbers, mask=numbers < 0)))


def _resumptions(body: Body, columns: Mapping[str, pd.Series], city: City) -> dict[str, np.ndarray]:
    """Field → the rows in which its start is a resumption: carried-over projects, below a header that says start or resume (开复工)."""
    either = re.compile(row_words(city).stages.start_or_resume)
    fields = [name for name in ("stage", *(f"started_{side}" for side in _SIDES))
              if name in body.told and either.search(re.sub(r"\s", "", unicodedata.normalize("NFKC", body.told[name].header)))]
    construction = columns.get("construction")
    if not fields or construction is None:
        return {}
    carried = construction.eq("carried_over").fillna(False).to_numpy(bool)
    return dict.fromkeys(fields, carried)


def _stages_of(column: Column) -> _Stages:
    """From a column whose values are stages and answers."""
    held = column.values.to_pylist() if column.kind == "text" else column.values.tolist()
    stage = np.array([_NUMBER.get(value, -1) if isinstance(value, str) else -1 for value in held], np.int8)
    asked = np.array([_NUMBER[value.stage] if isinstance(value, Answer) else -1 for value in held], np.int8)
    reached = np.array([isinstance(value, Answer) and value.reached for value in held], bool)
    return _Stages(stage[column.codes], asked[column.codes], reached[column.codes])


def _remarked(body: Body, city: City) -> _Stages:
    """The stage in a table without a column for it: a remark that is little more than a stage (`已投产`).

    Below 下步计划 or 未开工原因 the same words speak of what is to come, or of why it has not.
    """
    size = len(body.rows)
    said = _Stages(np.full(size, -1, np.int8), np.full(size, -1, np.int8), np.zeros(size, bool))
    read = partial(read_stage, vocabulary=city.vocabulary)
    for remarks in remarks_of_now(body.notes, row_words(city)):
        texts = remarks.values.to_pylist()
        short = read_column([text if text and len(text) <= SHORT else None for text in texts], read)
        stage = _stages_of(short).stage[remarks.codes]
        said.stage = np.where(stage >= 0, stage, said.stage)
    return said


def _around(body: Body, said: _Stages, groups: Groups, city: City) -> None:
    """What stands around a row that says nothing of its stage: the group above it, else the name of a sheet without a column of stages.

    A group of 已开工项目 or a sheet of 签约项目 says of its projects that they have come so far at least.
    """
    silent = body.silent("stage") & (said.stage < 0) & (said.asked < 0)
    told = np.array([_NUMBER.get(group.stage, -1) for group in groups.told], np.int8)[groups.codes]
    if "stage" not in body.columns:
        named = _NUMBER.get(stage_of_sheet(body.context.sheet, city), -1)
        told = np.where(told >= 0, told, np.int8(named))
    said.asked = np.where(silent, told, said.asked)
    said.reached = said.reached | (silent & (told >= 0))


def _stage_of(said: _Stages, dated: Mapping[str, np.ndarray]) -> np.ndarray:
    """The number of the stage of each row.

    前期 and 未开工 are read as signed (vocabulary.yml), so an approval date makes signed approved. A yes to `是否开工` says started at
    least: the row's own dates of later stages say how far the project has come.
    """
    far = said.asked.copy()
    for name in PROGRESS[2:]:
        far = np.where(dated[name] & (RANK[name] > _RANKS[far]), _NUMBER[name], far)
    stage = np.where((said.stage == _NUMBER["signed"]) & dated["approved"], _NUMBER["approved"], said.stage)
    return np.where((said.stage < 0) & (said.asked >= 0) & said.reached, far, stage)


def _ticked(body: Body, resumes: Mapping[str, np.ndarray]) -> np.ndarray:
    """The furthest stage whose own column is ticked; a stage that stands aside (停工, 终止) counts before the others."""
    ticked = np.full(len(body.rows), -1, np.int8)
    for stage in _BY_REACH:
        for side in ("date", "actual"):
            column = body.columns.get(f"{stage}_{side}")
            if column is not None and column.kind == "any":
                is_tick = np.array([value is True for value in column.values.tolist()], bool)
                again = resumes.get(f"{stage}_{side}", np.zeros(len(ticked), bool))
                ticked = np.where(is_tick[column.codes], np.where(again, _NUMBER["resumed"], _NUMBER[stage]), ticked)
    return ticked


def _stage_dates(body: Body, stage: str, said: _Stages, resumes: Mapping[str, np.ndarray]) -> tuple[_Days, _Days]:
    """Planned and actual dates of one stage.

    A column that says neither plan nor fact (`开工时间`) is a plan when its date lies after the snapshot, or when the row's own stage
    says that it has not come to that; a date labelled actual that lies after the snapshot is a plan, and flagged.
    """
    snapshot = np.datetime64(body.context.snapshot, "D")
    planned, actual, either = (_days_of(body, stage, side, resumes) for side in _SIDES)
    with np.errstate(invalid="ignore"):
        ahead = actual.told & (actual.day > snapshot)
        later = either.told & ((either.day > snapshot) | _not_yet(stage, said))
    if ahead.any():
        body.flag(np.flatnonzero(ahead), f"{stage}_actual", "actual_ahead")
        planned.fill(ahead, actual)
        actual.clear(ahead)
    planned.fill(later, either)
    actual.fill(~later, either)
    _fill_from_period(body, stage, planned)
    return planned, actual


def _side(name: str, days: _Days) -> dict[str, pd.Series]:
    """The column of dates and that of their precision, where any row has one."""
    if not days.told.any():
        return {}
    return {name: as_series(days.day), f"{name}_precision": worded(np.where(days.told, days.precision, -1), PRECISIONS)}


def _days(body: Body, name: str) -> _Days:
    """The dates of a field, none in the place of what is no date."""
    column = body.columns.get(name)
    size = len(body.rows)
    if column is None:
        return _Days(np.full(size, "NaT", "datetime64[D]"), np.full(size, -1, np.int8))
    held = column.values if column.kind == "date" else dates_among(column.values.tolist())
    when = column.precision if column.precision is not None else np.full(len(held), -1, np.int8)
    return _Days(held[column.codes], when[column.codes])


def dates_among(held: Sequence[object]) -> np.ndarray:
    """The dates among values, NaT for the others."""
    return np.array([value if isinstance(value, dt.date) else None for value in held], "datetime64[D]")


def _days_of(body: Body, stage: str, side: str, resumes: Mapping[str, np.ndarray]) -> _Days:
    """The dates of one side of a stage; what stands below 开复工 in the row of a carried-over project is a date of resuming."""
    days = _days(body, f"{stage}_{side}")
    again = resumes.get(f"started_{side}")
    if again is not None and stage == "started":
        days.clear(again)
    if again is not None and stage == "resumed":
        days.fill(again, _days(body, f"started_{side}"))
    return days


def _fill_from_period(body: Body, stage: str, planned: _Days) -> None:
    """The years of construction (建设起止年限) are a plan for start and completion, where no column of their own says them."""
    end = {"started": 0, "completed": 1}.get(stage)
    column = body.columns.get("period")
    if end is None or column is None:
        return
    sides = [span[end] if span is not None else None for span in column.values.tolist()]
    held = dates_among([side and side.value for side in sides])
    when = np.array([PRECISIONS.index(side.precision) if side and side.precision else -1 for side in sides], np.int8)
    planned.fill(np.ones(len(body.rows), bool), _Days(held[column.codes], when[column.codes]))


def _not_yet(stage: str, said: _Stages) -> np.ndarray:
    """For each row whether its own words say that the project has not come to this stage."""
    denied = (said.asked >= 0) & ~said.reached & (_RANKS[said.asked] <= RANK[stage])
    return np.where(said.stage >= 0, _RANKS[said.stage] < RANK[stage], denied)


def _approval(body: Body, approval: str) -> dict[str, pd.Series]:
    """Status and date of one approval, told in one cell or in a column each; a date after the snapshot says that it is pending."""
    status = body.columns.get(f"{approval}_status")
    sides = [column for name in (f"{approval}_date", approval) if (column := body.columns.get(name)) is not None]
    if status is None and not sides:
        return {}
    told = status.each(str) if status is not None else np.full(len(body.rows), None, dtype=object)
    days = np.full(len(body.rows), "NaT", "datetime64[D]")
    for column in sides:
        pairs = [value or (None, None) for value in column.values.tolist()]
        own = objects(said for said, _ in pairs)
        told = np.where(told == None, own[column.codes], told)  # noqa: E711 - elementwise
        days = np.where(np.isnat(days), dates_among([day for _, day in pairs])[column.codes], days)
    if not any(told):
        return {}
    return {f"{approval}_status": pd.Series(told, dtype="str"),
            f"{approval}_date": as_series(np.where(told == "done", days, np.datetime64("NaT", "D")))}


def _notes(body: Body, columns: Mapping[str, pd.Series]) -> pd.Series:
    """The row's own note, then what stood beside its amounts, each after its header."""
    own = columns["note"] if "note" in columns else pd.Series(pd.NA, index=range(len(body.rows)), dtype="str")
    beside: dict[int, list[str]] = {}
    for name in _AMOUNTS:
        column = body.columns.get(name)
        if column is None or not column.notes:
            continue
        noted = np.zeros(len(column.values), bool)
        noted[list(column.notes)] = True
        places = np.flatnonzero(noted[column.codes])
        for place, code in zip(places.tolist(), column.codes[places].tolist(), strict=True):
            if column.notes[code]:
                beside.setdefault(place, []).append(f"{body.headers[name]}：{column.notes[code]}")
    if not beside:
        return own
    joined = ["；".join([*([said] if isinstance(said, str) else []), *beside[place]])
              for place, said in zip(beside, own.take(list(beside)), strict=True)]
    own = own.astype(object)
    own.iloc[list(beside)] = joined
    return own.astype("str")
