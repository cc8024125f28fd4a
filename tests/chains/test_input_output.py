"""Leontief inverse and linkages, against Miller and Blair's two sectors and pymrio's test system; a city's table, where one is given."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pymrio
import pytest

from liantu.chains import leontief_inverse, linkages
from liantu.chains.inputoutput import link_linkages
from liantu.errors import LiantuError
from liantu.reference import city
from liantu.reference.city import City
from liantu.reference.input_output import input_output, input_output_form

TWO = pd.DataFrame([[0.15, 0.25], [0.20, 0.05]], index=["agriculture", "industry"], columns=["agriculture", "industry"])
"""Miller and Blair, Input-Output Analysis, 2nd ed., section 2.3."""


@pytest.fixture(scope="module")
def system() -> pymrio.IOSystem:
    """The test system of pymrio: six regions, eight sectors."""
    return pymrio.load_test().calc_all()


def test_two_sectors_of_miller_and_blair():
    inverse = leontief_inverse(TWO)
    assert (inverse @ pd.Series([600, 1500], TWO.index)).tolist() == pytest.approx([1247.5, 1841.6], abs=0.05)
    # 1 / (0.85 x 0.95 - 0.25 x 0.20) = 1 / 0.7575
    assert inverse.to_numpy() == pytest.approx(np.array([[0.95, 0.25], [0.20, 0.85]]) / 0.7575)


def test_two_sectors_linkages_by_hand():
    told = linkages(TWO)
    assert told["backward_total"].tolist() == pytest.approx([1.15 / 0.7575, 1.10 / 0.7575])
    assert told["forward_total"].tolist() == pytest.approx([1.20 / 0.7575, 1.05 / 0.7575])
    assert told["backward"].tolist() == pytest.approx([1.15 / 1.125, 1.10 / 1.125])
    assert told["forward"].tolist() == pytest.approx([1.20 / 1.125, 1.05 / 1.125])
    assert told["key"].tolist() == [True, False] and told.index.tolist() == ["agriculture", "industry"]


def test_pymrio_inverse_and_output(system):
    inverse = leontief_inverse(system.A)
    assert inverse.to_numpy() == pytest.approx(system.L.to_numpy()) and inverse.index.equals(system.A.index)
    assert (inverse @ system.Y.sum(axis=1)).to_numpy() == pytest.approx(system.x["indout"].to_numpy())


def test_pymrio_linkages(system):
    told = linkages(system.A, system.x["indout"])
    ghosh = pymrio.calc_G(pymrio.calc_B(system.Z, system.x))
    assert told["forward_total"].to_numpy() == pytest.approx(ghosh.sum(axis=1).to_numpy())
    assert told["backward_total"].to_numpy() == pytest.approx(system.L.sum(axis=0).to_numpy())
    assert told[["backward", "forward"]].mean().tolist() == pytest.approx([1, 1])
    assert linkages(system.A)["forward_total"].to_numpy() == pytest.approx(system.L.sum(axis=1).to_numpy())


def test_ghosh_of_two_sectors_by_hand():
    # outputs 1000 and 2000: B = [[.15, .5], [.1, .05]], its inverse over 0.85 x 0.95 - 0.05 = 0.7575
    told = linkages(TWO, pd.Series({"industry": 2000, "agriculture": 1000}))
    assert told["forward_total"].tolist() == pytest.approx([(0.95 + 0.5) / 0.7575, (0.85 + 0.1) / 0.7575])


def test_a_sector_that_makes_nothing_gives_nothing():
    table = pd.DataFrame([[0.1, 0.2, 0], [0.3, 0.1, 0], [0, 0, 0]])
    assert linkages(table, pd.Series([10.0, 20.0, 0.0]))["forward_total"].iloc[2] == 1


def test_columns_in_another_order_are_put_in_order():
    pd.testing.assert_frame_equal(leontief_inverse(TWO[["industry", "agriculture"]]), leontief_inverse(TWO))


def test_a_sector_without_value_added_is_let_pass_while_the_whole_works():
    table = pd.DataFrame([[0.5, 0.1], [0.6, 0.1]])
    inverse = leontief_inverse(table)
    assert (inverse.to_numpy() >= 0).all() and inverse.to_numpy() @ (np.eye(2) - table.to_numpy()) == pytest.approx(np.eye(2))


@pytest.mark.parametrize(("table", "said"), [
    (pd.DataFrame([[0.5, 0.5], [0.5, 0.5]]), "largest eigenvalue 1"),
    (pd.DataFrame([[0.9, 0.8], [0.7, 0.6]]), "inputs of 0 add up to 1.6"),
    (pd.DataFrame([[0.1, 0.2]]), "1 rows and 2 columns"),
    (pd.DataFrame(), "0 rows"),
    (pd.DataFrame([[0.1, -0.2], [0.1, 0.1]]), "coefficients: row 0, column 1: -0.2"),
    (pd.DataFrame([[0.1, np.nan], [0.1, 0.1]]), "coefficients: row 0, column 1: nan"),
    (pd.DataFrame([[0.1, 0.2], [0.1, 0.1]], index=["a", "b"], columns=["a", "c"]), "look at 'b'"),
    (pd.DataFrame([[0.1, 0.2], [0.1, 0.1]], index=["a", "a"], columns=["a", "b"]), "look at"),
])
def test_a_table_that_is_none_is_refused(table, said):
    for measure in (leontief_inverse, linkages):
        with pytest.raises(LiantuError, match=said):
            measure(table)


def test_output_without_a_sector_is_refused():
    with pytest.raises(LiantuError, match="output: the sector 'industry' is missing"):
        linkages(TWO, pd.Series({"agriculture": 1.0}))


FORM = """
status_zh: 示例
status_en: Example
year: 2020
source: test
sectors:
  - {id: mining, zh: 采矿, en: Mining, gb_codes: ["06", "08"]}
  - {id: metal, zh: 金属, en: Metal, gb_codes: ["31", "33"]}
  - {id: casting, zh: 铸造, en: Castings, gb_codes: ["3130"]}
