"""Personal data planted all over raw ledgers: none of it stands in anything that cleaning writes or tells."""

import os

import pandas as pd
import pytest
import xlsxwriter
from personal_data import leaks

from liantu.ledger.cleaning import clean
from liantu.ledger.explaining import explain

MOBILES = [f"13{digit}4211234{digit}" for digit in range(10)] + [f"18{digit}98765{digit}21" for digit in range(10)]
IDENTITIES = ["211302198001011234", "21132419750630421X", "211381196512318826"]
OLD_IDENTITY = "211302800101123"
NAMES = ["欧阳春晓", "司马长风", "诸葛明远", "慕容秋白"]
OTHERS = ["zhang.san@qq.com", "wxid_8k2m9p", "87654321", "E98765432", "0421-2812345", "2817788"]
CREDIT, NATIONAL = "91211300MA0U8YXH3B", "2205-211302-04-01-123456"
HEADER = ["序号", "项目名称", "建设单位", "县（市）区", "总投资（万元）", "开工时间", "项目进度", "项目代码", "统一社会信用代码", "备注",
          "联系人", "联系 电话", "项目包联干部手机", "首席服务员及联系方式", "备用"]


def plain(number):
    return number


def dashed(number):
    return f"{number[:3]}-{number[3:7]}-{number[7:]}"


def blanks(number):
    return f"{number[:3]} {number[3:7]} {number[7:]}"


def full(number):
    return number.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)})


ROWS = [
    [1, f"北票市膨润土深加工项目{MOBILES[0]}", f"北票市矿业有限公司（{NAMES[0]}{MOBILES[1]}）", "北票市", 5000, "2022年3月", "已开工",
     NATIONAL, CREDIT, f"联系人{dashed(MOBILES[2])}；微信：{OTHERS[1]}",
     NAMES[0], MOBILES[3], MOBILES[4], f"{NAMES[1]}{MOBILES[5]}", MOBILES[6]],
    [2, f"凌源市铸造项目（{full(MOBILES[7])}）", f"凌源市铸造厂 电话{OTHERS[5]}", "凌源市", f"约3亿元（{blanks(MOBILES[8])}）",
     f"待定，问{MOBILES[9]}", "在谈", IDENTITIES[0], IDENTITIES[1], f"身份证{IDENTITIES[2]}，旧证{OLD_IDENTITY}，QQ：{OTHERS[2]}",
     NAMES[2], full(MOBILES[3]), f"{NAMES[1]} {MOBILES[4]}", IDENTITIES[0], MOBILES[6]],
    [3, "建平县风电项目", "建平县能源公司", MOBILES[10], MOBILES[11], f"2022年3月（{NAMES[3]}{MOBILES[12]}）", MOBILES[13],
     MOBILES[14], IDENTITIES[2], f"邮箱{OTHERS[0]}，护照{OTHERS[3]}，座机{OTHERS[4]}",
     NAMES[3], f"+86 {MOBILES[3]}", MOBILES[4], MOBILES[5], MOBILES[6]],
    [4, None, "喀左县电子公司", "喀左县", -5, f"2月30日{MOBILES[15]}", f"计划{MOBILES[16]}", None, None, None,
     NAMES[3], MOBILES[3], MOBILES[4], MOBILES[5], MOBILES[6]],
    [5, "龙城区装备制造项目", "龙城区重工公司", "龙城区", float(MOBILES[17]), float(MOBILES[18]), "已开工", float(MOBILES[19]), None,
     float(MOBILES[12]), None, float(MOBILES[3]), float(MOBILES[4]), None, float(MOBILES[6])]]


def write_workbook(path):
    with xlsxwriter.Workbook(path) as book:
        for name in (f"台账{MOBILES[0]}", f"台账{MOBILES[1]}"):
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, 14, f"朝阳市重点项目台账（单位：万元，填报人{NAMES[0]}{MOBILES[2]}）")
            header = [*HEADER[:-2], f"{HEADER[-2]}{MOBILES[3]}", HEADER[-1] if name.endswith(MOBILES[0]) else f"未知栏{MOBILES[9]}"]
            sheet.write_row(1, 0, header)
            for number, row in enumerate(ROWS):
                sheet.write_row(2 + number, 0, row if name.endswith(MOBILES[0]) else [f"{row[0]}", f"{row[1]}（二期）", *row[2:]])
            sheet.write(8, 0, f"填表人：{NAMES[1]}　联系电话：{MOBILES[4]}　审核：{NAMES[2]} {dashed(MOBILES[5])}")
    return path


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    root = tmp_path_factory.mktemp("personal")
    first, second = root / "raw" / "2022Q1", root / "raw" / "2022Q2"
    first.mkdir(parents=True)
    (second / f"报送人{NAMES[0]}{MOBILES[6]}").mkdir(parents=True)
    write_workbook(first / f"北票市项目台账（{NAMES[0]}{MOBILES[7]}）.xlsx")
    write_workbook(second / f"报送人{NAMES[0]}{MOBILES[6]}" / "凌源市.xlsx")
    lines = ["项目名称,建设单位,县区,总投资（元）,手机,备注", f"甲项目,甲公司,朝阳县,{13800000000},{MOBILES[8]},{blanks(MOBILES[10])}",
             f"乙项目{IDENTITIES[0]},乙公司,{NAMES[1]}{MOBILES[11]},5{MOBILES[12]},{full(MOBILES[8])},{full(IDENTITIES[1])}"]
    (second / f"{MOBILES[13]}.csv").write_text("\n".join(lines), encoding="gb18030")
    (second / f"{MOBILES[14]}.csv").write_text("\n".join(lines[:2]), encoding="utf-8")
    (second / f"坏{MOBILES[15]}.xlsx").write_bytes(b"PK\x03\x04" + MOBILES[16].encode())
    (root / "raw" / f"外面{MOBILES[17]}.xlsx").write_bytes(b"PK")
    cleaning = clean(root / "raw", root / "out")
    return root, cleaning


