"""Pages in a real browser: nothing asked of any host, no error, no sideways scroll on a phone, Chinese glyphs drawn."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from synthetic_pages import executed, stamp

from liantu.suite.matrix import suite
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index
from liantu.suite.site.rendering import copy_fonts, render

pytestmark = pytest.mark.browser
# A Chinese glyph is as wide as its font size; the box of a missing glyph is about half as wide.
WIDTHS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), odd = [];
  let seen = 0;
  for (let node; (node = walker.nextNode());) {
    const text = node.data.trim(), range = document.createRange();
    if (!/^[\\u4e00-\\u9fff]{2,}$/.test(text)) continue;
    range.selectNodeContents(node);
    const boxes = range.getClientRects();
    if (boxes.length !== 1) continue;
    seen += 1;
    const share = boxes[0].width / text.length / parseFloat(getComputedStyle(node.parentElement).fontSize);
    if (share < 0.9 || share > 1.25) odd.push([text, share]);
  }
  return {seen, odd};
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site")
    for lang in ("zh", "en"):
        stem = f"30_quarterly_milestones.{lang}"
        nbformat.write(stamp(executed(lang), stem, lang), out / f"{stem}.ipynb")
    copy_fonts(out)
    render(out, collect(out))
    write_index(out, collect(out), suite().kinds, {"run_id": "20220705T080000Z-abcdef", "quarter": "2022Q2"})
    return out


PAGES = ["30_quarterly_milestones.zh.html", "30_quarterly_milestones.en.html", "index.html", "index.en.html"]


@pytest.mark.parametrize("name", PAGES)
def test_no_sideways_scroll_on_a_phone(site, visit, name):
    page = visit(site / name, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["30_quarterly_milestones.zh.html", "index.html"])
def test_chinese_glyphs_are_drawn(site, visit, name):
    found = visit(site / name).evaluate(WIDTHS)
    assert found["seen"] > 10
    assert found["odd"] == []


def test_missing_glyphs_would_be_seen(site, visit, tmp_path):
    bare = tmp_path / "bare.html"
    head = '<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">'
    bare.write_text(f'{head}<p style="font:16px Nothing">朝阳市</p>', encoding="utf-8")
    page = visit(bare)
    if page.evaluate(WIDTHS)["odd"] == []:
        pytest.skip("this machine has a Chinese font of its own")
    assert visit(site / "index.html").evaluate(WIDTHS)["odd"] == []


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
