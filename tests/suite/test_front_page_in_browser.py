"""The front page in a real browser: search, filters, state in the address, scripts off, failed pages, print, phones, accessibility."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from front_pages import build, write_page, write_quarter
from pypdf import PdfReader
from synthetic_pages import SCRIPT

pytestmark = pytest.mark.browser
NAMES = ["index.html", "index.en.html"]
ITEM = "ul.pages > li"
BOTTOM = "element => element.getBoundingClientRect().bottom"


@pytest.fixture(scope="module")
def quarter(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("quarter")
    write_quarter(out)
    for lang in ("zh", "en"):
        write_page(out, "30_quarterly_milestones", lang, "211303", run_id="before")
    build(out)
    return out


@pytest.fixture(scope="module")
def failed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("failed")
    write_quarter(out)
    error = {"name": "KeyError", "value": f"{SCRIPT} " + "x" * 400, "cell": 3, "prompt": 2}
    for lang in ("zh", "en"):
        write_page(out, "30_quarterly_milestones", lang, "211382", state="failed", error=error)
    build(out)
    return out


def shown(page) -> list[str]:
    return page.locator(f"{ITEM}:visible > a:first-of-type").evaluate_all("links => links.map(link => link.getAttribute('href'))")


def state(page) -> str:
    return unquote(page.url.partition("#")[2])


def test_search_finds_places_titles_notebooks_and_chains_in_both_languages(quarter, visit):
    page = visit(quarter / "index.html")
    assert len(shown(page)) == 13
    assert page.locator("#found").inner_text() == "共 13 页"
    for words, found in (("凌源", ["30_quarterly_milestones.211382.zh.html"]), ("lingyuan", ["30_quarterly_milestones.211382.zh.html"]),
                         ("STEEL", ["21_chain_profile.steel.zh.html"]), ("钢铁", ["21_chain_profile.steel.zh.html"]),
                         ("11_data", ["11_data_quality.zh.html"]), ("Ｑuality", ["11_data_quality.zh.html"]),
                         ("季度 双塔", ["30_quarterly_milestones.211302.zh.html"]), ("双塔 产业链", [])):
        page.fill("#find input", words)
        assert shown(page) == found, words
    assert page.locator("#found").inner_text() == "没有符合条件的页面"
    assert page.locator("#found").get_attribute("role") == "status"
    assert page.locator(".kind:visible").count() == 0
    page.fill("#find input", "quarterly")
    assert len(shown(page)) == 8
    assert page.locator("#found").inner_text() == "显示 8 页，共 13 页"
    assert page.locator(".kind:visible").count() == 1


def test_filters_narrow_and_the_address_keeps_them(quarter, visit):
    page = visit(quarter / "index.en.html")
    page.select_option("#find [name=kind]", "milestone")
    assert len(shown(page)) == 8
    page.select_option("#find [name=county]", "city")
    assert shown(page) == ["30_quarterly_milestones.en.html"]
    assert state(page) == "kind=milestone&county=city"
    page.select_option("#find [name=county]", "")
    page.select_option("#find [name=state]", "earlier")
    assert shown(page) == ["30_quarterly_milestones.211303.en.html"]
    page.reload()
    assert shown(page) == ["30_quarterly_milestones.211303.en.html"]
    page.click("#find button[type=reset]")
    page.wait_for_function("!location.hash")
    assert len(shown(page)) == 13
    assert page.evaluate("document.activeElement.name") == "q"
    page.select_option("#find [name=chain]", "steel")
    assert shown(page) == ["21_chain_profile.steel.en.html"]


def test_a_shared_address_opens_with_its_state_and_odd_ones_do_no_harm(quarter, visit):
    page = visit(quarter / "index.html")
    where = (quarter / "index.html").as_uri()
    page.goto("about:blank")
    page.goto(f"{where}#q=%E5%8F%8C%E5%A1%94&kind=milestone")
    assert shown(page) == ["30_quarterly_milestones.211302.zh.html"]
    assert page.locator("#pages").evaluate("head => head.getBoundingClientRect().top < innerHeight"), "the list is in sight"
    page.evaluate("location.hash = '#county=211324'")
    page.wait_for_function("document.querySelector('#find [name=county]').value === '211324'")
    assert shown(page) == ["30_quarterly_milestones.211324.zh.html"]
    for odd in ("#kind=nonsense&x=y", "#pages", "#%E0%A4%A", "#"):
        page.goto("about:blank")
        page.goto(where + odd)
        assert len(shown(page)) == 13, odd


def test_search_works_from_the_keyboard(quarter, visit):
    page = visit(quarter / "index.html")
    page.focus("#find input")
    page.keyboard.type("keyboard")
    assert shown(page) == []
    page.keyboard.press("Control+A")
    page.keyboard.type("喀左")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "30_quarterly_milestones.211324.zh.html"
    page.keyboard.press("Enter")
    page.wait_for_url("**/30_quarterly_milestones.211324.zh.html")
    page.go_back()
    assert shown(page) == ["30_quarterly_milestones.211324.zh.html"]


@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_all_stands_there_but_the_search(quarter, browser, name):
    # nothing of the page depends on scripts but what its one script shows
    still, html = quarter / f"still-{name}", (quarter / name).read_text(encoding="utf-8")
    still.write_text(html[:html.index("<script>")] + html[html.index("</script>") + 9:], encoding="utf-8")
    page = browser.new_page()
    page.goto(still.as_uri())
    assert not page.locator("#find").is_visible()
    assert page.locator(f"{ITEM}:visible").count() == 13
    assert page.locator("table.heat td").first.is_visible()
    assert page.locator("#found").inner_text() in ("共 13 页", "13 pages")
    page.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [390, 320])
def test_no_sideways_scroll_on_phones(quarter, visit, name, width):
    page = visit(quarter / name, width=width, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    heat = page.locator(".map .scroll").evaluate("box => [box.scrollWidth, box.clientWidth]")
    assert heat[0] <= heat[1], "the map fits on a phone as a whole"
    assert page.locator(".answer-text").first.evaluate(BOTTOM) < 844


@pytest.mark.parametrize("name", NAMES)
def test_answer_and_headlines_stand_on_the_first_screen(quarter, visit, name):
    page = visit(quarter / name, width=1280, height=900)
    assert page.locator(".headlines .card").last.evaluate(BOTTOM) <= 900


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(failed, visit, name, scheme):
    page = visit(failed / name)
    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    grave = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
    assert grave == []


@pytest.mark.parametrize(("name", "heads"), [
    ("index.html", ("产业链与县（市）区", "重点关注")), ("index.en.html", ("Chains by county", "Watch list"))])
def test_printed_the_answer_the_map_and_the_watch_list_stand_on_the_first_two_sheets(quarter, visit, name, heads):
    page = visit(quarter / name)
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages]
    first = "".join(sheets[:2])
    assert all(words in first for words in (*heads, "97", "doubtful 2"))
    assert "2022Q2" in sheets[1], "each sheet says what it is from"
    page.emulate_media(media="print")
    for hidden in ("#find", ".bar", ".skip"):
        assert not page.locator(hidden).first.is_visible()


def test_failed_pages_stand_in_red_above_all_and_lead_to_the_notebook(failed, visit):
    page = visit(failed / "index.html")
    alert = page.locator("main > section").first
    assert alert.get_attribute("role") == "alert"
    assert SCRIPT in alert.inner_text()
    red = page.evaluate("getComputedStyle(document.body).getPropertyValue('--bad').trim()")
    colours = page.evaluate("""red => { const probe = document.body.appendChild(document.createElement('i')); probe.style.color = red;
      const wanted = getComputedStyle(probe).color; probe.remove();
      return [wanted, ...['.failure h2', '.failure code', 'li.failed > a', 'li.failed .state'].map(
        one => getComputedStyle(document.querySelector(one)).color)]; }""", red)
    assert len(set(colours)) == 1
    assert alert.locator("a.file").get_attribute("href") == "30_quarterly_milestones.211382.zh.ipynb"
    page.select_option("#find [name=state]", "failed")
    assert shown(page) == ["30_quarterly_milestones.211382.zh.html"]
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_map_leads_to_chain_and_county(quarter, visit):
    page = visit(quarter / "index.html")
    page.click("table.heat tbody th a:text-is('钢铁冶金')")
    page.wait_for_url("**/21_chain_profile.steel.zh.html")
    page.go_back()
    page.click("table.heat thead a:text-is('建平')")
    page.wait_for_url("**/30_quarterly_milestones.211322.zh.html")