def test_no_planted_text_stands_in_what_cleaning_writes(cleaned):
    root, _ = cleaned
    written = sorted(path for path in (root / "out").rglob("*") if path.is_file())
    names = {path.name for path in written}
    assert {"projects.parquet", "quarantine.parquet", "lineage.parquet", "accounting.json", "dictionary.csv"} <= names
    # Names of people in running text are not found (docs/values.md); numbers, addresses and accounts are.
    assert leaks(written, [*MOBILES, *IDENTITIES, OLD_IDENTITY, *OTHERS]) == set()
    assert not [path.name for path in written if any(number in path.name for number in MOBILES)]


def test_names_in_contact_columns_are_never_read(cleaned):
    tables = cleaned[1].tables
    told = " ".join(str(value) for name, table in tables.items() for column in table.select_dtypes("str")
                    if (name, column) != ("lineage", "source_file") for value in table[column].dropna().unique())
    assert NAMES[3] not in told.replace(f"2022年3月（{NAMES[3]}[removed]）", "")


def test_nothing_planted_is_told_by_explaining_a_file(cleaned):
    root, _ = cleaned
    for path in sorted((root / "raw").rglob("*")):
        if path.is_file() and path.parent != root / "raw":
            told = explain(path).text
            assert not [text for text in (*MOBILES, *IDENTITIES, *OTHERS) if text in told], path.name


def test_a_file_named_by_a_number_is_found_again_and_told(cleaned):
    _, cleaning = cleaned
    files = {file["source_file"] for file in cleaning.accounting["files"]}
    assert {"2022Q2/[removed].csv", "2022Q2/[removed](2).csv"} <= files
    assert f"2022Q1/北票市项目台账（{NAMES[0]}[removed]）.xlsx" in files
    told = {finding["source_file"] for finding in cleaning.findings if finding["kind"] == "name_not_shown"}
    assert told == {*files, "2022Q2/坏[removed].xlsx"}
    assert set(cleaning.tables["lineage"]["source_file"]) <= files
    sheets = {file["sheet"] for file in cleaning.accounting["files"] if file["source_file"].endswith("凌源市.xlsx")}
    assert sheets == {"台账[removed]", "台账[removed](2)"}
    assert [file["source_file"] for file in cleaning.accounting["unreadable"]] == ["2022Q2/坏[removed].xlsx"]


def test_codes_and_sums_stay(cleaned):
    projects = cleaned[1].tables["projects"]
    assert NATIONAL in set(projects["national_code"].dropna())
    # An amount column is read as an amount: 13.8 billion yuan look like a telephone number and are none there.
    assert 1_380_000 in set(projects["total_investment_wan"].dropna())
    assert {"北票市膨润土深加工项目[removed]", "凌源市铸造项目（[removed]）"} <= set(projects["name"])


def test_every_row_is_still_accounted_for(cleaned):
    total = cleaned[1].accounting["total"]
    assert total["rows_read"] == total["rows_accepted"] + total["rows_quarantined"] + total["rows_ignored"]
    assert total["rows_accepted"] > 0 and cleaned[1].exit_code == 1


@pytest.mark.skipif(os.name == "nt", reason="a name of bytes that are no text exists on Unix only")
def test_a_file_whose_name_is_no_text_is_read_and_shown(tmp_path):
    folder = tmp_path / "raw" / "2022Q2"
    folder.mkdir(parents=True)
    name = os.fsencode(folder) + b"/" + "台账".encode("gb18030") + b"\n.csv"
    with open(name, "w", encoding="utf-8") as file:  # noqa: PTH123 (Path takes no bytes)
        file.write("项目名称,县区,总投资（万元）\n甲项目,朝阳县,500\n")
    cleaning = clean(tmp_path / "raw", tmp_path / "out")
    shown = cleaning.accounting["files"][0]["source_file"]
    assert "\\x" in shown and shown.isprintable()
    assert pd.read_parquet(tmp_path / "out" / "lineage.parquet")["source_file"].tolist() == [shown]
