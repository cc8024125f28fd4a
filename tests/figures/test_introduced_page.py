"""The page of gates and of what was introduced: whole in both languages, what it says is what was measured, nothing passed silently."""

import re
import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from page_parts import shown_by, text_of
from test_charts import looked_at

from liantu import Report
from liantu.assess.gates import gate_screen, worst
from liantu.assess.gates import introduced as all_introduced
from liantu.figures import introduced
from liantu.figures.display import Answer, Headline, PageTable, Picture, WatchList
from liantu.tables.fold import PROGRESS

CALLS = ("answer", "gates", "origins", "fit", "mix", "promises", "to_look_into", "watch")


def shown(report):
    return shown_by([getattr(introduced, name) for name in CALLS], report)


@pytest.fixture(scope="module", params=["zh", "en"])
def report(request, small_data):
    return Report(quarter="2022Q2", lang=request.param)


def test_the_page_is_whole(report):
    pictures = []
    for thing in shown(report):
        text_of(thing)
        if isinstance(thing, Picture):
            pictures.append(thing)
            assert report.lang == "zh" or not re.search("[一-鿿]{4}", thing.alt), thing.alt
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                printed = looked_at(thing.figure)
            assert thing.title.replace(" ", "") in printed.replace(" ", "").replace("\n", "") and thing.title in thing.alt
    assert len(pictures) == 4


def test_the_answer_says_what_was_measured(report):
    answer, *cards = introduced.answer(report)
    rows = all_introduced(report)
    rows, lines = rows[rows["introduced"] == "year"], answer.answer.split("\n")
    assert isinstance(answer, Answer) and len(lines) == 3
    assert re.findall(r"\d+", lines[1])[:3] == [str((rows["kind"] == kind).sum()) for kind in (
        ("spill_over", "squeezed_out", "ordinary"))]
    assert [card.name for card in cards] == ["spill_over", "squeezed_out", "gates_to_look_into"]
    assert all(isinstance(card, Headline) and card.order >= 100 for card in cards)


def test_every_standing_project_is_in_the_picture_of_the_gates(report):
    picture, lists = introduced.gates(report)
    standing = (gate_screen(report)["stage"].fillna("") != "terminated").sum()
    assert (picture.data[["pass", "attention", "stop", "unknown"]].sum(axis=1) == standing).all()
    assert ("工作清单" if report.lang == "zh" else "working list") in lists.caption
    assert lists.data["projects"].gt(0).all()


def test_what_is_to_be_looked_into_has_its_ledger_row(report):
    (table,) = introduced.to_look_into(report)
    screen = gate_screen(report)
    screen = screen[screen["stage"].fillna("") != "terminated"]
    assert str(worst(screen).isin(["stop", "attention"]).sum()) in table.title
    assert table.data["source_file"].notna().all() and table.data["row"].gt(0).all()
    assert table.data["why"].str.len().gt(5).all() and table.data["send"].str.len().gt(5).all()
    assert not table.data["send"].str.contains("introduced.", regex=False).any()


def test_counties_whose_intervals_touch_share_a_group(report):
    counties = next(thing for thing in introduced.origins(report) if isinstance(thing, PageTable))
    assert len(counties.data) >= 7 and counties.data["tied"].is_monotonic_increasing
    promises = introduced.promises(report)
    assert (promises.data["tax"] == ("未填报" if report.lang == "zh" else "Not reported")).all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_register_or_dates_the_page_stands(lang, monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    found = shown(Report(quarter="2022Q4", dataset="public", lang=lang))
    assert ("没有企业名录" if lang == "zh" else "no register") in next(
        thing for thing in found if isinstance(thing, PageTable) and thing.name == "jobs_promised").title
    fit = next(thing for thing in found if isinstance(thing, Picture) and thing.name == "fit")
    assert ("说不清" if lang == "zh" else "nobody can tell") in fit.title


def test_a_county_of_its_own(small_data):
    found = shown(Report(quarter="2022Q1", county="211381"))
    assert sum(isinstance(thing, Picture) for thing in found) == 4
    assert not any(isinstance(thing, PageTable) and thing.name == "counties_introduced" for thing in found)


def test_nothing_at_all(small_data, monkeypatch):
    report = Report(quarter="2022Q1", county="211381", lang="en")
    monkeypatch.setattr(introduced, "_of_year", lambda report: all_introduced(report).iloc[:0])
    monkeypatch.setattr(introduced, "_standing", lambda report: gate_screen(report).iloc[:0].assign(gate="", wan=0.0))
    monkeypatch.setattr(introduced, "portfolio_mix", lambda report, made=introduced.portfolio_mix: made(report).assign(introduced=0))
    found = shown(report)
    assert "not reported" in found[0].answer and not any(isinstance(thing, WatchList) for thing in found)
    assert all("no data" in thing.title.lower() for thing in found if isinstance(thing, Picture))


def test_every_stage_counts_as_begun_or_not():
    from liantu.assess.gates.screen import BEGUN

    assert set(PROGRESS) - set(BEGUN) == {"lead", "negotiating", "signed", "approved"}
