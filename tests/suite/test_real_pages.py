"""Every page of a real report, zh and en: valid HTML, light, telling where it comes from, every link leading somewhere."""

from __future__ import annotations

import json
import re

import lxml.html
import pytest
from html_of_pages import elements
from page_checks import besides_figures_and_tables, dead_links
from small_reports import small_pages

from liantu.suite.pages.words import words

PAGES = [page.id for page in small_pages()]
FRONT = ["index", "index.en"]


@pytest.fixture(params=PAGES)
def page(request, small_report):
    html = (small_report / f"{request.param}.html").read_text(encoding="utf-8")
    return request.param, html, lxml.html.document_fromstring(html)


def test_the_report_has_these_pages_and_all_are_done(small_report):
    run = json.loads((small_report / "run.json").read_text(encoding="utf-8"))
    assert {entry["id"]: entry["state"] for entry in run["pages"]} == dict.fromkeys(PAGES, "done")


@pytest.mark.parametrize("stem", [*PAGES, *FRONT])
def test_html_is_valid_light_and_in_its_language(small_report, stem):
    html = (small_report / f"{stem}.html").read_text(encoding="utf-8")
    elements(html)
    assert besides_figures_and_tables(html) <= 60 * 1024
    lang = "en" if stem.endswith(".en") else "zh-CN"
    assert lxml.html.document_fromstring(html).get("lang") == lang


@pytest.mark.parametrize("stem", [*PAGES, *FRONT])
def test_every_link_leads_somewhere(small_report, stem):
    assert dead_links(small_report / f"{stem}.html") == []


def test_the_page_tells_what_it_is_and_where_it_comes_from(page, small_report):
    stem, _, tree = page
    lang = stem.rpartition(".")[2]
    known = words(lang)
    run = json.loads((small_report / "run.json").read_text(encoding="utf-8"))
    header = " ".join(tree.xpath("//header")[0].text_content().split())
    assert all(told in header for told in (known["badge_simulated"], "2022Q2", f"{known['as_of']} 2022-06-30"))
    footer = {entry.findtext("dt"): entry.findtext("dd") for entry in tree.xpath("//footer//dl/div")}
    assert footer[known["page"]] == stem
    # the report was made by two commands: pages of the first one name its run
    assert (footer[known["run"]] == run["run_id"]) == (stem in run["ran"])
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", footer[known["run"]])
    assert re.fullmatch(r"[0-9a-f]{12}", footer[known["inputs"]])
    assert footer[known["commit"]] == (run["commit"] or known["not_recorded"])
    assert re.fullmatch(rf"\d+\.\d {known['seconds']}", footer[known["duration"]])
    assert "liantu 0." in footer[known["versions"]] and "pandas 3." in footer[known["versions"]]


def test_every_figure_has_alt_text_a_data_table_and_its_csv(page):
    stem, _, tree = page
    for figure in tree.xpath("//figure"):
        alt = figure.find("img").get("alt")
        assert len(alt) > 20
        nothing = ("没有可画的数据" if stem.endswith(".zh") else "nothing to draw") in alt
        # A figure that says that there is nothing has nothing to list; every other one has a table with heads.
        assert bool(figure.xpath(".//details//table//th")) is not nothing and bool(figure.xpath(".//details//td")) is not nothing
        assert figure.xpath(f".//a[starts-with(@href, 'tables/{stem}/')]")
    chinese = [figure for figure in tree.xpath("//figure") if re.search("[\u4e00-\u9fff]{4}", figure.find("img").get("alt"))]
    assert len(chinese) == (len(tree.xpath("//figure")) if stem.endswith(".zh") else 0)


def test_milestone_figures_lead_to_the_projects_behind_each_bar(small_report):
    for lang in ("zh", "en"):
        tree = lxml.html.document_fromstring((small_report / f"30_quarterly_milestones.{lang}.html").read_text(encoding="utf-8"))
        behind = tree.xpath("//figure[.//details[@class='behind']]")
        assert len(behind) >= 4
        for figure in behind:
            assert figure.xpath(".//details[@class='behind']//tbody/@id")
            assert len(figure.xpath(".//a[contains(@href, '-projects.csv')]")) == 1
            for row in figure.xpath(".//details[@class='behind']//tbody/tr[not(@class)]"):
                assert any(re.search(r"\.(xlsx|xls|csv)$", cell.text or "") for cell in row), "the source file is named"
