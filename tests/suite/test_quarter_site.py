"""The site of a quarter: index and run.json are collected from the executed notebooks."""

from __future__ import annotations

import json
import re

import lxml.html
import nbformat
import pytest
from html_of_pages import elements
from nbformat.v4 import new_output
from synthetic_pages import ALT, SCRIPT, executed, stamp

from liantu.suite.matrix import suite
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index, write_run
from liantu.suite.site.rendering import copy_fonts, render

RUN = {"run_id": "20220705T080000Z-abcdef", "started": "2022-07-05T08:00:00+00:00", "commit": "0123456789ab", "quarter": "2022Q2",
       "dataset": "simulated", "versions": {"liantu": "0.1.0"}, "wall_seconds": {"clean": 4.2, "run": 31.0, "render": 0.8, "total": 36.0},
       "accounting": {"rows_read": 24518, "rows_accepted": 24000, "rows_quarantined": 118, "rows_ignored": 400},
       "unreadable": [{"source_file": "2022Q1/<x>.xlsx", "reason": "encrypted", "message_zh": "加了密码", "message_en": "encrypted"}]}
ERROR = {"name": "KeyError", "value": f"'{SCRIPT}'", "cell": 13, "prompt": 8}


def write_pages(out, langs=("zh", "en")):
    for lang in langs:
        for county, error in (("", None), ("211382", ERROR)):
            stem = ".".join(part for part in ("30_quarterly_milestones", county, lang) if part)
            notebook = executed(lang, county)
            if error:
                notebook.cells[-1].outputs = [new_output("error", ename="KeyError", evalue=SCRIPT, traceback=[f"\x1b[31m{SCRIPT}\x1b[0m"])]
            stamp(notebook, stem, lang, county, state="failed" if error else "done", error=error)
            nbformat.write(notebook, out / f"{stem}.ipynb")


def build(out, run=RUN):
    entries = collect(out)
    copy_fonts(out)
    failed = render(out, entries)
    write_index(out, entries, suite().kinds, run)
    write_run(out, entries, run)
    return failed


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    write_pages(out)
    nbformat.write(executed("zh"), out / "scratch.ipynb")
    assert build(out) == {}
    return out


@pytest.mark.parametrize(("name", "lang", "other"), [("index.html", "zh-CN", "index.en.html"), ("index.en.html", "en", "index.html")])
def test_the_index_answers_and_lists_every_page(site, name, lang, other):
    html = (site / name).read_text(encoding="utf-8")
    found, tree = elements(html), lxml.html.document_fromstring(html)
    assert tree.get("lang") == lang
    assert [attrs for tag, attrs in found if tag == "script"] == [{}], "one script, in the page"
    assert len(tree.xpath("//section[@class='answer']")) == 1
    assert len(tree.xpath("//div[contains(@class, 'card ')]")) == 5
    short = lang[:2]
    assert [image.get("alt") for image in tree.xpath("//div[@class='pictures']//img")] == [ALT[short]]
    links = [link.get("href") for link in tree.xpath("//a") if not link.get("href").startswith("#")]
    assert other in links
    assert all((site / link).is_file() for link in links), links
    assert all((site / image.get("src")).is_file() for image in tree.xpath("//img"))
    listed = [link.get("href") for link in tree.xpath("//ul[contains(@class, 'pages')]/li/a[1]")]
    assert listed == [f"30_quarterly_milestones.{short}.html", f"30_quarterly_milestones.211382.{short}.html"]


def test_a_failed_page_stands_in_red_with_cell_error_and_notebook(site):
    tree = lxml.html.document_fromstring((site / "index.en.html").read_text(encoding="utf-8"))
    banner = tree.xpath("//section[@role='alert']")[0]
    assert f"cell 13 (In [8]): KeyError: '{SCRIPT}'" in banner.text_content()
    assert [link.get("href") for link in banner.xpath(".//a")] == [
        "30_quarterly_milestones.211382.en.html", "30_quarterly_milestones.211382.en.ipynb"]
    entry = tree.xpath("//li[@class='failed']")[0]
    assert "failed" in entry.text_content()
    css = tree.xpath("//style")[0].text
    assert re.search(r"\.pages li:not\(\.done\) a[^{]*\{color:var\(--bad\)", css)
    page = lxml.html.document_fromstring((site / "30_quarterly_milestones.211382.en.html").read_text(encoding="utf-8"))
    assert "did not run to its end" in page.xpath("//section[@role='alert']")[0].text_content()


