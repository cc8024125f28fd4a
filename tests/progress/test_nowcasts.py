"""What late reports still bring: a published triangle, triangles made by a known delay, and a small simulated city."""

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.progress.forecast_rules import forecast_rules
from liantu.progress.nowcasts import missing_by_quarter, nowcast
from liantu.progress.report_weeks import age_edges, week_triangle
from liantu.progress.triangles import Belief, Triangle, delay_pattern, outstanding
from liantu.reference import Quarter
from liantu.simulation.reporting import ENDS
from liantu.simulation.run import imagine

TAYLOR_ASHE = """357848 766940 610542 482940 527326 574398 146342 139950 227229 67948
352118 884021 933894 1183289 445745 320996 527804 266172 425046
290507 1001799 926219 1016654 750816 146923 495992 280405
310608 1108250 776189 1562400 272482 352053 206286
443160 693190 991983 769488 504851 470639
396132 937085 847498 805037 705960
440832 847631 1131398 1063269
359480 1061648 1443370
376686 986608
344014"""


def _triangle():
    table = np.full((10, 10), np.nan)
    for row, line in enumerate(TAYLOR_ASHE.splitlines()):
        table[row, :10 - row] = line.split()
    return table


def _by_lag(table):
    """A triangle of rows and lags: snapshot number row + lag tells one age of each row."""
    size = len(table)
    row, lag = np.nonzero(np.isfinite(table))
    counts, told = np.zeros((size, size)), np.zeros((size, size, table.shape[1]))
    counts[row, row + lag], told[row, row + lag, lag] = table[row, lag], 1.0
    return Triangle(counts, told, 1 - told.sum(axis=1))


def _ladder(table, draws=2000, tail=0.0):
    every, believed = np.arange(len(table)), Belief(np.full(table.shape[1], 1 / table.shape[1]))
    return outstanding(_by_lag(table), believed, every, every, draws, tail=tail)


def test_the_triangle_of_taylor_and_ashe():
    # Chain-ladder reserve 18,680,856, ODP error 2,945,659 (England & Verrall 1999); draws are log-normal: their middle is held to it
    found = _ladder(_triangle(), 8000)
    assert round(found.total) == 18_680_856 and found.error == pytest.approx(2_945_659, rel=1e-4)
    assert found.dispersion == pytest.approx(52_601, rel=1e-4)
    assert found.mean.round().tolist() == [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811]
    assert found.draws.sum(axis=1).mean() == pytest.approx(found.total, rel=0.01)
    low, high = np.quantile(found.draws.sum(axis=1), [0.1587, 0.8413])  # their long tail is not in the analytic error
    assert (high - low) / 2 == pytest.approx(found.error, rel=0.05)


def test_ages_told_together_are_split_by_the_pattern():
    pattern, rows, every = np.array([0.4, 0.3, 0.2, 0.1]), np.arange(8), Belief(np.full(4, 0.25))
    table = np.random.default_rng(5).poisson(np.outer([4000] * 8, pattern)).astype(float)
    for row in range(4):
        table[7 - row, row + 1:] = np.nan
    whole = _by_lag(table)
    lumped = Triangle(np.column_stack([whole.counts[:, :4].sum(axis=1), whole.counts[:, 4:]]),
                      np.concatenate([whole.told[:, :4].sum(axis=1, keepdims=True), whole.told[:, 4:]], axis=1), whole.left)
    together, apart = (outstanding(one, every, rows, rows) for one in (lumped, whole))
    assert together.pattern == pytest.approx(pattern, abs=0.02)
    assert together.mean[-1] == pytest.approx(2400 / 1600 * table[-1, 0], rel=0.08)
    # Less is told, so the same dispersion leaves more open.
    assert together.error / together.dispersion**0.5 >= apart.error / apart.dispersion**0.5 * 0.999


def test_a_tail_adds_what_lies_beyond_the_last_age():
    plain, longer = _ladder(_triangle()), _ladder(_triangle(), tail=0.5)
    assert longer.mean[0] == pytest.approx(67948, rel=1e-3) and plain.mean[0] == pytest.approx(0, abs=1)


