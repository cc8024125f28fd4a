"""Slips of unit: found against history, sheet, row and land, told in words, and not found where there are none."""

import pandas as pd
import pytest
from checking_samples import Q1, Q2, Q3, Q4, RULES, city_ledgers, observed, slipped

from liantu.ledger.checking.slips import doubtful_projects, find_slips, sheet_units, unit_slips

TOTAL = "total_investment_wan"


def found(rows):
    return {(slip.index, slip.column) for slip in unit_slips(rows, RULES.slips)}


def test_ledgers_without_slips_raise_no_alarm():
    rows = city_ledgers(seed=31)
    assert find_slips(rows, RULES.slips) == find_slips(rows.iloc[:0], RULES.slips)
    assert not find_slips(rows, RULES.slips).cells


@pytest.mark.parametrize(("column", "factors"), [
    (TOTAL, [1e4, 1e-4]), ("plan_year_wan", [1e4, 1e-4]), ("done_total_wan", [1e4]), ("done_year_wan", [1e4]),
    ("area_mu", [666.6667, 1 / 666.6667]), ("area_mu", [15.0, 1 / 15.0])])
def test_most_slips_are_found_and_little_else(column, factors):
    rows, touched = slipped(city_ledgers(seed=32), 33, column, factors)
    hits = found(rows)
    assert len({index for index, name in hits if name == column} & touched) >= 0.9 * len(touched)
    assert len(hits - {(index, column) for index in touched}) <= 1


def test_nothing_is_changed():
    rows, _ = slipped(city_ledgers(seed=34), 35, TOTAL, [1e4])
    before = rows.copy()
    find_slips(rows, RULES.slips)
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize(("factor", "header", "words"), [
    (1e-4, "总投资（万元）", "亿元（8000万元）"), (1e4, "总投资（亿元）", "万元（8000万元）"), (1e4, "总投资（万元）", "元（8000万元）"),
    (1e4, "总投资", "万元/元（8000万元）"), (1e-4, "总投资（元）", "万元（8000万元）")])
def test_the_unit_suspected_is_told_against_the_header(factor, header, words):
    rows = observed(*({"snapshot": day, TOTAL: 8000.0 * (factor if day == Q2 else 1)} for day in (Q4, Q1, Q2, Q3)))
    [slip] = unit_slips(rows, RULES.slips)
    assert (rows.at[slip.index, "snapshot"], slip.column, slip.suspected.told(header)) == (pd.Timestamp(Q2), TOTAL, words)


def test_of_two_figures_the_unusual_one_is_suspect():
    rows = observed({"snapshot": Q1, TOTAL: 6600.0}, {"snapshot": Q2, TOTAL: 0.66})
    assert found(rows) == {(1, TOTAL)}


def test_a_wrong_total_does_not_make_its_plan_suspect():
    rows = city_ledgers(seed=36)
    rows.loc[5, TOTAL] /= 1e4
    assert found(rows) == {(5, TOTAL)}


def test_flagships_and_dwarfs_with_a_steady_history_are_no_slips():
    rows = city_ledgers(seed=37)
    for place, value in ((3, 2_420_000.0), (4, 520.0)):
        mine = rows["project_id"].eq(f"P{place}")
        rows.loc[mine, [TOTAL, "area_mu"]] = [value, value / 100]
        rows.loc[mine, "plan_year_wan"] = value / 4
        rows.loc[mine, ["done_total_wan", "done_year_wan"]] = value / 5
    assert not found(rows)


def test_a_revision_by_ten_or_a_hundred_is_no_slip():
    rows = observed(*({"snapshot": day, TOTAL: value} for day, value in ((Q4, 900.0), (Q1, 900.0), (Q2, 9_000.0), (Q3, 90_000.0))))
    assert not found(rows)


def test_a_factor_of_fifteen_counts_only_when_the_figure_is_the_very_same():
    exact = observed(*({"snapshot": day, "area_mu": area} for day, area in ((Q4, 300.0), (Q1, 300.0), (Q2, 20.0), (Q3, 300.0))))
    near = observed(*({"snapshot": day, "area_mu": area} for day, area in ((Q4, 300.0), (Q1, 300.0), (Q2, 22.0), (Q3, 300.0))))
    [slip] = unit_slips(exact, RULES.slips)
    assert (slip.index, slip.suspected.told("用地面积（亩）")) == (2, "公顷（300亩）")
    assert not found(near)


def test_a_sum_that_was_done_may_begin_small():
    rows = city_ledgers(seed=38)
    first = rows["snapshot"].eq(Q1) & rows["project_id"].isin(["P7", "P8"])
    rows.loc[first, ["done_total_wan", "done_year_wan"]] = [3.0, 3.0]
    assert not found(rows)


@pytest.mark.parametrize(("columns", "factor", "unit"), [
    ([TOTAL], 1e-4, "亿元/万元"), ([TOTAL, "plan_year_wan", "done_total_wan", "done_year_wan"], 1e4, "万元/元"),
    (["area_mu"], 666.6667, "平方米")])
def test_a_whole_column_is_one_finding_and_no_cell(columns, factor, unit):
    rows = city_ledgers(seed=39)
    where = rows["snapshot"].eq(Q2) & rows["sheet"].eq("S1")
    rows.loc[where, columns] *= factor
    findings = sheet_units(rows, RULES.slips)
    assert {(finding["source_file"], finding["sheet"], finding["field"]) for finding in findings} == {
        ("2022-06/台账.xlsx", "S1", column) for column in columns}
    assert all(finding["suspected"] == unit and finding["cells"] == 60 for finding in findings)
    assert not found(rows)


def test_a_finding_names_the_unit_against_the_header():
    rows = city_ledgers(seed=39)
    rows.loc[rows["snapshot"].eq(Q2) & rows["sheet"].eq("S1"), TOTAL] /= 1e4
    [finding] = find_slips(rows, RULES.slips, lambda index, column: f"总投资（{'万元' if column == TOTAL else '亩'}）").sheets
    assert finding["suspected"] == "亿元"


def test_a_column_of_the_only_ledger_is_judged_by_what_projects_cost():
    rows = city_ledgers(seed=40, sheets=1, days=(Q1,))
    alone = rows.assign(area_mu=float("nan"), plan_year_wan=float("nan"), total_investment_wan=rows[TOTAL] / 1e4)
    assert [finding["field"] for finding in sheet_units(alone, RULES.slips)] == [TOTAL]


def test_a_persistent_slip_is_found_by_sheet_and_row():
    rows = city_ledgers(seed=41)
    mine = rows["project_id"].eq("P9")
    rows.loc[mine, TOTAL] *= 1e4
    assert {index for index, column in found(rows) if column == TOTAL} == set(rows.index[mine])


def test_the_tables_doubt_a_project_only_while_its_newest_figure_is_suspect():
    good, bad = 8000.0, 0.8
    history = [(Q4, good), (Q1, good), (Q2, bad), (Q3, good)]
    rows = observed(*({"snapshot": day, TOTAL: value} for day, value in history))
    assert doubtful_projects(rows[rows["snapshot"] <= Q2], RULES.slips) == {"P1"}
    assert doubtful_projects(rows, RULES.slips) == set()


def test_other_order_and_index_give_the_same_cells():
    rows, _ = slipped(city_ledgers(seed=42), 43, TOTAL, [1e4, 1e-4])
    mixed = rows.sample(frac=1, random_state=1)
    assert found(mixed) == found(rows)
