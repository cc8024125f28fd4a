"""The matrix: which pages a quarter has, how they are called, and what a wrong name gets."""

from __future__ import annotations

from collections import Counter

import nbformat
import pytest

from liantu.errors import LiantuError
from liantu.reference.folders import notebooks_root
from liantu.reference.loading import ReferenceFileError
from liantu.suite.matrix import Suite, pages, sister, suite

ENTRY = {"file": "30_x.ipynb", "zh": "标题", "en": "Title", "kind": "front", "order": 1, "parameters": ["quarter", "lang"]}


def test_the_city_and_seven_counties_have_their_milestones_in_both_languages():
    made = pages("2022Q2")
    assert len({page.id for page in made}) == len(made) == 216
    assert Counter(page.notebook.stem for page in made) == {
        "00_front_page": 2, "10_clean_ledgers": 2, "11_data_quality": 16, "12_evidence_audit": 16, "20_chain_overview": 2,
        "21_chain_profile": 86, "22_county_opportunities": 14, "30_quarterly_milestones": 16, "31_project_pipeline": 2,
        "32_schedule_risk": 16, "33_forecast_scorecard": 2, "40_county_scorecard": 14, "41_development_zones": 2,
        "42_assessment_ranking": 2, "43_service_and_problems": 2, "44_structure": 2, "45_introduced_quality": 2, "46_four_lists": 2,
        "50_since_last_quarter": 16}
    assert Counter(page.lang for page in made) == {"zh": 108, "en": 108}
    page = {page.id: page for page in made}["30_quarterly_milestones.211382.en"]
    assert page.parameters == {"quarter": "2022Q2", "county": "211382", "dataset": "simulated", "lang": "en"}
    assert (page.place, page.kind, page.county, page.chain) == ("Lingyuan", "milestone", "211382", "")


@pytest.mark.parametrize(("narrowed", "ids"), [
    ({"counties": ["凌源"], "langs": ["zh"]}, [
        "30_quarterly_milestones.211382.zh", "32_schedule_risk.211382.zh", "50_since_last_quarter.211382.zh",
        *(f"21_chain_profile.211382.{chain}.zh" for chain in ("steel", "auto_parts", "new_materials", "food")),
        "22_county_opportunities.211382.zh", "11_data_quality.211382.zh", "40_county_scorecard.211382.zh",
        "12_evidence_audit.211382.zh"]),
    ({"chains": ["膨润土"], "langs": ["zh"]}, ["21_chain_profile.bentonite.zh", "21_chain_profile.211322.bentonite.zh"]),
    ({"chains": ["膨润土"], "counties": ["凌源"], "langs": ["zh"]}, ["21_chain_profile.211382.bentonite.zh"]),
    ({"chains": ["膨润土"], "counties": ["朝阳市"], "langs": ["en"]}, ["21_chain_profile.bentonite.en"]),
    ({"counties": ["211300"], "only": ["30_quarterly_milestones.ipynb"], "langs": ["en"]}, ["30_quarterly_milestones.en"]),
    ({"only": ["00_front_page"]}, ["00_front_page.zh", "00_front_page.en"]),
])
def test_options_narrow_the_matrix(narrowed, ids):
    assert [page.id for page in pages("2022Q2", **narrowed)] == ids


@pytest.mark.parametrize(("wrong", "words"), [
    ({"only": ["30_quaterly_milestones"]}, "did you mean 30_quarterly_milestones?"),
    ({"counties": ["凌原市"]}, "did you mean 凌源市?"),
    ({"counties": ["朝阳区"]}, "county '朝阳区' is not known"),
    ({"langs": ["fr"]}, "Allowed: zh, en"),
    ({"langs": []}, "Allowed: zh, en"),
    ({"chains": ["橡胶轮胎"], "only": ["20_chain_overview"]}, "no page of the matrix is about chain 橡胶轮胎"),
    ({"chains": ["橡胶轮台"]}, "did you mean 橡胶轮胎?"),
])
def test_an_unknown_name_is_an_error_that_helps(wrong, words):
    with pytest.raises(LiantuError, match=words.replace("?", r"\?")):
        pages("2022Q2", **wrong)


def test_a_chain_axis_gives_a_page_for_each_chain(tmp_path):
    (tmp_path / "suite.yml").write_text(
        "kinds: [{id: chain, zh: 链, en: Chain}]\nnotebooks:\n- {file: 21_chain.ipynb, zh: 链, en: Chain, kind: chain, order: 1, "
        "parameters: [quarter, chain, lang], chain: [each], lang: [zh]}\n", encoding="utf-8")
    made = pages("2022Q2", folder=tmp_path)
    assert len(made) == 17
    assert made[0].id == f"21_chain.{made[0].chain}.zh"
    assert made[0].parameters["chain"] in made[0].place


@pytest.mark.parametrize("broken", [
    {"county": ["each"]}, {"county": ["home"], "parameters": ["county", "lang"]}, {"kind": "nothing"}, {"file": "x.py"},
    {"parameters": ["quarters"]}, {"colour": "red"}])
def test_a_bad_entry_is_an_error_with_file_and_key(tmp_path, broken):
    import yaml

    content = {"kinds": [{"id": "front", "zh": "首页", "en": "Front"}], "notebooks": [{**ENTRY, **broken}]}
    (tmp_path / "suite.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"suite\.yml: (notebooks\.0|.*30_x)"):
        suite(tmp_path)


def test_a_notebook_stands_once():
    with pytest.raises(ValueError, match="stands twice"):
        Suite.model_validate({"kinds": [{"id": "front", "zh": "首页", "en": "Front"}], "notebooks": [ENTRY, ENTRY]})


def test_the_shipped_matrix_names_the_shipped_notebooks_by_their_titles():
    for entry in suite().notebooks:
        cells = nbformat.read(notebooks_root() / entry.file, as_version=4).cells
        heads = [cell for cell in cells if cell.source.startswith("# ")]
        titles = {tag: cell.source.splitlines()[0] for cell in heads for tag in cell.metadata.get("tags", ())}
        assert titles == {"zh": f"# {entry.zh}", "en": f"# {entry.en}"}, entry.file


def test_sister_is_the_other_language():
    assert sister("30_quarterly_milestones.211382.zh") == "30_quarterly_milestones.211382.en"
    assert sister("00_front_page.en") == "00_front_page.zh"
