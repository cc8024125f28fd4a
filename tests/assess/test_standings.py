"""Standings: totals as scored, places that chance allows, periods, who is named and who is not, and what is kept between pages."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.assess.scoring import load_rules, points_of, score, totals_of
from liantu.assess.standings import (
    ASSESSMENTS,
    advice_text,
    indicator_rules,
    indicator_values,
    praise_and_watch,
    standings,
    three_things,
    watch_text,
)
from liantu.assess.standings import advice as advice_module
from liantu.assess.standings import storing as storing_module
from liantu.assess.standings import watch as watch_module
from liantu.assess.standings.chance import drawn
from liantu.assess.standings.dependence import correlation
from liantu.assess.standings.judging import Judged, dated_share, for_months, judged, year_rate
from liantu.assess.standings.matters import KIND_OF, matters_of
from liantu.assess.standings.measured import units_of
from liantu.assess.standings.of_projects import happened, plans_due
from liantu.assess.standings.ranks import placed, sensitivity
from liantu.assess.standings.windows import months, quarters, year_so_far
from liantu.progress.pace import should_have
from liantu.reference.opened import forget, opened

RULES = {"id": "tiny", "zh": "小", "en": "Tiny", "group": "county", "period": "year", "ours": True, "source": "test", "total": 100,
         "missing": "spread", "indicators": [{"id": "new_starts", "weight": 100, "direction": "up",
                                              "normalise": {"kind": "target_ratio", "target": 100, "cap": 5, "floor": 0}}]}


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def made(report):
    return {name: standings(report, name) for name in ASSESSMENTS}


def one(totals, error, units=None, draws=2000, seed=0):
    """An assessment whose totals are drawn from normals."""
    totals = np.asarray(totals, dtype=float)
    units = units or tuple(f"u{n}" for n in range(len(totals)))
    noise = np.random.default_rng(seed).standard_normal((draws, len(totals))) * np.asarray(error)
    values = pd.DataFrame({"new_starts": totals}, index=pd.Index(units, name="unit"))
    return Judged(load_rules(RULES), units, pd.DataFrame(), values, totals[:, None], totals, totals + noise)


# --- arithmetic


def test_the_interval_of_two_poisson_counties_covers_nine_times_in_ten():
    rng, rules = np.random.default_rng(3), load_rules(RULES)
    truth, inside, runs = np.array([12.0, 40.0]), np.zeros(2), 400
    for _ in range(runs):
        n = rng.poisson(truth).astype(float)
        rows = pd.DataFrame({"unit": ["u", "v"], "indicator": "new_starts", "value": n, "n": n, "se": np.sqrt(n + 0.5)})
        stack = drawn(rows, {"new_starts": "count"}, ["u", "v"], ["new_starts"], 1000, rng)
        totals = totals_of(points_of(n[:, None], rules), rules)
        draws = totals_of(points_of(stack, rules), rules)
        low, high = Judged(rules, ("u", "v"), rows, pd.DataFrame(), np.empty(0), totals, draws).interval(0.9)
        inside += (low <= truth) & (truth <= high)  # the target is 100 for 100 points, so a project is a point
    assert (np.abs(inside / runs - 0.9) < 0.045).all()


def test_places_overlap_where_chance_does_not_part_them():
    chance = indicator_rules().uncertainty
    close = placed(one([50, 51, 52], [3, 3, 3]), chance)
    assert close["rank_low"].tolist() == [1, 1, 1] and close["rank_high"].tolist() == [3, 3, 3] and set(close["tier"]) == {1}
    assert close["rank"].tolist() == [3, 2, 1]
    apart = placed(one([50, 70, 90], [2, 2, 2]), chance)
    assert apart["rank_low"].tolist() == apart["rank_high"].tolist() == apart["tier"].tolist() == [3, 2, 1]


def test_errors_that_move_together_part_units_that_move_alike():
    chance, shared = indicator_rules().uncertainty, one([50, 55], [0.5, 0.5])
    together = replace(shared, draws=shared.draws + np.random.default_rng(9).normal(0, 20, (2000, 1)))
    assert placed(together, chance)["rank_high"].tolist() == [2, 1]
    assert placed(one([50, 55], [20, 20]), chance)["rank_high"].tolist() == [2, 2]


def test_totals_are_shrunk_toward_each_other_and_a_missing_one_has_no_place():
    chance = indicator_rules().uncertainty
    table = placed(one([40, 50, 60, 90, np.nan], [10] * 5), chance)
    known = table["shrunk"].iloc[:4]
    assert known.is_monotonic_increasing and known.iloc[0] > 40 and known.iloc[3] < 90
    assert table.iloc[4].isna().all() and table["rank"].iloc[:4].tolist() == [4, 3, 2, 1]
    alone = placed(one([40, np.nan], [1, 1]), chance)
    assert alone["rank"].isna().all() and alone["rank_low"].isna().all()


def test_equal_totals_share_the_better_rank():
    assert placed(one([70, 80, 80], [1, 1, 1]), indicator_rules().uncertainty)["rank"].tolist() == [3, 1, 1]


def test_indicators_move_together_as_in_a_bootstrap_over_projects(report):
    window = year_so_far(report)
    units, ids = units_of(report, "county"), ["new_starts", "started_of_plan", "at_capacity"]
    home = units.home
    due = plans_due(report, "started", window)
    new, capacity = (happened(window, what)["project_id"] for what in ("new_starts", "at_capacity"))
    columns = np.column_stack([home.index.isin(those) for those in (new, due[due["kept"]]["project_id"], due["project_id"], capacity)])
    rng, found = np.random.default_rng(0), []
    for unit in units.ids:
        own = columns[(home == unit).to_numpy(bool, na_value=False)].astype(float)
        new, kept, planned, capacity = (rng.poisson(1, (4000, len(own))).astype(float) @ own).T
        alike = np.column_stack([new, kept / np.maximum(planned, 1), capacity])[planned > 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.corrcoef(alike.T))
    want, have = np.nanmean(found, axis=0), correlation(window, units, ids)
    assert np.abs(want - have).max() < 0.12 and have[0, 1] > 0.15 and np.allclose(np.diag(have), 1)


def test_draws_put_in_order_keep_their_own_spread():
    rows = pd.DataFrame({"unit": "u", "indicator": ["c", "d"], "value": [50.0, 0.0], "n": [50.0, 9.0], "se": [7.1, 2.0]})
    kinds, together = {"c": "count", "d": "difference"}, np.array([[1.0, 0.6], [0.6, 1.0]])
    alone, tied = (drawn(rows, kinds, ["u"], ["c", "d"], 5000, np.random.default_rng(2), how)[:, 0, :] for how in (None, together))
    assert (np.sort(alone, axis=0) == np.sort(tied, axis=0)).all()
    assert np.corrcoef(tied.T)[0, 1] == pytest.approx(0.6, abs=0.03) and abs(np.corrcoef(alone.T)[0, 1]) < 0.05


# --- on a report


def test_totals_are_those_of_the_scoring_engine(report, made):
    for name in ("project_construction", "zones", "task_forces", "departments"):
        rows = indicator_values(report, load_rules(name).group)
        values = rows.pivot(index="unit", columns="indicator", values="value")
        want = score(values, name)["total"].reindex(made[name].table["unit"])
        assert made[name].table["total"].tolist() == pytest.approx(want.tolist(), nan_ok=True)
    parts = made["project_construction"].details.groupby("unit")["points"].sum()
    table = made["project_construction"].table.set_index("unit")["total"]
    assert parts.reindex(table.index).tolist() == pytest.approx(table.tolist())


def test_every_standing_keeps_its_promises(made):
    for name, standing in made.items():
        table = standing.table[standing.table["total"].notna()]
        assert len(table) > 1 and table["total"].is_monotonic_decreasing, name
        assert (table["low"] <= table["total"]).all() and (table["total"] <= table["high"]).all()
        assert (table["rank_low"] <= table["rank_high"]).all() and table["tier"].is_monotonic_increasing
        assert table["rank"].between(table["rank_low"], table["rank_high"]).all()
        assert table["keeps"].dropna().between(0, 1).all() and (table["se"] >= 0).all()
        for _, own in table.groupby("tier"):  # who shares a tier shares places with another of it
            assert len(own) == 1 or (own["rank_low"].max() <= own["rank_high"].max())
        assert set(standing.values.index) == set(standing.table["unit"]) and standing.table["name"].notna().all()


def test_attraction_leaves_out_what_its_rules_do_not_count(report, made):
    counted, all_of_them = made["attraction"].values["introduced"], indicator_values(report, "county", None, ("introduced",))
    assert counted.sum() < all_of_them["value"].sum()
    rows = made["attraction"].rows.query("indicator == 'introduced'")
    left = rows["note"].str.extract(r"not_counted:(\d+)")[0].astype(float).fillna(0).to_numpy()
    assert (rows["value"].to_numpy() + left).tolist() == all_of_them["value"].tolist()


def test_the_overall_standing_reads_the_others(made):
    values = made["county_overall"].values
    for name in ("project_construction", "attraction"):
        totals = made[name].table.set_index("unit")["total"].reindex(values.index)
        assert values[name].to_dict() == pytest.approx(totals.to_dict(), nan_ok=True)
    rate = made["project_construction"].values["evidence_rate"].reindex(values.index)
    assert values["evidence"].tolist() == pytest.approx(rate.tolist(), nan_ok=True)


def test_standings_are_the_same_again_and_of_the_whole_city(report, made):
    again = standings(report.known_in("211382"), "project_construction")
    assert again is made["project_construction"]
    forget()
    other = standings(Report(quarter="2022Q2"), "project_construction")
    assert other is not again
    for name in ("table", "periods", "details", "history", "rows", "values"):
        pd.testing.assert_frame_equal(getattr(other, name), getattr(again, name))


def test_what_is_read_from_the_store_is_noted_as_if_it_were_made(report, made, monkeypatch):
    def keys(entries):
        return {tuple(sorted(entry.items())) for entry in entries if entry["kind"] != "dataset"}

    again = Report(quarter="2022Q2")
    forget()
    standings(again, "county_overall")
    stored = keys(opened())
    forget()
    monkeypatch.setattr(storing_module, "made_once", lambda folder, name, of, make, code: make())
    standings(again, "county_overall")
    remade = keys(opened())
    forget()
    # `column` entries note one column of a table that is noted whole.
    missing = {entry for entry in remade - stored if not any(name == "column" for name, _ in entry)}
    assert missing == set()


def test_names_follow_the_language(report, made):
    english = standings(Report(quarter="2022Q2", lang="en"), "zones")
    assert english.table["name"].str.isascii().all() and made["zones"].table["name"].tolist() == made["zones"].table["unit"].tolist()
    assert english.table["total"].tolist() == made["zones"].table["total"].tolist()
    assert set(english.details["part_name"]) >= {"Output per mu"}


# --- periods


def test_periods_are_months_quarters_halves_and_the_year(made):
    told = made["project_construction"].periods.groupby("period", sort=False)["label"].unique()
    assert told["month"].tolist() == [f"2022-{month:02d}" for month in range(1, 7)]
    assert told["quarter"].tolist() == ["2022Q1", "2022Q2"]
    assert told["half"].tolist() == ["2022H1"] and told["year"].tolist() == ["2022"]
    assert "month" not in set(made["zones"].periods["period"]) and ("no_months", {}) in made["zones"].notes


def test_the_year_so_far_is_the_standing_itself(made):
    for standing in made.values():
        year = standing.periods.query("period == 'year'").set_index("unit")["total"]
        assert year.to_dict() == pytest.approx(standing.table.set_index("unit")["total"].reindex(year.index).to_dict(), nan_ok=True)


def test_changes_are_against_the_period_before_and_not_across_the_year(made):
    rows = made["project_construction"].periods.query("period == 'quarter'")
    now, before = (rows[rows["label"] == label].set_index("unit") for label in ("2022Q2", "2022Q1"))
    assert before["change"].isna().all() and not before["moved"].any()
    winter = standings(Report(quarter="2022Q1"), "project_construction").periods.query("period == 'quarter'")
    assert winter["label"].unique().tolist() == ["2021Q4", "2022Q1"] and winter["change"].isna().all()
    assert set(winter.loc[winter["label"] == "2022Q1", "note"]) == {"new_year"}
    assert now["change"].to_dict() == pytest.approx((now["total"] - before["total"]).to_dict(), nan_ok=True)
    z = 1.6448536
    want = (now["change"].abs() > z * np.hypot(now["se"], before["se"])).tolist()
    assert now["moved"].tolist() == want and abs(now["relative"].mean()) < 1e-9
    recent = made["project_construction"].periods.query("period == 'month' and note == 'incomplete'")["label"].unique()
    assert recent.tolist() == ["2022-04", "2022-05", "2022-06"]


def test_a_month_counts_dated_indicators_at_the_years_rate(report):
    rules, about = load_rules("project_construction"), indicator_rules()
    assert dated_share(rules, about) == pytest.approx(0.2)  # new starts and capacity, 20 of 100
    may = next(month for month in months(report, 3) if month.label == "2022-05")
    scale = dict(zip(rules.inputs, year_rate(rules, about, may), strict=True))
    assert scale["new_starts"] == 12 and scale["carried_over"] == 1 and scale["investment_progress"] == 1
    assert set(year_rate(rules, about, year_so_far(report))) == {1.0}
    made = judged(report, rules, may)
    assert made.values.drop(columns=["new_starts", "at_capacity"]).isna().all(axis=None)
    own = points_of(made.values.to_numpy() * year_rate(rules, about, may), for_months(rules))
    assert made.totals.tolist() == pytest.approx(totals_of(own, for_months(rules)).tolist())


def test_draws_do_not_change_between_runs(report):
    window, rules = quarters(report)[-1], load_rules("project_construction")
    assert (judged(report, rules, window).draws == judged(report, rules, window).draws).all()


def test_weights_decide_little_where_one_leads_everywhere(report):
    made = judged(report, load_rules("project_construction"), year_so_far(report))
    best = made.values.copy()
    for name in best:
        best.loc[best.index[0], name] = 0 if name == "notices" else best[name].max() * 2
    keeps = sensitivity(replace(made, values=best, totals=score(best, made.rules)["total"].to_numpy()), indicator_rules().uncertainty)
    assert keeps[0] == 1 and (keeps >= 0).all()


# --- the public record and other narrow data


def test_the_public_record_is_not_ranked_and_says_why(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    public = Report(quarter="2022Q4", dataset="public")
    for name in ASSESSMENTS:
        standing = standings(public, name)
        assert standing.table[["total", "rank", "rank_low", "tier", "se", "keeps"]].isna().all(axis=None)
        assert set(standing.table["note"]) <= {"public_record"} and ("public_record", {}) in standing.notes
    assert praise_and_watch(public).empty and three_things(public, "211382").empty
    assert standings(public, "project_construction").values["new_starts"].notna().any()


def test_the_first_ledger_alone_has_its_standing(small_data):
    first = standings(Report(quarter="2021Q4"), "project_construction")
    assert first.table["total"].notna().any() and set(first.periods.query("period == 'quarter'")["label"]) == {"2021Q4"}


# --- who is named


def test_nobody_is_named_when_all_are_equal(made):
    standing, about = made["project_construction"], indicator_rules()
    same = standing.table.assign(total=70.0, rank=1.0, rank_low=1.0, rank_high=7.0, tier=1.0)
    assert watch_module.by_place(replace(standing, table=same), about) == []


def test_only_who_is_parted_from_the_rest_is_praised_or_talked_to(made):
    standing, about = made["project_construction"], indicator_rules()
    table = standing.table.assign(rank_low=[1, 1, 2, 2, 2, 6, 6], rank_high=[2, 3, 5, 5, 5, 7, 7])
    units = table["unit"].tolist()
    found = watch_module.by_place(replace(standing, table=table), about)
    assert [(row[0], row[1]) for row in found] == [(units[0], "praise"), (units[5], "talk"), (units[6], "talk")]


def test_a_pace_is_missed_when_two_quarter_ends_leave_no_doubt(made):
    standing, about = made["project_construction"], indicator_rules()
    rows = [("quarter", label, unit, "on_time", value, 50.0, 3.0, "reported", "")
            for unit, values in {"u": (-20.0, -6.0), "v": (-20.0, -4.0), "w": (5.0, -20.0), "x": (np.nan, -20.0)}.items()
            for label, value in zip(("2022Q1", "2022Q2"), values, strict=True)]
    history = pd.DataFrame(rows, columns=standing.history.columns)
    found = watch_module.pace_missed(replace(standing, history=history), about)
    assert [(row[0], row[1], row[3]) for row in found] == [("u", "talk", "pace_missed")]  # -4 + 1.64 x 3 is above zero
    assert watch_module.pace_missed(replace(standing, history=history[history["label"] == "2022Q2"]), about) == []


def test_contradicted_claims_are_watched_from_the_thresholds_on(made):
    standing, about = made["project_construction"], indicator_rules()
    rows = pd.DataFrame({"unit": ["u", "v", "w"], "indicator": "evidence_rate", "value": [0.8, 0.5, 0.95], "n": [20.0, 4.0, 100.0]})
    found = watch_module.contradicted(replace(standing, rows=rows), about)
    assert [(row[0], row[4]) for row in found] == [("u", {"contradicted": 4, "claimed": 20})]  # v has 2 of 4, w 5 %


def test_every_reason_has_its_words(report, made):
    values = {"total": 70.0, "rank_low": 1, "rank_high": 2, "first": "2022Q1", "second": "2022Q2", "before": -9.0, "now": -8.0,
              "change": -5.0, "contradicted": 4, "claimed": 20, "overdue": 6}
    for lang in ("zh", "en"):
        told = Report(quarter="2022Q2", lang=lang)
        for entry in indicator_rules().watch.reasons:
            text = watch_text(pd.Series({"indicator": "project_construction", "reason": entry.id, "values": values}), told)
            assert text and "{" not in text
    rows = praise_and_watch(report)
    assert set(rows["kind"]) <= {"praise", "talk", "watch"} and set(rows["county"]) <= set(report.city.divisions.codes)
    own = praise_and_watch(report.known_in("211382"))
    assert len(own) == (rows["county"] == "211382").sum()


# --- what to do


def test_three_things_bring_the_points_they_promise(report, made):
    counties = report.city.divisions.codes
    found = [three_things(report, county) for county in counties]
    assert all(len(rows) <= 3 for rows in found) and sum(map(len, found)) > 0
    for county, rows in zip(counties, found, strict=True):
        for row in rows.itertuples():
            standing = made[row.assessment]
            values = standing.values.copy()
            values.loc[county, row.indicator] = row.goal
            gained = score(values, standing.rules)["total"][county] - score(standing.values, standing.rules)["total"][county]
            assert row.points == pytest.approx(gained) and row.points > 0
            known = standing.values[row.indicator].dropna()
            assert row.goal == pytest.approx(known.median()) if row.goal_kind == "middle" else row.goal in (known.max(), known.min())
            assert "{" not in advice_text(pd.Series(row._asdict()), report) and len(row.items) == min(row.n_items, 10)
        middle = rows[rows["goal_kind"] == "middle"]["points"]
        assert middle.is_monotonic_decreasing and rows["order"].tolist() == list(range(1, len(rows) + 1))


def test_no_thing_for_a_county_without_a_total(made):
    standing = made["project_construction"]
    table = standing.table.assign(total=standing.table["total"].mask(standing.table["unit"] == "211382"))
    assert advice_module.gains(replace(standing, table=table), "211382") == []
    assert advice_module.gains(standing, "110105") == []


def test_matters_are_those_of_the_page_they_come_from(report):
    late = should_have(report, "started")
    county = late["county"].dropna().iloc[0]
    kind, items = matters_of(report, county, "new_starts")
    own = late[late["county"] == county]
    assert kind == "should_have_started" and [item["project_id"] for item in items] == own["project_id"].tolist()
    assert items[0]["number"] == own["days_late"].iloc[0]
    words = {entry.id for entry in indicator_rules().advice.matters}
    assert set(KIND_OF.values()) <= words
    for indicator in KIND_OF:
        for code in report.city.divisions.codes:
            kind, items = matters_of(report, code, indicator)
            assert all(item["kind"] == kind and isinstance(item["name"], str) for item in items), indicator
            assert all(item["day"] == "" or dt.date.fromisoformat(item["day"]) for item in items)
