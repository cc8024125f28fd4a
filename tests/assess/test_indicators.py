"""Indicators: counted by hand on a tiny programme, equal to what other pages show, not reported where nobody reported."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import yaml
from tiny_programme import TinyReport, units, window

from liantu import Report
from liantu.assess.evidence import evidence_of
from liantu.assess.gates import county_quality, introduced
from liantu.assess.service import department_measures
from liantu.assess.standings import indicator_rules, indicator_values
from liantu.assess.standings import of_projects as measures
from liantu.assess.standings import values as values_module
from liantu.assess.standings.chance import count_error, drawn, ratio_error, share_error
from liantu.assess.standings.indicator_rules import IndicatorRules
from liantu.assess.standings.values import MEASURES, OTHERS
from liantu.assess.standings.windows import Window, months, quarters, year_so_far
from liantu.progress import by_county, county_pace, investment_by_county
from liantu.progress.funnel import funnel_rates
from liantu.reference import city
from liantu.reference.loading import ReferenceFileError, load


@pytest.fixture(scope="module")
def tiny():
    return TinyReport()


def told(measure, report, **more):
    return measure(window(report, **more), units(report))


# --- by hand


def test_events_of_a_period_are_counted_by_unit(tiny):
    assert told(measures.counted("new_starts"), tiny)["value"].tolist() == [2, 0, 0]  # P1, P2; P4 began in 2021
    assert told(measures.counted("new_starts"), tiny, end="2022-03-31")["value"].tolist() == [1, 0, 0]
    assert told(measures.counted("introduced"), tiny)["value"].tolist() == [2, 3, 0]
    assert told(measures.counted("landed"), tiny)["value"].tolist() == [1, 0, 0]
    table = told(measures.counted("at_capacity"), tiny)
    assert table["value"].tolist() == table["n"].tolist() == [1, 0, 0]
    assert (table["se"] ** 2).tolist() == pytest.approx([1.5, 0.5, 0.5])


def test_what_an_assessment_does_not_count_is_left_out_and_noted(tiny):
    table = told(measures.counted("introduced"), tiny, not_counted=frozenset({"P5", "P1"}))  # P1 was not introduced in the period
    assert table["value"].tolist() == [2, 2, 0] and table["note"].tolist() == ["", "not_counted:1", ""]


def test_carried_over_are_those_at_work_that_did_not_start_in_the_year(tiny):
    assert told(measures.carried_over, tiny)["value"].tolist() == [1, 0, 0]  # P4
    assert told(measures.at_work, tiny)["value"].tolist() == [3, 0, 0]


def test_plans_kept_are_those_reached_or_passed(tiny):
    table = told(measures.kept_plans("started"), tiny)
    # A: P1, P2 reached, P3 not; P4 was planned for 2021. B: P5 is completed, so it has started; P7 is planned for December.
    assert table["value"].tolist()[:2] == pytest.approx([2 / 3, 1.0]) and np.isnan(table["value"].iloc[2])
    assert table["n"].tolist() == [3, 1, 0] and table["note"].tolist() == ["", "", "no_base"]
    assert table["se"].iloc[0] == pytest.approx((2.5 * 1.5 / 4 ** 2 / 5) ** 0.5) and np.isnan(table["se"].iloc[2])


def test_investment_is_the_sum_done_over_the_sum_planned(tiny):
    table = told(measures.investment_progress, tiny)
    assert table["value"].tolist()[:2] == pytest.approx([100 / 500, 150 / 200]) and table["note"].tolist() == ["", "", "no_plan"]
    # Residuals of A: 50 - 20, 50 - 60, 0 - 20; squares 900 + 100 + 400; three halves of it; over 500.
    assert table["se"].iloc[0] == pytest.approx((1.5 * 1400) ** 0.5 / 500)
    assert np.isnan(table["se"].iloc[1])  # one project tells no spread


def test_amounts_in_doubt_are_left_out_of_the_money_and_counted(tiny):
    table = told(measures.money("introduced"), tiny)
    assert table["value"].tolist() == [5000, 5000, 0] and table["note"].tolist() == ["", "flagged_amounts:1", ""]
    assert table["se"].tolist() == pytest.approx([(2000 ** 2 + 3000 ** 2) ** 0.5, 5000, 0]) and table["n"].tolist() == [2, 1, 0]


def test_shares_take_only_what_is_stated(tiny):
    table = told(measures.from_jjj, tiny)
    assert table["value"].tolist()[:2] == pytest.approx([1.0, 1 / 3]) and table["n"].tolist() == [1, 3, 0]
    landing = told(measures.rate("landing"), tiny)  # A: signed P1, P2, P3, of which P1 and P2 went on; B: P5 of three
    assert landing["value"].tolist()[:2] == pytest.approx([2 / 3, 1 / 3])


# --- chance


def test_errors_are_close_to_poisson_and_binomial_where_there_is_much():
    assert count_error([100, 0]).tolist() == pytest.approx([10, 0.7071], rel=0.003) and np.isnan(count_error(np.nan))
    assert share_error(50, 100) == pytest.approx(0.05, rel=0.02) and share_error(0, 10) > 0.03 and np.isnan(share_error(0, 0))


def test_the_error_of_a_ratio_is_that_of_its_repetition():
    rng = np.random.default_rng(4)
    below = pd.Series(rng.uniform(50, 150, 400))
    unit = pd.Series(["u"] * 400)
    ratios, errors = [], []
    for _ in range(300):
        above = 0.3 * below + rng.normal(0, 12, 400)
        ratios.append(above.sum() / below.sum())
        errors.append(ratio_error(above, below, unit).loc["u"])
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.12)


def test_draws_have_the_value_as_mean_and_the_error_as_spread():
    rows = pd.DataFrame({"unit": ["u"] * 4 + ["v"], "indicator": ["c", "s", "m", "d", "c"], "value": [40.0, 0.3, 900.0, -5.0, np.nan],
                         "n": [40.0, 60.0, 8.0, 50.0, np.nan], "se": [6.36, 0.059, 300.0, 2.0, np.nan]})
    kinds = {"c": "count", "s": "share", "m": "money", "d": "difference"}
    made = drawn(rows, kinds, ["u", "v"], ["c", "s", "m", "d"], 40_000, np.random.default_rng(1))
    own = made[:, 0, :]
    assert own.mean(axis=0) == pytest.approx([40, 0.3, 900, -5], rel=0.02)
    assert own.std(axis=0) == pytest.approx([6.36, 0.059, 300, 2], rel=0.03)
    assert (own[:, 2] > 0).all() and np.isnan(made[:, 1, :]).all()


def test_draws_are_reproducible():
    rows = pd.DataFrame({"unit": ["u", "v"], "indicator": "c", "value": [3.0, 9.0], "n": [3.0, 9.0], "se": [1.9, 3.1]})
    one, two, other = (drawn(rows, {"c": "count"}, ["u", "v"], ["c"], 50, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert (one == two).all() and (one != other).any()


# --- on a report


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def county(report):
    return indicator_values(report, "county").pivot(index="unit", columns="indicator", values="value")


def test_counties_have_the_numbers_of_the_other_pages(report, county):
    shown = by_county(report).pivot(index="county", columns="measure", values="actual").reindex(county.index)
    assert county["at_capacity"].tolist() == shown["q2_at_capacity"].tolist()
    assert county["introduced"].tolist() == shown["year_introduced"].tolist() and shown["year_introduced"].sum() > 0
    assert (county["new_starts"] + county["carried_over"]).tolist() == shown["year_at_work"].tolist()
    spring = Window("quarter", "2022Q1", dt.date(2022, 1, 1), dt.date(2022, 3, 31), report)
    first = indicator_values(report, "county", spring, ("new_starts",))["value"]
    assert first.tolist() == shown["q1_started"].tolist() and first.sum() > 0
    assert county["investment_progress"].tolist() == pytest.approx(
        investment_by_county(report).set_index("county")["share"].reindex(county.index).tolist())
    pace = county_pace(report).query("target == 'year_at_work'").set_index("county")["points"]
    assert county["on_time"].tolist() == pytest.approx(pace.reindex(county.index).tolist())


def test_rates_are_those_of_the_funnel(report, county):
    home = report.projects.set_index("project_id")["county"]
    rates = funnel_rates(report.projects, report.milestones, report.as_of, home).pivot(index="group", columns="rate", values="share")
    for name in ("landing", "start"):
        assert county[f"{name}_rate"].tolist() == pytest.approx(rates[name].reindex(county.index).tolist(), nan_ok=True)


def test_evidenced_counts_are_the_claimed_less_the_contradicted(report, county):
    counts = evidence_of(report).counts.set_index(["target", "county"])
    own = [counts.loc["q2_at_capacity", code] for code in county.index]
    assert county["at_capacity_evidenced"].tolist() == [row["claimed"] - row["contradicted"] for row in own]
    assert (county["new_starts_evidenced"] <= county["new_starts"]).all()
    assert county["evidence_rate"].dropna().between(0, 1).all()


def test_departments_have_the_numbers_of_the_service_page(report):
    rows = indicator_values(report, "department").pivot(index="unit", columns="indicator", values="value")
    shown = department_measures(report).set_index("department").reindex(rows.index)
    done = shown["tasks_done"] / shown["tasks"].where(shown["tasks"] > 0)
    overdue = shown["problems_overdue"].where(shown["problems"] > 0).astype(float)
    assert rows["tasks_done_share"].tolist() == pytest.approx(done.tolist(), nan_ok=True)
    assert rows["problems_overdue"].tolist() == pytest.approx(overdue.tolist(), nan_ok=True)


def test_what_was_introduced_is_judged_as_on_its_page(report, county):
    rows = introduced(report).query("introduced == 'year'")
    shown = county_quality(report).set_index("county").reindex(county.index)
    told = shown["introduced"] > 0
    assert county.loc[told, "fits_chain_share"].tolist() == pytest.approx((shown["fits_chain"] / shown["introduced"])[told].tolist())
    known = rows[rows["kind"] != "unknown"].groupby("county").size().reindex(county.index, fill_value=0)
    assert county["spill_over_share"].tolist() == pytest.approx((shown["spill_over"] / known.where(known > 0)).tolist(), nan_ok=True)
    blind = told & (known == 0)
    assert county["squeezed_out"].tolist() == pytest.approx(shown["squeezed_out"].where(~blind).astype(float).tolist(), nan_ok=True)


def test_a_zone_without_an_enclave_has_no_enclave_tax(report):
    rows = indicator_values(report, "zone", None, ("enclave_tax",)).set_index("unit")
    told = report.zones.set_index("zone")["enclave_tax_wan"].reindex(rows.index)
    assert rows["value"].tolist() == pytest.approx(told.tolist(), nan_ok=True) and told.isna().any()
    assert (rows["state"] == np.where(told.isna(), "not_reported", "reported")).all()


def test_task_forces_land_what_is_approved_on_their_chain(report):
    landed = indicator_values(report, "task_force", None, ("landed",)).set_index("unit")["value"]
    rows = report.milestones.query("stage == 'approved' and actual_date >= '2022-01-01' and actual_date <= '2022-06-30'")
    chains = report.projects.set_index("project_id")["chain"].reindex(rows["project_id"]).dropna()
    assert landed[landed > 0].to_dict() == chains.value_counts().to_dict() and len(landed) == 17


def test_months_of_a_quarter_add_up_to_it(report):
    last = quarters(report)[-1]
    inside = [month for month in months(report, 3) if last.start <= month.start and month.end <= last.end]
    for name in ("new_starts", "at_capacity", "introduced"):
        parts = [indicator_values(report, "county", month, (name,))["value"] for month in inside]
        assert sum(parts).tolist() == indicator_values(report, "county", last, (name,))["value"].tolist()
    assert len(inside) == 3 and all(month.recent for month in inside)


def test_a_quarter_is_told_as_its_own_report_knew_it(report):
    first = next(one for one in quarters(report) if one.label == "2022Q1")
    then = indicator_values(Report(quarter="2022Q1"), "county")
    mine = indicator_values(report, "county", first)
    # In the first quarter the quarter is the year so far.
    pd.testing.assert_frame_equal(mine, then)


def test_a_county_that_sent_nothing_is_not_reported(report, monkeypatch):
    before = indicator_values(report, "county")
    silent = pd.Series(pd.Timestamp("2022-06-30"), index=[code for code in report.city.divisions.codes if code != "211302"])
    silent["211303"] = pd.Timestamp("2022-03-31")
    monkeypatch.setattr(values_module, "last_ledgers", lambda of: silent)
    after = values_module.values_in(report, "county", year_so_far(report), ())
    own = after[after["unit"] == "211302"]
    assert set(own["state"]) == {"not_reported"} and set(own["note"]) == {"no_ledger"}
    assert own[["value", "n", "se"]].isna().all(axis=None)
    old = after[after["unit"] == "211303"]
    assert old["note"].str.contains("old_ledger:2022-03-31").all()
    assert old["value"].tolist() == pytest.approx(before.loc[before["unit"] == "211303", "value"].tolist(), nan_ok=True)
    others = ~after["unit"].isin(("211302", "211303"))
    pd.testing.assert_frame_equal(after[others], before[others])


def test_a_county_report_measures_all_counties_alike(report):
    pd.testing.assert_frame_equal(indicator_values(report.known_in("211382"), "county"), indicator_values(report, "county"))


def test_an_unknown_group_is_an_error(report):
    with pytest.raises(KeyError):
        indicator_values(report, "street")


def test_the_year_before_the_first_ledger_and_the_public_record_have_their_rows(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    public = Report(quarter="2022Q4", dataset="public")
    rows = indicator_values(public, "county")
    assert set(rows.loc[rows["state"] == "reported", "note"].str.split(";").str[-1]) == {"public_record"}
    assert indicator_values(public, "department").empty
    plans = rows[rows["indicator"] == "investment_progress"]
    assert (plans["state"] == "not_reported").all()


# --- the file


def test_every_indicator_of_a_group_has_its_rows(report):
    about = indicator_rules()
    for group, measured in MEASURES.items():
        listed = {entry.id for entry in about.of(group)} - set(OTHERS)
        assert set(measured) <= listed
        rows = indicator_values(report, group)
        assert set(rows["indicator"]) == listed and len(rows) == len(listed) * rows["unit"].nunique()
        unmeasured = rows[~rows["indicator"].isin(measured)]
        assert set(unmeasured["state"]) <= {"not_reported"} and set(unmeasured["note"]) <= {"not_measured"}


def test_notes_are_words_in_both_languages():
    about = indicator_rules()
    assert about.note("flagged_amounts:2", "zh") == "2个项目金额存疑，未计入" and "2 amounts" in about.note("flagged_amounts:2", "en")
    assert about.note("", "en") == "" and about.unit("introduced_money", "zh") == "万元"


@pytest.mark.parametrize(("change", "key"), [
    (lambda told: told["indicators"].append(told["indicators"][0]), "twice"),
    (lambda told: told["indicators"][0].update(unit="stone"), "units without an entry"),
    (lambda told: told["indicators"][0].update(direction="sideways"), "direction"),
    (lambda told: told["watch"]["reasons"][0].update(en="{other}"), "same fields")])
def test_a_broken_file_is_an_error_with_its_key(tmp_path, change, key):
    content = yaml.safe_load((city().folder / "indicators.yml").read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "indicators.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=key):
        load(IndicatorRules, path)
