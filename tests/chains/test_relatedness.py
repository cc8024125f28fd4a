"""RCA, proximity, density, complexity and outlook: against Stata's numbers, a small example by hand, and another implementation."""

from __future__ import annotations

import econcomplex
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from liantu.chains import complexity, density, outlook, proximity, rca
from liantu.errors import LiantuError

# Ten countries, thirty goods, 1995: who has an RCA of 1 or more, and what the Stata package ecomplexity gives. Source: test fixtures of
# cid-harvard/py-ecomplexity (MIT; commits 600401b and 554cc5d). Diversity times ubiquity is nowhere above the number of ones, so the 0/1
# table given as values has an RCA of 1 or more just where it has a one.
GOODS = [
    "1704", "1806", "1905", "2007", "2105", "3208", "3402", "3917", "3922", "4008", "4010", "4905", "5602", "6804", "6810", "7010", "7307",
    "7308", "7309", "7310", "7325", "7604", "7608", "7612", "7616", "8309", "8431", "8474", "8530", "9403"]
HAS = {
    "aut": "000100011000110111001101101010", "blx": "111111100110001101011110000000", "che": "110101011011010010000111101010",
    "deu": "000001110110110110010001011110", "dnk": "101110000001101000000011000101", "esp": "100110100110110100111011110000",
    "gbr": "111101111011100011101001011110", "ita": "000000001000001110100000110101", "pol": "100010000000001001101000000001",
    "svn": "000001001110011000101110111001",
}
ECI = {"aut": 1.073207217992253, "blx": -0.3159764634559932, "che": 1.06773721349865, "deu": 1.200861157616729, "dnk": -0.9777046345252988}
COI = {"aut": -0.9940121728867501, "blx": 1.073851078082253, "che": -1.489194423334662, "deu": -1.382249032555092, "dnk": 1.155769407885882}
COG = {"1704": -0.6248181469470029, "1806": -0.2744855294705304, "2105": -0.6022044277365377, "6810": -0.7877019728211894,
       "7309": -0.6431600323722405, "9403": -0.6309372503165401}
PCI = [-1.470491886, 0.989833439, -1.288296147, 0.335978998, -3.323137536, 1.211838680, 0.757561084, 2.794806327, 1.056227718,
       0.301383640, 0.945855564, 0.252827630, 0.792155306, 1.794091103, -3.047699997, 0.594768374, 1.865519844, -1.177374641,
       -1.813003912, 0.561306111, -0.928657059, 1.071585042, -0.590077082, 1.180674892, 0.710150514, 0.440066596, 2.140168307,
       -0.162084790, 2.794806327, -3.434600369]
DENSITY_AUT = [0.462500000, 0.483619345, 0.372212693, 0.494252874, 0.344405594, 0.512528474, 0.459493671, 0.607095926, 0.571065990,
               0.441466855, 0.505494505, 0.492091388, 0.514705882, 0.569306931, 0.378737542, 0.502659574, 0.592500000, 0.487218045,
               0.471590909, 0.427807487, 0.469135802, 0.538904899, 0.451282051, 0.534883721, 0.559459459, 0.505000000, 0.579439252,
               0.471228616, 0.607095926, 0.389496718]
# Stata takes means and deviations over its 300 rows, each country thirty times, and divides by 299
ROWS = np.sqrt(299 / 300)


@pytest.fixture(scope="module")
def trade() -> pd.DataFrame:
    return pd.DataFrame([[int(one) for one in row] for row in HAS.values()], index=list(HAS), columns=GOODS)


def test_stata_density_of_austria(trade):
    told = density(rca(trade), proximity(rca(trade))).loc["aut"]
    assert told.to_numpy() == pytest.approx(DENSITY_AUT, abs=1e-8)


def test_stata_eci_and_coi(trade):
    found, ahead = complexity(trade), outlook(trade)
    assert {code: found.eci[code] * ROWS for code in ECI} == pytest.approx(ECI, abs=1e-10)
    assert {code: ahead.coi[code] * ROWS for code in COI} == pytest.approx(COI, abs=1e-10)


def test_stata_pci_up_to_scale_and_centre(trade):
    ours, theirs = complexity(trade).pci.to_numpy(), np.array(PCI)
    slope, base = np.polyfit(ours, theirs, 1)
    assert slope > 0 and slope * ours + base == pytest.approx(theirs, abs=1e-8)


def test_stata_cog_of_austria(trade):
    told = outlook(trade).cog.loc["aut"]
    assert {code: told[code] * ROWS for code in COG} == pytest.approx(COG, abs=1e-10)
    assert (told[trade.loc["aut"] == 1] == 0).all()


# Three regions, three activities, worked by hand. Rows add up to 1, 2, 3, columns to 2 each.
SMALL = pd.DataFrame([[0, 0, 1], [1, 1, 0], [1, 1, 1]], index=["A", "B", "C"], columns=["a", "b", "c"])


