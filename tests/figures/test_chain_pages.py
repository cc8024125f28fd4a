"""The pages of the chains' gaps say the same in answer, cards, figures, tables and workbooks; and what they say without a register."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from liantu import Report
from liantu.assess import chain_gaps as measured
from liantu.chains import linkages
from liantu.chains.targets import GAPS
from liantu.figures import Answer, Headline, PageTable, Picture, Workbook, chain_gaps, chain_profile, chains, county_opportunities
from liantu.figures.wording import number, say
from liantu.reference.input_output import InputOutput, InputOutputForm, Sector

pytestmark = pytest.mark.xdist_group("chain gaps")  # what takes seconds to draw is drawn once

CITY = (chain_gaps.answer, chain_gaps.burden, chain_gaps.link_states, chain_gaps.best_targets, chain_gaps.groups, chain_gaps.over_time,
        chain_gaps.promises_and_works, chain_gaps.watch, chains.unplaced, chains.read_otherwise, chains.working_list)
CHAIN = (chain_profile.answer, chain_profile.chain_map, chain_profile.coverage, chain_profile.links, chain_profile.targets,
         chain_profile.firms, chain_profile.projects, chain_profile.structure, chain_profile.since)
COUNTY = (county_opportunities.answer, county_opportunities.nearness, county_opportunities.listed, county_opportunities.whom,
          county_opportunities.strengths, county_opportunities.attraction_list)


def shown(parts, report):
    """Everything that a page shows, with its payloads made."""
    flat = []
    for part in parts:
        made = part(report)
        flat += made if isinstance(made, list) else [made]
    for thing in flat:
        thing._repr_mimebundle_()
    return flat


def one(things, kind, name=""):
    return next(thing for thing in things if isinstance(thing, kind) and (not name or thing.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_citys_page_agrees_with_itself(reported_data, lang):
    report = Report(quarter="2022Q2", lang=lang)
    things, gaps = shown(CITY, report), measured.chain_gaps(report)
    broken = int(gaps.states["state"].isin(["broken_open", "broken_in_repair"]).sum())
    assert one(things, Headline, "broken_links").value == broken
    assert str(broken) in one(things, Answer).answer and number(broken) in one(things, Picture, "chain_gaps").title
    assert one(things, Picture, "gaps_over_time").data["broken"].iloc[-1] == broken
    burden = one(things, Picture, "chain_county_burden").data["burden"].sum()
    assert burden == pytest.approx(gaps.targets["unlock_wan"].sum() / 10_000)
    assert one(things, PageTable, "groups").data["unlock"].sum() == pytest.approx(burden, abs=0.02)
    table, book = one(things, PageTable, "best_targets"), one(things, Workbook)
    assert len(table.data) == min(20, len(gaps.targets)) and len(book.sheets[0].rows) == len(gaps.targets)
    assert book.sheets[0].rows["unlock"].head(20).tolist() == pytest.approx(table.data["unlock"].tolist())
    recut = one(things, PageTable, "read_otherwise").data
    assert recut["links"].sum() == len(gaps.states) and recut["broken"].sum() == broken


@pytest.mark.parametrize(("chain", "county"), [("steel", ""), ("steel", "211382"), ("bentonite", "211322"), ("food", "211300"[:0])])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chains_page_agrees_with_itself(reported_data, lang, chain, county):
    report = Report(quarter="2022Q2", lang=lang, chain=chain, county=county)
    things, gaps = shown(CHAIN, report), measured.chain_gaps(report)
    states = gaps.of(report.chain)
    links = one(things, PageTable, "links").data
    assert len(links) == len(states) == len(one(things, Picture, "chain_map").data)
    targets = gaps.targets_of(report.chain)
    assert one(things, Headline, "profile_gaps").value == len(targets) == states["state"].isin(GAPS).sum()
    if len(targets):
        assert len(one(things, PageTable, "targets").data) == len(targets)
        best = targets.sort_values("unlock_wan", ascending=False).iloc[0]
        assert best[lang] in one(things, Answer).answer
        assert one(things, Headline, "profile_unlock").value == pytest.approx(best["unlock_wan"] / 10_000, abs=0.051)
    firms, projects = one(things, PageTable, "firms").data, one(things, PageTable, "projects").data
    if county:
        place = report.place
        assert set(firms["county"]) | set(projects["county"]) <= {place}
    else:
        assert len(firms) == len(gaps.firms[gaps.firms["chain"] == report.chain.zh])
    behind = one(things, Picture, "chain_map").behind
    if behind is not None:
        assert set(behind.rows["bar"]) <= {link.name(lang) for link in report.chain.links}
        assert behind.rows["source_file"].notna().all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_countys_opportunities_agree(reported_data, lang):
    report = Report(quarter="2022Q2", lang=lang, county="211382")
    things, gaps = shown(COUNTY, report), measured.chain_gaps(report)
    rows = gaps.by_county[gaps.by_county["county"] == "211382"]
    front = int(rows["front"].sum())
    assert one(things, Headline).value == front
    listed = one(things, PageTable, "opportunities").data
    assert (listed["front"] == "★").sum() == front and listed["front"].head(front).eq("★").all()
    picture = one(things, Picture, "nearness")
    assert number(len(rows)) in picture.title and (picture.data["front"] == "★").sum() == front
    book = one(things, Workbook)
    assert len(book.sheets[0].rows) == len(rows) and (book.sheets[0].rows["front"] == "★").sum() == front
    assert one(things, PageTable, "whom").data["products"].str.len().gt(0).all()


def test_linkages_stand_where_a_table_is_given(reported_data, monkeypatch):
    report = Report(quarter="2022Q2", chain="steel")
    (without,) = shown([chain_profile.structure], report)
    assert "投入产出表" in without.caption and "backward" not in without.data
    sectors = [Sector(id="metal", zh="金属", en="Metals", gb_codes=("31",)), Sector(id="rest", zh="其他", en="Other", gb_codes=("25",))]
    form = InputOutputForm(status_zh="试表", status_en="A table for a test", source="test", sectors=sectors)
    coefficients = pd.DataFrame([[0.15, 0.25], [0.20, 0.05]], index=["metal", "rest"], columns=["metal", "rest"])
    monkeypatch.setattr(chain_profile, "input_output", lambda _: InputOutput(form, coefficients, None))
    (given,) = shown([chain_profile.structure], report)
    wanted = linkages(coefficients)["backward"].round(2)
    names = {link.id: link.zh for link in report.chain.links}
    told = given.data.set_index("link")["backward"]
    assert told[names["steelmaking"]] == wanted["metal"] and told[names["coking"]] == wanted["rest"]


def test_lists_to_work_through_hold_no_formula_and_room_for_answers(reported_data):
    report = Report(quarter="2022Q2", chain="steel")
    book = one(shown([chain_profile.targets], report), Workbook)
    sheet = book.sheets[0]
    assert [column.kind for column in sheet.columns].count("answer") == 4 and sheet.rows.iloc[:, -4:].isna().all(axis=None)
    text = " ".join(str(cell) for cell in sheet.rows.to_numpy().ravel())
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
    assert book.badge.startswith("模拟数据")


@pytest.fixture
def without_register(monkeypatch, reported_data):
    """Reports whose data hold no register of firms."""
    empty = property(lambda self: self.table("enterprises").iloc[:0])
    monkeypatch.setattr(Report, "enterprises", empty)
    measured._gathered.cache_clear()
    yield
    measured._gathered.cache_clear()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_register_the_pages_say_what_cannot_be_known(without_register, lang):
    said = say("gap.no_register", lang)
    city = shown(CITY, Report(quarter="2022Q2", lang=lang))
    chain = shown(CHAIN, Report(quarter="2022Q2", lang=lang, chain="steel"))
    county = shown(COUNTY, Report(quarter="2022Q2", lang=lang, county="211382"))
    assert [one(things, Answer).answer for things in (city, chain, county)] == [said] * 3
    assert len(one(chain, PageTable, "projects").data) > 0 and one(chain, PageTable, "firms").data.empty
    assert not [thing for thing in city if isinstance(thing, Workbook)]
    assert "236" in one(city, Picture, "chain_gaps").title
    assert "broken_key_links" not in [getattr(thing, "name", "") for thing in city]
    for name in ("groups", "read_otherwise"):
        assert one(city, PageTable, name).data[["broken", "blocked"]].isna().all(axis=None)


def test_the_first_quarter_has_nothing_before_it(reported_data):
    things = shown(CHAIN, Report(quarter="2021Q4", chain="tyres", lang="en"))
    assert say("profile.since.question", "en") in [thing.question for thing in things if isinstance(thing, Answer)]
    assert pd.isna(one(shown([chain_gaps.over_time], Report(quarter="2021Q4")), Picture).data["opened"].iloc[0])
