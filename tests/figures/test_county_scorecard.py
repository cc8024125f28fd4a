"""The county scorecard: where the county stands among all, the same numbers in text, chart and tables, and a page for every county."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples
from page_parts import of, shown_by
from test_charts import looked_at

from liantu import Report
from liantu.assess.evidence import evidence_of
from liantu.assess.gates import county_quality
from liantu.assess.service import county_service
from liantu.assess.standings import county_facts, indicator_values, standings, three_things
from liantu.figures import county_scorecard
from liantu.figures.county_strips import STRIPS, possible_places, standing_strips
from liantu.figures.display import Answer, Headline, PageTable, Picture, WatchList, Workbook
from liantu.reference import city

CODES = list(city().divisions.codes)
PARTS = (county_scorecard.answer, county_scorecard.standing, county_scorecard.to_do, county_scorecard.targets, county_scorecard.quality,
         county_scorecard.praise, county_scorecard.lists)


def shown(report):
    return shown_by(PARTS, report)



@pytest.fixture(scope="module", params=["zh", "en"])
def page(request, reported_data):
    report = Report(quarter="2022Q2", county="211382", lang=request.param)
    return report, shown(report)


def test_the_page_has_its_parts_and_each_displays_itself(page):
    _, made = page
    assert {type(entry) for entry in made} >= {Answer, Headline, PageTable, Picture, Workbook}
    for entry in made:
        assert entry._repr_mimebundle_()


def test_the_answer_the_card_and_the_chart_tell_the_overall_standing(page):
    report, made = page
    row = standings(report.whole_city, "county_overall").table.set_index("unit").loc["211382"]
    places, total = possible_places(row["rank_low"], row["rank_high"], report.lang), f"{row['total']:.1f}"
    (answer,), (picture,), (card,) = of(made, Answer), of(made, Picture), of(made, Headline, "county_total")
    assert places in answer.answer and total in answer.answer
    assert places in picture.title and places in picture.alt
    assert card.value == round(row["total"], 1) and places in card.note
    drawn = picture.data[(picture.data["county"] == report.place)]
    assert drawn["value"].iloc[0] == pytest.approx(row["total"], abs=1e-4)


def test_strips_hold_every_county_and_the_values_of_the_indicators(page):
    report, made = page
    (picture,) = of(made, Picture)
    assert (picture.data.groupby("label").size() == len(CODES)).all()
    values = indicator_values(report.whole_city, "county")
    starts = values[(values["indicator"] == "new_starts") & (values["unit"] == "211382")]["value"].iloc[0]
    assert starts in picture.data.loc[picture.data["county"] == report.place, "value"].to_list()


def test_claims_are_those_of_the_evidence_page(page):
    report, made = page
    counts = evidence_of(report.whole_city).counts
    own = counts[counts["county"] == "211382"].set_index("target")
    (table,) = of(made, PageTable, "county_targets")
    assert table.data["supported"].to_list() == own["supported"].reindex(own.index).to_list()
    assert (table.data["claimed"] == table.data[["supported", "unsupported", "contradicted"]].sum(axis=1)).all()
    (card,) = of(made, Headline, "county_contradicted")
    assert card.value == table.data["contradicted"].sum()


def test_facts_are_those_of_gates_and_problems_and_add_up(page):
    report, _ = page
    facts = county_facts(report).set_index("county")
    quality, service = county_quality(report.whole_city).set_index("county"), county_service(report).set_index("county")
    for name in ("introduced", "spill_over", "fills_gap"):
        assert facts.loc[CODES, name].to_list() == quality.loc[CODES, name].to_list()
        assert facts.loc[CODES, name].sum() <= facts.loc["", name] == quality[name].sum()
    assert facts.loc[CODES, "open"].to_list() == service.loc[CODES, "open"].to_list()


def test_things_to_do_come_with_what_they_bring(page):
    report, made = page
    found = three_things(report.whole_city, "211382")
    tables = of(made, PageTable, "to_do")
    assert len(tables) == (len(found) > 0)
    for table in tables:
        assert table.data["gain"].to_list() == found["points"].round(1).to_list()
        assert table.data["why"].str.len().min() > 10


def test_a_county_named_stands_in_table_and_watch_list_alike(page):
    _, made = page
    (table,), watches = of(made, PageTable, "county_named"), of(made, WatchList)
    assert len(table.data) == (len(watches[0].items) if watches else 1)


@pytest.mark.parametrize("code", CODES)
def test_every_county_has_its_page(code, reported_data):
    made = shown(Report(quarter="2022Q2", county=code))
    assert of(made, Answer) and of(made, Picture) and of(made, Workbook)


def test_the_public_record_ranks_nobody_and_breaks_nothing(reported_data, monkeypatch):
    monkeypatch.delenv("LIANTU_DATA")
    made = shown(Report(quarter="2022Q4", county="211382", dataset="public", lang="en"))
    assert not of(made, Headline, "county_total")
    assert "not ranked" in of(made, Picture)[0].title or "not reported" in of(made, Answer)[0].answer


# --- the chart by itself


def strips(**changes):
    rows = [{"section": "Progress", "measure": measure, "label": measure, "county": code, "value": float(place), "low": place - 1.0,
             "high": place + 1.0, "rank_low": 1, "rank_high": 3, "shown": str(place), "better": better}
            for measure, better in (("up_is_better", "up"), ("down_is_better", "down")) for place, code in enumerate(CODES)]
    return pd.DataFrame(rows)[STRIPS].assign(**changes)


def drawn(rows, own=CODES[-1], lang="en"):
    return standing_strips(rows, own, "Title", lang, figure_samples.AS_OF, True, figure_samples.PLACE[lang], {code: code for code in CODES})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_strips_can_be_drawn_and_read(lang):
    looked_at(drawn(strips(), lang=lang).figure)


def own_at(picture, strip):
    """Where the own mark stands on a strip, 0 to 1."""
    axes = picture.figure.axes[strip]
    (mark,) = [line for line in axes.lines if line.get_markersize() == 9]
    return mark.get_xdata()[0]


def test_better_lies_to_the_right_whatever_the_direction():
    picture = drawn(strips())
    assert own_at(picture, 0) == 1 and own_at(picture, 1) == 0


def test_all_alike_stand_in_the_middle_and_nothing_reported_says_so():
    assert own_at(drawn(strips(value=5.0, low=4.0, high=6.0)), 0) == 0.5
    rows = strips()
    rows.loc[rows["county"] == CODES[-1], "value"] = np.nan
    picture = drawn(rows)
    assert [text.get_text() for text in picture.figure.axes[0].texts] == ["not reported"]
    assert "up_is_better" not in picture.alt


def test_no_row_of_the_county_is_an_empty_picture():
    rows = strips()
    assert "Title" not in drawn(rows[rows["county"] != CODES[-1]]).title


@pytest.mark.parametrize(("low", "high", "said"), [(2, 2, "place 2"), (2, 5, "places 2–5"), (np.nan, 5, "not ranked")])
def test_places_as_words(low, high, said):
    assert possible_places(low, high, "en") == said
    assert re.search(r"[一-鿿]", possible_places(low, high, "zh"))
