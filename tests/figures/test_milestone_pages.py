"""The pages of milestones, pipeline, schedules and scores agree with themselves; and what they say of thin data."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from liantu import Report
from liantu.figures import Answer, Headline, PageTable, Picture, milestones, pipeline, schedule_risk, scorecard
from liantu.figures.wording import chance_text, number, percent
from liantu.progress.pipeline import pipeline_of
from liantu.progress.scheduling.project_schedules import project_schedules
from liantu.progress.target_forecasts import target_forecasts

pytestmark = pytest.mark.xdist_group("milestone pages")  # what takes seconds to forecast is forecast once

ROOT = Path(__file__).parents[2]
MILESTONES = (milestones.theme_answer, milestones.headlines, milestones.against_targets, milestones.methods, milestones.pace,
              milestones.county_pace, milestones.counties, milestones.county_forecasts, milestones.should_have,
              milestones.money, milestones.reporting_delay, milestones.watch)
PIPELINE = (pipeline.answer, pipeline.rates, pipeline.waterfall, pipeline.groups, pipeline.curves, pipeline.waiting, pipeline.longest)
SCHEDULE = (schedule_risk.answer, schedule_risk.wall, schedule_risk.slack, schedule_risk.late_steps, schedule_risk.expected,
            schedule_risk.plans, schedule_risk.slips, schedule_risk.uplift, schedule_risk.watch)
SCORES = (scorecard.answer, scorecard.scores, scorecard.past, scorecard.weights, scorecard.chances, scorecard.notes)


def shown(parts, report):
    """Everything that a page shows, with its payloads made; no two of one kind have one name."""
    flat = []
    for part in parts:
        made = part(report)
        flat += made if isinstance(made, list) else [made]
    for thing in flat:
        thing._repr_mimebundle_()
    for kind in (Picture, PageTable, Headline):
        names = [thing.name for thing in flat if isinstance(thing, kind)]
        assert len(set(names)) == len(names), names
    return flat


def one(things, kind, name=""):
    return next(thing for thing in things if isinstance(thing, kind) and (not name or thing.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_milestones_page_agrees_with_itself(reported_data, lang):
    report = Report(quarter="2022Q2", lang=lang)
    things, forecasts = shown(MILESTONES, report), target_forecasts(report)
    table = forecasts.table
    for target in ("q2_at_capacity", "year_introduced", "year_at_work"):
        rows = table[(table["target"] == target) & (table["county"] == "") & (table["method"] == "headline")]
        row = rows[rows["horizon"] == rows["horizon"].max()].iloc[0]
        look = one(things, Headline, target).outlook
        assert (look.mean, look.low, look.high) == (row["mean"], row["q05"], row["q95"]) and look.chance == row["chance"]
        assert number(round(row["mean"])) in look.text and chance_text(row["chance"]) in look.text
        assert row["counted"] == one(things, Headline, target).value
    counties = table[(table["county"] != "") & (table["method"] == "headline")].groupby(["target", "horizon"])["mean"].sum()
    city = table[(table["county"] == "") & (table["method"] == "headline")].set_index(["target", "horizon"])["mean"]
    assert counties.to_numpy() == pytest.approx(city.reindex(counties.index).to_numpy())
    ahead = ("year_introduced", "year_at_work")
    text = one(things, Answer).answer
    assert all(one(things, Headline, target).label in text for target in ahead)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pipeline_page_agrees_with_itself(reported_data, lang):
    report = Report(quarter="2022Q2", lang=lang)
    things, made = shown(PIPELINE, report), pipeline_of(report)
    newest = made.snapshots[made.snapshots["group"] == "2022Q2"].set_index("rate")
    for rate in pipeline.RATES:
        card = one(things, Headline, f"rate_{rate}")
        assert card.value == percent(newest.loc[rate, "reached"] / newest.loc[rate, "base"])
        assert card.value in one(things, Answer).answer
    fall = one(things, Picture, "waterfall").data
    assert fall["reached"].iloc[0] == made.waterfall["reached"].iloc[0]
    assert len(one(things, PageTable, "longest_waiting").data) == min(30, len(made.waiting))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("county", ["", "211382"])
def test_the_schedule_page_agrees_with_itself(reported_data, lang, county):
    report = Report(quarter="2022Q2", lang=lang, county=county)
    things, made = shown(SCHEDULE, report), project_schedules(report)
    still = made.projects[made.projects["verdict"] != "done"]
    late = int((still["verdict"] == "late").sum())
    assert one(things, Headline, "schedule_late").value == late and number(late) in one(things, Answer).answer
    assert one(things, Headline, "schedule_expected").value == round(still["chance"].sum())
    slack = one(things, Picture, "slack").data
    assert slack["late"].sum() == late and slack["n"].sum() == len(still)
    assert number(late) in one(things, Picture, "wall").title
    listed = one(things, PageTable, "late_projects").data
    assert len(listed) <= late + int((still["verdict"] == "tight").sum())
    if county:
        assert set(listed["county"]) == {report.place}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_scorecard_counts_every_miss(reported_data, lang):
    report = Report(quarter="2022Q4", lang=lang)
    things, past = shown(SCORES, report), target_forecasts(report).past
    lead = past[past["method"] == "headline"]
    held = int(lead["truth"].between(lead["q05"], lead["q95"]).sum())
    assert len(lead) == 40  # four targets, ten pairs of an earlier and a later ledger
    assert one(things, Headline, "forecast_coverage").value == percent(held / len(lead))
    assert len(one(things, PageTable, "missed").data) == len(lead) - held
    weights = target_forecasts(report).weights.groupby("target")["weight"].sum()
    assert all(math.isclose(total, 1.0) for total in weights)


def everything(report):
    """All four pages, each whole."""
    return [shown(parts, report) for parts in (MILESTONES, PIPELINE, SCHEDULE, SCORES)]


def test_one_snapshot_is_told_not_hidden(reported_data):
    scores = everything(Report(quarter="2021Q4", lang="en"))[-1]
    assert "single ledger date" in one(scores, PageTable, "notes").data["note"].str.cat(sep=" ")
    assert "nothing can be tried" in one(scores, Answer).answer


def test_a_public_record_is_not_counted_like_a_ledger(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data" / "raw" / "public", tmp_path / "raw" / "public")
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    milestone, funnel, schedule, scores = everything(Report(quarter="2022Q4", dataset="public", lang="en"))
    assert "nothing is forecast" in one(scores, PageTable, "notes").data["note"].str.cat(sep=" ")
    assert "no rate is counted" in one(funnel, Answer).answer and "nothing can be scheduled" in one(schedule, Answer).answer
    assert all(card.outlook is None for card in milestone if isinstance(card, Headline))
