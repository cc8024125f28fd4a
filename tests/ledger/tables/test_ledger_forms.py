"""Ledger forms as data: the city's are sound, a new one needs no code, a bad one is an error that names file and key."""

import re
from pathlib import Path

import pytest
from drawn_sheets import sheet_of

from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import known_forms
from liantu.reference import ReferenceFileError, city
from liantu.tables.contracts import APPROVALS, CONTRACTS, STAGES

DOCUMENT = Path(__file__).parents[3] / "docs" / "ledger-forms.md"
RAW = {"serial", "private", "other", "note", "content", "place", "period", "done_before_wan", "done_period_wan", "past_year_wan", "status",
       *(f"{stage}_date" for stage in STAGES), *APPROVALS}


@pytest.mark.parametrize("form", city().forms, ids=lambda form: form.id)
def test_fields_are_columns_of_the_tidy_tables(form):
    columns = set(CONTRACTS["observations" if form.table == "projects" else form.table].names)
    assert {spec.field for spec in form.fields} - columns - RAW == set()
    assert form.source


@pytest.mark.parametrize("form", city().forms, ids=lambda form: form.id)
def test_no_name_stands_for_two_fields(form):
    seen: dict[str, str] = {}
    for spec in form.fields:
        for name in spec.names:
            assert seen.setdefault(name, spec.field) == spec.field, f"{name}: {seen[name]} and {spec.field}"


def test_the_form_in_the_document_works(tmp_path):
    example = re.search(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)[1]
    (tmp_path / "form.yml").write_text(example, encoding="utf-8")
    home = city()
    sheet = sheet_of("""
某县重点项目
工程项目明细|建设单位|2022年资金总盘子（亿元）|计划开工时间
甲|甲公司|5|3月""")
    assert understand(sheet, known_forms(home)).blocks == ()
    block, = understand(sheet, known_forms(home, home.forms_with([tmp_path / "form.yml"]))).blocks
    assert block.form.id == "county_projects"
    assert [match.field for match in block.columns] == ["name", "company", "total_investment_wan", "started_planned"]


@pytest.mark.parametrize(("line", "told"), [
    ("extends: nothing", "nothing is not another ledger form"),
    ("extends: project\nfields: [{field: name, patterns: ['<nobody>x']}]", "<nobody>"),
    ("extends: project\nfields: [{field: name, patterns: ['(']}]", "regular expression"),
    ("extends: project\nfelds: []", "felds"),
    ("extends: project\nfields: [{field: name, kind: txt}]", "fields.0.kind"),
    ("extends: project\nfields: [{field: name, names: [戊]}, {field: company, names: [戊]}]", "name and company: names: 戊 cannot"),
    ("extends: project\nfields: [{field: name, patterns: ['(']}]", "field name: patterns"),
    ("table: projects\nfields: [{field: name, names: [x]}]", "zh, en and kind"),
    ("table: projects\nfields: [{field: name, kind: text, zh: x, en: x}]", "no field is required")])
def test_a_bad_form_is_an_error_that_names_the_file(tmp_path, line, told):
    (tmp_path / "bad.yml").write_text(f"id: bad\nzh: 坏\nen: Bad\nsource: a test\n{line}\n", encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"bad\.yml") as error:
        city().forms_with([tmp_path / "bad.yml"])
    assert told in str(error.value)


@pytest.mark.parametrize(("line", "told"), [
    ("{field: investment, kind: amount, zh: x, en: x}", "field investment: the table projects has no such column"),
    ("{field: total_investment_wan, unit: 亿圆}", "field total_investment_wan: unit: 亿圆 is no unit"),
    ("{field: category, vocabulary: kinds}", "field category: vocabulary: kinds is no list")])
def test_a_form_that_no_table_can_take_is_an_error_that_names_the_file(tmp_path, line, told):
    (tmp_path / "bad.yml").write_text(f"id: bad\nzh: 坏\nen: Bad\nextends: project\nsource: a test\nfields: [{line}]\n", encoding="utf-8")
    home = city()
    with pytest.raises(ReferenceFileError, match=r"bad\.yml: field") as error:
        known_forms(home, home.forms_with([tmp_path / "bad.yml"]))
    assert told in str(error.value)


def test_a_form_makes_an_unreadable_ledger_readable_and_may_move_a_name(tmp_path):
    (tmp_path / "town.yml").write_text("""
id: town
zh: 乡镇在手事项
en: Matters of a township
extends: project
source: a township's workbook
fields:
  - {field: name, names: [何事]}
  - {field: company, names: [归谁管, 责任单位]}
  - {field: total_investment_wan, patterns: ["花多少(?:钱)?"]}
  - {field: started_planned, names: [几时动手]}
""", encoding="utf-8")
    home = city()
    sheet = sheet_of("""
在手事项
次第|何事|归谁管|花多少（亿元）|几时动手
1|修桥|镇政府|0.5|2022年5月
2|修路|镇政府|0.8|2022年6月""")
    assert understand(sheet, known_forms(home)).blocks == ()
    known = known_forms(home, home.forms_with([tmp_path / "town.yml"]))
    block, = understand(sheet, known).blocks
    assert [(match.field, match.unit) for match in block.columns] == [
        (None, None), ("name", None), ("company", None), ("total_investment_wan", "亿元"), ("started_planned", None)]
    town = next(form for form in known.forms if form.form.id == "town")
    assert next(iter(town.match((known.reader.read("责任单位"),)))).field == "company"
