"""Every page of a real report in a real browser, zh and en: it asks nobody, fits a phone, can be used by everyone, and prints."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pytest
from page_checks import accessibility, chinese_on, not_drawn, watched_page
from small_reports import small_pages

from liantu.suite.pages.words import words

# one worker, so that each page is opened once
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("real pages")]
# every kind in both languages; a county's pages are of the same kinds, so one language will do
PAGES = [page.id for page in small_pages() if not page.county or page.lang == "zh"]
FRONT = ["index", "index.en"]


@dataclass(frozen=True)
class Opened:
    """A page in its tab, and what went wrong since it was opened."""

    stem: str
    path: Path
    tab: object
    wrong: list[str]


@pytest.fixture(scope="module", params=[*PAGES, *FRONT])
def opened(request, small_report, browser):
    tab, wrong = watched_page(browser)
    path = small_report / f"{request.param}.html"
    tab.goto(path.as_uri())
    tab.evaluate("document.fonts.ready.then(() => true)")
    yield Opened(request.param, path, tab, wrong)
    tab.close()


def wide(opened):
    opened.tab.set_viewport_size({"width": 1280, "height": 900})
    return opened.tab


def test_it_asks_nobody_and_has_nothing_to_complain_of(opened):
    tab = wide(opened)
    tab.mouse.wheel(0, 20_000)
    tab.wait_for_timeout(50)
    assert tab.evaluate("performance.getEntriesByType('resource').every(entry => /^(file|data):/.test(entry.name))")
    assert opened.wrong == []


def test_its_chinese_is_drawn(opened):
    characters = chinese_on(wide(opened))
    assert len(characters) > (100 if not opened.stem.endswith("en") else 1)
    assert not_drawn(opened.tab, characters) == []


def test_all_its_code_opens_and_folds_at_once(opened):
    tab, folds, open_ones = wide(opened), "main details.code", "main details.code[open]"
    if opened.stem in FRONT:
        assert tab.locator("#code-toggle").count() == 0
        return
    count = tab.locator(folds).count()
    assert count > 2 and tab.locator(open_ones).count() == 0
    tab.click("#code-toggle")
    assert tab.locator(open_ones).count() == count
    tab.click("#code-toggle")
    assert tab.locator(open_ones).count() == 0


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_need_not_scroll_sideways(opened, width):
    opened.tab.set_viewport_size({"width": width, "height": 844})
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(opened, width):
    opened.tab.set_viewport_size({"width": width, "height": 844})
    assert accessibility(opened.tab) == []


def test_it_prints_with_data_set_and_date_and_its_text_can_be_found(opened):
    lang = "en" if opened.stem.endswith("en") else "zh"
    printed = pypdf.PdfReader(io.BytesIO(wide(opened).pdf(prefer_css_page_size=True)))
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in printed.pages))
    title = re.sub(r"\s+", "", opened.tab.locator("h1").inner_text())
    known = words(lang)
    for told in (title, known["badge_simulated"], f"{known['as_of']}2022-06-30", f"1/{len(printed.pages)}"):
        assert re.sub(r"\s+", "", told) in text
    for navigation in ("show_code", "download_csv", "download_png") if lang == "zh" else ("show_code", "download_behind"):
        assert opened.stem in FRONT or re.sub(r"\s+", "", known[navigation]) not in text
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in printed.pages} == {(595, 842)}
