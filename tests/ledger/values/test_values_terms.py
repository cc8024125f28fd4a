"""Terms: exact words, longest words, and never the positive of what a cell denies or plans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.ledger.values import read_stage, read_term
from liantu.reference import city

VOCABULARY = city().vocabulary
STAGES = VOCABULARY.terms("stages")
STAGE_CASES = [
    ("已开工", "started"), ("开工", "started"), ("在建", "started"), ("正在施工", "started"), ("未开工", "signed"),
    ("尚未开工", "signed"), ("未开工建设", "signed"), ("待开工", "signed"),
    ("竣工", "completed"), ("已竣工。", "completed"), ("已竣工，未投产", "completed"), ("竣工投产", "producing"), ("已投产", "producing"),
    ("试生产", "producing"), ("达产达效", "at_capacity"),
    ("已投产达产", "at_capacity"), ("停工", "suspended"), ("停工/缓建", "suspended"), ("停工，未复工", "suspended"),
    ("已复工", "resumed"), ("恢复施工", "resumed"),
    ("签约", "signed"), ("在谈", "negotiating"), ("储备项目", "lead"), ("核准/备案", "approved"), ("终止", "terminated"),
    ("不再实施", "terminated"), ("正在办理前期手续，计划6月开工", "signed"),
    ("尚未投产，正在施工", "started"), ("在建（主体施工）", "started"), ("已 开 工", "started"), ("Started", "started"),
    ("producing", "producing"), ("按计划施工", "started"),
]
STAGE_REFUSED = [
    ("尚未投产", "term_negated"), ("未竣工", "term_negated"), ("没有投产", "term_negated"), ("未恢复施工中", "term_negated"),
    ("未能如期竣工", "term_negated"), ("未按计划竣工", "term_negated"),
    ("不能达产", "term_negated"), ("无法复工", "term_negated"), ("停止施工", "term_negated"), ("未竣工投产", "term_negated"),
    ("尚未正式投产", "term_negated"),
    ("预计年底竣工", "term_planned"), ("即将投产", "term_planned"), ("拟于6月复工", "term_planned"), ("力争年底达产", "term_planned"),
    ("待竣工验收", "term_planned"),
    ("办理施工许可证", "term_planned"), ("施工图设计", "term_planned"), ("竣工前", "term_planned"), ("开工，竣工", "term_several"),
    ("其他", "term_unknown"), ("一切正常", "term_unknown"),
    (5, "term_unknown"), (True, "term_unknown"), ("同上", "cell_ditto"), ("开" * 300, "cell_too_long"),
]
OTHERS = [
    ("approval_status", "无", "not_needed"), ("approval_status", "√", "done"), ("approval_status", "是", "done"),
    ("approval_status", "否", "pending"), ("approval_status", "未取得", "pending"),
    ("approval_status", "尚未取得批复", "pending"), ("approval_status", "已取得（朝环审〔2022〕5号）", "done"),
    ("approval_status", "不需要", "not_needed"), ("approval_status", "已取得环评批复", "done"),
    ("construction", "新建", "new"), ("construction", "改扩建", "expansion"), ("construction", "技改", "upgrade"),
    ("construction", "续建（技改）", "carried_over"), ("construction", "扩建项目", "expansion"),
    ("categories", "工业（装备制造）", "industry"), ("categories", "现代服务业", "services"),
    ("origins", "北京市朝阳区", "beijing_tianjin_hebei"), ("origins", "朝阳市", "local"),
]


@pytest.mark.parametrize(("cell", "term"), STAGE_CASES)
def test_stages_that_are_read(cell, term):
    reading = read_stage(cell, VOCABULARY)
    assert (reading.value, reading.rule) == (term, None)


@pytest.mark.parametrize(("cell", "rule"), STAGE_REFUSED)
def test_stages_that_are_refused(cell, rule):
    reading = read_term(cell, STAGES)
    assert (reading.value, reading.rule) == (None, rule)


@pytest.mark.parametrize(("kind", "cell", "term"), OTHERS)
def test_other_terms(kind, cell, term):
    assert read_term(cell, VOCABULARY.terms(kind)).value == term


@pytest.mark.parametrize("cell", [None, "", "/", "—", "无"])
def test_cells_that_name_no_stage(cell):
    assert read_term(cell, STAGES) == read_term(None, STAGES)


@pytest.mark.parametrize("kind", ["stages", "approvals", "approval_status", "construction", "categories", "origins"])
def test_every_word_of_the_vocabulary_is_read_as_a_term_that_has_it(kind):
    terms = VOCABULARY.terms(kind)
    for term in terms.values():
        for word in (term.zh, *term.words):
            found = read_term(word, terms).value
            assert found is not None, word
            assert word in (terms[found].zh, *terms[found].words), word


REACHED = sorted({word for name in ("completed", "producing", "at_capacity",
"resumed") for word in STAGES[name].words if not word.startswith(("已", "竣工验收"))})


@given(st.sampled_from(REACHED),
st.sampled_from(["尚未", "还未", "没有", "未能", "未正式", "未按期", "预计", "计划6月", "力争年底", "即将"]))
def test_what_is_denied_or_planned_is_never_read_as_reached(word, before):
    reading = read_term(before + word, STAGES)
    assert reading.value is None
    assert reading.rule in ("term_negated", "term_planned")
