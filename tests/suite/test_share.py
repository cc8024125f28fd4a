"""What is handed on of a report: the zip opens anywhere, the single file holds every page and asks nobody."""

from __future__ import annotations

import json
import re
import shutil
import zipfile

import nbformat
import pytest
from page_checks import accessibility, chinese_on, dead_links, not_drawn
from personal_data import leaks
from synthetic_pages import SCRIPT, executed, stamp

from liantu.errors import LiantuError
from liantu.suite.matrix import suite
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index, write_run
from liantu.suite.site.rendering import copy_fonts, render
from liantu.suite.site.share import share
from liantu.suite.site.single import subset_font

NAME = "liantu-simulated-2022Q2"
RUN = {"run_id": "20220705T080000Z-abcdef", "started": "2022-07-05T08:00:00+00:00", "quarter": "2022Q2", "dataset": "simulated"}
ERROR = {"name": "KeyError", "value": f"'{SCRIPT}'", "cell": 13, "prompt": 8}
CITY, COUNTY, LOST = "30_quarterly_milestones", "30_quarterly_milestones.211382", "31_lost"


def write_site(out):
    """City and county in both languages, the county's failed; a page that could not be rendered; a lock, a cache and a part."""
    for lang in ("zh", "en"):
        for stem, county, error in ((CITY, "", None), (COUNTY, "211382", ERROR)):
            made = stamp(executed(lang, county), f"{stem}.{lang}", lang, county, state="failed" if error else "done", error=error)
            nbformat.write(made, out / f"{stem}.{lang}.ipynb")
    lost = {"name": "RenderingValueError", "value": "no page of this", "cell": 0, "prompt": None}
    nbformat.write(stamp(executed("zh"), f"{LOST}.zh", "zh", state="failed", error=lost), out / f"{LOST}.zh.ipynb")
    copy_fonts(out)
    render(out, collect(out), {entry.id for entry in collect(out)} - {f"{LOST}.zh"})
    write_index(out, collect(out), suite().kinds, RUN)
    write_run(out, collect(out), RUN)
    for name in ("run.lock", ".cache.json", f".{CITY}.zh.part.ipynb"):
        (out / name).write_text("{}", encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "2022Q2"
    out.mkdir()
    write_site(out)
    return out


@pytest.fixture(scope="module")
def shared(site, tmp_path_factory):
    return share(site, "simulated", "2022Q2", tmp_path_factory.mktemp("shared"))


def entitled(tab, word):
    """Wait until the page shown has a word in its title: the script shows a page a moment after its address changed."""
    tab.wait_for_function("word => document.title.includes(word)", arg=word)


def shows(tab, name, lang):
    """Waits until the page of the address is shown, which happens right after the address has changed."""
    tab.wait_for_function("([name, lang]) => location.hash === name && document.documentElement.lang === lang", arg=[name, lang])


def test_the_zip_holds_what_readers_need_and_nothing_else(site, shared):
    with zipfile.ZipFile(shared.archive) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    wanted = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {name.removeprefix(f"{NAME}/") for name in names} == wanted - {"run.lock", ".cache.json", f".{CITY}.zh.part.ipynb"}
    assert names == sorted(names)


def test_the_zip_opens_in_any_folder_with_all_links_inside(small_report, tmp_path):
    made = share(small_report, "simulated", "2022Q2", tmp_path / "shared")
    with zipfile.ZipFile(made.archive) as archive:
        archive.extractall(tmp_path / "某个 文件夹")
    pages = sorted((tmp_path / "某个 文件夹" / NAME).glob("*.html"))
    assert len(pages) == made.pages + 2
    assert [link for page in pages for link in dead_links(page)] == []
    # pictures and workbooks are those of the folder, which its own tests look into
    read, html = tmp_path / "read.html", made.single.read_text(encoding="utf-8")
    read.write_text(re.sub(r'<script type="text/plain" id="file-.*?</script>', "", html), encoding="utf-8")
    assert leaks([read]) == set()


def test_equal_folders_give_equal_bytes_whatever_their_times(site, shared, tmp_path):
    shutil.copytree(site, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        path.touch()
    again = share(tmp_path / "copy", "simulated", "2022Q2", tmp_path)
    assert again.archive.read_bytes() == shared.archive.read_bytes()
    assert again.single.read_bytes() == shared.single.read_bytes()


def test_by_default_both_lie_beside_the_report(site, tmp_path):
    shutil.copytree(site, tmp_path / "simulated" / "2022Q2")
    made = share(tmp_path / "simulated" / "2022Q2", "simulated", "2022Q2")
    assert sorted(path.name for path in (tmp_path / "simulated").iterdir()) == ["2022Q2", f"{NAME}.html", f"{NAME}.zip"]
    assert (made.archive.parent, made.pages) == (tmp_path / "simulated", 5)


def test_a_folder_without_a_report_is_an_error_and_nothing_is_written(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(LiantuError, match="empty: holds no report to share; make it with `liantu report 2022Q2"):
        share(tmp_path / "empty", "simulated", "2022Q2", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_single_file_refers_to_nothing_outside(shared):
    html = shared.single.read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    links = re.findall(r'\s(?:href|src)="([^"]{0,200})', html)
    assert links and all(link.startswith(("#", "data:")) for link in links), [link for link in links if link[:1] != "#"][:5]
    assert re.findall(r"url\((?!data:)[^)]*\)", html) == []
    assert shared.left_out and all(name.endswith(".ipynb") for name in shared.left_out)
    assert html.count("见 zip 包") >= 1 and html.count("in the zip") >= 1


def test_each_picture_font_and_style_is_inside_once(shared):
    html = shared.single.read_text(encoding="utf-8")
    kept = re.findall(r'<script type="text/plain" id="([^"]+)"', html)
    assert kept and len(kept) == len(set(kept))
    sheets = re.findall(r"<style data-sheet=[^>]*>(.*?)</style>", html, re.DOTALL)
    assert len(sheets) == len(set(sheets)) and 1 <= sum("@page" not in sheet for sheet in sheets) <= 2
    assert html.count("data:font/woff;base64,") == 2
    # five templates, one grey picture, which only the front page may hold a second time
    assert html.count("iVBORw0KGgo") <= 1 + html.split('<div id="liantu-inside"')[0].count("iVBORw0KGgo")


def test_a_font_keeps_only_the_characters_in_use(site):
    from io import BytesIO

    from fontTools.ttLib import TTFont

    whole = site / "fonts" / "LiantuSansSC-Regular.ttf"
    small = subset_font(whole, {ord(character) for character in "朝阳市2022"})
    assert set(TTFont(BytesIO(small)).getBestCmap()) == {ord(character) for character in "朝阳市202"}
    assert len(small) < whole.stat().st_size / 100
    assert small == subset_font(whole, {ord(character) for character in "朝阳市2022"})


@pytest.mark.browser
def test_from_the_front_page_to_a_page_and_back(shared, visit):
    tab = visit(shared.single)
    tab.fill("input[name=q]", "凌源")
    shown = tab.locator("ul.pages > li:visible").count()
    assert 0 < shown < tab.locator("ul.pages > li").count()
    tab.click(f'ul.pages a[href="#page={COUNTY}.zh"]')
    entitled(tab, "凌源")
    assert tab.evaluate("location.hash") == f"#page={COUNTY}.zh"
    assert f"KeyError: {ERROR['value']}" in tab.inner_text("[role=alert] code >> nth=0")
    assert tab.evaluate("Array.from(document.images).every(image => image.complete && image.naturalWidth > 100)")
    tab.go_back()
    tab.wait_for_selector("input[name=q]")
    assert tab.input_value("input[name=q]") == "凌源"
    assert tab.locator("ul.pages > li:visible").count() == shown
    tab.go_forward()
    entitled(tab, "凌源")


@pytest.mark.browser
def test_languages_anchors_reload_and_an_address_with_a_page(shared, visit):
    tab = visit(shared.single)
    tab.click("a[hreflang=en]")
    shows(tab, "#page=index.en", "en")
    tab.click(f'ul.pages a[href="#page={CITY}.en"]')
    tab.click(".contents a >> nth=1")
    title, anchor = tab.title(), tab.evaluate("location.hash")
    assert re.fullmatch(r"#s\d", anchor) and tab.evaluate("document.querySelector(':target').id") == anchor[1:]
    tab.reload()
    assert (tab.title(), tab.evaluate("document.documentElement.lang")) == (title, "en")
    tab.click("a[hreflang=zh-CN]")
    shows(tab, f"#page={CITY}.zh", "zh-CN")
    tab.goto(f"{shared.single.as_uri()}#page={COUNTY}.en")
    entitled(tab, "Lingyuan")
    tab.goto(f"{shared.single.as_uri()}#page=nobody")
    tab.wait_for_selector("ul.pages")


@pytest.mark.browser
def test_the_scripts_of_a_page_work_and_end_with_it(shared, visit):
    tab = visit(shared.single)
    ids = "Array.from(document.querySelectorAll('[id]'), element => element.id)"
    for name in (f"{CITY}.zh", f"{COUNTY}.zh", f"{CITY}.zh"):
        tab.evaluate("name => { location.hash = 'page=' + name; }", name)
        tab.wait_for_function("name => location.hash === '#page=' + name && !document.querySelector('script[data-code]')", arg=name)
        found = tab.evaluate(ids)
        assert len(found) == len(set(found))
    tab.click("#code-toggle")
    assert tab.locator("main details.code[open]").count() == tab.locator("main details.code").count() > 2


@pytest.mark.browser
def test_a_download_is_the_file_of_the_report(site, shared, visit):
    tab = visit(shared.single)
    tab.evaluate(f"location.hash = 'page={CITY}.zh'")
    with tab.expect_download() as waiting:
        tab.click('a[download="projects.csv"]')
    assert waiting.value.path().read_bytes() == (site / "tables" / f"{CITY}.zh" / "projects.csv").read_bytes()


@pytest.mark.browser
def test_a_page_that_was_not_rendered_says_why(shared, visit):
    tab = visit(shared.single)
    tab.click(f'a[href="#page={LOST}.zh"] >> nth=0')
    tab.wait_for_function("word => document.body.innerText.includes(word)", arg="本页没有生成网页")
    assert "本页没有生成网页 RenderingValueError: no page of this" in tab.inner_text("main")
    tab.click("nav a")
    tab.wait_for_selector("ul.pages")


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index", "index.en", f"{CITY}.zh", f"{COUNTY}.en"])
def test_every_page_inside_is_accessible_and_its_chinese_drawn(shared, visit, name):
    tab = visit(shared.single)
    tab.evaluate("name => { location.hash = 'page=' + name; }", name)
    tab.wait_for_timeout(100)
    assert accessibility(tab) == []
    assert not_drawn(tab, chinese_on(tab)) == []


@pytest.mark.browser
def test_with_scripts_off_the_front_page_is_readable(shared, browser):
    from playwright.sync_api import Error

    tab = browser.new_page()
    session = browser.new_cdp_session(tab)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    tab.goto(shared.single.as_uri())
    snapshot = session.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    texts = "".join(snapshot["strings"][index] for index in snapshot["documents"][0]["layout"]["text"] if index >= 0)
    assert "项目建设季度报告" in texts and "请用同名的 zip 包" in texts
    assert "价格为 $5 至 $8" not in texts, "other pages stay inside"
    with pytest.raises(Error):
        tab.evaluate("1 +")
    tab.close()


@pytest.mark.browser
def test_printing_prints_the_shown_page_only(shared, visit, tmp_path):
    import pypdf

    tab = visit(shared.single)
    tab.evaluate(f"location.hash = 'page={CITY}.zh'")
    tab.wait_for_timeout(100)
    tab.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "page.pdf").pages)
    assert "2022Q2" in text and re.search(r"价格为\s*\$5", text) and "The price is" not in text


def test_what_run_json_tells_is_inside(site, shared):
    told = json.loads((site / "run.json").read_text(encoding="utf-8"))["pages"]
    html = shared.single.read_text(encoding="utf-8")
    assert {f'data-page="{page["id"]}"' in html for page in told} == {True}
