"""Survival curves against published numbers: Freireich 1963, Satagopan 2004, R's cuminc and survfit, Stata's stcompet."""

import numpy as np
import pandas as pd
import pytest

from liantu.progress.survival import aalen_johansen, kaplan_meier, log_rank, quantile, risk_set, survival_at

# Freireich et al. 1963, Blood 21:699: weeks of remission; a star (here 0) is censored.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
BOTH = [*TREATED, *PLACEBO]
EVENTS = [*RELAPSED, *([1] * 21)]
GROUP = ["6-MP"] * 21 + ["placebo"] * 21


def test_kaplan_meier_on_freireich():
    """Published to three digits, half away from zero."""
    curve = kaplan_meier(TREATED, RELAPSED)
    assert curve["days"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["survival"].round(3).tolist() == [.857, .807, .753, .690, .627, .538, .448]
    # Greenwood's standard error and the log-log interval at 6 weeks, by hand: sqrt(3 / (21 * 18)) = 0.0891.
    assert curve["se"].iloc[0] == pytest.approx(0.857142857 * np.sqrt(3 / (21 * 18)))
    at_95 = kaplan_meier(TREATED, RELAPSED, level=0.95).iloc[0]
    assert (round(at_95["low"], 3), round(at_95["high"], 3)) == (0.620, 0.952)  # Stata's sts list: 0.6197 0.9516


def test_medians_on_freireich():
    assert quantile(kaplan_meier(TREATED, RELAPSED))[0] == 23
    median, low, high = quantile(kaplan_meier(PLACEBO, [1] * 21, level=0.95))
    assert (median, low, high) == (8, 4, 11)  # Stata's stci, log-log
    assert np.isnan(quantile(kaplan_meier(TREATED, RELAPSED), 0.75)[0])


def test_log_rank_and_cox_on_freireich():
    from statsmodels.duration.hazard_regression import PHReg

    chi2, p = log_rank(BOTH, EVENTS, GROUP)
    assert round(chi2, 2) == 16.79
    assert p < 1e-4
    placebo = np.repeat([0.0, 1.0], 21)[:, None]
    for ties, expected in (("breslow", 1.5092), ("efron", 1.5721)):
        assert round(float(PHReg(np.array(BOTH), placebo, status=np.array(EVENTS), ties=ties).fit().params[0]), 4) == expected


def test_kaplan_meier_with_delayed_entry_against_r():
    """R: survfit(coxph(Surv(entry, times, status) ~ 1), type = "kaplan-meier"), as statsmodels' own tests quote it."""
    times, status = [1, 3, 3, 5, 5, 7, 7, 8, 8, 9, 10, 10], [1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1]
    entry = [0, 1, 1, 2, 2, 2, 3, 4, 4, 4, 4, 0]
    curve = kaplan_meier(times, status, entry)
    assert curve["at_risk"].tolist() == [2, 6, 9, 7, 5, 3, 2]
    by_hand = np.cumprod([1 - 1 / 2, 1 - 1 / 6, 1 - 2 / 9, 1 - 1 / 7, 1 - 1 / 5, 1 - 1 / 3, 1 - 1 / 2])
    assert curve["survival"].to_numpy() == pytest.approx(by_hand)
    days, left = risk_set(times, status, entry)
    assert (days.tolist(), left.tolist()) == (curve["days"].tolist(), curve["at_risk"].tolist())


def test_cumulative_incidence_against_r_and_stata():
    """Values of R's cuminc, errors of Stata's stcompet (R has another formula), as statsmodels' own tests quote them."""
    time = [1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4]
    cause = pd.Series([1, 1, 1, 2, 2, 2, 3, 3, 3, *([None] * 9)], dtype="object")
    curve = aalen_johansen(time, cause)
    share, se = (curve.pivot(index="days", columns="to", values=name) for name in ("share", "se"))
    assert share[1].to_numpy() == pytest.approx([.11111111, .17037037, .17037037, .17037037, .17037037])
    assert share[2].to_numpy() == pytest.approx([0, 0, .20740741, .20740741, .20740741])
    assert share[3].to_numpy() == pytest.approx([0, 0, 0, .17777778, .26666667])
    assert se[1].to_numpy() == pytest.approx([.07407407, .08976251, .08976251, .08976251, .08976251])
    assert se[2].to_numpy() == pytest.approx([0, 0, .10610391, .10610391, .10610391])
    assert se[3].to_numpy() == pytest.approx([0, 0, 0, .11196147, .12787781], abs=1e-8)


def test_cumulative_incidence_against_a_published_table():
    """Satagopan et al. 2004 (Br J Cancer 91:1229), table 2: 305 patients, per cent to one digit; the table adds rounded steps."""
    time = [7, 10, 14, 16, 18, 23, 24, 26, 27, *([28] * 296)]
    cause = [None, "cancer", None, "cancer", "other", "cancer", None, "other", "cancer", *([None] * 296)]
    curve = aalen_johansen(time, cause)
    own = curve[curve["to"] == "cancer"]
    assert own["days"].tolist() == [10, 16, 18, 23, 26, 27]
    assert own["at_risk"].tolist() == [304, 302, 301, 300, 298, 297]
    overall = 1 - curve.groupby("days")["share"].sum()
    assert (100 * overall).round(1).tolist() == [99.7, 99.3, 99.0, 98.7, 98.3, 98.0]
    steps = own["share"].diff().fillna(own["share"])[own["ended"] > 0]
    assert (100 * steps).round(1).tolist() == [0.3, 0.3, 0.3, 0.3]


@pytest.mark.parametrize("seed", range(5))
def test_aalen_johansen_against_statsmodels_and_kaplan_meier(seed):
    from statsmodels.duration.survfunc import CumIncidenceRight

    draw = np.random.default_rng(seed)
    days, status = draw.integers(1, 30, 80), draw.integers(0, 3, 80)
    curve = aalen_johansen(days, pd.Series(status).replace(0, None))
    with np.errstate(all="ignore"):  # it divides by 0 where all leave on a day
        other = CumIncidenceRight(days, status)
    for cause in (1, 2):
        own = curve[curve["to"] == cause]
        place = np.searchsorted(other.times, own["days"])
        assert own["share"].to_numpy() == pytest.approx(other.cinc[cause - 1][place])
        se = other.cinc_se[cause - 1][place]
        known = np.isfinite(se)  # statsmodels gives none where all leave on a day
        assert own["se"].to_numpy()[known] == pytest.approx(se[known])
    stay = kaplan_meier(days, status > 0)
    assert 1 - curve.groupby("days")["share"].sum().to_numpy() == pytest.approx(stay["survival"].to_numpy())


@pytest.mark.parametrize("delayed", [False, True])
def test_one_cause_is_kaplan_meier_with_its_interval(delayed):
    draw = np.random.default_rng(3)
    days, ended = draw.integers(2, 40, 90), draw.random(90) < 0.6
    entry = draw.integers(0, days) if delayed else None
    stay = kaplan_meier(days, ended, entry)
    left = aalen_johansen(days, pd.Series(np.where(ended, "on", None)), entry)
    inside = (stay["survival"] > 0).to_numpy()
    assert left["share"].to_numpy() == pytest.approx(1 - stay["survival"].to_numpy())
    for mine, theirs in (("low", "high"), ("high", "low")):
        assert left[mine].to_numpy()[inside] == pytest.approx(1 - stay[theirs].to_numpy()[inside])


def test_delayed_entry_removes_the_bias_of_those_already_there():
    """Those who stay long are met more often: without the entry the median of exponential stays comes out far too long."""
    draw = np.random.default_rng(11)
    stay, begun = draw.exponential(200, 20000), draw.uniform(-2000, 0, 20000)
    there = begun + stay > 0  # the first ledger, on day 0, lists only these
    days = np.minimum(stay, 180 - begun)[there]
    ended, entry = (begun + stay <= 180)[there], -begun[there]
    naive, right = (quantile(kaplan_meier(days, ended, entries))[0] for entries in (None, entry))
    assert naive > 250
    assert right == pytest.approx(200 * np.log(2), rel=0.12)


def test_edges():
    assert kaplan_meier([], []).empty
    assert kaplan_meier([5, 6], [0, 0]).empty
    assert aalen_johansen([5], [None]).empty
    assert np.isnan(quantile(kaplan_meier([5], [0]))[0])
    assert survival_at(kaplan_meier([5, 9], [1, 1]), [4, 5, 8, 9]).tolist() == [1, .5, .5, 0]
    assert kaplan_meier([0, 3], [1, 1], [0, 0])["days"].tolist() == [.5, 3]  # an end on the day of entry
    whole = kaplan_meier([1, 2], [1, 1]).iloc[-1]
    assert (whole["low"], whole["survival"]) == (0, 0)
    assert 0 < whole["high"] <= 1
    assert np.isnan(log_rank([5, 6], [1, 1], ["a", "a"])[0])
    assert np.isnan(log_rank([5, 9], [1, 1], ["a", "b"], [0, 6])[0])  # never at risk side by side
    with pytest.raises(ValueError, match="entry"):
        kaplan_meier([5], [1], [5])
    with pytest.raises(ValueError, match="days"):
        kaplan_meier([np.nan], [1])
