"""The quality page of a small city: its numbers are those of the tables, its workbooks hold every finding, nothing is known too early."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from liantu.assess import changes_without_reason, quality_of
from liantu.figures import Answer, Headline, PageTable, Picture, Workbook, quality
from liantu.report import Report
from liantu.tables import CONTRACTS

PERSONAL = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


def everything(report):
    made = [quality.answer(report), quality.to_send_back(report), quality.broken_rules(report), quality.score(report),
            quality.completeness(report), quality.late(report), quality.drift(report), quality.changes(report), quality.files(report),
            quality.first_cells(report)]
    return [thing for part in made for thing in (part if isinstance(part, list) else [part])]


def known(report):
    table = report.whole_city.table("quarantine")
    return table[~table["rule"].isin(["vanished"])]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("county", ["", "211382"])
def test_every_part_is_shown_in_its_language_with_its_date(report, lang, county):
    page = Report(quarter="2022Q2", lang=lang, county=county)
    shown = everything(page)
    assert {type(thing) for thing in shown} == {Answer, Headline, PageTable, Picture, Workbook}
    for thing in shown:
        text = json.dumps(thing.payload, allow_nan=False, ensure_ascii=False)
        assert not PERSONAL.search(text), thing
        if isinstance(thing, Picture):
            assert thing.png.startswith(b"\x89PNG") and thing.payload["as_of"] == "2022-06-30"
            assert lang == "zh" or not re.search("[一-鿿]", thing.title + thing.alt + thing.caption)
    names = [thing.name for thing in shown if isinstance(thing, Picture | PageTable | Workbook)]
    assert len(set(names)) == len(names)


def test_every_finding_goes_back_to_exactly_one_reporter(report):
    books = [quality.to_send_back(report)[-1]]
    books += [quality.to_send_back(report.known_in(code))[-1] for code in report.city.divisions.codes]
    cells = [tuple(row) for book in books for sheet in (book.sheets[0], book.sheets[3])
             for row in sheet.rows[["file", "sheet", "row", "problem_zh"]].itertuples(index=False) if "不再出现" not in row.problem_zh]
    wanted = known(report)[["source_file", "sheet", "row", "message_zh"]].itertuples(index=False)
    assert sorted(cells, key=str) == sorted(map(tuple, wanted), key=str) and len(cells) > 20
    for book in books:
        first = book.sheets[0].rows["severity"].str.startswith("错误").tolist()
        assert first == sorted(first, reverse=True), "errors stand first"


def test_the_city_is_the_sum_of_its_reporters(report):
    whole = quality_of(report)
    reporters = [*report.city.divisions.codes, ""]
    assert sum(len(whole.of(code).found) for code in reporters) == len(whole.found)
    assert sum(len(whole.of(code).files) for code in reporters) == len(whole.files) == len({*whole.files["source_file"]})
    assert sum(int(whole.of(code).files["cells"].sum()) for code in reporters) == int(whole.files["cells"].sum())


def test_the_answer_counts_the_newest_ledgers(report):
    (answer, *cards), found = quality.answer(report), report.whole_city.table("quarantine")
    # A project that is gone stands in its last ledger and shows with the next one.
    now = found[found["source_file"].str.startswith("2022Q2/") | found["rule"].eq("vanished") & found["snapshot"].eq("2022-06-30")]
    assert cards[0].value == len(now.drop_duplicates(["source_file", "sheet", "row", "column"]))
    assert cards[1].value == now[now["severity"] == "error"].drop_duplicates(["source_file", "sheet", "row"]).shape[0]
    assert str(cards[0].value) in answer.answer


def test_what_later_ledgers_tell_is_not_known_yet(report):
    early, late = quality_of(report.known_at(report.quarter.previous.end)), quality_of(report)
    assert set(early.files["source_file"]) < set(late.files["source_file"])
    assert not early.found["source_file"].str.startswith("2022Q2/").any() and not (early.found["about"] > "2022-03-31").any()
    assert early.events["first_reported"].max() < late.events["first_reported"].max()


def test_before_the_first_ledger_the_page_says_so(report):
    page = report.known_at(report.quarter.start.replace(year=2020))
    shown = everything(page)
    assert "没有可评的台账" in shown[0].answer
    assert all("没有数据" in thing.title for thing in shown if isinstance(thing, Picture))
    assert all(len(sheet.rows) == 0 for thing in shown if isinstance(thing, Workbook) for sheet in thing.sheets[:4])


def test_changes_without_a_reason_stand_on_the_page_and_in_the_workbook(report, monkeypatch):
    whole = quality_of(report)
    then, now = sorted(report.table("observations")["snapshot"].unique())[-2:]
    file = whole.files[(whole.files["county"] == "211382") & whole.files["newest"]]["source_file"].iloc[0]
    base = {"project_id": report.projects["project_id"].iloc[0], "source": "county", "snapshot": now, "previous_snapshot": then,
            "source_file": file, "sheet": "", "row": 9}
    rows = [base | {"field": "total_investment_wan", "original_wan": 500.0, "previous_wan": 500.0, "latest_wan": 12_500.0},
            base | {"field": "completed_planned", "previous_date": pd.Timestamp("2022-06-30"), "latest_date": pd.Timestamp("2022-12-31")}]
    changes = changes_without_reason(CONTRACTS["changes"].conform(rows), report.projects)
    monkeypatch.setattr(quality, "quality_of", lambda _: replace(whole, changes=changes))
    table = quality.changes(report)
    assert table.data[["field", "size"]].to_numpy().tolist() == [["总投资", "+12,000万元"], ["竣工计划日期", "+184天"]]
    assert json.dumps(table.payload, allow_nan=False)
    sheet = quality.to_send_back(report.known_in("211382"))[0].sheets[2]
    assert sheet.rows["latest"].tolist() == ["12,500", "2022-12-31"] and sheet.rows["previous"].tolist() == ["500", "2022-06-30"]
    assert sheet.rows["field"].tolist()[1] == "竣工计划日期 Completed: planned date"
    assert len(sheet.rows.columns) == len(sheet.columns)