def test_small_rca_proximity_and_density_by_hand():
    told = rca(SMALL)
    assert told.to_numpy() == pytest.approx(np.array([[0, 0, 3], [1.5, 1.5, 0], [1, 1, 1]]))
    near = proximity(told)  # each is at home in two regions; a and b meet in two, a and c in one
    assert near.to_numpy() == pytest.approx(np.array([[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]]))
    assert density(told, near).to_numpy() == pytest.approx(np.array([[1 / 3, 1 / 3, 0], [2 / 3, 2 / 3, 1], [1, 1, 1]]))


def test_small_complexity_by_hand():
    # D^-1 M U^-1 M' = [[3, 0, 3], [0, 3, 3], [1, 2, 3]] / 6 has eigenvalues 1, 1/2, 0; of 1/2: (-1, 1/2, 0), rising with diversity 1, 2, 3
    eci, pci = complexity(SMALL)
    assert eci.to_numpy() == pytest.approx(np.array([-5, 4, 1]) / np.sqrt(14))
    assert pci.to_numpy() == pytest.approx(np.array([1, 1, -2]) / np.sqrt(2))


def test_small_outlook_by_hand():
    # not centred, activities have (1/2, 1/2, -1); so A could gain 1/3 x 1/2 twice, B stands before -1, C has all
    coi, cog = outlook(SMALL)
    assert coi.to_numpy() == pytest.approx(np.array([5, -7, 2]) / np.sqrt(26))
    expected = np.zeros((3, 3))
    expected[0, :2] = np.sqrt(2 / 7)  # (1 / 1.5 x 1/2) over the deviation of (-1, 1/2, 0), the root of 7/18
    assert cog.to_numpy() == pytest.approx(expected)


def test_cog_is_what_coi_gains_elsewhere(trade):
    """Taking up an activity, all else held, moves raw coi by cog less what the activity itself stood for."""
    from liantu.chains.relatedness import density_of, outlook_of, proximity_of, reflections

    present = trade.to_numpy(dtype=float)
    near, (eci, pci), (coi, cog) = proximity_of(present), reflections(present), outlook_of(present)
    for row, column in [(0, 0), (3, 4), (9, 1)]:
        assert present[row, column] == 0
        taken = present.copy()
        taken[row, column] = 1
        after = (density_of(taken, near)[row] * (1 - taken[row])) @ pci
        own = density_of(present, near)[row, column] * pci[column]
        assert after - coi[row] == pytest.approx(cog[row, column] * eci.std() - own)


def random_values(seed: int, regions: int = 12, activities: int = 20) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    made = draw.gamma(0.3, 100, (regions, activities)) * (draw.random((regions, activities)) < np.linspace(0.3, 0.9, regions)[:, None])
    return pd.DataFrame(made, [f"r{row}" for row in range(regions)], [f"a{column}" for column in range(activities)])


@pytest.mark.parametrize("seed", range(4))
def test_the_same_as_econcomplex(seed):
    values = random_values(seed)
    told, near = rca(values), proximity(rca(values))
    pd.testing.assert_frame_equal(told, econcomplex.rca(values))
    pd.testing.assert_frame_equal(near, econcomplex.proximity(values)["product"])
    pd.testing.assert_frame_equal(density(told, near), econcomplex.relatedness_density(values) / 100)
    eci, pci = complexity(values)
    theirs_eci, theirs_pci = econcomplex.eci_pci(values)
    assert eci.to_numpy() == pytest.approx(theirs_eci.to_numpy(), abs=1e-8)
    # it turns pci by ubiquity, we by eci, as Stata does
    assert np.abs(pci.to_numpy()) == pytest.approx(np.abs(theirs_pci.to_numpy()), abs=1e-8)
    assert abs(pci @ theirs_pci) == pytest.approx(len(pci))


@pytest.mark.parametrize("seed", range(3))
def test_the_outlook_of_econcomplex_for_the_same_complexity_of_activities(seed):
    from liantu.chains.relatedness import reflections

    values = random_values(seed)
    raw = reflections((rca(values) >= 1).to_numpy(dtype=float))[1]
    theirs = econcomplex.coi(values, pci=raw)
    assert outlook(values).coi.to_numpy() == pytest.approx(((theirs - theirs.mean()) / theirs.std(ddof=0)).to_numpy(), abs=1e-8)


tables = arrays.arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.integers(0, 5).map(float))


