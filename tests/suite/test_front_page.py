"""The front page of a quarter: answer, trends, map of chains by counties, changes, quality, watch list and the list of all pages."""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path

import lxml.html
import pytest
from front_pages import RUN, build, heat_payload, watch_payload, write_page, write_quarter
from html_of_pages import elements
from synthetic_pages import SCRIPT, headline_payload

from liantu.reference import city
from liantu.suite.pages.trend import HEIGHT, trend
from liantu.suite.site.collecting import collect
from liantu.suite.site.heat_map import heat_map, step
from liantu.suite.site.watch_list import watch_list

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
import many_pages

LANGS = {"zh": "index.html", "en": "index.en.html"}


@pytest.fixture(scope="module")
def quarter(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("quarter")
    write_quarter(out)
    build(out)
    return out


def read(path: Path) -> lxml.html.HtmlElement:
    elements(path.read_text(encoding="utf-8"))
    return lxml.html.document_fromstring(path.read_text(encoding="utf-8"))


def said(tree: lxml.html.HtmlElement, where: str) -> str:
    return " ".join(" ".join(found.text_content().split()) for found in tree.xpath(where))


def luminance(colour: str) -> float:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("lang", LANGS)
def test_answer_headlines_map_changes_quality_and_watch_list_come_in_this_order(quarter, lang):
    tree = read(quarter / LANGS[lang])
    order = [name for found in tree.xpath("//main//section") for name in (found.get("aria-labelledby") or found.get("class"),)]
    assert order == ["answer", "headlines", "map", "since", "quality", "watch", "milestones", "pages"]
    assert said(tree, "//section[@class='answer']//p[@class='theme']") == {"zh": "双过半", "en": "Half and half"}[lang]
    assert len(tree.xpath("//section[@class='headlines']//div[contains(@class, 'card ')]")) == 4
    assert "7777" not in tree.text_content(), "a county's numbers stay on its page"


@pytest.mark.parametrize("lang", LANGS)
def test_every_link_of_the_front_page_leads_somewhere(quarter, lang):
    tree = read(quarter / LANGS[lang])
    links = {link.get("href") for link in tree.xpath("//a")}
    assert len(links) == 13 + 3
    assert all((quarter / link).is_file() for link in links if not link.startswith("#"))
    assert all((quarter / image.get("src")).is_file() for image in tree.xpath("//img"))


@pytest.mark.parametrize("lang", LANGS)
def test_the_map_is_a_table_of_numbers_that_leads_to_chains_and_counties(quarter, lang):
    table = read(quarter / LANGS[lang]).xpath("//table[@class='heat']")[0]
    heads = [head.text_content() for head in table.xpath("./thead/tr/th")]
    places, chains = city().divisions.counties, city().chains().chains
    assert heads[1:-1] == [place.short_zh if lang == "zh" else place.short_en for place in places]
    leading = [f"30_quarterly_milestones.{place.code}.{lang}.html" for place in places]
    assert [link.get("href") for link in table.xpath("./thead//a")] == leading
    rows = table.xpath("./tbody/tr[th[@scope='row']]")
    assert len(rows) == 17
    assert all(len(row.xpath("./td")) == 8 for row in rows)
    links = {row.xpath("string(./th)"): row.xpath("./th/a")[0].get("href") for row in rows}
    assert set(links) == {chain.name(lang) for chain in chains}
    steel = next(chain for chain in chains if chain.id == "steel").name(lang)
    assert links.pop(steel) == f"21_chain_profile.steel.{lang}.html"
    assert set(links.values()) == {f"20_chain_overview.{lang}.html"}
    sums = [sum(int(cell.text_content()) for cell in row.xpath("./td")[:-1]) for row in rows]
    assert sums == [int(row.xpath("string(./td[last()])")) for row in rows]
    assert int(table.xpath("string(./tfoot//td[last()])")) == sum(sums)
    assert len(table.xpath("./tbody/tr[@class='group']/th[@scope='rowgroup']")) == 3
    assert "524" in read(quarter / LANGS[lang]).xpath("string(//section[@class='map'])"), "what is on no chain is told"


def test_darker_is_more_and_every_number_can_be_read(quarter):
    css = (quarter / "index.html").read_text(encoding="utf-8")
    for scope, darker in ((css[:css.index("@media screen and (prefers-color-scheme:dark){.h1")], True), (
            css[css.index("@media screen and (prefers-color-scheme:dark){.h1"):], False)):
        paper = [luminance(re.search(rf"\.h{shade}\{{background:(#\w{{6}})", scope)[1]) for shade in range(1, 6)]
        assert paper == sorted(paper, reverse=darker)
        for shade in range(1, 6):
            inks = re.findall(rf"(?:\.h\d,)*\.h{shade}(?:,\.h\d)*\{{color:(#\w+)[;}}]", scope)
            ink = luminance("#ffffff" if inks[-1] == "#fff" else inks[-1])
            high, low = max(ink, paper[shade - 1]), min(ink, paper[shade - 1])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (shade, inks)
        # in greyscale neighbours differ by more than a just visible step
        assert all(abs(first ** (1 / 2.2) - second ** (1 / 2.2)) > 0.05 for first, second in pairwise(paper))


def test_steps_rise_with_the_number_and_nothing_has_none():
    assert [step(value, 100) for value in (0, 1, 5, 20, 40, 70, 100)] == [0, 1, 1, 2, 3, 5, 5]
    assert step(3, 0) == 0
    assert [step(value, 1) for value in (0, 1)] == [0, 5]
    steps = [step(value, 83) for value in range(84)]
    assert steps == sorted(steps)
    assert set(steps) == set(range(6))


def test_what_is_on_no_chain_or_in_no_county_stands_last_without_a_link():
    rows = [["钢铁冶金", "原字号", "双塔", 3.0], ["钢铁冶金", "原字号", "其他", 1.0], ["未归链", "", "双塔", 2.0],
            ["未归链", "", "其他", None]]
    found = heat_map(heat_payload("zh", rows), "en", {"30_quarterly_milestones.211302.zh"})
    assert [head.name for head in found.columns] == ["Shuangta", "其他"]
    assert [head.page for head in found.columns] == ["30_quarterly_milestones.211302.zh.html", ""]
    assert [(row.head.name, row.head.page, row.total) for _, members in found.groups for row in members] == [
        ("Steel and metallurgy", "", 4.0), ("未归链", "", 2.0)]
    assert (found.totals, found.total) == ((5.0, 1.0), 6.0)
    assert heat_map(heat_payload("zh", []), "zh", set()) is None
    assert heat_map({"columns": [{"name": "x"}], "rows": [[1]]}, "zh", set()) is None


@pytest.mark.parametrize("lang", LANGS)
def test_a_trend_is_drawn_with_targets_and_told_in_words(quarter, lang):
    drawn = read(quarter / LANGS[lang]).xpath("//section[@class='headlines']//svg")
    assert len(drawn) == 4
    assert drawn[0].get("role") == "img"
    assert len(drawn[0].xpath("./rect")) == 3
    assert len(drawn[0].xpath("./rect[@class='now']")) == 1
    assert len(drawn[0].xpath("./line")) == 2
    assert len(drawn[0].xpath("./path")) == 1, "a line where the year begins"
    told = drawn[0].xpath("string(./title)")
    assert "2022Q2 97" in told
    assert "120" in told
    assert {"zh": "2021Q3 无数据", "en": "2021Q3 no value"}[lang] in told


def test_bars_are_as_high_as_their_numbers():
    found = trend([{"quarter": "a", "value": 25}, {"quarter": "b", "value": 50, "target": 100}, {"quarter": "c", "value": 0}], "en")
    heights = [bar.height for bar in found.bars]
    assert heights[1] == 2 * heights[0] > heights[2] > 0
    assert [bar.y + bar.height for bar in found.bars] == [HEIGHT] * 3
    assert HEIGHT - found.bars[1].target == pytest.approx(2 * heights[1])
    assert found.years == pytest.approx([round(160 / 3, 1), round(320 / 3, 1)], abs=0.1)
    assert [bar.target for bar in found.bars][::2] == [None, None]
    for nothing in (None, [], "2022Q1", [{"quarter": "a", "value": 1}], [{"value": True}, {"value": float("nan")}], [{"value": None}] * 3):
        assert trend(nothing, "zh") is None


@pytest.mark.parametrize("lang", LANGS)
def test_what_changed_and_quality_stand_apart_from_the_headlines(quarter, lang):
    tree = read(quarter / LANGS[lang])
    since, quality = said(tree, "//section[@aria-labelledby='since']"), said(tree, "//section[@aria-labelledby='quality']")
    assert "143 NEW FACTS" in since
    assert "318 RESTATED… 301" in since.replace(" since", ""), "restatements stand apart, shortened"
    assert "301 since card" in since.replace(" 个", "")
    assert "QUALITY ANSWER" in quality
    assert "Scores of 82 to 89" in quality
    assert "197" in quality
    headlines = said(tree, "//section[@class='headlines']") + said(tree, "//section[@class='answer']")
    assert not re.search("NEW FACTS|QUALITY|since card|cells to correct", headlines)
    assert tree.xpath("//section[@aria-labelledby='since']//a")[0].get("href") == f"50_since_last_quarter.{lang}.html"
    assert tree.xpath("//section[@aria-labelledby='quality']//a")[0].get("href") == f"11_data_quality.{lang}.html"


def test_the_watch_list_is_merged_by_order_and_each_list_has_its_share(quarter):
    tree = read(quarter / "index.html")
    rows = tree.xpath("//section[@class='watched']//tbody/tr[not(@class)]")
    assert [row.xpath("string(./td[2])").split()[0] for row in rows] == ["overdue"] * 7 + ["doubtful"] * 3
    assert rows[0].xpath("string(./td[1])") == "凌源"
    assert [row.xpath("./td[2]/a")[0].get("href") for row in (rows[0], rows[-1])] == [
        "30_quarterly_milestones.211382.zh.html", "11_data_quality.zh.html"]
    assert SCRIPT in rows[0].text_content(), "what a ledger says is text"
    more = tree.xpath("//section[@class='watched']//tr[@class='group']//a")
    assert [(link.get("href"), "5" in link.text_content()) for link in more] == [("30_quarterly_milestones.zh.html", True)]


def test_watch_lists_share_the_room(tmp_path):
    for number, (notebook, count) in enumerate((("00_front_page", 2), ("30_quarterly_milestones", 50), ("11_data_quality", 50))):
        shows = tuple(("watch", payload) for payload in (watch_payload(notebook, number, count), watch_payload("everywhere", 9, 0)))
        write_page(tmp_path, notebook, "zh", shows=shows)
    parts = watch_list(collect(tmp_path), "zh", set())
    assert [(part.title.split("_")[0], len(part.items), part.left) for part in parts] == [
        ("list 00", 2, 0), ("list 30", 5, 45), ("list 11", 3, 47)]
    assert watch_list([], "zh", set()) == []


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_is_listed_with_what_search_and_filters_go_by(quarter, lang):
    tree = read(quarter / LANGS[lang])
    items = tree.xpath("//ul[contains(@class, 'pages')]/li")
    assert len(items) == 13
    assert {item.get("data-c") for item in items} == {"city", *(county.code for county in city().divisions.counties)}
    assert [item.get("data-h") for item in items if item.get("data-h")] == ["steel"]
    assert "季度节点" in tree.xpath("//ul[@data-k='milestone']")[0].get("data-q")
    assert "Quarterly milestones" in tree.xpath("//ul[@data-k='milestone']")[0].get("data-q")
    form = tree.xpath("//form[@id='find']")[0]
    assert form.get("hidden") is not None, "without scripts there is no search"
    assert form.xpath("./preceding::script") == []
    assert all(field.xpath("ancestor::label") for field in form.xpath(".//input|.//select"))
    options = {choice.get("name"): [option.get("value") for option in choice.xpath("./option")] for choice in form.xpath(".//select")}
    assert options["kind"] == ["", "front", "milestone", "since", "chain", "ledger"]
    assert options["county"][:3] == ["", "city", "211302"]
    assert options["chain"] == ["", "steel"]
    assert options["state"] == ["", "done"]
    assert tree.xpath("//*[@id='found']")[0].get("role") == "status"


def test_a_failed_front_page_leaves_the_rest_standing(tmp_path):
    write_quarter(tmp_path, ("zh",))
    error = {"name": "KeyError", "value": SCRIPT + "x" * 5000, "cell": 3, "prompt": 2}
    stem = write_page(tmp_path, "00_front_page", "zh", state="failed", error=error)
    raw = json.loads((tmp_path / f"{stem}.ipynb").read_text(encoding="utf-8"))
    raw["cells"] = []
    (tmp_path / f"{stem}.ipynb").write_text(json.dumps(raw), encoding="utf-8")
    build(tmp_path)
    tree = read(tmp_path / "index.html")
    first = tree.xpath("//main/*[1]")[0]
    assert first.get("role") == "alert"
    assert "KeyError" in first.text_content()
    assert SCRIPT in first.text_content()
    assert len(first.text_content()) < 600
    assert {link.get("href") for link in first.xpath(".//a")} == {f"{stem}.html", f"{stem}.ipynb"}
    assert said(tree, "//section[@class='answer']//p[@class='theme']") == "双过半", "the milestones page answers too"
    assert "模拟数据" in said(tree, "//p[@class='over']")
    assert "2022-06-30" in said(tree, "//p[@class='over']")


def test_many_failures_do_not_bury_the_answer(tmp_path):
    write_quarter(tmp_path, ("zh",))
    for county in city().divisions.counties:
        for notebook in ("30_quarterly_milestones", "11_data_quality"):
            write_page(tmp_path, notebook, "zh", county.code, state="timed_out", error={"name": "TimeLimit", "value": "300 s", "cell": 1})
    build(tmp_path)
    alert = read(tmp_path / "index.html").xpath("//section[@role='alert']")[0]
    assert (len(alert.xpath("./ul/li")), len(alert.xpath("./details/ul/li"))) == (8, 6)


def test_a_damaged_notebook_is_a_failed_page_and_a_foreign_file_is_none(tmp_path):
    write_quarter(tmp_path, ("zh",))
    (tmp_path / "30_quarterly_milestones.211324.zh.ipynb").write_text('{"cells": [tru', encoding="utf-8")
    (tmp_path / "my_notes.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "a_list.ipynb").write_text("[]", encoding="utf-8")
    build(tmp_path)
    tree = read(tmp_path / "index.html")
    assert said(tree, "//section[@role='alert']//li").count("DamagedNotebook") == 1
    failed = tree.xpath("//li[@class='failed'][@data-c='211324']")
    assert failed[0].xpath("string(./a[1])") == "喀左"
    assert len(tree.xpath("//ul[contains(@class, 'pages')]/li")) == 13


def test_a_page_without_html_leads_to_its_notebook(tmp_path):
    write_quarter(tmp_path, ("zh",))
    (tmp_path / "20_chain_overview.zh.html").unlink()
    build(tmp_path)
    link = read(tmp_path / "index.html").xpath("//ul[@data-k='chain']/li[@data-c='city'][not(@data-h)]/a")[0]
    assert link.get("href") == "20_chain_overview.zh.ipynb"


def test_pages_of_another_run_are_marked_unless_known_to_be_fresh(tmp_path):
    write_quarter(tmp_path, ("zh",))
    for county in ("211302", "211303"):
        write_page(tmp_path, "30_quarterly_milestones", "zh", county, run_id="before")
    build(tmp_path, {**RUN, "fresh": ["30_quarterly_milestones.211303.zh"]})
    tree = read(tmp_path / "index.html")
    assert [item.get("data-c") for item in tree.xpath("//li[contains(@data-s, 'earlier')]")] == ["211302"]
    assert "earlier" in tree.xpath("//select[@name='state']/option/@value")


@pytest.mark.parametrize("heat", [True, False])
def test_one_language_alone_makes_both_front_pages(tmp_path, heat):
    write_quarter(tmp_path, ("zh",), heat)
    build(tmp_path)
    tree = read(tmp_path / "index.en.html")
    assert len(tree.xpath("//ul[contains(@class, 'pages')]/li")) == 13
    assert said(tree, "//div[@lang='zh-CN']/section[@class='answer']//p[@class='theme']") == "双过半"
    assert len(tree.xpath("//table[@class='heat']")) == heat
    if heat:
        assert "Steel and metallurgy" in said(tree, "//table[@class='heat']//th/a")


def test_one_page_in_a_second_language_does_not_silence_the_first(tmp_path):
    write_quarter(tmp_path, ("zh",))
    write_page(tmp_path, "11_data_quality", "en", shows=(("headline", headline_payload("en", "unknown", 90)),))
    build(tmp_path)
    tree = read(tmp_path / "index.en.html")
    assert said(tree, "//section[@class='answer']//p[@class='theme']") == "双过半"
    assert len(tree.xpath("//table[@class='heat']")) == 1
    assert tree.xpath("//section[@aria-labelledby='quality']//a")[0].get("href") == "11_data_quality.en.html"


def test_few_pages_make_a_small_front_page(tmp_path):
    write_page(tmp_path, "30_quarterly_milestones", "en", "211302")
    build(tmp_path)
    tree = read(tmp_path / "index.en.html")
    assert [found.get("aria-labelledby") for found in tree.xpath("//main//section")] == ["pages"]
    assert tree.xpath("//p[@class='caveat']")


def test_collecting_again_reads_only_what_changed(tmp_path):
    write_quarter(tmp_path, ("zh",))
    first = {entry.id: entry for entry in collect(tmp_path)}
    stem = write_page(tmp_path, "20_chain_overview", "zh", state="failed", error={"name": "E", "value": "v", "cell": 1})
    again = {entry.id: entry for entry in collect(tmp_path)}
    assert [name for name in again if again[name] is not first[name]] == [stem]
    assert again[stem].state == "failed"


def test_only_what_the_index_needs_of_the_run_is_kept(tmp_path):
    stem = write_page(tmp_path, "30_quarterly_milestones", "zh", "211302", opened=[{"name": "x"}], digests={"x": "y"})
    entry = collect(tmp_path)[0]
    assert entry.id == stem
    assert not {"opened", "digests"} & set(entry.stamp)
    assert (entry.headlines, entry.answers, entry.pictures) == ((), (), ())


def test_a_thousand_pages_stay_small_and_pictures_cost_no_memory(tmp_path):
    many_pages.write_pages(tmp_path / "bare", 1000, rows=2)
    assert len(collect(tmp_path / "bare")) == 1000
    plain = many_pages.peak(tmp_path / "bare")
    index = (tmp_path / "bare" / "index.html").stat().st_size
    assert index < 500_000
    assert len(lxml.html.parse(str(tmp_path / "bare" / "index.html")).xpath("//ul[contains(@class, 'pages')]/li")) == 1000
    many_pages.write_pages(tmp_path / "few", 60, rows=2)
    many_pages.write_pages(tmp_path / "pictures", 60, picture_bytes=300_000, rows=2)
    assert sum(path.stat().st_size for path in (tmp_path / "pictures").iterdir()) > 45e6
    few, pictures = many_pages.peak(tmp_path / "few"), many_pages.peak(tmp_path / "pictures")
    # one notebook at a time is in memory, none of its pictures afterwards
    assert pictures < few + 4e6
    assert plain < few + 940 * 10_000, "a page costs the index a few KB"
