"""Pages in a real browser: nothing asked of any host, no error, no sideways scroll on a phone, Chinese glyphs drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output
from page_checks import accessibility, chinese_on, dead_links, not_drawn
from synthetic_pages import FIGURE, SCRIPT, executed, figure_payload, stamp

from liantu.suite.matrix import suite
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index
from liantu.suite.site.rendering import copy_fonts, render

pytestmark = pytest.mark.browser
def with_bars(lang: str) -> nbformat.NotebookNode:
    """A page whose second figure has projects behind its bars, and much text between its headings."""
    notebook = executed(lang)
    columns = [{"name": name, "label": name} for name in ("bar", "project", "county", "file", "row")]
    rows = [[f"2022Q{number % 4 + 1}", f"{SCRIPT}项目{number}", "凌源", "2022Q2/凌源项目.xlsx", number] for number in range(60)]
    payload = {**figure_payload(lang), "behind": {"title": "", "columns": columns, "rows": rows, "group": 0}}
    notebook.cells[-1].outputs.append(new_output("display_data", data={FIGURE: payload}))
    return notebook


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site")
    for lang in ("zh", "en"):
        stem = f"30_quarterly_milestones.{lang}"
        nbformat.write(stamp(with_bars(lang), stem, lang), out / f"{stem}.ipynb")
    failed, error = executed("zh"), {"name": "KeyError", "value": SCRIPT, "cell": 13, "prompt": 8}
    failed.cells[-1].outputs = [new_output("error", ename="KeyError", evalue=SCRIPT, traceback=[f"\x1b[31m{SCRIPT}\x1b[0m" * 9])]
    nbformat.write(stamp(failed, "40_failed.zh", "zh", state="failed", error=error), out / "40_failed.zh.ipynb")
    copy_fonts(out)
    render(out, collect(out))
    write_index(out, collect(out), suite().kinds, {"run_id": "20220705T080000Z-abcdef", "quarter": "2022Q2"})
    return out


PAGES = ["30_quarterly_milestones.zh.html", "30_quarterly_milestones.en.html", "40_failed.zh.html", "index.html", "index.en.html"]


@pytest.mark.parametrize("name", PAGES)
def test_no_sideways_scroll_on_a_phone(site, visit, name):
    page = visit(site / name, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["30_quarterly_milestones.zh.html", "index.html"])
def test_chinese_glyphs_are_drawn(site, visit, name):
    page = visit(site / name)
    characters = chinese_on(page)
    assert len(characters) > 30
    assert not_drawn(page, characters) == []


def test_missing_glyphs_would_be_seen(site, visit):
    page = visit(site / "index.html")
    assert not_drawn(page, ["朝", "\U0010fffc", "阳", "\ue0f1"]) == ["\U0010fffc", "\ue0f1"]


def test_the_code_toggle_opens_all_code_and_is_remembered(site, visit):
    page = visit(site / "30_quarterly_milestones.zh.html")
    folds = page.locator("main details.code")
    count = folds.count()
    opened = page.locator("main details.code[open]")
    assert (count > 2, opened.count()) == (True, 0)
    page.click("#code-toggle")
    assert opened.count() == count
    page.reload()
    assert opened.count() == count
    page.click("#code-toggle")
    assert opened.count() == 0


def test_links_lead_to_the_sister_page_and_back(site, visit):
    page = visit(site / "index.html")
    page.click("ul.pages a")
    assert page.url.endswith("30_quarterly_milestones.zh.html")
    page.click("nav.bar a[hreflang=en]")
    assert page.url.endswith("30_quarterly_milestones.en.html")
    page.click("nav.bar a >> nth=0")
    assert page.url.endswith("index.en.html")


def test_the_printed_page_has_no_navigation_and_its_text_can_be_found(site, visit):
    page = visit(site / "30_quarterly_milestones.zh.html")
    page.emulate_media(media="print")
    for hidden in (".bar", ".contents", "details.code", ".files"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".badge").first.is_visible()
    assert page.locator("figure img").first.is_visible()
    page.emulate_media(media="screen")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_by_day_and_by_night_with_all_folds_open(site, visit, name, scheme):
    page = visit(site / name)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert accessibility(page) == []


def test_at_night_figures_stand_on_white(site, visit):
    page = visit(site / "30_quarterly_milestones.zh.html")
    page.emulate_media(color_scheme="dark")
    shown = page.evaluate("[document.body, document.querySelector('figure img')].map(e => getComputedStyle(e).backgroundColor)")
    assert shown == ["rgb(20, 25, 30)", "rgb(255, 255, 255)"]


def test_a_link_to_a_bar_opens_the_projects_behind_it(site, visit):
    page = visit(site / "30_quarterly_milestones.zh.html")
    bar = page.locator("#starts-2-3 th")
    assert not bar.is_visible()
    page.evaluate("location.hash = 'starts-2-3'")
    page.wait_for_function("document.querySelector('details.behind').open")
    place = bar.evaluate("bar => [bar.getBoundingClientRect().top, bar.closest('.scroll').getBoundingClientRect().bottom]")
    assert 0 <= place[0] < place[1] <= 900


def test_the_contents_list_marks_where_the_reader_is(site, visit):
    page = visit(site / "30_quarterly_milestones.zh.html", height=500)
    here = page.locator(".contents a[aria-current]")
    assert here.count() == 0
    page.click(".contents a >> nth=1")
    page.wait_for_function("document.querySelector('.contents a[aria-current]')")
    assert here.all_inner_texts() == ["图"]
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_function("!document.querySelector('.contents a[aria-current]')")


def test_the_top_of_a_failed_page_leads_to_the_cell_in_red(site, visit):
    page = visit(site / "40_failed.zh.html")
    assert page.locator("section.failure code").evaluate("e => getComputedStyle(e).color") == "rgb(179, 38, 30)"
    page.click("section.failure a >> nth=0")
    assert page.locator("#failed-cell").evaluate("e => e.getBoundingClientRect().top < innerHeight")


@pytest.mark.parametrize("name", PAGES)
def test_all_links_lead_somewhere(site, name):
    assert dead_links(site / name) == []


@pytest.mark.parametrize(("asked", "ending"), [("0", 0), ("1", 1)])
def test_without_chromium_the_tests_skip_or_fail_as_asked(tmp_path, asked, ending):
    tests = Path(__file__).parents[1]
    (tmp_path / "test_inner.py").write_text("import pytest\n@pytest.mark.browser\ndef test_page(browser):\n    pass\n")
    (tmp_path / "conftest.py").write_text(
        "from runpy import run_path\n"
        f"for path in ({str(tests / 'conftest.py')!r}, {str(tests / 'suite' / 'conftest.py')!r}):\n"
        "    globals().update({name: value for name, value in run_path(path).items() if not name.startswith('__')})\n")
    env = {name: value for name, value in os.environ.items() if name not in ("LIANTU_CHROMIUM", "PYTEST_XDIST_WORKER")}
    env |= {"PATH": str(tmp_path), "LIANTU_REQUIRE_BROWSER": asked, "PYTHONPATH": os.pathsep.join((str(tests), str(tests / "suite")))}
    command = [sys.executable, "-m", "pytest", "test_inner.py", "-rs", "--rootdir=.", "-p", "no:xdist", "-W", "ignore"]
    done = subprocess.run(command, cwd=tmp_path, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == ending, done.stdout
    assert "no Chromium on this machine" in done.stdout
