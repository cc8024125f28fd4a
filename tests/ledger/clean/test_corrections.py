"""corrections.yml: what it corrects, how that is traced, and how an entry fails when the source no longer shows what it expects."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ledger_books import HEADER, MAGNESIUM, book, row, table_of

from liantu.errors import LiantuError
from liantu.ledger import clean, fresh_tables
from liantu.ledger.corrections.outcomes import shows
from liantu.ledger.pipeline import run
from liantu.tables import read_table

FILE = "2022Q1/双塔区项目台账.xlsx"
SIGNED = {"reason": "县发改局来函更正", "reporter": "双塔区发改局", "date": "2022-05-10"}
DOCS = Path(__file__).resolve().parents[3] / "docs" / "cleaning.md"


def entry(do="fix", file=FILE, sheet="项目", **rest):
    return {"do": do, "file": file, "sheet": sheet, **rest, **SIGNED}


def corrected(raw, *entries):
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "corrections.yml").write_text(yaml.safe_dump({"corrections": list(entries)}, allow_unicode=True), encoding="utf-8")
    return raw


def ledger(raw, *rows, file=FILE, **rest):
    book(raw / file, ("项目", table_of(*rows, **rest)))
    return raw


@pytest.fixture
def raw(tmp_path):
    return ledger(
        tmp_path, row(1, "甲项目", amount="待定"), row(2, "乙项目", amount=3_000_000), row(3, "丙项目", amount=500, stage="在谈中"))


@pytest.fixture
def read_only(monkeypatch):
    """Cleaning without the tables being put together, for what only the reading of files decides."""
    monkeypatch.setattr("liantu.ledger.pipeline.assemble", lambda *_: ({}, []))


def of_kind(cleaning, kind):
    return [finding for finding in cleaning.accounting["findings"] if finding["kind"] == kind]


def stale(cleaning):
    found, = of_kind(cleaning, "correction_stale")
    assert cleaning.exit_code == 1
    assert not of_kind(cleaning, "corrected")
    return found


def test_a_cell_is_fixed_scaled_and_dropped_and_each_is_traced(raw):
    corrected(
        raw, entry(row=3, column="总投资（万元）", expect="待定", value="1.2亿元"),
        entry("scale", row=4, column="e", expect="3000000", factor="0.0001"),
        entry("drop", row=5, column="G", expect="在谈中"))
    cleaning = run(raw)
    said = cleaning.tables["observations"].set_index("name")
    assert said["total_investment_wan"].to_dict() == {"甲项目": 12000.0, "乙项目": 300.0, "丙项目": 500.0}
    assert said["stage"].isna().to_dict() == {"甲项目": False, "乙项目": False, "丙项目": True}
    assert cleaning.exit_code == 0
    assert cleaning.tables["quarantine"].empty
    fixed, scaled, dropped = of_kind(cleaning, "corrected")
    assert fixed == {
        "kind": "corrected", "case": "fix", "source_file": FILE, "sheet": "项目", "entry": 1, "do": "fix", "row": 3,
        "column": "总投资（万元）", "field": "total_investment_wan", "was": "待定", "is": "1.2亿元", **SIGNED,
        "message_zh": fixed["message_zh"], "message_en": fixed["message_en"]}
    assert "双塔区发改局" in fixed["message_zh"] and "待定 read as 1.2亿元" in fixed["message_en"]
    assert (scaled["was"], scaled["is"], scaled["column"]) == ("3000000", "3000000 × 0.0001", "总投资（万元）")
    assert (dropped["was"], dropped["is"], dropped["column"]) == ("在谈中", "", "当前阶段")


def test_what_a_scaled_cell_still_breaks_is_told_with_the_value_as_the_file_has_it(tmp_path):
    corrected(ledger(tmp_path, row(1, "甲项目", amount=-5_000_000)), entry("scale", row=3, column="E", expect="-5000000", factor="0.0001"))
    told, = run(tmp_path).tables["quarantine"][["value", "rule"]].values.tolist()
    assert told == ["-5000000", "amount_negative"]


def test_a_scaled_amount_counts_in_every_check_that_follows(tmp_path):
    header = ["项目名称", "县区", "总投资（万元）", "累计完成投资（万元）"]
    rows = table_of(["甲项目", "双塔区", 100, 5000], header=header)
    book(tmp_path / FILE, ("项目", rows))
    assert run(tmp_path).tables["observations"].empty
    corrected(tmp_path, entry("scale", row=3, column="累计完成投资（万元）", expect="5000", factor="0.01"))
    assert run(tmp_path).tables["observations"]["done_total_wan"].tolist() == [50.0]


@pytest.mark.parametrize(("header", "cell", "factor", "column", "value"), [
    ("用地面积（亩）", 10, "15", "area_mu", 150.0), ("用工人数", "约50人", "10", "jobs", 500.0),
    ("总投资（亿元）", "约3亿元（设备1亿元）", "0.0001", "total_investment_wan", 3.0)])
def test_any_measure_is_scaled_as_it_reads(tmp_path, header, cell, factor, column, value):
    rows = table_of(["甲项目", "双塔区", cell, "乙公司"], header=["项目名称", "县区", header, "建设单位"])
    book(tmp_path / FILE, ("项目", rows))
    corrected(tmp_path, entry("scale", row=3, column=header, expect=str(cell), factor=factor))
    assert run(tmp_path).tables["observations"][column].tolist() == pytest.approx([value])


def test_a_name_that_is_fixed_makes_the_row_a_project_again(tmp_path):
    raw = corrected(ledger(tmp_path, row(1, "甲项目"), row(2, None)), entry(row=4, column="项目名称", expect="", value="乙项目"))
    assert run(raw).tables["observations"]["name"].tolist() == ["甲项目", "乙项目"]


def test_a_header_is_corrected_before_the_table_is_understood(tmp_path):
    header = [name.replace("当前阶段", "天气") for name in HEADER]
    ledger(tmp_path, row(1, "甲项目"), header=header)
    corrected(tmp_path, entry(row=2, column="G", expect="天气", value="当前阶段"), entry("drop", row=3, column="当前阶段", expect="已开工"))
    cleaning = run(tmp_path)
    assert not of_kind(cleaning, "unknown_header")
    assert [finding["column"] for finding in of_kind(cleaning, "corrected")] == ["G", "当前阶段"]
    assert cleaning.tables["observations"]["stage"].isna().tolist() == [True]


def test_a_csv_has_no_sheet_and_its_cells_are_texts(tmp_path):
    (tmp_path / "2022Q1").mkdir()
    (tmp_path / "2022Q1/建平县.csv").write_text("项目名称,总投资（亿元）,开工时间\n甲项目,12,2022.10\n", encoding="utf-8")
    one = entry(file="2022Q1/建平县.csv", sheet="", row=2, column="B", expect="12", value="1.2")
    two = entry("drop", file="2022Q1/建平县.csv", sheet="", row=2, column="开工时间", expect="2022.10")
    del one["sheet"]
    said = run(corrected(tmp_path, one, two)).tables["observations"]
    assert said["total_investment_wan"].tolist() == [12000.0]
    assert said["started_planned"].isna().tolist() == [True]
    two["expect"] = "2022.1"
    assert stale(run(corrected(tmp_path, two)))["now"] == "2022.10"


def test_merged_cells_are_corrected_in_their_first_cell_or_row_by_row(tmp_path):
    rows = table_of(*(row(number, f"{name}项目", county=None) for number, name in enumerate("甲乙丙")))
    book(tmp_path / FILE, ("项目", rows, [(2, 3, 4, 3, "北票市")]))
    corrected(tmp_path, entry(row=4, column="县区", expect="北票市", value="凌源市"))
    assert run(tmp_path).tables["observations"]["county"].tolist() == ["211381", "211382", "211381"]
    corrected(tmp_path, entry(row=3, column="县区", expect="北票市", value="凌源市"))
    assert run(tmp_path).tables["observations"]["county"].tolist() == ["211382"] * 3
    found = stale(run(corrected(tmp_path, entry("drop", row=4, column="县区", expect="北票市"))))
    assert (found["case"], found["nearest"]) == ("merged", "D3")


STALE = [
    (entry(row=3, column="总投资（万元）", expect="面议", value="1"), "value", {"now": "待定"}),
    (entry(row=3, column="总投资（万元）", expect="3000000", value="1"), "value", {"now": "待定", "moved": 4}),
    (entry(row=3, column="总投资（万元）", expect="", value="1"), "value", {"now": "待定"}),
    (entry(row=9, column="总投资（万元）", expect="待定", value="1"), "row", {}),
    (entry(row=3, column="总投资额（亿）", expect="待定", value="1"), "column", {"nearest": "总投资（万元）"}),
    (entry(row=3, column="ZZ", expect="", value="1"), "column", {}),
    (entry(row=3, column="联系人", expect="王某", value="李某"), "unread", {}),
    (entry("scale", row=3, column="总投资（万元）", expect="待定", factor="0.1"), "not_a_number", {"now": "待定"}),
    (entry("scale", row=3, column="项目名称", expect="甲项目", factor="0.1"), "not_a_number", {"now": "甲项目"}),
    (entry(file="2022Q1/双塔区项目台帐.xlsx", row=3, column="E", expect="待定", value="1"), "file", {"nearest": FILE}),
    (entry(sheet="项目表", row=3, column="E", expect="待定", value="1"), "sheet", {"sheets": "项目"}),
    (entry(sheet="", row=3, column="E", expect="待定", value="1"), "sheet", {"sheets": "项目"}),
]


@pytest.mark.parametrize(("given_entry", "case", "told"), STALE, ids=[f"{number} {case}" for number, (_, case, _) in enumerate(STALE)])
def test_an_entry_that_does_not_find_what_it_expects_is_told(raw, read_only, given_entry, case, told):
    cleaning = run(corrected(raw, given_entry))
    found = stale(cleaning)
    assert found["case"] == case
    assert {name: found[name] for name in told} == told
    assert found["entry"] == 1 and found["message_zh"] and found["message_en"]
    assert "王某" not in json.dumps(cleaning.accounting, ensure_ascii=False).replace('"expect": "王某"', "")


def test_an_entry_that_is_not_applied_changes_nothing_and_the_others_are_applied(raw):
    before, wrong = run(raw), entry(row=3, column="E", expect="面议", value="1")
    after = run(corrected(raw, wrong))
    assert after.exit_code == 1
    for name, frame in before.tables.items():
        assert frame.equals(after.tables[name]), name
    both = run(corrected(raw, wrong, entry(row=5, column="E", expect="500", value="600")))
    assert both.exit_code == 1
    assert both.tables["observations"]["total_investment_wan"].tolist()[2] == 600.0


def test_a_file_that_is_gone_damaged_or_a_copy_makes_its_entries_fail(raw, read_only):
    fix = entry(row=3, column="E", expect="待定", value="1")
    corrected(raw, {**fix, "file": "2022Q1/坏.xlsx"})
    (raw / "2022Q1/坏.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 50)
    assert stale(run(raw))["case"] == "unreadable"
    (raw / "2022Q1/坏.xlsx").write_bytes((raw / FILE).read_bytes())
    assert stale(run(raw))["case"] == "exact_copy"


def test_a_corrected_sheet_still_hides_its_copy(tmp_path):
    rows = table_of(row(1, "甲项目", amount="待定"))
    book(tmp_path / FILE, ("项目", rows), ("备份", rows))
    corrected(tmp_path, entry(row=3, column="E", expect="待定", value="100"))
    cleaning = run(tmp_path)
    assert cleaning.tables["observations"][["sheet", "total_investment_wan"]].values.tolist() == [["项目", 100.0]]
    assert cleaning.exit_code == 0


def test_entries_about_later_snapshots_wait(raw, read_only):
    book(raw / "2022Q2/双塔区项目台账.xlsx", ("项目", table_of(row(1, "甲项目", amount="待定"))))
    corrected(raw, entry(file="2022Q2/双塔区项目台账.xlsx", row=3, column="E", expect="待定", value="7"))
    early = run(raw, as_of="2022-03-31")
    assert early.exit_code == 0 and not of_kind(early, "correction_stale")
    assert len(of_kind(run(raw), "corrected")) == 1


def test_two_entries_on_one_cell_are_one_too_many(raw, read_only):
    one, two = entry(row=3, column="E", expect="待定", value="1"), entry(row=3, column="总投资（万元）", expect="待定", value="2")
    cleaning = run(corrected(raw, one, two))
    assert [finding["is"] for finding in of_kind(cleaning, "corrected")] == ["1"]
    assert [finding["case"] for finding in of_kind(cleaning, "correction_stale")] == ["twice"]
    with pytest.raises(LiantuError, match="entry 2: corrects the same cell as entry 1"):
        run(corrected(raw, one, one))


def side(number, name, file=FILE):
    return {"file": file, "sheet": "项目", "row": number, "expect": name}


def ruling(do, one, other):
    return {"do": do, "one": one, "other": other, **SIGNED}


BUREAU = "2022Q1/市工信局项目.xlsx"


@pytest.fixture
def two_ledgers(tmp_path):
    ledger(tmp_path, row(1, MAGNESIUM), row(2, "玄武岩连续纤维生产线", company="辽宁某纤维公司"))
    return ledger(tmp_path, row(1, MAGNESIUM), row(2, "矿棉项目", company="天津某集团", amount=8), file=BUREAU, title="全市工业项目台账")


def projects_of(cleaning):
    return cleaning.tables["observations"].set_index(["source_file", "row"])["project_id"]


def test_rows_are_merged_and_kept_apart_by_ruling(two_ledgers):
    found = projects_of(run(two_ledgers))
    assert found[FILE, 3] == found[BUREAU, 3] and found[FILE, 4] != found[BUREAU, 4]
    corrected(
        two_ledgers, ruling("apart", side(3, MAGNESIUM), side(3, MAGNESIUM, BUREAU)),
        ruling("merge", side(4, "玄武岩连续纤维生产线"), side(4, "矿棉项目", BUREAU)))
    cleaning = run(two_ledgers)
    found = projects_of(cleaning)
    assert found[FILE, 3] != found[BUREAU, 3] and found[FILE, 4] == found[BUREAU, 4]
    assert cleaning.exit_code == 0
    assert [(finding["entry"], finding["case"], finding["row"], finding["other"]) for finding in of_kind(cleaning, "ruled")] == [
        (1, "apart", 3, f"{BUREAU}#项目!3"), (2, "merge", 4, f"{BUREAU}#项目!4")]
    assert cleaning.tables["merges"]["evidence"].str.contains(SIGNED["reason"]).sum() >= 2


@pytest.mark.parametrize(("other", "case", "told"), [
    (side(4, "矿棉生产项目", BUREAU), "value", {"now": "矿棉项目", "row": 4}), (side(3, "矿棉项目", BUREAU), "value", {"moved": 4}),
    (side(2, "项目名称", BUREAU), "no_project", {}), (side(4, "矿棉项目", "2022Q1/x.xlsx"), "file", {})])
def test_a_ruling_whose_rows_changed_is_not_applied(two_ledgers, read_only, other, case, told):
    cleaning = run(corrected(two_ledgers, ruling("merge", side(4, "玄武岩连续纤维生产线"), other)))
    found = stale(cleaning)
    assert found["case"] == case and {name: found[name] for name in told} == told
    assert not of_kind(cleaning, "ruled")


def test_rulings_that_contradict_each_other_are_refused(two_ledgers):
    a, b, c = side(3, MAGNESIUM), side(4, "x"), side(3, MAGNESIUM, BUREAU)
    with pytest.raises(LiantuError, match="entry 3: keeps two rows apart"):
        run(corrected(two_ledgers, ruling("merge", a, b), ruling("merge", b, c), ruling("apart", a, c)))
    with pytest.raises(LiantuError, match="entry 1: one and other are the same row"):
        run(corrected(two_ledgers, ruling("merge", a, a)))


FIX = entry(row=3, column="E", expect="待定", value="1")
WRONG = [
    ({"do": "fxi"}, r"entry 1: do 'fxi' is not known; did you mean fix\?"), ({"do": None}, "entry 1: do is missing"),
    ({"expct": "1"}, r"entry 1: key 'expct' is not known; did you mean expect\?"), ({"row": "three"}, "entry 1: row: .*'three'"),
    ({"row": "0"}, "entry 1: row: .*greater than or equal to 1"), ({"date": "gestern"}, "entry 1: date: .*'gestern'"),
    ({"expect": None}, "entry 1: expect is missing"), ({"reason": None}, "entry 1: reason is missing"),
    ({"reporter": ""}, "entry 1: reporter: "), ({"value": ""}, "entry 1: value: "), ({"do": "scale", "value": None}, "factor is missing"),
    ({"do": "scale", "value": None, "factor": "-1"}, "entry 1: factor: "), ({"do": "scale", "value": None, "factor": "inf"}, "factor: ")]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_mistake_in_the_file_is_told_with_its_entry_and_key(raw, change, said):
    told = {key: value for key, value in {**FIX, **change}.items() if value is not None}
    with pytest.raises(LiantuError, match=said) as error:
        run(corrected(raw, told))
    assert str(raw / "corrections.yml") in str(error.value)


@pytest.mark.parametrize(("text", "said"), [
    ("corrections: [", "not readable as YAML"), ("- do: fix", "as a list under the key corrections"),
    ("correction: []", "did you mean corrections"),
    ("corrections: [fix]", "entry 1: an entry is a list of keys"), ("corrections:\n- {do: fix, do: drop}", "the key do stands twice"),
    ("corrections: {do: fix}", "as a list"), ("corrections: [{do: merge, one: {file: a, row: 1, expct: b}}]", "'expct' is not known")])
def test_a_file_of_another_shape_is_refused(raw, text, said):
    (raw / "corrections.yml").write_text(text, encoding="utf-8")
    with pytest.raises(LiantuError, match=said):
        run(raw)


@pytest.mark.parametrize("place", ["correction.yml", "corrections.yaml", "2022Q1/corrections.yml"])
def test_a_file_that_would_be_passed_over_is_refused(raw, place):
    (raw / place).write_text("corrections: []", encoding="utf-8")
    with pytest.raises(LiantuError, match=r"read from .*corrections\.yml only"):
        run(raw)


def test_an_empty_file_corrects_nothing(raw, read_only):
    for text in ("", "# nothing yet\n", "corrections:\n", "corrections: []\n"):
        (raw / "corrections.yml").write_text(text, encoding="utf-8")
        assert run(raw).exit_code == 0


def test_personal_data_of_the_file_reach_no_output(raw, tmp_path):
    signed = {"reason": "电话 13800138000 核实", "reporter": "李某 13912345678"}
    corrected(raw, {**FIX, **signed, "value": "100（联系13700137000）"})
    clean(raw, tmp_path / "out")
    told = (tmp_path / "out/accounting.json").read_text(encoding="utf-8")
    assert "1 corrections" not in told and not re.search(r"1[3-9]\d{9}", told)
    assert "[removed]" in told


def test_a_data_set_is_cleaned_again_when_its_corrections_change(tmp_path, monkeypatch):
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    monkeypatch.setattr("liantu.ledger.freshness._FLOORS", ())
    raw = ledger(tmp_path / "raw/mine", row(1, "甲项目", amount="待定"))
    assert read_table("projects", fresh_tables("mine"))["total_investment_wan"].isna().all()
    corrected(raw, entry(row=3, column="E", expect="待定", value="100"))
    assert read_table("projects", fresh_tables("mine"))["total_investment_wan"].tolist() == [100.0]


@pytest.mark.parametrize(("cell", "expect", "same"), [
    (12000.0, "12000", True), (12000.0, "12,000", True), (12000, "12000.0", True), (0.1 + 0.2, "0.3", True), (0.85, "85%", True),
    (12000, "1.2e4", True), (12000, "12001", False), (12000, "一万二", False), ("12,000", "12000", True), ("2022.10", "2022.1", False),
    ("01", "1", False), (dt.date(2022, 3, 5), "2022-03-05", True), (dt.datetime(2022, 3, 5), "2022/3/5", True),
    (dt.datetime(2022, 3, 5), "2022年3月5日", True), (dt.datetime(2022, 3, 5, 8, 30), "2022-03-05", False),
    (dt.date(2022, 3, 5), "44625", False),
    ("甲\n项目", "甲 项目", True), ("约 3亿元", "约3亿元", False), (None, "", True), (None, "0", False), (0, "", False), ("-", "", False),
    (True, "TRUE", True), (True, "1", False)])
def test_what_a_cell_shows(cell, expect, same):
    assert shows(cell, expect) is same


@given(st.one_of(
    st.integers(-10**12, 10**12), st.floats(allow_nan=False, allow_infinity=False, width=32), st.dates(), st.text(max_size=12)))
def test_a_cell_shows_itself(cell):
    assert shows(cell, repr(cell) if isinstance(cell, float) else str(cell))


def test_the_example_in_the_documentation_works(tmp_path):
    example = re.search(r"```yaml\n(# data/raw/.*?corrections\.yml.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[1]
    ledger(
        tmp_path, row(1, MAGNESIUM, amount=30000), row(2, "新能源汽车零部件生产项目", amount=12000000),
        row(3, "电子元件项目", amount="待定"), row(4, "冷链物流项目", stage="已投产"), row(5, "京盛金穗子建设项目"))
    ledger(tmp_path, row(1, "金达镁合金深加工", amount=29000), file="2022Q1/市商务局招商台账.xlsx", title="全市招商引资项目台账")
    (tmp_path / "corrections.yml").write_text(example, encoding="utf-8")
    cleaning = run(tmp_path)
    assert cleaning.exit_code == 0, of_kind(cleaning, "correction_stale")
    assert [finding["case"] for finding in of_kind(cleaning, "corrected")] == ["fix", "scale", "drop"]
    assert len(of_kind(cleaning, "ruled")) == 1
    said = cleaning.tables["observations"].set_index("name")
    assert said["total_investment_wan"]["新能源汽车零部件生产项目"] == 1200
    assert len(of_kind(cleaning, "placed")) == 1 and said["chain"]["京盛金穗子建设项目"] == "农产品深加工"


CARD = [
    ["重点项目信息卡"], ["项目名称", "甲项目", "总投资（万元）", 30000], ["建设单位", "朝阳金达新材料有限公司", "所属县区", "双塔区"],
    ["开工时间", "2022.3.15", "当前阶段", "已开工"], ["联系人", "王某", "联系电话", "13800138000"]]


@pytest.mark.parametrize("number", [2, 4])
def test_a_card_is_corrected_by_label_or_letter(tmp_path, number):
    book(tmp_path / FILE, ("项目", CARD))
    row_of_stage, column = (4, "D") if number == 2 else (4, "当前阶段")
    corrected(
        tmp_path, entry("scale", row=2, column="总投资（万元）" if number == 2 else "D", expect="30000", factor="0.1"),
        entry(row=row_of_stage, column=column, expect="已开工", value="已竣工"))
    cleaning = run(tmp_path)
    assert [finding["field"] for finding in of_kind(cleaning, "corrected")] == ["total_investment_wan", "stage"], cleaning.findings
    said = cleaning.tables["observations"]
    assert said[["total_investment_wan", "stage"]].values.tolist() == [[3000.0, "completed"]]
    both = run(corrected(tmp_path, entry(row=5, column="B", expect="王某", value="李某"))) if number == 2 else None
    assert both is None or (stale(both)["case"] == "unread" and "now" not in stale(both))


def test_tables_side_by_side_count_a_row_once_and_are_corrected_each(tmp_path):
    header = ["项目名称", "县区", "总投资（万元）", "当前阶段"]
    rows = [[*header, None, *header], ["甲项目", "双塔区", 100, "已开工", None, "乙项目", "北票市", 200, "已开工"],
            ["丙项目", "双塔区", 300, "已开工", None, "丁项目", "北票市", -1, "已开工"],
            [None, None, None, None, None, "戊项目", "北票市", -1, "已开工"]]
    book(tmp_path / FILE, ("项目", rows))
    cleaning = run(tmp_path)
    total = cleaning.accounting["total"]
    assert total == {"rows_read": 4, "rows_accepted": 2, "rows_quarantined": 1, "rows_ignored": 1}
    assert sorted(cleaning.tables["observations"]["name"]) == ["丙项目", "乙项目", "甲项目"]
    ambiguous = entry(row=2, column="总投资（万元）", expect="200", value="250")
    assert stale(run(corrected(tmp_path, ambiguous)))["case"] == "columns"
    cleaning = run(corrected(tmp_path, {**ambiguous, "column": "H"}))
    amounts = cleaning.tables["observations"].set_index("name")["total_investment_wan"]
    assert amounts.to_dict() == {"甲项目": 100, "乙项目": 250, "丙项目": 300}


def test_every_way_to_fail_has_its_words():
    from liantu.ledger.corrections.entries import Fix
    from liantu.ledger.corrections.outcomes import stale as stale_finding
    from liantu.ledger.findings import worded
    from liantu.reference import city

    told = Fix.model_validate(entry(row=3, column="E", expect="x", value="y"))
    for case in ("value", "file", "unreadable", "sheet", "in_pieces", "row", "column", "columns", "unread", "merged", "not_a_number",
                 "twice", "exact_copy", "no_project", "whatever"):
        finding, = worded([stale_finding(7, told, case)], city().folder)
        assert "7" in finding["message_zh"] and "correction 7 is not applied" in finding["message_en"]
