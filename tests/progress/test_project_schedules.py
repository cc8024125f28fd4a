"""Schedules of the projects of a report: by hand on a few projects, and sums and orders on a small simulated city."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.progress.scheduling.back_schedule import back_schedule
from liantu.progress.scheduling.chance_record import chance_scores, chances_against_outcomes
from liantu.progress.scheduling.chances import drawn_ends, made_by
from liantu.progress.scheduling.drawn_schedules import drawn_schedules
from liantu.progress.scheduling.dropouts import STANDS, dropout_rates, staying
from liantu.progress.scheduling.durations import Lengths, StepLengths, step_lengths
from liantu.progress.scheduling.networks import LONG_AGO
from liantu.progress.scheduling.past_chances import city_recalibration, drawn_past, past_chances
from liantu.progress.scheduling.project_schedules import PROJECT_COLUMNS, STEP_COLUMNS, project_schedules
from liantu.progress.scheduling.recalibration import recalibration
from liantu.progress.scheduling.standing import DONE, NOT_NEEDED, OPEN, Standing, standing
from liantu.progress.scheduling.step_rules import StepRules, step_rules
from liantu.progress.scheduling.working_days import Calendar, as_dates, as_days, city_calendar, in_reach
from liantu.reference import city

STEPS = [step.id for step in step_rules().steps]
PLAIN_STEPS = tuple(step.model_copy(update={"kind": "days"}) for step in step_rules().steps)
TODAY = dt.date(2022, 6, 30)


def _day(text: str) -> int:
    return int(as_days(np.datetime64(text)))


def _standing(milestones: list[tuple], approvals: list[tuple], projects: list[dict]) -> Standing:
    named = pd.DataFrame([{"project_id": "p", "construction": "new", "stage": None, "first_snapshot": pd.Timestamp("2021-12-31"),
                           "total_investment_wan": 3000.0} | project for project in projects])
    stages = pd.DataFrame(milestones, columns=["project_id", "stage", "actual_date", "first_reported"])
    papers = pd.DataFrame(approvals, columns=["project_id", "approval", "status", "date"])
    dated = {"actual_date": pd.to_datetime(stages["actual_date"]), "first_reported": pd.to_datetime(stages["first_reported"])}
    return standing(named, stages.assign(**dated), papers.assign(date=pd.to_datetime(papers["date"])), step_rules())


def _state(stands: Standing, project: int = 0) -> dict[str, int]:
    return dict(zip(STEPS, stands.state[:, project].tolist(), strict=True))


# --- the reference file

def test_the_steps_are_those_of_the_speech_and_of_the_ledgers():
    rules = step_rules()
    assert {step.approval for step in rules.steps} - {None} == {term.id for term in city().vocabulary.approvals}
    assert {step.stage for step in rules.steps} - {None} <= {term.id for term in city().vocabulary.stages}
    assert all(step.zh and step.en and step.legal.law and step.legal.days > 0 for step in rules.steps)
    # Published terms: a report of environmental impact 60 days, a form 30; a permit for works 7; an approval (核准) 20 working days.
    legal = {step.id: step.legal for step in rules.steps}
    assert (legal["environment"].days, legal["environment"].heavy_days, legal["permit"].days, legal["filing"].days) == (30, 60, 7, 20)


def test_an_unknown_predecessor_in_the_file_is_an_error():
    content = step_rules().model_dump()
    content["steps"][1]["after"] = ("nothing",)
    with pytest.raises(ValueError, match="step siting: after unknown step nothing"):
        StepRules.model_validate(content)


# --- where a project stands

def test_states_come_from_approvals_stages_and_what_is_not_needed():
    stands = _standing([("p", "signed", "2021-06-01", "2021-12-31"), ("p", "approved", "2021-08-02", "2021-12-31")],
                       [("p", "siting", "done", "2021-09-01"), ("p", "land", "pending", None), ("p", "energy", "not_needed", None),
                        ("p", "environment", "done", None)], [{}])
    state = _state(stands)
    assert [name for name in STEPS if state[name] == DONE] == ["filing", "siting", "environment"]
    assert [name for name in STEPS if state[name] == NOT_NEEDED] == ["energy", "safety"]
    assert [name for name in STEPS if stands.running[STEPS.index(name), 0]] == ["land"]
    assert as_dates(stands.begun[STEPS.index("land"), 0]) == np.datetime64("2021-09-01")
    # The environmental review is done, nobody says when: it passes on the day from which it could run.
    assert as_dates(stands.passed[STEPS.index("environment"), 0]) == np.datetime64("2021-09-01")
    assert not stands.told[STEPS.index("permit"), 0]


def test_works_begun_without_a_paper_show_the_paper_as_missing():
    stands = _standing([("p", "started", "2022-03-20", "2022-03-31")], [("p", "environment", "pending", None)], [{}])
    state = _state(stands)
    assert state["environment"] == OPEN
    assert state["permit"] == state["land"] == state["filing"] == DONE
    assert [name for name in STEPS if stands.overtaken[STEPS.index(name), 0]] == ["environment"]
    assert [name for name in STEPS if stands.running[STEPS.index(name), 0]] == ["works"]


def test_an_upgrade_needs_no_land_unless_a_ledger_says_so_and_a_lead_has_begun_nothing():
    upgrade = _standing([("p", "signed", "2022-01-04", "2022-03-31")], [], [{"construction": "upgrade"}])
    assert _state(upgrade)["land"] == _state(upgrade)["siting"] == NOT_NEEDED
    said = _standing([("p", "signed", "2022-01-04", "2022-03-31")], [("p", "land", "pending", None)], [{"construction": "upgrade"}])
    assert _state(said)["land"] == OPEN
    lead = _standing([], [], [{"stage": "lead"}])
    assert not lead.running.any()
    assert (lead.state != DONE).all()


def test_a_stage_stated_without_a_date_has_been_reached():
    stands = _standing([("p", "started", None, "2022-03-31")], [], [{}])
    assert _state(stands)["start"] == DONE
    assert stands.ended[STEPS.index("start"), 0] == LONG_AGO


def test_a_date_that_nobody_can_mean_is_no_date():
    stands = _standing([("p", "signed", "2022-01-04", "2022-03-31"), ("p", "approved", "1922-02-04", "2022-03-31")],
                       [("p", "siting", "done", "2202-05-01")], [{}])
    assert stands.state[:2, 0].tolist() == [DONE, DONE]
    assert (stands.ended == LONG_AGO).all()
    assert as_dates(in_reach(np.array(["2000-01-01", "1999-12-31", "2100-01-01", "NaT"], dtype="datetime64[D]"))).astype(str).tolist() == [
        "2000-01-01", "NaT", "NaT", "NaT"]


# --- lengths

def test_quantiles_and_draws_of_a_distribution():
    lengths = Lengths(np.array([10.0, 20.0, 40.0]), np.array([0.5, 0.25, 0.05]), 10.0, 3, "observed", 10.0)
    assert lengths.quantile(0.5) == 10
    assert lengths.quantile(0.6) == 20
    # Beyond the last observation it runs on without memory: the share halves in 10 ln 2 days.
    assert lengths.quantile(1 - 0.025) == pytest.approx(40 + 10 * np.log(2))
    uniform = 1 - np.random.default_rng(1).random(20_000)
    fresh, spent = lengths.drawn(np.zeros(20_000), uniform), lengths.drawn(np.full(20_000, 15.0), uniform)
    assert (fresh == 10).mean() == pytest.approx(0.5, abs=0.02)
    # After 15 days half are left; of these half end at 20.
    assert spent.min() == 20
    assert (spent == 20).mean() == pytest.approx(0.5, abs=0.02)
    assert (lengths.drawn(np.full(9, 100.0), uniform[:9]) >= 100).all()


def test_open_steps_count_in_the_lengths_and_the_law_stands_in_where_few_are_known():
    # Trial production of 24 projects: half ended after 50 days, half are open for 100 days at the cut: Kaplan-Meier leaves 0.5 open.
    cut = _day("2022-06-30")
    begun = str(as_dates(cut - 100))
    ended = str(as_dates(cut - 50))
    rows = [(f"p{number}", "completed", begun, "2022-06-30") for number in range(24)]
    rows += [(f"p{number}", "producing", ended, "2022-06-30") for number in range(12)]
    known = _standing(rows, [], [{"project_id": f"p{number}"} for number in range(24)])
    found = step_lengths(known, known, step_rules(), Calendar(), _day("2021-01-01"), cut)
    trial = found.of[STEPS.index("trial")][0]
    assert (trial.source, trial.n, trial.days.tolist(), trial.share.tolist()) == ("observed", 12, [50.0], [0.5])
    assert (found.of[STEPS.index("land")][0].source, found.of[STEPS.index("land")][0].usual) == ("legal", 20)
    table = found.table.set_index("step")
    assert table.loc["trial", "used_from"] == "observed"
    assert table.loc["land", ["used_days", "used_from", "n"]].tolist() == [20, "legal", 0]
    # A project that needs the safety review is taken to need the longer review of its environment.
    heavy = _standing([("p", "signed", "2022-01-04", "2022-03-31")], [("p", "safety", "pending", None)], [{}])
    lengths = step_lengths(heavy, known, step_rules(), Calendar(), _day("2021-01-01"), cut)
    assert lengths.usual()[STEPS.index("environment"), 0] == 60


def test_a_step_that_began_before_ends_are_known_enters_at_its_age_and_late_ends_count_as_open():
    # Trial production: 12 quick ones of 2021 (30 days), 12 begun 400 days before 2021 that ended 420 days on. Those that began as early and
    # ended before 2021 stand in no ledger, so the slow ones tell nothing of the first 400 days: all known then ended after 30.
    first, cut = _day("2021-01-01"), _day("2022-06-30")
    rows = []
    for number in range(24):
        begun = first + 10 if number < 12 else first - 400
        ended = begun + (30 if number < 12 else 420)
        rows += _trial(number, begun, ended)
    trial = _lengths_of_trial(rows, first, cut)
    assert trial.usual == 30
    assert trial.share[0] == pytest.approx(0.5 / 24)
    # Before any of them had ended the law stands in.
    assert _lengths_of_trial(rows, first, first + 15).source == "legal"
    # 12 ended after 30 days; 12 had been open for 20 days at the cut, and ended later: they tell of the first 20 days only.
    rows = [row for number in range(12) for row in _trial(number, cut - 100, cut - 70)]
    rows += [row for number in range(12, 24) for row in _trial(number, cut - 20, cut + 25)]
    assert _lengths_of_trial(rows, first, cut).share[0] == pytest.approx(0.5 / 24)


def _trial(number: int, begun: int, ended: int) -> list[tuple]:
    days = {"completed": begun, "producing": ended}
    return [(f"p{number}", stage, str(as_dates(day)), "2022-12-31") for stage, day in days.items()]


def _lengths_of_trial(rows: list[tuple], first: int, cut: int) -> Lengths:
    known = _standing(rows, [], [{"project_id": f"p{number}"} for number in range(24)])
    return step_lengths(known, known, step_rules(), Calendar(), first, cut).of[STEPS.index("trial")][0]


# --- chances

def test_a_lag_leaves_room_for_ends_that_no_ledger_tells_yet():
    stands = _standing([("p", "completed", "2022-05-01", "2022-06-30")], [], [{}])
    lengths = Lengths(np.array([20.0, 200.0]), np.array([0.5, 1e-9]), 1e-6, 99, "observed", 20.0)
    several = StepLengths(((lengths,),) * len(STEPS), np.zeros(stands.state.shape, dtype="int64"), pd.DataFrame())
    ends = {lag: drawn_ends(stands, several, PLAIN_STEPS, Calendar(), _day("2022-06-30"), np.array([lag]), 2000, 1)
            [STEPS.index("trial"), 0] for lag in (0, 50)}
    # Open for 60 days it is one of the slow half; when reports take 50 days it may have ended on 21 May as well.
    assert set(ends[0]) == {_day("2022-05-01") + 200}
    assert (ends[50] == _day("2022-05-21")).mean() == pytest.approx(0.5, abs=0.04)


def _certain(days: float, stands: Standing) -> StepLengths:
    """Every step takes so many days, surely."""
    surely = Lengths(np.array([days]), np.array([1e-9]), 1e-6, 99, "observed", days)
    return StepLengths(((surely,),) * len(STEPS), np.zeros(stands.state.shape, dtype="int64"), pd.DataFrame())


def test_sure_lengths_give_sure_dates_and_the_back_schedule_agrees():
    stands = _standing([("p", "signed", "2022-05-01", "2022-06-30")], [("p", "safety", "not_needed", None)], [{}])
    no_lag = np.zeros(1, dtype="int64")
    ends = drawn_ends(stands, _certain(100, stands), PLAIN_STEPS, Calendar(), _day("2022-06-30"), no_lag, 100, 1)
    needed = [name for name in STEPS if name not in ("energy", "safety")]
    steps = pd.DataFrame({"step": needed, "duration_days": 100,
                          "after": [[name for name in step_rules().by_id(step).after if name in needed] for step in needed]})
    # Signed on 1 May; the library call lays the same steps end to end from that day.
    planned = back_schedule(steps, "2030-01-01", today="2022-05-01").set_index("step")["earliest_finish"]
    for step in needed:
        assert set(ends[STEPS.index(step), 0]) == {_day(str(planned[step].date()))}
    due = np.array([_day(str(planned["completion"].date()))])
    assert made_by(ends[STEPS.index("completion")], due)[0].tolist() == [1.0]
    assert made_by(ends[STEPS.index("completion")], due - 1)[0].tolist() == [0.0]


def test_a_chance_of_one_half_has_its_monte_carlo_error():
    share, error = made_by(np.array([[1, 2, 3, 4]]), np.array([2]))
    assert (share[0], error[0]) == (0.5, 0.25)


# --- works awaiting acceptance, and projects that drop out

def test_works_that_run_may_be_over_while_they_await_acceptance():
    # Works of 100 days run for 110: as their end is told by the acceptance of 15 days, they may have been over for 10.
    stands = _standing([("p", "started", str(as_dates(_day("2022-06-30") - 110)), "2022-06-30")], [], [{}])
    mixed = Lengths(np.array([100.0, 400.0]), np.array([0.5, 1e-9]), 1e-6, 99, "observed", 100.0)
    several = StepLengths(((mixed,),) * len(STEPS), np.zeros(stands.state.shape, dtype="int64"), pd.DataFrame())
    ends = drawn_ends(stands, several, PLAIN_STEPS, Calendar(), _day("2022-06-30"), np.zeros(1, dtype="int64"), 2000, 1)
    assert (ends[STEPS.index("works"), 0] == _day("2022-06-20")).mean() == pytest.approx(0.5, abs=0.04)


def _known(rows: dict[str, tuple[str | None, str]]) -> pd.DataFrame:
    return pd.DataFrame([{"project_id": name, "stage": stage, "last_snapshot": pd.Timestamp(day)} for name, (stage, day) in rows.items()])


def test_rates_of_dropping_out_are_those_of_the_ledgers():
    days = [pd.Timestamp(text) for text in ("2021-12-31", "2022-03-31", "2022-06-30")]
    first, second, third = (str(day.date()) for day in days)
    signed = {f"s{number}": ("signed", third) for number in range(8)}
    tables = [_known({**dict.fromkeys(signed, ("signed", first)), "t": ("signed", first), "g": (None, first), "c": ("completed", first)}),
              _known({**dict.fromkeys(signed, ("signed", second)), "t": ("terminated", second), "g": (None, first)}),
              _known({**signed, "t": ("terminated", second), "g": (None, first), "c": ("completed", first)})]
    found = dropout_rates(tables, days).set_index("stage")
    # Nine signed for 90 days, eight for 91; one terminated. The one without a stage is named by no later ledger; what is built is left out.
    assert found.loc["signed", ["watched", "terminated", "gone"]].tolist() == [9 * 90 + 8 * 91, 1, 0]
    assert found.loc["", ["watched", "terminated", "gone"]].tolist() == [90, 0, 1]
    overall, gone = 1 / (9 * 90 + 8 * 91 + 90 + 10 * 365), 1 / 900
    assert found.loc["signed", "rate"] == pytest.approx(2 / (9 * 90 + 8 * 91 + 1 / overall) + 1 / (9 * 90 + 1 / gone))
    # With one ledger those that it calls terminated tell, within its year.
    alone = dropout_rates([_known({"a": ("signed", first), "t": ("terminated", first)})], days[:1])
    assert alone["rate"].tolist() == pytest.approx([1 / 730] * len(STANDS))
    assert (dropout_rates([], [])["rate"] == 0).all()


def test_a_project_stays_at_the_rate_of_where_it_stands():
    rates = pd.DataFrame({"stage": STANDS, "rate": [0.01, 0.0, 0.0, 0.002, 0.001, 0.0, 0.0, 0.0]})
    ends = np.array([[[100]], [[150]], [[400]]])
    places = {"filing": 0, "start": 1, "completion": 2}
    one = staying(ends, places, np.array(["signed"]), rates, 50, np.array([[150]]))
    assert one[0, 0] == pytest.approx(np.exp(-50 * 0.002 - 50 * 0.001))
    # Only what can happen before the date counts; what is completed drops out no more.
    assert staying(ends, places, np.array(["signed"]), rates, 50, np.array([[80]]))[0, 0] == pytest.approx(np.exp(-30 * 0.002))
    assert staying(ends, places, np.array(["completed"]), rates, 500, np.array([[600]]))[0, 0] == 1


# --- recalibration

def test_without_history_only_the_bounds_hold():
    rules = step_rules().stated_chances
    plain = recalibration(pd.DataFrame({"raw": [], "made": []}), rules)
    np.testing.assert_allclose(plain.stated(np.array([0.0, 0.3, 0.5, 1.0, np.nan])), [0.02, 0.3, 0.5, 0.95, np.nan])


def test_recalibration_finds_what_was_wrong_and_honest_chances_stay():
    random, rules = np.random.default_rng(4), step_rules().stated_chances
    raw = random.uniform(0.02, 0.98, 40_000)
    logit = np.log(raw / (1 - raw))
    for intercept, slope in ((0.0, 1.0), (-0.3, 0.5)):
        made = random.random(len(raw)) < 1 / (1 + np.exp(-(intercept + slope * logit)))
        found = recalibration(pd.DataFrame({"raw": raw, "made": made.astype("int64")}), rules)
        assert (found.intercept, found.slope) == (pytest.approx(intercept, abs=0.04), pytest.approx(slope, abs=0.04))
    # A few outcomes hardly move it; a forecaster who is always wrong way round is not turned round; alike chances tell a level.
    few = recalibration(pd.DataFrame({"raw": [0.2, 0.4, 0.8], "made": [1, 0, 0]}), rules)
    assert abs(few.intercept) < 0.25
    assert 0.7 < few.slope < 1
    turned = recalibration(pd.DataFrame({"raw": raw, "made": (random.random(len(raw)) > raw).astype("int64")}), rules)
    assert turned.slope == 0
    alike = recalibration(pd.DataFrame({"raw": [0.5] * 4000, "made": [1, 0, 0, 0] * 1000}), rules)
    assert alike.stated(np.array([0.5]))[0] == pytest.approx(0.25, abs=0.01)


def test_a_county_states_by_the_record_of_the_city_and_passed_dates_stay(small_data):
    report = Report(quarter="2022Q4")
    mend, city, county = city_recalibration(report), project_schedules(report), project_schedules(report.known_in("211321"))
    assert mend == city_recalibration(report.known_in("211321"))
    assert mend.n > 0
    assert dict(city.notes)["recalibrated"] == dict(county.notes)["recalibrated"]
    for found in (city.projects, county.projects):
        ahead = found[found["due"] > pd.Timestamp(report.as_of)]
        np.testing.assert_allclose(ahead["chance"], mend.stated(ahead["drawn_chance"].to_numpy()))
        assert ahead["chance"].between(0.02, 0.95).all()
        gone = found[found["due"] <= pd.Timestamp(report.as_of)]
        assert gone["chance"].equals(gone["drawn_chance"])
        assert (found.loc[(found["verdict"] == "on_track"), "chance"] >= step_rules().tight_chance).all()
    assert drawn_schedules(report).projects["chance"].equals(city.projects["drawn_chance"])


# --- a report

@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def schedules(report):
    return project_schedules(report)


def test_every_unfinished_project_stands_once_and_every_left_out_one_is_told(report, schedules):
    projects, told = schedules.projects, dict(schedules.notes)
    assert list(projects.columns) == PROJECT_COLUMNS
    assert list(schedules.steps.columns) == STEP_COLUMNS
    assert projects["project_id"].is_unique
    left_out = told["finished"]["projects"] + told.get("not_listed", {"projects": 0})["projects"]
    assert len(projects) + left_out == len(report.projects)
    assert set(projects["verdict"]) <= {"done", "on_track", "tight", "late", "unknown"}
    assert (projects["due"].isna() == projects["verdict"].isin(["done", "unknown"])).all()
    assert told["no_date"]["projects"] == (projects["verdict"] == "unknown").sum()
    assert projects["chance"].isna().equals(projects["due"].isna())
    assert projects["chance"].dropna().between(0, 1).all()
    assert {"county", "late_steps", "missing_papers"} <= set(projects.columns)


def test_latest_dates_follow_the_order_of_steps_and_end_on_the_due_date(schedules):
    steps = schedules.steps
    finish, start = (steps.pivot(index="project_id", columns="step", values=name) for name in ("latest_finish", "latest_start"))
    for step in step_rules().steps:
        for earlier in step.after:
            if step.id in finish and earlier in finish:
                both = finish[earlier].notna() & start[step.id].notna()
                assert (finish.loc[both, earlier] <= start.loc[both, step.id]).all()
    dated = schedules.projects[schedules.projects["goal"] != ""].set_index("project_id")
    goals = dated[["goal", "due", "slack_days"]].reset_index()
    at_goal = steps.merge(goals, left_on=["project_id", "step"], right_on=["project_id", "goal"])
    assert len(at_goal) == len(dated)
    assert (at_goal["latest_finish"] == at_goal["due"]).mean() > 0.9  # a due date on which nothing can end is drawn to the day before
    assert (at_goal["latest_finish"] <= at_goal["due"]).all()
    assert (at_goal["slack_days_x"] == at_goal["slack_days_y"]).all()
    assert at_goal["critical"].all()


def test_a_project_by_itself_has_the_dates_of_the_library_call(report, schedules):
    rules, calendar = step_rules(), city_calendar()
    kinds = {step.id: step.kind for step in rules.steps}
    for _, rows in list(schedules.steps.groupby("project_id"))[:40]:
        own = set(rows["step"])
        table = pd.DataFrame({"step": rows["step"], "duration_days": rows["duration_days"], "kind": rows["step"].map(kinds),
                              "after": [[name for name in rules.by_id(step).after if name in own] for step in rows["step"]]})
        due = schedules.projects.set_index("project_id").loc[rows["project_id"].iloc[0], "due"]
        alone = back_schedule(table, due, calendar=calendar)
        assert alone["latest_start"].tolist() == rows["latest_start"].tolist()
        assert alone["latest_finish"].tolist() == rows["latest_finish"].tolist()


def test_late_open_and_missing_are_told_apart(report, schedules):
    steps, today = schedules.steps, pd.Timestamp(report.as_of)
    assert (steps.loc[steps["late"], "state"] == "open").all()
    assert steps.loc[(steps["state"] == "open") & (steps["latest_finish"] < today), "late"].all()
    # Before its latest finish a step is late only when its latest start has passed and something open still holds it up.
    ahead = steps[steps["late"] & (steps["latest_finish"] >= today)]
    assert len(ahead)
    assert (ahead["latest_start"] < today).all()
    after = {step.id: set(step.after) for step in step_rules().steps}
    opened = steps[(steps["state"] == "open") & ~steps["overtaken"]].groupby("project_id")["step"].agg(set)
    assert all(after[row.step] & opened[row.project_id] for row in ahead.itertuples() if row.step != "filing")
    assert steps.loc[steps["state"] != "open", "earliest_finish"].isna().all()
    assert not (steps["critical"] & (steps["state"] != "open")).any()
    counted = steps[steps["late"] & ~steps["overtaken"]].groupby("project_id").size()
    told = schedules.projects.set_index("project_id")["late_steps"]
    assert told[told > 0].equals(counted.reindex(told[told > 0].index).astype("int64"))


def test_due_dates_are_first_promises_and_starts_of_the_first_quarter_are_due_by_the_citys_date(report, schedules):
    projects = schedules.projects
    assert set(projects["due_from"]) <= {"original", "plan", "target", ""}
    starts = projects[projects["start_due_from"] == "target"]
    assert (starts["start_due"] == pd.Timestamp("2022-03-31")).all()
    moved = projects[projects["due_from"] == "original"]
    assert (moved["due"] != moved["planned_date"]).any()
    kept = projects[projects["due_from"] == "plan"]
    assert (kept["due"] == kept["planned_date"]).all()


def test_a_later_due_date_is_never_less_likely(report, schedules):
    dated = schedules.projects.dropna(subset=["due"])
    early, late = dated[dated["due"] < dated["likely"]], dated[dated["due"] >= dated["likely"]]
    assert (early["drawn_chance"] <= 0.5).all()
    # Half of the draws are there in time; of these only dropouts are lacking.
    rates = dropout_rates([report.known_at(day.date()).projects for day in report.collected], report.collected)["rate"]
    ahead = (late["due"] - pd.Timestamp(report.as_of)).dt.days.clip(lower=0)
    assert (late["drawn_chance"] >= 0.5 * np.exp(-rates.max() * ahead) - 1e-9).all()
    assert (dated["likely"] <= dated["likely_late"]).all()


def test_the_same_report_gives_the_same_chances(report, schedules):
    from liantu.progress.scheduling import project_schedules as module

    again = module.project_schedules.__wrapped__(report)
    pd.testing.assert_frame_equal(again.projects, schedules.projects)


def test_a_county_a_county_without_projects_and_one_snapshot(report, schedules):
    county = project_schedules(report.known_in("211321"))
    own = schedules.projects[schedules.projects["county"] == "211321"]["project_id"]
    assert county.projects["project_id"].tolist() == own.tolist()
    pd.testing.assert_frame_equal(county.durations.dropna(subset=["size"]), schedules.durations.dropna(subset=["size"]))
    empty = project_schedules(report.known_at(dt.date(2021, 6, 30)))
    assert empty.projects.empty
    assert empty.steps.empty
    assert ("no_projects", {}) in empty.notes
    assert list(empty.projects.columns) == PROJECT_COLUMNS
    assert ("one_snapshot", {}) in project_schedules(report.known_at(dt.date(2021, 12, 31))).notes


def test_without_plans_nothing_is_claimed(monkeypatch):
    # The public record ships with the code; it is not among the data of this module.
    monkeypatch.delenv("LIANTU_DATA")
    public = Report(quarter="2022Q4", dataset="public")
    found = project_schedules(public)
    assert set(found.projects["verdict"]) <= {"unknown", "done"}
    assert found.steps.empty
    assert dict(found.notes)["no_date"]["projects"] == (found.projects["verdict"] == "unknown").sum() > 0
    assert chances_against_outcomes(public).empty
    assert chance_scores(public).empty


# --- were the chances honest

def test_past_chances_look_at_nothing_that_was_not_known(small_data):
    report = Report(quarter="2022Q4")
    past = past_chances(report)
    assert (past["due"] > past["made_on"]).all()
    assert (past["due"] <= pd.Timestamp(report.as_of) - pd.Timedelta(days=step_rules().grace_days)).all()
    first = past[(past["made_on"] == pd.Timestamp("2021-12-31")) & (past["goal"] == "completion")].set_index("project_id")
    stated = project_schedules(report.known_at(dt.date(2021, 12, 31))).projects.set_index("project_id")
    np.testing.assert_array_equal(first["chance"], stated["chance"].reindex(first.index))
    # At a later ledger chances are stated by what the outcomes known then had told, not by those known now.
    later = report.known_at(dt.date(2022, 9, 30))
    mend = city_recalibration(later)
    assert mend.n == len(drawn_past(later)) < len(past)
    assert drawn_past(later)["due"].max() <= pd.Timestamp("2022-07-02")
    for day in past["made_on"].unique():
        rows = past[past["made_on"] == day]
        np.testing.assert_allclose(rows["chance"], city_recalibration(report.known_at(day.date())).stated(rows["raw"].to_numpy()))
    ends = report.milestones[report.milestones["stage"] == "completed"].set_index("project_id")["actual_date"].reindex(first.index)
    dated = ends.notna()
    assert (first["made"][dated] == (ends[dated] <= first["due"][dated])).all()


def test_bands_add_up_and_scores_follow_from_them(small_data):
    report = Report(quarter="2022Q4")
    bands, scores, past = chances_against_outcomes(report), chance_scores(report), past_chances(report)
    every = bands[bands["goal"] == "all"]
    assert every["projects"].sum() == len(past) == bands[bands["goal"] != "all"]["projects"].sum()
    assert (bands["low"] <= bands["made"]).all()
    assert (bands["made"] <= bands["high"]).all()
    whole = scores.set_index("goal").loc["all"]
    assert np.average(every["made"], weights=every["projects"]) == pytest.approx(whole["made"])
    assert whole["brier"] == pytest.approx(((past["chance"] - past["made"]) ** 2).mean())
    assert whole["skill"] == pytest.approx(1 - whole["brier"] / whole["base"])


def test_chances_against_outcomes_say_when_a_forecaster_is_wrong(small_data, monkeypatch):
    from liantu.progress.scheduling import chance_record

    rows = pd.DataFrame({"goal": "start", "project_id": [f"p{number}" for number in range(100)], "made_on": pd.Timestamp("2022-03-31"),
                         "due": pd.Timestamp("2022-06-30"), "chance": [0.95] * 50 + [0.05] * 50, "base": 0.5, "made": [1, 0] * 50})
    monkeypatch.setattr(chance_record, "past_chances", lambda report: rows)
    bands = chances_against_outcomes(Report(quarter="2022Q4"))
    assert ((bands["low"] > bands["expected"]) | (bands["high"] < bands["expected"])).all()
    assert chance_scores(Report(quarter="2022Q4"))["skill"].iloc[0] == pytest.approx(1 - 0.4525 / 0.25)


def test_rules_of_another_city_change_what_is_needed():
    rules = step_rules()
    always = rules.model_copy(update={"steps": tuple(step.model_copy(update={"needed": "always"}) for step in rules.steps)})
    signed = _standing([("p", "signed", "2022-01-04", "2022-03-31")], [], [{}])
    assert (signed.state == NOT_NEEDED).any()
    other = standing(signed.projects, _milestones(), pd.DataFrame(columns=["project_id", "approval", "status", "date"]), always)
    assert not (other.state == NOT_NEEDED).any()


def _milestones() -> pd.DataFrame:
    return pd.DataFrame({"project_id": ["p"], "stage": ["signed"], "actual_date": [pd.Timestamp("2022-01-04")],
                         "first_reported": [pd.Timestamp("2022-03-31")]})
