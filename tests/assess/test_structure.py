"""Concentration, structural change and the projects' money: published examples, hand-made registers, published figures as recorded."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.assess.structure import (
    absolute_norm,
    coming_projects,
    concentration,
    effective_number,
    family_shares,
    lilien_index,
    normalised_hhi,
    per_job,
    portfolio,
    promised_jobs,
    structural_change,
    structure_of,
    structure_rules,
)
from liantu.assess.structure.rules import StructureRules
from liantu.chains import hhi
from liantu.errors import LiantuError
from liantu.reference.industry_codes import industry_codes
from liantu.reference.loading import load

STATISTICS = Path(__file__).parents[2] / "data" / "raw" / "public" / "statistics.csv"


def register(*rows, **more):
    names = ("enterprise_id", "county", "division", "output_wan")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]).assign(tax_wan=1.0, jobs=2.0, **more)


# --- concentration


def test_the_example_of_the_merger_guidelines():
    # Four firms of 30, 30, 20 and 20 per cent: 2,600.
    firms = register(*[(str(n), "211382", f"{n + 10}", share) for n, share in enumerate((30.0, 30.0, 20.0, 20.0))])
    city = concentration(firms, "division", "output_wan").iloc[0]
    assert round(city["hhi"] * 10_000) == 2600 and city["top"] == "10" and city["top_share"] == 0.3
    assert city["effective"] == pytest.approx(1 / 0.26) and city["hhi_normal"] == pytest.approx((0.26 - 0.25) / 0.75)


def test_even_shares_and_a_single_industry():
    assert normalised_hhi(0.25, 4) == 0 and effective_number(0.25) == 4
    assert np.isnan(normalised_hhi(1.0, 1)) and effective_number(1.0) == 1 and normalised_hhi(1.0, 3) == 1


def test_counties_and_what_one_firm_makes():
    firms = register(("a", "211382", "31", 60.0), ("b", "211382", "31", 20.0), ("c", "211382", "13", 20.0), ("d", "211303", "13", 50.0),
                     ("e", "211303", None, 50.0), ("f", "211303", "13", np.nan), ("g", "211321", None, 10.0), ("h", "211303", "08", -3.0))
    table = concentration(firms, "division", "output_wan").set_index("county")
    assert table.loc["211382", ["hhi", "hhi_without", "top_firm_share"]].tolist() == pytest.approx([0.68, 0.5, 0.6])
    assert table.loc["211303", ["firms", "known", "industries"]].tolist() == [1, 0.5, 1] and np.isnan(table.loc["211303", "hhi_without"])
    assert np.isnan(table.loc["211321", "hhi"]) and table.loc["211321", "known"] == 0
    assert table.loc["", "amount"] == 150 and table.loc["", "known"] == pytest.approx(150 / 210)


def test_families_leave_out_firms_without_a_code():
    firms = register(("a", "211382", "31", 30.0), ("b", "211382", "08", 20.0), ("c", "211382", "13", 50.0), ("d", "211303", None, 99.0))
    shares = family_shares(firms, structure_rules(), "output_wan").set_index(["county", "family"])["share"]
    assert shares["", "steel_and_mining"] == 0.5 and shares["211382", "ferrous"] == 0.3 and shares["", "mining"] == 0.2
    assert shares["", "heavy"] == 0.5 and shares["", "light"] == 0.5 and "211303" not in shares.index.get_level_values(0)


# --- structural change


def test_the_norm_of_absolute_values_on_the_example_of_pedersens_index():
    before, now = np.array([0.65, 0.25, 0.10]), np.array([0.65, 0.15, 0.20])
    assert absolute_norm(before, now) == pytest.approx(0.10)
    assert absolute_norm(np.array([0.6, 0.4, 0, 0]), np.array([0, 0, 0.75, 0.25])) == pytest.approx(1)


def test_liliens_index_by_hand():
    # Shares 1/2 and 1/2 grow to 2/3 and 1/3: growth ln 2 and 0 around ln 1.5, mean shares 7/12 and 5/12.
    want = np.sqrt(7 / 12 * (np.log(2) - np.log(1.5)) ** 2 + 5 / 12 * np.log(1.5) ** 2)
    assert lilien_index(np.array([1.0, 1.0]), np.array([2.0, 1.0])) == pytest.approx(want)
    assert lilien_index(np.array([3.0, 1.0]), np.array([6.0, 2.0])) == 0 and np.isnan(lilien_index(np.array([0.0]), np.array([1.0])))


def grown(rates, each=40, seed=3, noise=0.05):
    rng = np.random.default_rng(seed)
    names = [(f"{division}-{n}", "211382", division, 100.0) for division in rates for n in range(each)]
    now = [(firm, county, division, 100 * rates[division] * np.exp(rng.normal(0, noise))) for firm, county, division, _ in names]
    return register(*names), register(*now)


def test_a_real_shift_is_found_and_its_industries_are_named():
    change = structural_change(*grown({"31": 1.0, "13": 1.0, "39": 1.6}), "division", "output_wan")
    assert change.beyond and change.low <= change.index <= change.high
    assert change.index == pytest.approx(1.6 / 3.6 - 1 / 3, abs=0.01)
    assert change.industries.set_index("industry")["moved"].to_dict() == {"39": "gained", "31": "lost", "13": "lost"}


def test_uneven_firms_alone_are_no_structural_change():
    found = [structural_change(*grown({"31": 1.1, "13": 1.1, "39": 1.1}, seed=seed, noise=0.3), "division", "output_wan", draws=200)
             for seed in range(40)]
    assert sum(change.beyond for change in found) <= 6  # one in twenty by chance
    assert all(change.industries["moved"].eq("").all() for change in found if not change.beyond)


def test_a_firm_that_moves_its_code_is_no_change_and_newcomers_are_counted():
    before = register(("a", "211382", "31", 50.0), ("b", "211382", "13", 50.0), ("c", "211382", None, 9.0), ("x", "211382", "13", 10.0))
    now = register(("a", "211382", "33", 50.0), ("b", "211382", None, 50.0), ("c", "211382", None, 9.0), ("y", "211382", "13", 10.0))
    change = structural_change(before, now, "division", "output_wan", draws=50)
    assert change.index == 0 and (change.firms, change.entered, change.left) == (4, 1, 1)
    assert change.industries["industry"].tolist() == ["13", "33"]
    nothing = structural_change(before.iloc[:0], now, "division", "output_wan")
    assert np.isnan(nothing.index) and nothing.industries.empty and not nothing.beyond


def test_shares_of_a_quarter_stand_against_shares_of_a_year():
    before, now = grown({"31": 1.0, "13": 1.3})
    quarter = now.assign(output_wan=now["output_wan"] / 4)
    assert structural_change(before, quarter, "division", "output_wan").index == pytest.approx(
        structural_change(before, now, "division", "output_wan").index)


# --- projects


def projects(*rows):
    names = ("project_id", "chain", "stage", "total_investment_wan", "jobs")
    table = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return table.astype({"total_investment_wan": "float64", "jobs": "float64"})


def test_the_money_of_projects_against_todays_output():
    told = projects(("a", "钢", "started", 100, 10), ("b", "电", "signed", 300, None), ("c", "电", "producing", 9000, 40),
                    ("d", "电", "completed", 99_999_999, 5), ("e", "电", "approved", None, 7), ("f", None, "started", 50, 1),
                    ("g", "钢", "terminated", 5, 3))
    coming = coming_projects(told, 2_000_000)
    assert coming["project_id"].tolist() == ["a", "b", "d", "e", "f"] and coming["doubtful"].sum() == 1
    firms = pd.DataFrame({"chain": ["钢", "钢", "电", None], "output_wan": [600.0, 200.0, 200.0, 5.0]})
    table = portfolio(firms, coming.assign(capacity_wan=coming["sum_wan"]), {"钢": "raw", "电": "new"}, draws=50)
    new = table[table["group"] == "new"]
    assert new["chain"].tolist() == ["", "电"]
    shown = new[["share_today", "share_coming", "projects", "priced", "jobs", "jobs_stated"]]
    assert shown.to_numpy().tolist() == [[0.2, 0.75, 3, 1, 12, 2]] * 2
    assert ((table["low"] <= table["share_coming"]) & (table["share_coming"] <= table["high"])).all()


def test_promised_jobs_are_those_that_are_stated():
    told = projects(("a", "钢", "started", 1, 10), ("b", "钢", "started", 1, None), ("c", "钢", "at_capacity", 1, 7),
                    ("d", "钢", "terminated", 1, 99), ("e", "钢", None, 1, 4))
    rows = promised_jobs(told).set_index("class")
    assert rows.loc["building"].tolist() == [2, 1, 10] and rows.loc["producing"].tolist() == [1, 1, 7] and rows["jobs"].sum() == 17


def test_tax_a_job_is_that_of_a_whole_year():
    firms = pd.DataFrame({"chain": ["钢", "电", "电"], "jobs": [10.0, 10.0, None], "tax_wan": [5.0, 10.0, 99.0],
                          "output_wan": [100.0, 100.0, 1.0]})
    rows = per_job(firms, {"钢": "raw", "电": "new"}, 3).set_index("group")
    assert rows["tax_per_job"].to_dict() == {"": 3, "raw": 2, "new": 4} and rows.loc["", "firms"] == 2
    assert rows.loc["new", "tax_share"] == pytest.approx(0.1) and rows.loc["raw", "output_per_job"] == 40


# --- the file and a report


def test_published_figures_are_those_on_record():
    with STATISTICS.open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["indicator"], row["geo"], row["period"]): row for row in csv.DictReader(file)}
    rules = structure_rules()
    sectors = {"primary": "第一产业增加值", "secondary": "第二产业增加值", "tertiary": "第三产业增加值"}
    for entry in rules.sectors:
        for name, indicator in sectors.items():
            row = rows[indicator, entry.zh, entry.period]
            assert (getattr(entry, name), entry.grade, entry.source) == (float(row["value"]), row["grade"], row["source_url"])
    for entry in rules.incomes:
        who = {"urban": "城镇居民人均可支配收入", "rural": "农村居民人均可支配收入"}[entry.who]
        row = rows[who + ("(预计)" if entry.expected else ""), entry.zh, entry.period]
        assert (entry.yuan, entry.grade, entry.source) == (float(row["value"]), row["grade"], row["source_url"])
        assert f"{100 * entry.growth:+.2g}" == row["note"].split("%")[0]
    one = rows["第三产业占比", "朝阳市", rules.city_tertiary.period]
    assert (100 * rules.city_tertiary.share, rules.city_tertiary.grade) == (float(one["value"]), one["grade"])
    split = [key for key in rows if key[0] == "第二产业增加值"]
    assert len(split) == len(rules.sectors)  # nothing that is on record is left out


def test_every_division_of_the_standard_has_a_name():
    used = {code[:2] for code in industry_codes()}
    assert used <= set(structure_rules().divisions)


def test_what_is_wrong_in_the_file_is_named(tmp_path):
    path, good = tmp_path / "structure.yml", structure_rules().model_dump(mode="json")
    for change, word in (({"light": ["13", "31"]}, "heavy and light"), ({"steel_and_mining": ["iron"]}, "no such family"),
                         ({"heavy": ["99"]}, "without a name"), ({"rulers": good["rulers"][::-1]}, "must rise")):
        path.write_text(json.dumps(good | change), encoding="utf-8")
        with pytest.raises(LiantuError, match=word) as caught:
            load(StructureRules, path)
        assert "structure.yml" in str(caught.value)


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


def test_a_report_compares_with_the_last_whole_year(report):
    made = structure_of(report)
    assert (str(made.before.date()), str(made.day.date())) == ("2021-12-31", "2022-06-30")
    city = made.spread_of("", "division", "output_wan")
    shares = made.firms.groupby("division")["output_wan"].sum()
    assert city["hhi"] == pytest.approx(hhi(shares)) and city["industries"] == (shares > 0).sum()
    assert city["top"] == shares.idxmax() and city["top_share"] == pytest.approx(shares.max() / shares.sum())
    assert 0 < made.family("", "steel_and_mining", "output_wan") < 1
    groups = made.portfolio[made.portfolio["chain"] == ""]
    assert groups[["share_today", "share_coming", "share_capacity"]].sum().tolist() == pytest.approx([1] * 3)


def test_without_a_register_nothing_is_made_up(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    made = structure_of(Report(quarter="2022Q4", dataset="public"))
    assert made.spread_of("", "division", "output_wan") is None and np.isnan(made.family("", "mining", "jobs"))
    assert made.change is None and made.portfolio["share_today"].isna().all()


def test_one_register_alone_shows_no_change(small_data):
    made = structure_of(Report(quarter="2021Q4"))
    assert made.before is None and made.change is None and made.spread_of("", "chain", "jobs") is not None
