"""The page of what changed since last quarter says the same in its answer, cards, charts, alt texts and tables; watch lists are short."""

import json
import re

import pytest

from liantu import Report, progress
from liantu.figures import Answer, Headline, PageTable, Picture, WatchItem, WatchList, chain_gaps, milestones, quality, since
from liantu.progress.since import restatements


def flat(thing):
    return [one for part in thing for one in flat(part)] if isinstance(thing, list) else [thing]


def everything(report):
    parts = (since.answer, since.bridges, since.investment, since.told_first, since.restated, since.gone, since.watch)
    return flat([part(report) for part in parts])


@pytest.mark.parametrize(("quarter", "county", "lang"), [
    ("2021Q4", "", "en"), ("2022Q1", "211382", "zh"), ("2022Q1", "", "en"), ("2022Q2", "211382", "en")])
def test_every_part_is_shown_in_its_language(small_data, quarter, county, lang):
    report = Report(quarter=quarter, county=county, lang=lang)
    shown = everything(report)
    assert {Answer, Picture} <= {type(thing) for thing in shown} <= {Answer, Headline, Picture, PageTable, WatchList}
    for thing in shown:
        json.dumps(thing.payload, allow_nan=False, ensure_ascii=False)
        if isinstance(thing, Picture):
            assert thing.payload["as_of"] == str(report.as_of) and thing.alt
            assert lang == "zh" or not re.search("[一-鿿]", thing.title + thing.alt + thing.caption)
    names = [thing.name for thing in shown if isinstance(thing, Picture | PageTable)]
    assert len(set(names)) == len(names)


@pytest.fixture(scope="module")
def page(small_data):
    report = Report(quarter="2022Q2")
    return report, everything(report)


def test_answer_charts_and_table_say_the_same_numbers(page):
    report, shown = page
    (answer,) = [thing for thing in shown if isinstance(thing, Answer)]
    (table,) = [thing for thing in shown if isinstance(thing, PageTable) and thing.name == "bridges"]
    rows = progress.bridges(progress.since_last_quarter(report)).to_dict("records")
    assert table.data["known"].tolist() == [row["known"] for row in rows] and len(answer.answer.split("\n")) == 2
    for row in rows:
        if not row["restated"]:
            continue
        (picture,) = [thing for thing in shown if isinstance(thing, Picture) and thing.name == f"bridge_{row['target']}_2022"]
        for text in (picture.title, picture.alt, answer.answer):
            assert str(row["published"]) in text and str(row["known"]) in text and f"{row['restated']:+d}".replace("-", "−") in text
        assert picture.data["total"].iloc[[0, -1]].tolist() == [row["published"], row["now"]]
        level = picture.data["change"].fillna(0).cumsum() + row["published"]
        assert level.iloc[-1] == row["now"], "the bars of the bridge meet"


def test_cards_are_the_sums_of_the_charts(page):
    report, shown = page
    cards = {thing.name: thing for thing in shown if isinstance(thing, Headline)}
    assert all(card.order >= 100 for card in cards.values())
    told = progress.first_told(report.known_at(report.quarter.previous.end).tables, report.tables, report.quarter.previous.end)
    stages = told[told["kind"] == "stage"]["time"].value_counts()
    assert (cards["since_new"].value, cards["since_late"].value) == (stages["in_quarter"], stages["late"])
    rows = restatements(progress.since_last_quarter(report))
    assert cards["since_gone"].value == rows["kind"].isin(["stage_back", "vanished"]).sum()
    (answer,) = [thing for thing in shown if isinstance(thing, Answer)]
    assert all(str(cards[name].value) in answer.answer for name in ("since_new", "since_late", "since_values"))
    (gone,) = [thing for thing in shown if isinstance(thing, PageTable) and thing.name == "gone"]
    assert len(gone.data) == cards["since_gone"].value


def test_changed_values_have_old_new_and_their_row(page):
    (table,) = [thing for thing in page[1] if isinstance(thing, PageTable) and thing.name == "changed_values"]
    assert {"old", "new", "source_file", "sheet", "row"} <= set(table.data) and (table.data["old"] != table.data["new"]).all()
    assert table.data["kind"].value_counts().max() <= since.SHOWN


def test_the_first_quarter_says_that_there_is_nothing_before(small_data):
    (answer,) = since.answer(Report(quarter="2021Q4"))
    assert "没有2021年三季度或更早的台账" in answer.answer
    assert since.gone(Report(quarter="2021Q4")) == since.watch(Report(quarter="2021Q4")) == since.investment(Report(quarter="2021Q4")) == []
    (early,) = since.answer(Report(quarter="2022Q2", as_of="2022-02-28", lang="en"))
    assert "2022 Q1 had not ended" in early.answer


def test_the_public_record_has_the_page_too(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    # 211324 has projects there, none of them with a date
    for quarter, county in (("2022Q4", ""), ("2025Q2", ""), ("2025Q2", "211324")):
        report = Report(quarter=quarter, dataset="public", county=county)
        assert [thing for thing in everything(report) if isinstance(thing, Answer)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_watch_lists_are_few_and_concrete(small_data, lang):
    report = Report(quarter="2022Q2", lang=lang)
    lists = flat([part.watch(report) for part in (milestones, chain_gaps, since, quality)])
    assert len(lists) >= 3 and [one.order for one in lists] == sorted({one.order for one in lists}, key=[one.order for one in lists].index)
    for one in lists:
        assert isinstance(one, WatchList) and 0 < len(one.items) <= 10 and len({item.what for item in one.items}) >= 1
        for item in one.payload["items"]:
            assert item["what"] and item["why"] and set(item) == {"what", "why", "county", "since", "page"}
            assert item["since"] is None or item["since"] <= str(report.as_of)
            assert "nan" not in item["why"].lower().split()


def test_targets_behind_time_are_watched_since_they_fell_behind(small_data):
    report = Report(quarter="2022Q2")
    (watched,) = milestones.watch(report)
    rows = progress.against_targets(report)
    assert len(watched.items) == rows["status"].isin(["behind", "missed"]).sum()
    first = {row.label: row for row in rows.itertuples()}
    for item in watched.items:
        row = first[item.what.split("：")[0]]
        quarters = progress.by_quarter(report, report.targets.by_id(row.target)).set_index("quarter")
        at = quarters.loc[f"{item.since.year}Q{(item.since.month + 2) // 3}"]
        assert at["cumulative"] < at["demanded_cumulative"]
    assert milestones.watch(report.known_in("211382")) == []


def test_watch_payload_and_plain_forms():
    item = WatchItem("<b>项目", "迟报", "凌源", None, "50_since_last_quarter")
    bundle = WatchList("w", "看 & 看", (item,), "n", 3)._repr_mimebundle_()
    assert bundle["application/vnd.liantu.watch+json"] == {"name": "w", "title": "看 & 看", "note": "n", "order": 3, "items": [
        {"what": "<b>项目", "why": "迟报", "county": "凌源", "since": None, "page": "50_since_last_quarter"}]}
    assert "<b>" not in bundle["text/markdown"] and "&lt;b&gt;" in bundle["text/markdown"]


def test_a_headlines_trend_ends_with_its_value(small_data):
    for card in milestones.headlines(Report(quarter="2022Q2")):
        assert [point["quarter"] for point in card.payload["trend"]] == ["2021Q4", "2022Q1", "2022Q2"]
        assert card.payload["trend"][-1] == {"quarter": "2022Q2", "value": card.value, "target": card.target}