@settings(max_examples=60, deadline=None)
@given(tables)
def test_properties_of_any_table(values):
    values = pd.DataFrame(values)
    told = rca(values)
    near = proximity(told)
    assert np.array_equal(near, near.T) and (np.diag(near) == 0).all() and near.to_numpy().min() >= 0 and near.to_numpy().max() <= 1
    dense = density(told, near).to_numpy()
    assert dense.min() >= 0 and dense.max() <= 1
    assert rca(values * 37.5).to_numpy() == pytest.approx(told.to_numpy())
    # wherever a region has anything it is at home in something, and everything that exists is at home somewhere
    has = (told.to_numpy() >= 1 - 1e-12)
    assert np.array_equal(has.any(axis=1), values.to_numpy().any(axis=1)) and np.array_equal(has.any(axis=0), values.to_numpy().any(axis=0))
    eci, pci = complexity(values)
    for one in (eci, pci, outlook(values).coi):
        known = one.dropna()
        assert known.empty or (known.mean() == pytest.approx(0, abs=1e-9) and known.std(ddof=0) == pytest.approx(1))
    order = np.random.default_rng(0).permutation(len(values))
    again = complexity(values.iloc[order]).eci
    if eci.std() > 0 and np.linalg.matrix_rank(has) > 2 and not _tied(has):
        assert np.abs(again.reindex(eci.index)).to_numpy() == pytest.approx(np.abs(eci).to_numpy(), nan_ok=True, abs=1e-6)


def _tied(has):
    table = has[np.ix_(has.any(axis=1), has.any(axis=0))].astype(float)
    rates = np.sort(np.linalg.eigvals((table / table.sum(axis=1)[:, None]) @ (table / table.sum(axis=0)).T).real)[::-1]
    return len(rates) < 3 or rates[1] - rates[2] < 1e-6


def test_what_nobody_has_and_who_has_nothing():
    values = SMALL.assign(none=0)
    values.loc["idle"] = 0
    told, (eci, pci), (coi, cog) = rca(values), complexity(values), outlook(values)
    assert (told["none"] == 0).all() and (told.loc["idle"] == 0).all()
    assert (proximity(told)["none"] == 0).all() and (density(told, proximity(told)).loc["idle"] == 0).all()
    assert eci.isna().tolist() == [False, False, False, True] and pci.isna().tolist() == [False, False, False, True]
    assert eci.iloc[:3].tolist() == pytest.approx(complexity(SMALL).eci.tolist())
    assert coi.iloc[:3].tolist() == pytest.approx(outlook(SMALL).coi.tolist()) and np.isnan(coi["idle"])
    assert cog["none"].isna().all() and cog.loc["idle"].isna().all() and not cog.iloc[:3, :3].isna().any().any()


def test_no_order_is_told_where_all_do_the_same():
    same = pd.DataFrame([[1, 2, 3], [10, 20, 30], [0.1, 0.2, 0.3]])
    assert ((rca(same) - 1).abs() < 1e-12).all().all() and proximity(rca(same)).to_numpy().sum() == 6
    assert complexity(same).eci.isna().all() and outlook(same).coi.isna().all() and outlook(same).cog.isna().all().all()
    assert complexity(pd.DataFrame([[1, 2]])).pci.isna().all() and rca(pd.DataFrame(np.zeros((2, 2)))).to_numpy().sum() == 0
    assert rca(pd.DataFrame(columns=["a"])).shape == (0, 1) and complexity(pd.DataFrame()).eci.empty


def test_labels_of_any_kind_in_any_order_are_kept():
    values = pd.DataFrame(SMALL.to_numpy(), index=[30, ("x", 1), 10], columns=[2.5, None, "c"]).astype(object)
    told = rca(values)
    assert told.index.tolist() == [30, ("x", 1), 10] and told.dtypes.tolist() == [np.dtype(float)] * 3
    near = proximity(told)
    turned = near.iloc[[2, 0, 1], [1, 2, 0]]
    pd.testing.assert_frame_equal(density(told, turned), density(told, near))
    twice = pd.DataFrame(SMALL.to_numpy(), index=["A", "A", "B"], columns=["a", "a", "c"])
    assert complexity(twice).eci.to_numpy() == pytest.approx(complexity(SMALL).eci.to_numpy())
    assert density(rca(twice), proximity(rca(twice))).to_numpy() == pytest.approx(density(rca(SMALL), proximity(rca(SMALL))).to_numpy())


def test_results_answer_by_name_by_attribute_and_by_place():
    found = complexity(SMALL)
    assert found.eci is found["eci"] is found[0] and dict(found).keys() == {"eci", "pci"} and "pci" in found and "coi" not in found
    ahead = outlook(SMALL)
    assert ahead["cog"] is ahead.cog and list(ahead.keys()) == ["coi", "cog"]


@pytest.mark.parametrize("bad", [-1, np.nan, np.inf, "many", None])
def test_a_bad_cell_is_named(bad):
    values = SMALL.astype(object)
    values.loc["B", "c"] = bad
    for measure in (rca, complexity, outlook):
        with pytest.raises(LiantuError, match=r"values: region 'B', activity 'c'"):
            measure(values)
    with pytest.raises(ValueError, match="rca: region 'B', activity 'c'"):
        proximity(values)


def test_proximities_of_other_activities_are_refused():
    near = proximity(rca(SMALL))
    with pytest.raises(LiantuError, match="'c' stands in one of the tables only"):
        density(rca(SMALL), near.rename(columns={"c": "d"}, index={"c": "d"}))
    with pytest.raises(LiantuError, match="'c' stands in one of the tables only"):
        density(rca(SMALL), near.iloc[:2, :2])