"""


@pytest.fixture
def home(tmp_path):
    """A city of its own with the shipped chains, and a small table given."""
    shutil.copytree(city().folder / "chains" / "2022", tmp_path / "town" / "chains" / "2022")
    given = tmp_path / "town" / "input_output"
    given.mkdir()
    (given / "input_output.yml").write_text(FORM, encoding="utf-8")
    table = "sector,casting,metal,mining\nmetal,0.3,0.2,0.1\nmining,0.05,0.3,0.1\ncasting,0.1,0,0\n"
    (given / "coefficients.csv").write_text(table, encoding="utf-8-sig")
    return given


def test_the_city_has_no_table_and_says_so_in_both_languages():
    assert input_output(city()) is None
    form = input_output_form(city())
    assert form.status_zh and form.status_en and not form.sectors
    told = link_linkages(city().chains(), None)
    assert len(told) == sum(len(chain.links) for chain in city().chains().chains) and told[["backward", "forward"]].isna().all(axis=None)


def test_a_table_that_is_given_reaches_the_links_by_their_codes(home):
    town = City(home.parent)
    table = input_output(town)
    assert table.output is None and table.coefficients.index.tolist() == ["mining", "metal", "casting"]
    assert table.coefficients.loc["metal", "casting"] == 0.3 and table.coefficients.columns.tolist() == ["mining", "metal", "casting"]
    assert [table.sector_of(code) for code in ("0810", "B0810", "3130", "3120", "2521")] == ["mining", "mining", "casting", "metal", None]
    told, sectors = link_linkages(town.chains(), table), linkages(table.coefficients)
    assert set(told["sectors"]) >= {"", "mining", "metal", "casting"}
    for chain in town.chains().chains:
        for link in chain.links:
            row = told[(told["chain"] == chain.zh) & (told["link"] == link.id)].iloc[0]
            if row["sectors"] == "mining":
                assert row["backward"] == pytest.approx(sectors.loc["mining", "backward"])
            assert (row["sectors"] == "") == np.isnan(row["forward"])


def test_outputs_make_the_forward_linkage_ghoshs(home):
    (home / "output.csv").write_text("id,output_wan\nmetal,500\ncasting,50\nmining,100\n", encoding="utf-8")
    table = input_output(City(home.parent))
    assert table.output.to_dict() == {"mining": 100, "metal": 500, "casting": 50}
    told = link_linkages(city().chains(), table)
    expected = linkages(table.coefficients, table.output).loc["mining", "forward"]
    assert told.loc[told["sectors"] == "mining", "forward"].to_numpy() == pytest.approx(expected)


@pytest.mark.parametrize(("text", "said"), [
    ("sector,mining,metal\nmining,0,0\nmetal,0,0\n", "its rows must be the sectors .* 'casting'"),
    ("sector,mining,metal,casting\nmining,0,0,0\nmetal,0,0,some\ncasting,0,0,0\n", "row metal, column casting: 'some'"),
    ("sector,mining,metal,casting\nmining,0,0,0\nmetal,0,0,\ncasting,0,0,0\n", "row metal, column casting: ''"),
    ("", "not readable"),
])
def test_a_table_with_a_fault_is_named_with_its_file(home, text, said):
    (home / "coefficients.csv").write_text(text, encoding="utf-8")
    with pytest.raises(LiantuError, match=rf"coefficients\.csv: {said}"):
        input_output(City(home.parent))
