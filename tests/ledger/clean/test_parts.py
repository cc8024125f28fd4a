"""A packaged project keeps the link to the works it is later split into."""

import pandas as pd
import pytest

from liantu.ledger.identity.names import Names
from liantu.ledger.identity.parts import link_parts
from liantu.reference import city
from liantu.reference.identity import IdentityRules
from liantu.reference.loading import load

Q1, Q2 = "2022-03-31", "2022-06-30"
BUREAU = "双塔区住房和城乡建设局"


@pytest.fixture(scope="module")
def names():
    home = city()
    return Names(load(IdentityRules, home.folder / "identity.yml"), home.divisions)


def linked(names, *told, decision="linked"):
    """Pairs of (whole, part) of rows of (project, snapshot, name, amount[, company])."""
    columns = ["project_id", "snapshot", "name", "total_investment_wan", "company"]
    frame = pd.DataFrame([(*row, BUREAU)[:5] for row in told], columns=columns)
    frame = frame.assign(county="211302").astype({"snapshot": "datetime64[ms]", "total_investment_wan": "float64"})
    parts = link_parts(frame, names)
    pd.testing.assert_frame_equal(link_parts(frame.iloc[::-1], names), parts)
    return set(parts.loc[parts["decision"].eq(decision), ["whole_id", "part_id"]].itertuples(index=False, name=None))


WHOLE = ("W", Q1, "老旧小区改造等3个打捆项目", 9000)
UNCOUNTED = ("W", Q1, "老旧小区改造打捆项目", 9000)
PARTS = [("A", Q2, "老旧小区改造项目（红旗小区）", 4000), ("B", Q2, "胜利小区老旧小区改造", 3000),
         ("C", Q2, "老旧小区改造（光明小区）", 2000)]


def test_works_that_share_the_name_and_make_up_the_sum_are_linked(names):
    assert linked(names, WHOLE, *PARTS) == {("W", "A"), ("W", "B"), ("W", "C")}


def test_a_package_named_after_its_first_work_is_told_by_number_sum_and_time(names):
    whole = ("W", Q1, "殡仪馆迁建项目等3个打捆项目", 9000)
    works = [("A", Q2, "殡仪馆迁建项目", 4000), ("B", Q2, "农贸市场改造", 3000), ("C", Q2, "污水管网工程", 2000)]
    assert linked(names, whole, *works) == {("W", "A"), ("W", "B"), ("W", "C")}
    assert not linked(names, whole, *works, ("D", Q2, "体育馆工程", 2000)), "four works where three were said: nobody can tell which"


@pytest.mark.parametrize("told", [
    pytest.param([("W", Q1, "老旧小区改造等3个打捆项目", 90000), *PARTS], id="the sum is far from the whole's"),
    pytest.param([WHOLE, ("W", Q2, WHOLE[2], 9000), *PARTS], id="the whole is still reported"),
    pytest.param([UNCOUNTED, *[(*part, None) for part in PARTS]], id="the parts do not say whose they are"),
])
def test_with_less_evidence_the_link_is_proposed(names, told):
    assert not linked(names, *told)
    assert linked(names, *told, decision="proposed") == {("W", "A"), ("W", "B"), ("W", "C")}


@pytest.mark.parametrize("other", [
    pytest.param(("X", "2021-12-31", "老旧小区改造（东风小区）", 100), id="reported before the whole"),
    pytest.param(("X", Q2, "老旧小区改造（东风小区）", 100, "龙城区住建局"), id="another company"),
    pytest.param(("X", Q2, "体育馆工程", 100), id="another name"),
    pytest.param(("X", Q2, "老旧小区改造（东风小区）", 90000), id="costs more than the whole"),
])
def test_what_is_no_part(names, other):
    for decision in ("linked", "proposed"):
        assert ("W", "X") not in linked(names, WHOLE, *PARTS, other, decision=decision)


def test_a_package_of_another_year_has_no_part_in_it(names):
    whole = ("W", Q1, "2021年老旧小区改造打捆项目", 9000)
    assert not linked(names, whole, ("A", Q2, "2022年老旧小区改造（红旗小区）", 4000), decision="proposed")


def test_without_packages_there_are_no_parts(names):
    assert not linked(names, *PARTS)
