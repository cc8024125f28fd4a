"""Each stay of a project in a stage: when it is known from, how it ended, and what is left out and said."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.progress.counts import FLOW
from liantu.progress.spells import NOTES, STAYS, TERMINATED, UNLISTED, at_risk, lives, spell_notes, spells

FIRST, LAST = "2021-12-31", "2022-12-31"


def _projects(*rows):
    table = pd.DataFrame(rows, columns=["project_id", "first_snapshot", "last_snapshot", "stage"])
    dates = {name: table[name].astype("datetime64[ms]") for name in ("first_snapshot", "last_snapshot")}
    return table.assign(county="211302", **dates).astype({"project_id": "str", "stage": "str"})


def _milestones(*rows):
    table = pd.DataFrame(rows, columns=["project_id", "stage", "actual_date", "precision", "first_reported"])
    dates = {name: table[name].astype("datetime64[ms]") for name in ("actual_date", "first_reported")}
    return table.assign(**dates).astype(dict.fromkeys(("project_id", "stage", "precision"), "str"))


def _spells(projects, *milestones):
    return spells(projects, _milestones(*milestones), pd.Timestamp(LAST), pd.Timestamp(FIRST)).set_index(["project_id", "stage"])


def test_a_life_seen_from_the_first_ledger():
    table = _spells(_projects(("a", FIRST, LAST, "started")),
                    ("a", "signed", "2021-01-10", "day", FIRST), ("a", "approved", "2021-06-01", "day", FIRST),
                    ("a", "started", "2022-03-01", "day", "2022-06-30"))
    signed, approved, started = (table.loc[("a", stage)] for stage in ("signed", "approved", "started"))
    assert (signed["note"], signed["days"], signed["to"]) == ("over_before", 142, "approved")
    # In the stage before the first ledger: at risk only from it.
    assert (approved["days"], approved["to"], approved["note"]) == (273, "started", "")
    assert approved["known_from"] == pd.Timestamp(FIRST)
    assert (started["days"], started["known_from"]) == (305, pd.Timestamp("2022-03-01"))
    assert pd.isna(started["to"])
    assert pd.isna(started["left"])
    risk = at_risk(table.reset_index())
    assert risk["stage"].tolist() == ["approved", "started"]
    assert risk["entry"].tolist() == [213, 0]
    assert risk["ended"].tolist() == [True, False]


def test_termination_is_dated_by_the_ledger_that_reports_it():
    table = _spells(_projects(("a", FIRST, LAST, "terminated")), ("a", "approved", "2022-01-10", "day", "2022-03-31"),
                    ("a", "terminated", None, None, "2022-09-30"))
    row = table.loc[("a", "approved")]
    assert (row["to"], row["left"], row["by_ledger"]) == (TERMINATED, pd.Timestamp("2022-09-30"), True)


def test_a_stage_without_a_date_ends_no_later_than_the_next_dated_one():
    table = _spells(_projects(("a", FIRST, LAST, "completed")), ("a", "signed", "2022-01-10", "day", "2022-03-31"),
                    ("a", "approved", None, None, "2022-12-31"), ("a", "started", "2022-05-01", "day", "2022-12-31"))
    row = table.loc[("a", "signed")]
    assert (row["to"], row["left"]) == ("approved", pd.Timestamp("2022-05-01"))
    assert table.loc[("a", "approved"), "note"] == "undated_entry"


def test_a_passed_stage_need_not_be_said():
    table = _spells(_projects(("a", FIRST, LAST, "at_capacity")), ("a", "started", "2022-01-10", "day", "2022-03-31"),
                    ("a", "at_capacity", "2022-11-10", "day", "2022-12-31"))
    assert table.loc[("a", "started"), "to"] == "at_capacity"
    assert len(table) == 1


def test_dates_known_to_a_period_and_dates_out_of_order():
    table = _spells(_projects(("a", FIRST, LAST, "started"), ("b", FIRST, LAST, "started")),
                    ("a", "approved", "2022-03-31", "month", "2022-03-31"), ("a", "started", "2022-03-12", "day", "2022-03-31"),
                    ("b", "approved", "2022-06-30", "month", "2022-06-30"), ("b", "started", "2022-03-12", "day", "2022-03-31"))
    within, backward = table.loc[("a", "approved")], table.loc[("b", "approved")]
    assert (within["days"], within["note"]) == (0, "")
    assert backward["note"] == "out_of_order"
    assert np.isnan(backward["days"])


def test_a_project_that_ledgers_dropped_is_followed_to_its_last_ledger():
    table = _spells(_projects(("a", FIRST, "2022-06-30", "producing"), ("b", FIRST, LAST, "producing")),
                    ("a", "producing", "2022-01-31", "day", "2022-03-31"), ("b", "producing", "2022-01-31", "day", "2022-03-31"))
    gone, there = table.loc[("a", "producing")], table.loc[("b", "producing")]
    assert (gone["to"], gone["days"]) == (UNLISTED, 150)
    assert pd.isna(there["to"])
    assert not at_risk(table.reset_index())["ended"].any()


def test_what_is_left_out_is_counted():
    table = _spells(_projects(("a", FIRST, LAST, "started"), ("b", FIRST, LAST, "started"), ("c", LAST, LAST, "started")),
                    ("a", "started", None, None, "2022-03-31"),
                    ("b", "approved", "2022-06-30", "day", "2022-06-30"), ("b", "started", "2022-01-30", "day", "2022-06-30"),
                    ("c", "started", "2022-10-31", "quarter", LAST)).reset_index()
    counts = dict(zip(*(spell_notes(table)[name] for name in ("note", "n")), strict=True))
    assert counts == {"undated_entry": 1, "out_of_order": 1, "known_today": 1}
    assert len(at_risk(table)) + sum(counts[note] for note in NOTES if note in counts) == len(table)


def test_a_date_behind_the_day_is_no_date():
    known = lives(_projects(("a", FIRST, LAST, "started")), _milestones(("a", "started", "2023-05-01", "day", LAST)), pd.Timestamp(LAST))
    assert known.ahead == 1
    assert known.reached[0, FLOW.index("started")]
    assert np.isnat(known.at[0, FLOW.index("started")])


def test_empty_tables():
    table = spells(_projects(), _milestones(), pd.Timestamp(LAST))
    assert table.empty
    assert at_risk(table).empty
    assert spell_notes(table).empty


DAYS = st.dates(min_value=pd.Timestamp("2019-01-01").date(), max_value=pd.Timestamp("2023-06-30").date())
SNAPSHOTS = st.sampled_from([FIRST, "2022-03-31", "2022-06-30", "2022-09-30", LAST])


@st.composite
def _ledgers(draw):
    ids = [f"P{number}" for number in range(draw(st.integers(0, 5)))]
    projects = [(one, *sorted((draw(SNAPSHOTS), draw(SNAPSHOTS))), draw(st.sampled_from(FLOW))) for one in ids]
    rows = []
    for one in ids:
        for stage in draw(st.sets(st.sampled_from([*FLOW, TERMINATED, "suspended"]))):
            rows.append((one, stage, draw(st.none() | DAYS), draw(st.sampled_from(["day", "month", "quarter", "half", "year"])),
                         draw(st.none() | SNAPSHOTS)))
    return _projects(*projects), _milestones(*rows)


@settings(deadline=None, max_examples=60)
@given(_ledgers())
def test_whatever_ledgers_say(told):
    projects, milestones = told
    table = spells(projects, milestones, pd.Timestamp(LAST), pd.Timestamp(FIRST))
    assert not table.duplicated(["project_id", "stage"]).any()
    assert set(table["stage"]) <= set(STAYS)
    assert not (table["days"] < 0).any()
    assert (table["known_from"].dropna() >= table.loc[table["known_from"].notna(), "entered"]).all()
    assert not (table["left"] > pd.Timestamp(LAST)).any()
    risk = at_risk(table)
    assert (risk["entry"] < risk["days"].clip(lower=0.5)).all()
    assert risk["days"].notna().all()
    known = lives(projects, milestones, pd.Timestamp(LAST))
    assert len(table) == known.reached[:, :len(STAYS)].sum()