def test_nothing_seen_is_refused_and_an_unseen_week_is_like_the_week_before():
    with pytest.raises(ValueError, match="no number"):
        outstanding(Triangle(np.zeros((0, 0)), np.zeros((0, 0, 2)), np.zeros((0, 2))), Belief(np.ones(2)), np.arange(0), np.arange(0))
    counts, told = np.full((6, 1), 20.0), np.ones((6, 1, 1))
    counts[5], told[5] = 0.0, 0.0
    found = outstanding(Triangle(counts, told, 1 - told[:, 0]), Belief(np.ones(1), 1.0, 1.0, 5.0, 0.2), np.arange(6), np.arange(6))
    assert found.mean[5] == pytest.approx(20, rel=0.05) and np.quantile(found.draws[:, 5], 0.95) > 25


def _reported(rng, mean_delay, per_quarter=80):
    """Events of eight quarters and the first of five quarterly snapshots that tells each; those not told yet are left out."""
    snapshots = pd.to_datetime(["2021-12-31", "2022-03-31", "2022-06-30", "2022-09-30", "2022-12-31"])
    date = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 730, per_quarter * 8), unit="D")
    told = date + pd.to_timedelta(rng.exponential(mean_delay, len(date)), unit="D")
    place = np.searchsorted(snapshots.to_numpy(), told.to_numpy())
    frame = pd.DataFrame({"actual_date": date, "first_reported": [snapshots[number] if number < 5 else pd.NaT for number in place]})
    return frame, list(snapshots)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    inside, rules, rng = [], forecast_rules(), np.random.default_rng(11)
    quarters = [Quarter.parse(f"2022Q{number}") for number in (3, 4)]
    for _ in range(12):
        every, collected = _reported(rng, 100)
        drawn, note = missing_by_quarter(every.dropna(), collected, quarters, rules, draws=600)
        late = every[every["first_reported"].isna()]
        truth = np.array([late["actual_date"].between(pd.Timestamp(q.start), pd.Timestamp(q.end)).sum() for q in quarters])
        low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
        inside += list((low <= truth) & (truth <= high))
        assert note == ""
    assert 0.80 <= np.mean(inside) <= 1.0


def _weekly(dated, collected, lags=6):
    return week_triangle(dated, collected, pd.Period("2020Q3"), pd.Period("2022Q4"), lags)


def test_the_weeks_count_every_report_once_by_its_age():
    every, collected = _reported(np.random.default_rng(2), 60)
    told = every.dropna()
    found = _weekly(told, collected)
    assert found.counts.sum() == len(told) and found.counts.shape == (130, 5) and found.loose is None
    assert np.allclose(found.told.sum(axis=1) + found.left, 1.0)
    newest = found.told[-1, -1]  # the week to 31 December has ages 0 to 6 days: so 1/7 to 7/7 of the first age, 4/7 on the mean
    assert newest[0] == pytest.approx(4 / 7) and newest[1:].sum() == 0
    got = delay_pattern(found, Belief(np.full(11, 1 / 11), 1.0)).cumsum()
    assert got[5] == pytest.approx(1 - np.exp(-age_edges(6)[6] / 60), abs=0.05)


def test_a_month_does_not_make_its_events_young():
    collected = list(pd.to_datetime(["2021-12-31", "2022-03-31"]))
    rows = pd.DataFrame({
        "actual_date": pd.to_datetime(["2022-03-31", "2022-03-31", "2022-04-30", "2022-06-30", "2022-02-20", "2022-05-31"]),
        "first_reported": pd.to_datetime(["2022-03-31"] * 6),
        "precision": ["day", "month", "month", "half", "ten_days", None]})
    found = _weekly(rows, collected)
    assert found.counts.sum() == 1 and found.counts[90, 1] == 1  # the first; the week to 31 March is number 90
    shares, snapshot, many = found.loose
    # March over its 31 days; the ten days to 20 February; what was told before its month or its quarter began tells no delay
    assert len(shares) == 2 and (snapshot == 1).all() and (many == 1).all() and np.allclose(shares.sum(axis=1), 1)
    assert sorted(shares[:, 90].round(3)) == [0, round(7 / 31, 3)] and sorted((shares > 0).sum(axis=1)) == [2, 5]


