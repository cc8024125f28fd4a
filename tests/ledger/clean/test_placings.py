"""`do: place` in corrections.yml: a person's word on chain and link, and stated links that are none of their chain."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from ledger_books import book, row, table_of

from liantu.errors import LiantuError
from liantu.ledger.pipeline import run

FIRST, LATER, FIRMS = "2022Q1/双塔区项目台账.xlsx", "2022Q2/双塔区项目台账.xlsx", "2022Q1/双塔区企业名录.xlsx"
SIGNED = {"reason": "实地核实主要产品", "reporter": "双塔区工信局", "date": "2022-07-10"}
HEADER = ["序号", "项目名称", "建设单位", "县区", "总投资（万元）", "当前阶段", "产业链", "产业链环节"]


def placing(file=FIRST, sheet="项目", **rest):
    return {"do": "place", "file": file, "sheet": sheet, **rest, **SIGNED}


def corrected(raw, *entries):
    (raw / "corrections.yml").write_text(yaml.safe_dump({"corrections": list(entries)}, allow_unicode=True), encoding="utf-8")
    return raw


@pytest.fixture
def raw(tmp_path):
    for file in (FIRST, LATER):
        book(tmp_path / file, ("项目", table_of(row(1, "京盛金穗子建设项目"), row(2, "炼钢连铸改造项目", company="乙公司"))))
    firms = [["序号", "企业名称", "县区", "主要产品", "产值（万元）"], [1, "朝阳鑫宏有限公司", "双塔区", "配件", 500]]
    book(tmp_path / FIRMS, ("企业", firms))
    return tmp_path


def test_a_persons_word_counts_in_every_snapshot_of_the_project_and_for_firms(raw):
    corrected(raw, placing(row=3, expect="京盛金穗子建设项目", chain="农产品深加工", link="饲料"),
              placing(FIRMS, "企业", row=2, expect="朝阳鑫宏有限公司", chain="equipment", link="basic_parts"))
    cleaning = run(raw)
    assert cleaning.exit_code == 0
    mine = cleaning.tables["observations"].query("name == '京盛金穗子建设项目'")
    assert mine[["chain", "link", "link_confidence"]].to_numpy().tolist() == [["农产品深加工", "feed", 1.0]] * 2
    project = cleaning.tables["projects"].query("name == '京盛金穗子建设项目'").iloc[0]
    assert (project["chain"], project["link"], project["link_confidence"]) == ("农产品深加工", "feed", 1.0)
    firm = cleaning.tables["enterprises"].iloc[0]
    assert (firm["chain"], firm["link"], firm["link_confidence"]) == ("装备制造", "basic_parts", 1.0)
    first, second = (finding for finding in cleaning.accounting["findings"] if finding["kind"] == "placed")
    assert (first["entry"], first["chain"], first["link"]) == (1, "农产品深加工", "饲料") and "双塔区工信局" in first["message_zh"]
    assert second["source_file"] == FIRMS and "轴承齿轮紧固件" in second["message_en"]


def test_on_no_chain_and_on_a_chain_without_its_link(raw):
    corrected(raw, placing(row=4, expect="炼钢连铸改造项目", chain="none"), placing(row=3, expect="京盛金穗子建设项目", chain="装备制造"))
    told = run(raw).tables["projects"].set_index("name")
    assert told.loc["炼钢连铸改造项目", ["chain", "link", "link_confidence"]].isna().all()
    assert told.loc["京盛金穗子建设项目", "chain"] == "装备制造" and pd.isna(told.loc["京盛金穗子建设项目", "link"])


def test_another_name_in_the_row_makes_it_stale(raw):
    cleaning = run(corrected(raw, placing(row=3, expect="炼钢连铸改造项目", chain="钢铁冶金", link="炼钢连铸")))
    found, = (finding for finding in cleaning.accounting["findings"] if finding["kind"] == "correction_stale")
    assert cleaning.exit_code == 1 and (found["case"], found["moved"]) == ("value", 4)
    assert cleaning.tables["projects"].set_index("name").loc["京盛金穗子建设项目", "link_confidence"] != 1.0


@pytest.mark.parametrize(("told", "said"), [
    ({"chain": "钢铁冶今"}, r"entry 1: .*钢铁冶今.*钢铁冶金"),
    ({"chain": "钢铁冶金", "link": "炼钢连注"}, r"entry 1: .*炼钢连注.*炼钢连铸"),
    ({"chain": "膨润土", "link": "炼钢连铸"}, r"entry 1: .*炼钢连铸"),
    ({"chain": "none", "link": "焦化"}, r"entry 1: .*焦化"),
    ({"chain": "钢铁冶金", "link": "焦化", "line": "3"}, r"entry 1: .*line.*link")])
def test_an_unknown_chain_link_or_key_is_refused_with_the_nearest(raw, told, said):
    with pytest.raises(LiantuError, match=said):
        run(corrected(raw, placing(row=3, expect="京盛金穗子建设项目", **told)))


def test_one_row_is_placed_once(raw):
    entry = placing(row=3, expect="京盛金穗子建设项目", chain="钢铁冶金")
    with pytest.raises(LiantuError, match="places the same row as entry 1"):
        run(corrected(raw, entry, entry))


def test_a_stated_link_counts_and_one_of_another_chain_is_quarantined(tmp_path):
    lines = [[number, f"{who}项目", f"{who}公司", "双塔区", 500, "已开工", "钢铁冶金", link]
             for number, who, link in ((1, "甲", "炼钢连铸"), (2, "乙", "猫砂"), (3, "丙", "上游"))]
    book(tmp_path / FIRST, ("项目", [HEADER, *lines]))
    tables = run(tmp_path).tables
    told = tables["projects"].set_index("name")
    assert told.loc["甲项目", "link"] == "steelmaking" and told.loc[["乙项目", "丙项目"], "link"].isna().all()
    flagged = tables["quarantine"].query("rule == 'link_unknown'")
    assert flagged[["row", "value", "severity"]].to_numpy().tolist() == [[3, "猫砂", "warning"]]


def test_a_large_ledger_beside_does_not_change_what_a_person_placed(raw, tmp_path_factory, monkeypatch):
    from liantu.ledger.bulk.run import clean_bulk

    corrected(raw, placing(row=3, expect="京盛金穗子建设项目", chain="农产品深加工", link="饲料"),
              placing(FIRMS, "企业", row=2, expect="朝阳鑫宏有限公司", chain="equipment", link="basic_parts"))
    out = tmp_path_factory.mktemp("out")
    clean_bulk(raw, out)
    for table in ("projects", "enterprises", "observations"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(out / f"{table}.parquet")[["chain", "link", "link_confidence"]],
            run(raw).tables[table][["chain", "link", "link_confidence"]], check_dtype=False)
