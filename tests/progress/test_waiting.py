"""How long projects stand in a stage and wait for permits, on tables small enough to do by hand, and the whole on a report."""

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.progress.pipeline import GROUPINGS, pipeline_of
from liantu.progress.spells import NOTES, STAYS, at_risk, spells
from liantu.progress.survival import kaplan_meier
from liantu.progress.waiting import longest_waiting, permit_times, steady, time_in_stage, transition_curves

FIRST, LAST = pd.Timestamp("2021-12-31"), pd.Timestamp("2022-12-31")


def _stays(lengths, waiting=(), stage="approved", following="started", entered="2022-01-01"):
    """Spells of given lengths that all began on a day after the first ledger: those of `lengths` ended."""
    begun = pd.Timestamp(entered)
    rows = [(f"E{n}", begun, begun + pd.Timedelta(days=days), following, float(days)) for n, days in enumerate(lengths)]
    rows += [(f"W{n}", begun, pd.NaT, None, float(days)) for n, days in enumerate(waiting)]
    table = pd.DataFrame(rows, columns=["project_id", "entered", "left", "to", "days"])
    table = table.assign(stage=stage, known_from=table["entered"], by_ledger=False, precision="day", note="")
    return table.astype(dict.fromkeys(("project_id", "stage", "to", "precision", "note"), "str") | {"left": "datetime64[ms]"})


def test_time_in_stage_by_hand():
    row = time_in_stage(_stays(range(10, 101, 10), [15, 25, 400]), few=1).iloc[0]
    assert (row["stage"], row["n"], row["ended"], row["waiting"]) == ("approved", 13, 10, 3)
    assert (row["waiting_median"], row["longest"]) == (25, 400)
    # 12/13, then 11 at risk after one waits 15 days: 10/11, then 9 after the second: 8/9 7/8 ... reach 1/2 on day 60.
    assert row["median"] == 60
    assert row["q25"] == 30
    assert row["low"] <= row["median"] <= row["high"]


def test_groups_too_small_are_told_and_have_no_estimate():
    stays = _stays([10, 20, 30])
    row = time_in_stage(stays).iloc[0]
    assert (row["note"], row["n"]) == ("few", 3)
    assert np.isnan(row["median"])
    assert transition_curves(stays).empty
    by = pd.Series({f"E{n}": "a" for n in range(2)})
    assert time_in_stage(stays, by, few=1)["group"].tolist() == ["a", "unknown"]


def test_a_median_that_is_not_reached_is_open():
    row = time_in_stage(_stays([10] * 3, [400] * 20)).iloc[0]
    assert (row["note"], row["ended"]) == ("open", 3)
    assert np.isnan(row["median"])


def test_a_curve_begins_where_enough_are_at_risk():
    stays = pd.concat([_stays([5]), _stays([50 + n for n in range(20)], entered="2021-11-21").assign(
        known_from=FIRST, project_id=[f"L{n}" for n in range(20)])], ignore_index=True)
    risk = stays.assign(entry=(stays["known_from"] - stays["entered"]).dt.days.astype("float64"), ended=True)
    kept, day = steady(risk, 10)
    assert (len(kept), day) == (20, 5)  # on day 5 one was at risk and left: alone it would end the curve
    assert kaplan_meier(risk["days"], risk["ended"], risk["entry"])["survival"].iloc[0] == 0
    assert time_in_stage(stays).iloc[0][["median", "from_day"]].tolist() == [59, 5]


def test_curves_split_by_where_projects_went():
    stays = pd.concat([_stays([10 * n for n in range(1, 11)]), _stays([45] * 5, following="terminated").assign(
        project_id=[f"T{n}" for n in range(5)]), _stays([46] * 2, following="unlisted").assign(project_id=["U0", "U1"])], ignore_index=True)
    curves = transition_curves(stays, few=5)
    assert set(curves["to"]) == {"started", "terminated"}
    ends = curves.groupby("to").tail(1).set_index("to")["share"]
    assert ends["terminated"] == pytest.approx(5 / 17)
    assert ends.sum() == pytest.approx(1)
    assert (curves.groupby("to").head(1)["share"] == 0).all()
    skipped = transition_curves(_stays([10] * 12, following="completed"))
    assert set(skipped["to"]) == {"started"}  # passed on the way


def test_longest_waiting_is_beyond_the_usual():
    stays = pd.concat([_stays(range(10, 210, 10), [150, 300]), _stays([1000] * 3, [50], "signed", "approved").assign(
        project_id=["s1", "s2", "s3", "s4"])], ignore_index=True)
    table = longest_waiting(stays)
    assert table["project_id"].tolist() == ["W1", "W0", "s4"]
    assert table["usual"].iloc[0] == time_in_stage(stays).set_index("stage").loc["approved", "median"]
    assert table["over"].iloc[0] == 300 - table["usual"].iloc[0]
    assert table["shorter"].iloc[0] == pytest.approx(1 - 8 / 22 * 7 / 8 * 1 / 6)
    assert np.isnan(table["over"].iloc[2])  # too few to say what is usual
    assert len(longest_waiting(stays, 1)) == 1


