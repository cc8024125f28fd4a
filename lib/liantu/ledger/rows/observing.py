"""What one project row says about its stages, its approvals and its money: dates told apart into plans and facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from liantu.ledger.rows.body import Answer, Body
from liantu.ledger.values import NOTHING, Reading, read_column, read_stage
from liantu.reference.models import Vocabulary
from liantu.tables.contracts import APPROVALS, STAGES
from liantu.tables.fold import PROGRESS, RANK

DONE_OVER_TOTAL = 3
"""Money done beyond this many times the total investment is an error (contracts, Values)."""
SHORT = 8
"""A text of at most so many characters says little beside the stage that is read in it."""
_AMOUNTS = ("total_investment_wan", "plan_year_wan", "done_year_wan", "done_total_wan")
_BY_REACH = tuple(sorted(STAGES, key=lambda stage: (stage in ("suspended", "resumed", "terminated"), RANK[stage], STAGES.index(stage))))


def observation_columns(body: Body, columns: Mapping[str, list], vocabulary: Vocabulary) -> dict[str, list]:
    """The columns of `observations` that more than one field, or more than one row of thought, goes into.

    Dates and precision of each stage, status and date of each approval, the stage, and the note with what stood beside the amounts.
    """
    ticked = _ticked(body)
    said = body.values("stage") if "stage" in body.readings else _unsaid(body, vocabulary)
    answers = [value if isinstance(value, Answer) else None for value in said]
    stages = [tick if answer or not stage else stage for stage, tick, answer in zip(said, ticked, answers, strict=True)]
    made: dict[str, list] = {}
    for stage in STAGES:
        made |= _stage_dates(body, stage, stages, answers)
    for approval in APPROVALS:
        made |= _approval(body, approval)
    made["stage"] = [_stage_of(place, stages[place], answers[place], made) for place in range(len(said))]
    made["note"] = _notes(body, columns)
    _check_done(body, columns)
    return made


def _unsaid(body: Body, vocabulary: Vocabulary) -> list[str | Answer | None]:
    """The stage in a table without a column for it: a remark that is little more than a stage (`已投产`), else the sheet's name.

    A sheet of 签约项目 says of its projects that they have come so far at least.
    """
    sheet = read_stage(body.context.sheet, vocabulary).value if len(body.context.sheet) <= SHORT else None
    stages: list[str | Answer | None] = [Answer(sheet, True) if sheet else None] * len(body.rows)
    read = partial(read_stage, vocabulary=vocabulary)
    for texts in reversed(body.notes):
        readings = read_column([text if text and len(text) <= SHORT else None for text in texts], read)
        stages = [reading.value or stage for reading, stage in zip(readings, stages, strict=True)]
    return stages


def _stage_of(place: int, stage: str | None, answer: Answer | None, made: Mapping[str, list]) -> str | None:
    """The stage of one row.

    前期 and 未开工 are read as signed (vocabulary.yml), so an approval date makes signed approved. A yes to `是否开工` says started at
    least: the row's own dates of later stages say how far the project has come.
    """
    dated = [name for name in PROGRESS[2:] if made.get(f"{name}_actual", ()) and made[f"{name}_actual"][place] is not None]
    if stage == "signed":
        return "approved" if "approved" in dated else stage
    if stage is None and answer is not None and answer.reached:
        return max([answer.stage, *dated], key=RANK.__getitem__)
    return stage


def _ticked(body: Body) -> list[str | None]:
    """The furthest stage whose own column is ticked; a stage that stands aside (停工, 终止) counts before the others."""
    ticked: list[str | None] = [None] * len(body.rows)
    for stage in _BY_REACH:
        for side in ("date", "actual"):
            for place, value in enumerate(body.values(f"{stage}_{side}")):
                ticked[place] = stage if value is True else ticked[place]
    return ticked


def _stage_dates(body: Body, stage: str, stages: list[str | None], answers: list[Answer | None]) -> dict[str, list]:
    """Planned and actual date of one stage with their precision.

    A column that says neither plan nor fact (`开工时间`) is a plan when its date lies after the snapshot, or when the row's own stage
    says that it has not come to that; a date labelled actual that lies after the snapshot is a plan, and flagged.
    """
    snapshot = body.context.snapshot
    planned, actual, either = (_dates(body, f"{stage}_{side}") for side in ("planned", "actual", "date"))
    for place, reading in enumerate(actual):
        if reading.value is not None and reading.value > snapshot:
            body.flaw(place, f"{stage}_actual", "actual_ahead")
            planned[place] = reading if planned[place].value is None else planned[place]
            actual[place] = NOTHING
    for place, reading in enumerate(either):
        if reading.value is not None:
            ahead = reading.value > snapshot or _not_yet(stage, stages[place], answers[place])
            side = planned if ahead else actual
            side[place] = reading if side[place].value is None else side[place]
    _fill_from_period(body, stage, planned)
    sides = {"planned": planned, "actual": actual}
    return {f"{stage}_{side}{part}": [reading.precision if part else reading.value for reading in readings]
            for side, readings in sides.items() if any(reading.value is not None for reading in readings) for part in ("", "_precision")}


def _dates(body: Body, name: str) -> list[Reading]:
    """The readings of a field that are dates, nothing in the place of the others."""
    readings = body.readings.get(name, [NOTHING] * len(body.rows))
    return [reading if isinstance(reading.value, dt.date) else NOTHING for reading in readings]


def _fill_from_period(body: Body, stage: str, planned: list[Reading]) -> None:
    """The years of construction (建设起止年限) are a plan for start and completion, where no column of their own says them."""
    end = {"started": 0, "completed": 1}.get(stage)
    for place, span in enumerate(body.values("period") if end is not None else ()):
        if span is not None and planned[place].value is None:
            planned[place] = span[end]


def _not_yet(stage: str, stated: str | None, answer: Answer | None) -> bool:
    """True when the row's own words say that the project has not come to this stage."""
    if stated is not None:
        return RANK[stated] < RANK[stage]
    return answer is not None and not answer.reached and RANK[answer.stage] <= RANK[stage]


def _approval(body: Body, approval: str) -> dict[str, list]:
    """Status and date of one approval, told in one cell or in a column each; a date after the snapshot says that it is pending."""
    pairs = [[value or (None, None) for value in body.values(name)] for name in (approval, f"{approval}_date")]
    status = [own or dated[0] or single[0] for own, single, dated in zip(body.values(f"{approval}_status"), *pairs, strict=True)]
    dates = [dated[1] or single[1] for single, dated in zip(*pairs, strict=True)]
    if not any(status):
        return {}
    return {f"{approval}_status": status,
            f"{approval}_date": [day if said == "done" else None for said, day in zip(status, dates, strict=True)]}


def _notes(body: Body, columns: Mapping[str, list]) -> list[str | None]:
    """The row's own note, then what stood beside its amounts, each after its header."""
    notes = []
    for place, own in enumerate(columns.get("note", [None] * len(body.rows))):
        beside = [f"{body.headers[name]}：{body.readings[name][place].note}"
                  for name in _AMOUNTS if name in body.readings and body.readings[name][place].note]
        notes.append("；".join([*([own] if own else []), *beside]) or None)
    return notes


def _check_done(body: Body, columns: Mapping[str, list]) -> None:
    nothing = [None] * len(body.rows)
    totals, done = columns.get("total_investment_wan", nothing), columns.get("done_total_wan", nothing)
    for place, (total, sum_done) in enumerate(zip(totals, done, strict=True)):
        if total and sum_done is not None and sum_done > DONE_OVER_TOTAL * total:
            body.flaw(place, "done_total_wan", "done_over_total")
