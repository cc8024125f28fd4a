"""Drift by field: what is named, and what only changed its name, its file, its sheet or its place and is not."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_books import HEADER, book, row, table_of

from liantu.ledger import drift
from liantu.ledger.drift import Given, gone_fields, letter_of
from liantu.ledger.pipeline import rulebook, run
from liantu.ledger.rows.context import Context
from liantu.ledger.sheets import Block, ColumnMatch
from liantu.reference import city

HOME = city().folder
NAMES = tuple(f"第{number}个项目" for number in range(20))
FIELDS = ("name", "company", "county", "total_investment_wan", "started_date", "stage", "chain", "jobs", "department", "area_mu")
DAYS = {"2021Q4": dt.date(2021, 12, 31), "2022Q1": dt.date(2022, 3, 31), "2022Q2": dt.date(2022, 6, 30), "2022Q3": dt.date(2022, 9, 30)}


def table(file, fields=FIELDS, names=NAMES, source="county", county="211382", sheet="Sheet1", form="project", unknown=()):
    """One table of a reporter with these fields and rows; `file` begins with its snapshot folder."""
    spec = next(own for own in city().forms if own.id == form)
    columns = [ColumnMatch(place, f"表头{name}", name, None, "name") for place, name in enumerate(fields)]
    columns += [ColumnMatch(len(fields) + place, header, None, None, "none") for place, header in enumerate(unknown)]
    return drift.given(Block(spec, tuple(columns), ()), Context(file, sheet, DAYS[file.split("/")[0]], source, county), names)


def without(*gone):
    return tuple(name for name in FIELDS if name not in gone)


def gone(*tables):
    return sorted((finding["source_file"], finding["field"]) for finding in gone_fields(tables, HOME))


@pytest.mark.parametrize(("before", "now"), [
    ("2022Q1/2022年一季度商务局项目表.xlsx", "2022Q2/商务局项目(6月).xls"), ("2022Q1/项目台账.xlsx", "2022Q2/市商务局重点项目最终版2.xlsx"),
    ("2022Q1/招商引资台账（市商务局）.xlsx", "2022Q2/市商务局招商引资2022年上半年.csv")])
@pytest.mark.parametrize(("source", "county"), [("county", "211382"), ("department", None), ("zone", None)])
def test_a_renamed_file_is_the_same_ledger(before, now, source, county):
    rest = {"source": source, "county": county}
    assert gone(table(before, **rest), table(now, sheet="项目（二季度）", **rest)) == []
    assert gone(table(before, **rest), table(now, without("chain"), sheet="项目（二季度）", **rest)) == [(now, "chain")]
    assert gone(table(before, **rest), table(now, without("chain"), (*NAMES[15:], "新项目"), **rest)) == [(now, "chain")]


def test_another_offices_ledger_is_another_ledger():
    mine = table("2022Q1/市发改委项目台账.xlsx", source="department", county=None)
    theirs = table("2022Q2/市统计局项目台账.xlsx", without("chain", "jobs"), source="department", county=None)
    assert gone(mine, theirs) == []
    other_county = table("2022Q2/北票市项目.xlsx", without("chain"), county="211381")
    assert gone(table("2022Q1/凌源市项目.xlsx"), other_county) == []


def test_a_ledger_split_by_rows_is_one_and_each_part_must_give_what_it_gave():
    whole = table("2022Q1/凌源项目.xlsx")
    one, two = table("2022Q2/凌源续建.xlsx", names=NAMES[:10]), table("2022Q2/凌源新建.xlsx", names=NAMES[10:])
    assert gone(whole, one, two) == []
    assert gone(whole, one, table("2022Q2/凌源新建.xlsx", without("stage"), NAMES[10:])) == [("2022Q2/凌源新建.xlsx", "stage")]


def test_a_ledger_split_by_columns_still_gives_all():
    whole = table("2022Q1/凌源项目.xlsx")
    one = table("2022Q2/凌源项目基本情况.xlsx", FIELDS[:6])
    two = table("2022Q2/凌源项目要素.xlsx", ("name", *FIELDS[6:]))
    assert gone(whole, one, two) == []
    assert {field for _, field in gone(whole, one, table("2022Q2/凌源项目要素.xlsx", ("name", *FIELDS[7:])))} == {"chain"}


def test_two_ledgers_joined_in_one_must_give_what_both_gave():
    one, two = table("2022Q1/凌源续建.xlsx", names=NAMES[:10]), table("2022Q1/凌源新建.xlsx", (*without("jobs"), "origin"), NAMES[10:])
    assert gone(one, two, table("2022Q2/凌源项目.xlsx", (*FIELDS, "origin"))) == []
    assert gone(one, two, table("2022Q2/凌源项目.xlsx")) == [("2022Q2/凌源项目.xlsx", "origin")]


def test_two_ledgers_of_a_county_are_told_apart_and_one_that_is_not_sent_is_no_drift():
    main, signed = table("2022Q1/凌源项目.xlsx"), ("name", "company", "signed_date", "origin", "content")
    attraction = table("2022Q1/凌源招商.xlsx", signed, ("甲", "乙", "丙"), form="attraction", sheet="签约")
    assert gone(main, attraction, table("2022Q2/凌源项目.xlsx")) == []
    later = table("2022Q2/凌源招商.xlsx", signed[:-1], ("甲", "乙"), form="attraction", sheet="签约")
    assert gone(main, attraction, table("2022Q2/凌源项目.xlsx", without("stage")), later) == [
        ("2022Q2/凌源招商.xlsx", "content"), ("2022Q2/凌源项目.xlsx", "stage")]


def test_the_snapshot_before_counts_also_when_one_was_skipped():
    first, third = table("2021Q4/凌源项目.xlsx"), table("2022Q2/凌源项目.xlsx", without("jobs"))
    other = table("2022Q1/北票项目.xlsx", county="211381")
    finding, = gone_fields([first, other, third], HOME)
    assert (finding["field"], finding["given_in"], finding["header"]) == ("jobs", "2021Q4/凌源项目.xlsx", "表头jobs")
    # It is named once, where it goes; the snapshot after that has nothing new to lose.
    assert gone(first, third, table("2022Q3/凌源项目.xlsx", without("jobs"))) == [("2022Q2/凌源项目.xlsx", "jobs")]


def test_sheets_of_one_workbook_that_are_renamed_keep_their_columns():
    fields = {"续建": FIELDS, "新建": without("jobs"), "前期": without("jobs", "started_date")}
    names = dict(zip(fields, (NAMES[:8], NAMES[8:14], NAMES[14:]), strict=True))
    before = [table("2022Q1/凌源.xlsx", fields[sheet], names[sheet], sheet=sheet) for sheet in fields]
    now = [table("2022Q2/凌源2.xlsx", fields[sheet], names[sheet], sheet=f"{place}.{sheet}类") for place, sheet in enumerate(fields)]
    assert gone(*before, *now) == []
    now[1] = table("2022Q2/凌源2.xlsx", without("jobs", "stage"), names["新建"], sheet="Sheet2")
    assert [(finding["sheet"], finding["field"]) for finding in gone_fields([*before, *now], HOME)] == [("Sheet2", "stage")]


@pytest.mark.parametrize(("gave", "gives", "lost"), [
    (("started_date",), ("started_planned", "started_actual"), []), (("started_actual",), ("started_date",), []),
    (("started_planned",), ("started_date",), []), (("started_planned", "started_actual"), ("started_date",), ["started_planned"]),
    (("started_planned", "completed_planned"), ("period",), []), (("period",), ("started_date", "completed_planned"), []),
    (("period",), ("started_date",), ["period"]), (("completed_planned",), ("completed_actual",), ["completed_planned"]),
    (("completed_actual",), ("completed_planned",), ["completed_actual"]), (("land",), ("land_status",), []),
    (("land_status", "land_date"), ("land",), []), (("land_date",), ("land_status",), ["land_date"]), (("land",), ("energy",), ["land"]),
    (("done_year_wan",), ("done_total_wan",), ["done_year_wan"]), (("note", "private", "serial", "other"), (), [])])
def test_a_field_that_moved_to_one_that_says_the_same_is_no_drift(gave, gives, lost):
    before, now = (table(f"{quarter}/凌源.xlsx", (*FIELDS[:4], *fields)) for quarter, fields in (("2022Q1", gave), ("2022Q2", gives)))
    assert [field for _, field in gone(before, now)] == lost


def test_the_unknown_header_that_may_be_the_field_that_went_is_named():
    now = table("2022Q2/凌源.xlsx", without("jobs"), unknown=("天气", "表头jobs（人）"))
    finding, = gone_fields([table("2022Q1/凌源.xlsx"), now], HOME)
    assert finding["nearest"] == "表头jobs（人）"


@given(
    fields=st.sets(st.sampled_from(FIELDS[1:]), min_size=4), dropped=st.sets(st.sampled_from(FIELDS[4:])),
    added=st.sets(st.sampled_from(["origin", "zone", "place", "content"])), rows=st.sets(st.sampled_from(NAMES), min_size=8),
    new=st.integers(0, 5), stem=st.sampled_from(["凌源项目(6月)", "2022年二季度凌源市重点项目调度表", "凌源库导出"]),
    sheet=st.sampled_from(["Sheet1", "台账", "项目"]))
def test_exactly_the_fields_that_went_are_named_whatever_else_changes(fields, dropped, added, rows, new, stem, sheet):
    before = table("2022Q1/凌源项目.xlsx", ("name", *sorted(fields)))
    kept = ("name", *sorted(fields - dropped), *sorted(added))
    now = table(f"2022Q2/{stem}.xlsx", kept, (*sorted(rows), *(f"新增{number}号" for number in range(new))), sheet=sheet)
    assert [field for _, field in gone(before, now)] == sorted(fields & dropped)


@given(st.permutations([
    table("2022Q1/凌源续建.xlsx", names=NAMES[:10]), table("2022Q1/凌源新建.xlsx", without("jobs"), NAMES[10:]),
    table("2022Q2/凌源项目.xlsx", without("stage")), table("2022Q1/市商务局.xlsx", source="department", county=None),
    table("2022Q3/市商务局.xlsx", without("chain"), source="department", county=None)]))
def test_the_order_of_the_files_does_not_matter(tables):
    assert gone(*tables) == [("2022Q2/凌源项目.xlsx", "stage"), ("2022Q3/市商务局.xlsx", "chain")]


def of_kind(cleaning, kind):
    return [finding for finding in cleaning.accounting["findings"] if finding["kind"] == kind]


def test_headers_without_a_field_are_named_and_those_judged_by_content_proposed(tmp_path):
    header = ["项目名称", "县区", "总投资（万元）", "神秘指标甲", "识别码", "方向", "对接同志", "总投资额（万元）", "属于哪里", None]
    rows = [[f"{name}项目", "双塔区", 100, 1, f"2203-211302-04-01-{number:06d}", "橡胶轮胎", f"1380013800{number}", 100, "北票市", "x"]
            for number, name in enumerate("甲乙丙")]
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", table_of(*rows, header=header)))
    cleaning = run(tmp_path)
    proposed = {finding["header"]: finding for finding in of_kind(cleaning, "by_content")}
    assert {header: (finding["field"], finding["filled"]) for header, finding in proposed.items()} == {
        "识别码": ("national_code", 3), "方向": ("chain", 3), "对接同志": ("private", 3)}
    assert "24-character project codes" in proposed["识别码"]["message_en"] and "产业链" in proposed["方向"]["message_zh"]
    unknown = of_kind(cleaning, "unknown_header")
    assert [finding["header"] for finding in unknown if finding["header"]] == ["神秘指标甲", "属于哪里"]
    assert [finding["column"] for finding in unknown if not finding["header"]] == ["J"]
    second, = of_kind(cleaning, "second_column")
    assert (second["header"], second["nearest"]) == ("总投资额（万元）", "总投资（万元）")
    assert cleaning.tables["observations"]["national_code"].notna().all()
    assert "1380013800" not in str(cleaning.accounting)
    assert cleaning.exit_code == 0


def test_over_four_quarters_only_what_went_is_named(tmp_path):
    """A county's workbook renamed every quarter, its sheet renamed, split in two, one quarter skipped."""
    rows = [row(number, f"{name}项目") for number, name in enumerate("甲乙丙丁戊己庚辛")]
    book(tmp_path / "2021Q4/2021年四季度双塔区项目表.xlsx", ("Sheet1", table_of(*rows)))
    book(tmp_path / "2022Q1/双塔项目(3月).xlsx", ("项目", table_of(*rows, title="双塔区项目")))
    book(tmp_path / "2022Q3/双塔区续建项目.xlsx", ("续建", table_of(*rows[:4])))
    book(tmp_path / "2022Q3/双塔区新建项目.xlsx", ("新建", table_of(*(line[:6] for line in rows[4:]), header=HEADER[:6])))
    lost = of_kind(run(tmp_path), "field_gone")
    assert [(finding["source_file"], finding["sheet"], finding["field"], finding["given_in"]) for finding in lost] == [
        ("2022Q3/双塔区新建项目.xlsx", "新建", "stage", "2022Q1/双塔项目(3月).xlsx")]
    assert "当前阶段" in lost[0]["message_zh"] and lost[0]["message_en"]


def test_letters_of_columns():
    assert [letter_of(number) for number in (1, 26, 27, 52, 53, 702, 703)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_every_wording_of_a_finding_can_be_filled():
    from liantu.ledger.findings import FindingFile, worded
    from liantu.reference.loading import load

    words = load(FindingFile, HOME / "findings.yml").findings
    kinds = {"outside_snapshot", "unknown_header", "second_column", "field_gone", "by_content", "corrected", "ruled", "correction_stale"}
    assert {own.kind for own in words} >= kinds
    for own in words:
        told, = worded([{"kind": own.kind, "case": own.case, **dict.fromkeys(own.places, "甲")}], HOME)
        assert "{" not in told["message_zh"] + told["message_en"]
    with pytest.raises(LookupError, match="no wording for nonsense"):
        worded([{"kind": "nonsense"}], HOME)


def test_given_holds_no_names_of_projects():
    """Only hashes: a million names would weigh on a run that reads large files."""
    told = table("2022Q1/凌源.xlsx")
    assert isinstance(told, Given) and told.names.dtype == "uint64" and len(told.names) == len(NAMES)
    assert rulebook().city.folder == HOME and Path(HOME / "series.yml").is_file()