def test_permit_times_by_hand():
    rows = [("filing", f"P{n}", "done", "2022-01-01") for n in range(12)]
    rows += [("land", f"P{n}", "done", pd.Timestamp("2022-01-01") + pd.Timedelta(days=10 * n)) for n in range(1, 9)]
    rows += [("land", "P9", "pending", None), ("land", "P10", "not_needed", None), ("land", "P11", "done", None),
             ("land", "P0", "done", "2021-12-01")]
    approvals = pd.DataFrame(rows, columns=["approval", "project_id", "status", "date"]).astype({"date": "datetime64[ms]"})
    milestones = pd.DataFrame({"project_id": ["P1"], "stage": ["signed"], "actual_date": pd.to_datetime(["2021-12-02"])})
    table = permit_times(approvals, milestones, pd.Timestamp("2022-04-01"), few=5).set_index("approval")
    land, filing = table.loc["land"], table.loc["filing"]
    assert land[["needed", "done", "pending", "not_needed", "n", "before", "undated"]].tolist() == [11, 10, 1, 1, 8, 1, 1]
    assert land["median"] == 50  # of 9, one of which still waits after 90 days
    assert land["done_median"] == 45
    assert land[["pending_dated", "pending_median", "pending_longest"]].tolist() == [1, 90, 90]
    assert (filing["since"], filing["n"], filing["undated"]) == ("signed", 1, 11)
    assert np.isnan(filing["median"])


def test_permits_without_any_date_are_counted(reported_data):
    report = Report(quarter="2022Q2")
    undated = report.approvals.assign(date=pd.NaT).astype({"date": "datetime64[ms]"})
    table = permit_times(undated, report.milestones, report.as_of)
    assert table["needed"].sum() > 0 and (table["n"] == 0).all() and table["median"].isna().all()


def test_the_pipeline_of_a_report(reported_data):
    report = Report(quarter="2022Q2")
    found = pipeline_of(report)
    total = found.snapshots[found.snapshots["group"] == "2022Q2"].set_index("rate")[["base", "reached"]]
    assert found.cohorts.groupby("rate")[["base", "reached"]].sum().reindex(total.index).equals(total)
    for by in ("county", "chain", "origin", "size"):
        assert found.by[by].groupby("rate")[["base", "reached"]].sum().reindex(total.index).equals(total)
    assert set(found.by) == set(GROUPINGS)
    assert found.waterfall_first == "signed"
    assert found.waterfall["reached"].iloc[0] == total.loc["landing", "base"]
    assert set(found.times["stage"]) == set(STAYS)
    assert len(found.spells) == len(at_risk(found.spells)) + found.spells["note"].isin(NOTES).sum()
    standing = found.spells[found.spells["to"].isna() & found.spells["days"].notna()]
    assert len(found.waiting) == len(standing) == found.times["waiting"].sum()
    assert found.longest.equals(found.waiting.head(30))
    assert found.waiting["name"].notna().all()
    assert (found.permits[["needed", "not_needed", "unknown"]].sum(axis=1) == len(report.projects)).all()
    assert found.curves["share"].between(0, 1).all()
    rising = found.curves.groupby(["stage", "to", "group"])["share"].apply(lambda share: share.is_monotonic_increasing)
    assert rising.all()


@pytest.mark.parametrize("asked", [{"county": "211324"}, {"chain": "膨润土"}])
def test_the_pipeline_of_a_part(reported_data, asked):
    report = Report(quarter="2022Q2", **asked)
    found = pipeline_of(report)
    assert found.spells["project_id"].isin(report.projects["project_id"]).all()
    assert len(found.times) > 0


def test_spells_feed_everything_when_there_are_none():
    nothing = spells(pd.DataFrame({"project_id": pd.Series(dtype="str"), "first_snapshot": pd.Series(dtype="datetime64[ms]"),
                                   "last_snapshot": pd.Series(dtype="datetime64[ms]"), "county": pd.Series(dtype="str")}),
                     pd.DataFrame({name: pd.Series(dtype="str") for name in ("project_id", "stage", "precision")} | {
                         name: pd.Series(dtype="datetime64[ms]") for name in ("actual_date", "first_reported")}), LAST)
    assert time_in_stage(nothing).empty
    assert transition_curves(nothing).empty
    assert longest_waiting(nothing).empty
