"""The process behind the ledgers: sensible counts, a winter pause, delays, papers before works, claims that heap."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from liantu.simulation.cells import capitals, write_date
from liantu.simulation.codes import _CREDIT, _CREDIT_WEIGHTS, credit_code, project_code
from liantu.simulation.enterprises import true_gaps
from liantu.simulation.parameters import DEFAULT_SEED
from liantu.simulation.reporting import ENDS
from liantu.simulation.run import default, imagine
from liantu.simulation.truth import at_work, project_truth

YEAR = (dt.date(2022, 1, 1), dt.date(2022, 12, 31))


@pytest.fixture(scope="module")
def told():
    return imagine(DEFAULT_SEED, 1.0)


@pytest.fixture(scope="module")
def projects(told):
    return [project for project in told.projects if not project.parts]


def _in_year(projects, stage):
    return [project.life.dates[stage] for project in projects if YEAR[0] <= project.life.dates.get(stage, dt.date.max) <= YEAR[1]]


def test_the_default_is_the_committed_data_set():
    assert default() == {"seed": 2022, "scale": 1.0}


def test_the_year_has_the_size_of_the_city(projects):
    assert 900 <= sum(at_work(project) for project in projects) <= 1300
    assert 180 <= len(_in_year(projects, "signed")) <= 300


def test_most_projects_at_work_stand_on_a_chain(projects):
    share = np.mean([bool(project.chain) for project in projects if at_work(project)])
    assert 0.6 < share < 0.8


def test_about_seventy_of_a_hundred_chain_names_hold_a_catalogue_word(projects, told):
    words = {(chain.zh, link.id): link.keywords for chain in told.world.chains for link in chain.links}
    named = [any(word in project.name for word in words[(project.chain, project.link)]) for project in projects if project.chain]
    assert 0.6 < np.mean(named) < 0.82


def test_outdoor_works_never_start_in_the_frost(projects):
    starts = [p.life.dates["started"] for p in projects if p.works.outdoor and "started" in p.life.dates]
    assert len(starts) > 500
    assert not [day for day in starts if (day.month, day.day) >= (11, 15) or (day.month, day.day) < (3, 15)]
    indoor = [p.life.dates["started"] for p in projects if not p.works.outdoor and "started" in p.life.dates]
    assert [day for day in indoor if day.month in (12, 1, 2)]


def test_delays_have_a_median_of_about_two_months_and_a_long_tail(projects):
    delays = pd.Series([p.delays[stage] for p in projects for stage in p.life.dates if stage in p.delays])
    assert 40 <= delays.median() <= 80
    assert delays.quantile(0.95) > 4 * delays.median()


def test_nothing_true_is_reported_before_it_happened(told):
    for project in told.projects:
        for stage, number in told.stories[project.id].first_reported.items():
            assert ENDS[number] >= project.life.dates[stage]


def test_stages_follow_each_other(projects):
    order = ("lead", "negotiating", "signed", "approved", "started", "completed", "producing", "at_capacity")
    for project in projects:
        days = [project.life.dates[stage] for stage in order if stage in project.life.dates]
        assert days == sorted(days), project.id


def test_works_wait_for_their_papers_but_for_a_few(projects):
    early = [any(day and day > p.life.dates["started"] for day in p.life.permits.values()) for p in projects if "started" in p.life.dates]
    assert 0 < np.mean(early) < 0.1
    for project in projects:
        permits = project.life.permits
        if permits.get("siting") and permits.get("land"):
            assert permits["filing"] < permits["siting"] < permits["land"]


def test_money_never_shrinks_and_never_passes_the_total(told):
    for story in told.stories.values():
        reports = [report for report in story.reports if report]
        assert all(0 <= report.done_year <= report.done_total <= report.total for report in reports)
        for before, after in pairwise(reports):
            if before.total == after.total and "started" in before.actual and "started" in after.actual:
                assert after.done_total >= before.done_total


def test_false_claims_lie_in_the_last_week_of_a_quarter_and_are_false(told):
    claims = [(project, stage, claim) for project in told.projects for stage, claim in told.stories[project.id].claims.items()]
    assert len(claims) > 20
    for project, stage, claim in claims:
        assert 0 <= (ENDS[claim.since] - claim.day).days <= 6
        assert project.life.dates.get(stage, dt.date.max) > ENDS[claim.since]


def test_plans_slip_more_than_they_are_brought_forward(told):
    later = earlier = 0
    for story in told.stories.values():
        reports = [report for report in story.reports if report]
        for before, after in pairwise(reports):
            for stage in set(before.planned) & set(after.planned):
                later += after.planned[stage] > before.planned[stage]
                earlier += after.planned[stage] < before.planned[stage]
    assert later > 200
    assert later > 10 * earlier


def test_some_stall_some_resume_some_die(projects):
    stages = [set(project.life.dates) for project in projects if "started" in project.life.dates]
    assert 0.03 < np.mean(["suspended" in stage for stage in stages]) < 0.15
    assert any("resumed" in stage for stage in stages)
    assert any("terminated" in stage for stage in stages)


def test_the_bureau_repeats_about_fifteen_of_a_hundred_county_projects(projects, told):
    reports = {p.id: told.stories[p.id].reports[2] for p in projects}
    county = [p for p in projects if reports[p.id] and not (p.bureau_only and "started" not in reports[p.id].actual)]
    both = [p for p in county if p.works.attracted and (p.rereported or p.bureau_only) and reports[p.id].stage != "lead"]
    assert 0.08 < len(both) / len(county) < 0.22


def test_packages_give_way_to_their_parts(told):
    packages = [project for project in told.projects if project.parts]
    assert packages
    by_id = {project.id: project for project in told.projects}
    for package in packages:
        last = max(i for i, report in enumerate(told.stories[package.id].reports) if report)
        for part in package.parts:
            assert not any(told.stories[part].reports[: last + 1])
        assert package.total_first == sum(by_id[part].total_first for part in package.parts)


def test_gaps_are_links_without_a_firm_that_someone_asks_for(told):
    gaps = true_gaps(told.world, told.firms, told.empty, told.projects)
    broken = gaps[gaps["broken"]]
    assert (broken["firms"] == 0).all()
    assert len(gaps) == sum(len(chain.links) for chain in told.world.chains)
    assert set(broken["chain"]) and gaps["deliberate"].sum() > 20
    assert (gaps.loc[gaps["deliberate"], "firms"] == 0).all()


def test_firms_and_truth_have_the_size_of_the_city(told):
    assert len(told.firms) == 450
    assert 9 <= sum(firm.master for firm in told.firms) <= 17
    table = project_truth(told)
    assert table["true_id"].is_unique
    listed = {key for key, story in told.stories.items() if any(story.reports)}
    assert listed <= set(table["true_id"])


def test_no_firm_bears_the_name_of_a_real_chain_master(told):
    masters = {master for chain in told.world.chains for master in chain.masters}
    names = {firm.name for firm in told.firms}
    names |= {name for project in told.projects for name in (project.company, project.investor)}
    assert not [name for name in names for master in masters if master.removeprefix("辽宁").removeprefix("朝阳") in name]


def test_credit_codes_check():
    rng = np.random.default_rng(0)
    for _ in range(200):
        code = credit_code("211303", rng)
        total = sum(_CREDIT.index(char) * weight for char, weight in zip(code, _CREDIT_WEIGHTS, strict=False))
        assert len(code) == 18
        assert (total + _CREDIT.index(code[17])) % 31 == 0
    assert len(project_code("211303", dt.date(2022, 3, 1), True, rng)) == 24


@pytest.mark.parametrize(
    ("wan", "text"), [(3500, "叁仟伍佰万元"), (30000, "叁亿元"), (500, "伍佰万元"), (10800, "壹亿捌佰万元"), (1050, "壹仟零伍拾万元")]
)
def test_capital_numerals(wan, text):
    assert capitals(wan) == text


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("dot", "2022.3.15"),
        ("month", "2022年3月"),
        ("quarter", "一季度"),
        ("chinese", "二〇二二年三月"),
        ("serial", 44635),
        ("ten_days", "3月中旬"),
    ],
)
def test_date_forms(style, text):
    assert write_date(dt.date(2022, 3, 15), style, dt.date(2022, 6, 30)) == text


def test_a_form_without_a_year_is_written_only_in_the_snapshot_s_year():
    assert write_date(dt.date(2021, 3, 31), "month_end", dt.date(2022, 6, 30)) == "2021年3月底"