def test_events_of_the_last_days_of_a_quarter_are_not_taken_for_older_ones():
    """Works start after the thaw: the same reports in the last two weeks of the quarter leave more to come than spread over it."""
    rules, rng, quarter = forecast_rules(), np.random.default_rng(4), [Quarter.parse("2022Q4")]
    every, collected = _reported(rng, 60)
    early = every[every["actual_date"] < "2022-10-01"].dropna()
    expected = []
    for days in (92, 14):
        date = pd.Timestamp("2022-12-31") - pd.to_timedelta(np.arange(20) * days // 20, unit="D")
        newest = pd.DataFrame({"actual_date": date, "first_reported": collected[-1]})
        expected.append(missing_by_quarter(pd.concat([early, newest]), collected, quarter, rules, 500)[0].mean())
    assert expected[1] > 1.8 * expected[0]


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q3")


def test_the_newest_quarter_is_expected_to_rise_and_never_to_fall(report):
    table = nowcast(report)
    assert set(table["target"]) == {"q1_started", "q2_at_capacity", "year_introduced", "year_at_work"}
    assert (table["mean"] >= table["reported"]).all() and (table["q05"] <= table["q95"]).all()
    starts = table[table["target"] == "year_at_work"].set_index("quarter")
    assert list(starts.index) == ["2022Q1", "2022Q2", "2022Q3"] and (starts["note"].str.startswith("starts_only")).all()
    still = starts["mean"] - starts["reported"]
    assert still["2022Q3"] > still["2022Q1"]


def test_what_is_cumulated_is_drawn_together(report):
    for _, rows in nowcast(report).groupby("target", sort=False):
        assert (rows["cumulative"] == rows["reported"].cumsum()).all()
        assert rows["cumulative_mean"].to_numpy() == pytest.approx(rows["mean"].cumsum().to_numpy())
        first, last = rows.iloc[0], rows.iloc[-1]
        assert first["cumulative_q05"] == first["q05"] and first["cumulative_q95"] == first["q95"]
        # Bounds do not add up: the sum is surer than its parts, but less sure than the widest of them.
        assert last["cumulative_q95"] - last["cumulative_q05"] <= (rows["q95"] - rows["q05"]).sum()


def test_one_snapshot_says_so_and_is_wide(report):
    told = nowcast(Report(quarter="2021Q4"))
    assert told["note"].str.contains("one_snapshot").all()
    newest = told[told["target"] == "year_introduced"].iloc[-1]
    assert newest["q95"] > newest["reported"] + 5


@pytest.mark.slow
def test_coverage_of_simulated_ledgers():
    found = nowcast_coverage(range(300, 306))
    assert len(found) == 300 and 0.85 <= found["inside"].mean() <= 0.99
    spring = found[(found["stage"] == "started") & (found["snapshot"] == 1)]
    assert spring["inside"].mean() >= 0.6 and spring["expected"].mean() == pytest.approx(spring["missing"].mean(), rel=0.5)


STAGES = ("signed", "started", "completed", "producing", "at_capacity")


def nowcast_coverage(seeds, scale=0.5):
    """For each seed, stage, snapshot and quarter of 2022 whether the 90 % interval holds all that happened: told by the stories alone."""
    rows, rules = [], forecast_rules()
    snapshots = [pd.Timestamp(end) for end in ENDS]
    for seed in seeds:
        told = imagine(seed, scale)
        lives = [(project.life.dates, told.stories[project.id].first_reported) for project in told.projects if not project.parts]
        events = [(stage, pd.Timestamp(day), first.get(stage, 99)) for dates, first in lives for stage, day in dates.items()]
        every = pd.DataFrame(events, columns=["stage", "actual_date", "number"])
        every = every[every["stage"].isin([*STAGES, "approved"])]
        for now in range(1, 5):
            known = every[every["number"] <= now].assign(first_reported=lambda frame: [snapshots[number] for number in frame["number"]])
            known = known[known["actual_date"] <= known["first_reported"]]
            quarters = [Quarter.parse(f"2022Q{number}") for number in range(1, now + 1)]
            for stage in STAGES:
                own = known[known["stage"] == stage]
                drawn, _ = missing_by_quarter(own, snapshots[:now + 1], quarters, rules, draws=1000, every=known)
                for quarter, values in zip(quarters, drawn.T, strict=True):
                    span = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
                    all_of_them = every.loc[every["stage"] == stage, "actual_date"]
                    missing = all_of_them.between(*span).sum() - own["actual_date"].between(*span).sum()
                    low, high = np.quantile(values, [0.05, 0.95])
                    rows.append((seed, stage, now, str(quarter), missing, values.mean(), low, high, low <= missing <= high))
    return pd.DataFrame(rows, columns=["seed", "stage", "snapshot", "quarter", "missing", "expected", "low", "high", "inside"])