def test_the_index_tells_where_it_comes_from(site):
    text = " ".join(lxml.html.document_fromstring((site / "index.html").read_text(encoding="utf-8")).text_content().split())
    for told in ("模拟数据", "数据截至 2022-06-30", "2022年第二季度", "20220705T080000Z-abcdef", "0123456789ab", "清洗 4.2 秒", "24,518",
                 "加了密码", "2022Q1/<x>.xlsx"):
        assert told in text


def test_pages_link_to_index_language_and_places_and_every_link_leads_somewhere(site):
    for path in site.glob("30_*.html"):
        tree = lxml.html.document_fromstring(path.read_text(encoding="utf-8"))
        elements(path.read_text(encoding="utf-8"))
        links = [link.get("href") for link in tree.xpath("//a") if not link.get("href").startswith("#")]
        assert all((site / link).is_file() for link in links), (path.name, links)
        lang = path.stem[-2:]
        assert ("index.html" if lang == "zh" else "index.en.html") in links
        assert path.stem[:-2] + {"zh": "en", "en": "zh"}[lang] + ".html" in links
        assert len(tree.xpath("//nav[@class='places']/*")) == 2


def test_fonts_lie_beside_the_pages_under_the_names_the_style_asks_for(site):
    css = (site / "index.html").read_text(encoding="utf-8")
    asked = re.findall(r'url\("(fonts/[^"]+)"\)', css)
    assert len(asked) == 2
    assert all((site / name).stat().st_size > 100_000 for name in asked)
    assert [path.name for path in (site / "fonts").glob("OFL*")]


def test_run_json_holds_every_page_and_the_accounting(site):
    run = json.loads((site / "run.json").read_text(encoding="utf-8"))
    assert run["accounting"]["rows_read"] == 24518
    assert run["wall_seconds"]["clean"] == 4.2
    pages = {page["id"]: page for page in run["pages"]}
    assert len(pages) == 4
    assert pages["30_quarterly_milestones.211382.zh"]["error"] == ERROR
    assert pages["30_quarterly_milestones.zh"]["parameters"] == {"quarter": "2022Q2", "dataset": "simulated", "lang": "zh"}


def test_a_notebook_that_no_run_stamped_is_left_alone(site):
    assert "scratch" not in {entry.id for entry in collect(site)}
    assert not (site / "scratch.html").exists()
    assert not list(site.rglob(".*")), "nothing half-written is left"


def test_a_later_run_of_one_page_keeps_the_others_on_the_index(tmp_path):
    write_pages(tmp_path, ("zh",))
    build(tmp_path)
    before = (tmp_path / "30_quarterly_milestones.211382.zh.html").stat().st_mtime_ns
    stem = "30_quarterly_milestones.zh"
    nbformat.write(stamp(executed("zh"), stem, "zh", run_id="later"), tmp_path / f"{stem}.ipynb")
    entries = collect(tmp_path)
    render(tmp_path, entries, [stem])
    write_index(tmp_path, entries, suite().kinds, {**RUN, "run_id": "later"})
    assert (tmp_path / "30_quarterly_milestones.211382.zh.html").stat().st_mtime_ns == before
    tree = lxml.html.document_fromstring((tmp_path / "index.html").read_text(encoding="utf-8"))
    items = {item.find("a").get("href"): item.text_content() for item in tree.xpath("//ul[contains(@class, 'pages')]/li")}
    assert "较早一次运行" in items["30_quarterly_milestones.211382.zh.html"]
    assert "较早一次运行" not in items["30_quarterly_milestones.zh.html"]


def test_pages_of_one_language_stand_on_both_indexes(tmp_path):
    write_pages(tmp_path, ("zh",))
    build(tmp_path)
    english = (tmp_path / "index.en.html").read_text(encoding="utf-8")
    assert "30_quarterly_milestones.zh.html" in english
    assert "in Chinese only" in english


def test_a_page_that_cannot_be_rendered_is_told_and_the_others_go_on(tmp_path):
    write_pages(tmp_path, ("zh",))
    broken = nbformat.read(tmp_path / "30_quarterly_milestones.zh.ipynb", as_version=4)
    broken.cells[-2].outputs[0]["data"]["application/vnd.liantu.figure+json"]["rows"] = 7
    nbformat.write(broken, tmp_path / "30_quarterly_milestones.zh.ipynb")
    failed = render(tmp_path, collect(tmp_path))
    assert list(failed) == ["30_quarterly_milestones.zh"]
    assert failed["30_quarterly_milestones.zh"].name.startswith("Rendering")
    assert (tmp_path / "30_quarterly_milestones.211382.zh.html").is_file()
