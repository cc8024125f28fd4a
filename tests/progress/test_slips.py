"""Slips: moves of plan dates, overruns with censoring, uplifts held against published survival quantiles."""

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.progress.originals import originals
from liantu.progress.slips import FEW, corrected_dates, median_interval, overruns, reference_class, slip_summary, slips

# Freireich 1963, 6-MP group: weeks of remission, and whether it ended (0: still going on).
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def plans(days, ended=None, entry=-1.0, county="211382"):
    """Rows of `slips` with the given days from the original plan to the end of each."""
    days = np.asarray(days, dtype="float64")
    ended = np.ones(len(days), dtype=bool) if ended is None else np.asarray(ended, dtype=bool)
    return pd.DataFrame({"stage": "started", "county": county, "note": "", "entry_days": entry, "exit_days": days,
                         "overrun_days": np.where(ended, days, np.nan)})


def test_kaplan_meier_of_the_published_sample():
    curve = overruns(plans(WEEKS, ENDED), fewest=1)
    assert curve.surv_times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.surv_prob.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


def test_uplift_is_the_published_quantile_of_a_censored_sample():
    table = reference_class(plans(WEEKS, ENDED), "started", (0.25, 0.5, 0.8), fewest=1).set_index("quantile")
    assert table["days"].iloc[:2].tolist() == [13, 23]  # quartile and median as published
    assert np.isnan(table["days"].loc[0.8]) and table["note"].loc[0.8] == "not_reached"  # 45 % were never seen to end


def test_uplift_without_censoring_is_the_empirical_quantile():
    rng = np.random.default_rng(3)
    days = rng.integers(-100, 400, 500)
    table = reference_class(plans(days, entry=-200.0), "started", (0.5, 0.8, 0.9))
    # The curve ends where fewer than FEW are left; these quantiles lie well before.
    assert table["days"].tolist() == pytest.approx(np.quantile(days, [0.5, 0.8, 0.9], method="inverted_cdf"), abs=2)


def test_leaving_out_what_is_still_open_would_be_too_hopeful():
    rows = plans([10] * 30 + [200] * 70, [True] * 30 + [False] * 70)
    assert np.isnan(reference_class(rows, "started", (0.5,))["days"].iloc[0])
    assert reference_class(rows[rows["overrun_days"].notna()], "started", (0.5,), fewest=1)["days"].iloc[0] == 10


def test_plans_enter_when_they_come_under_watch():
    # What ended before it was under watch tells nothing; what was long overdue when first seen is not counted as at risk before.
    rows = pd.concat([plans([5] * 20, entry=10.0), plans([30] * 20, entry=-10.0), plans([90] * 20, entry=60.0)], ignore_index=True)
    curve = overruns(rows, fewest=1)
    assert curve.surv_times.tolist() == [30, 90]
    assert curve.n_risk.tolist() == [20, 20]


def test_county_is_drawn_to_the_city_by_its_numbers():
    others = plans(np.arange(200) % 100, county="211321")
    late = plans(np.arange(1, 201) + 300, county="211382")
    mine = {n: pd.concat([others, late.iloc[:n]], ignore_index=True) for n in (0, 20, 200)}
    days = {n: reference_class(rows, "started", (0.5,), county="211382", fewest=1)["days"].iloc[0] for n, rows in mine.items()}
    all_others = reference_class(others, "started", (0.5,), fewest=1)["days"].iloc[0]
    own = reference_class(late, "started", (0.5,), fewest=1)["days"].iloc[0]
    assert days[0] == all_others and days[0] < days[20] < days[200] <= own


def test_uplift_of_a_plan_that_has_passed_counts_that_it_has():
    rows = plans(np.repeat(np.arange(1, 101), 2))
    table = reference_class(rows, "started", (0.5,), passed=60.0, fewest=1)
    assert table["days"].iloc[0] == pytest.approx(80, abs=1)
    assert reference_class(rows, "started", (0.5,), fewest=1)["days"].iloc[0] == pytest.approx(50, abs=1)


