"""Earned schedule against published worked examples."""

import numpy as np
import pytest

from liantu import Report
from liantu.errors import LiantuError
from liantu.progress.earned_schedule import earned_schedule, schedule_performance
from liantu.progress.targets import investment_progress

PLAN = [100, 250, 450, 650]


@pytest.mark.parametrize(("at", "earned", "es", "sv", "spi"), [
    (1, 90, 0.90, -0.10, 0.90), (2, 210, 1.73, -0.27, 0.87), (3, 360, 2.55, -0.45, 0.85), (4, 500, 3.25, -0.75, 0.81)])
def test_a_published_table(at, earned, es, sv, spi):
    found = earned_schedule(PLAN, earned, at)
    assert (round(found.es, 2), round(found.sv_t, 2)) == (es, sv)
    assert found.spi_t == pytest.approx(spi, abs=0.0051)  # the table rounds 0.8125 down and 0.8667 up


def test_a_published_examination_question():
    # Five months planned, three gone, half of the work done: SV(t) -0.5 months, SPI(t) 0.83.
    found = earned_schedule([20, 40, 60, 80, 100], 50, 3)
    assert (found.sv_t, round(found.spi_t, 2), found.pd) == (-0.5, 0.83, 5)
    assert found.ieac_t == pytest.approx(6.0)
    assert found.tspi == pytest.approx(2.5 / 2)


def test_a_flat_plan_is_earned_when_it_is_reached():
    assert earned_schedule([0, 0, 50, 50, 100], 50, 3).es == 4
    assert earned_schedule([0, 0, 50, 50, 100], 25, 3).es == 2.5
    assert earned_schedule([50, 100, 100, 100], 100, 3).es == 2  # and not the months without any plan


def test_borders():
    assert earned_schedule(PLAN, 0, 2).note == "nothing_earned" and earned_schedule(PLAN, 0, 2).es == 0
    assert np.isnan(earned_schedule(PLAN, 0, 2).ieac_t)
    assert earned_schedule(PLAN, 900, 2).es == 4 and earned_schedule(PLAN, 900, 2).note == "all_earned"
    assert np.isnan(earned_schedule(PLAN, 90, 0).spi_t)
    assert earned_schedule([], 5, 1).note == earned_schedule([0, 0], 5, 1).note == "nothing_planned"
    falling = earned_schedule([100, 90, 200], 150, 2)
    assert falling.note == "plan_falls" and falling.es == pytest.approx(2.5)


@pytest.mark.parametrize(("plan", "earned", "at"), [
    ([1, 2], -1, 1), ([1, np.nan], 1, 1), ([-1, 2], 1, 1), ([1, 2], 1, -1), ([1, 2], np.nan, 1)])
def test_what_is_no_number_is_refused(plan, earned, at):
    with pytest.raises(LiantuError):
        earned_schedule(plan, earned, at)


def test_performance_of_the_city_and_its_counties(small_data):
    report = Report(quarter="2022Q3")
    table = schedule_performance(report)
    city = table[table["county"] == ""]
    assert city["at_months"].tolist() == [3, 6, 9]
    assert city["done_wan"].iloc[-1] == pytest.approx(investment_progress(report)["done_wan"])
    assert (table["earned_wan"] <= table["done_wan"] + 1e-6).all()
    assert (city["spi_t"] == city["es_months"] / city["at_months"]).all()
    parts = table[~table["county"].isin([""])].groupby("date")["done_wan"].sum()
    home = report.projects.set_index("project_id")["county"]
    assert set(table["county"]) - {""} <= set(report.city.divisions.codes)
    if not (home == report.city.divisions.city.code).any():
        assert parts.tolist() == pytest.approx(city["done_wan"].tolist())
    own = schedule_performance(report.known_in("211382"))
    assert own["done_wan"].tolist() == pytest.approx(table[table["county"] == "211382"]["done_wan"].tolist())


def test_no_plan_has_nothing_planned(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    table = schedule_performance(Report(quarter="2022Q4", dataset="public"))
    assert set(table["note"]) <= {"nothing_planned"}