@pytest.mark.parametrize(("n", "rank"), [(6, 1), (10, 2), (15, 4), (20, 6), (25, 8), (30, 10)])
def test_median_interval_by_published_ranks(n, rank):
    # Ranks of the 95 % interval of the median as in tables of the sign test (Conover; NIST handbook).
    assert median_interval(np.arange(1, n + 1)) == (rank, n + 1 - rank)


def test_too_few_for_an_interval():
    assert np.isnan(median_interval([1, 2, 3, 4, 5])).all()
    assert np.isnan(median_interval([])).all()


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q4")


def test_slips_are_the_originals_with_what_happened(report):
    rows = slips(report)
    same = originals(report.table("changes"), report.milestones)
    columns = ["project_id", "stage", "original_date", "planned_date", "times_moved", "days_moved", "actual_date"]
    pd.testing.assert_frame_equal(rows[columns], same[columns])
    done = rows[rows["actual_date"].notna()]
    assert ((done["actual_date"] - done["original_date"]).dt.days == done["overrun_days"]).all()
    assert rows.loc[~rows["reached"], "overrun_days"].isna().all()
    waiting = rows[~rows["reached"]]
    assert len(waiting) and (waiting["exit_days"] <= (pd.Timestamp(report.as_of) - waiting["original_date"]).dt.days).all()
    moves = report.table("changes")
    assert rows["moved_after_due"].sum() > 0
    assert set(rows.loc[rows["moved_after_due"], "project_id"]) <= set(moves["project_id"])
    assert (rows.loc[rows["moved_after_due"], "times_moved"] > 0).all()


def test_summary_counts_every_plan_once(report):
    rows = slips(report)
    for by in ("county", "department", "stage"):
        table = slip_summary(report, by)
        stages = table[table["stage"] != ""]
        assert stages["plans"].sum() == len(rows)
        assert stages["moved"].sum() == (rows["times_moved"] > 0).sum() == stages[["later", "earlier"]].sum().sum() + (
            (rows["times_moved"] > 0) & (rows["days_moved"] == 0)).sum()
        assert (table["few"] == (table["moved"] < FEW)).all()
        known = table.dropna(subset=["low"])
        assert len(known) and ((known["low"] <= known["median_days"]) & (known["median_days"] <= known["high"])).all()
    assert (slip_summary(report, "county").query("stage == ''")["plans"].sum()) == len(rows)
    with pytest.raises(KeyError):
        slip_summary(report, "colour")


def test_corrected_dates_lie_ahead_in_order(report):
    table = corrected_dates(report)
    assert not set(table["project_id"]) & set(report.milestones.query("stage == 'terminated'")["project_id"])
    known = table.dropna(subset=["d50"])
    assert not (known["d50"] > known["d80"]).any() and not (known["d80"] > known["d90"]).any()
    assert set(table.loc[table["d90"].isna(), "note"]) <= {"not_reached", "none"}
    overdue = known[known["original_date"] < pd.Timestamp(report.as_of)]
    assert len(overdue) and (overdue["d50"] > pd.Timestamp(report.as_of)).all()


def test_a_county_has_its_own_rows_only(report):
    own = slips(report.known_in("211382"))
    whole = slips(report)
    assert set(own["county"]) == {"211382"}
    mine = whole[whole["county"] == "211382"]
    assert len(own) == len(mine) and own["days_moved"].sum() == mine["days_moved"].sum()


def test_without_plans_everything_is_empty_and_says_so(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    public = Report(quarter="2022Q4", dataset="public")
    assert not len(slips(public)) and not len(slip_summary(public)) and not len(corrected_dates(public))
    table = reference_class(slips(public), "started")
    assert table["note"].tolist() == ["none"] * 3 and table["days"].isna().all()


def test_one_snapshot_gives_no_reference_class(small_data):
    first = Report(quarter="2021Q4")
    assert len(slips(first)) and (slips(first)["times_moved"] == 0).all()
    assert set(reference_class(slips(first), "started")["note"]) == {"none"}
