"""Pages as PDF: text that can be selected, A4, bookmarks, links inside; without Chromium a message and nothing written."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pypdf
import pytest
from synthetic_pages import executed, stamp

from liantu.errors import LiantuError
from liantu.suite.matrix import suite
from liantu.suite.site import chromium as driver
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index, write_run
from liantu.suite.site.pdf import pages_of, print_pages, print_quarter
from liantu.suite.site.rendering import copy_fonts, render

RUN = {"run_id": "20220705T080000Z-abcdef", "quarter": "2022Q2", "dataset": "simulated"}
CITY, COUNTY = "30_quarterly_milestones", "30_quarterly_milestones.211382"
A4 = (595, 842)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "2022Q2"
    out.mkdir()
    for stem, lang, county in ((CITY, "zh", ""), (CITY, "en", ""), (COUNTY, "zh", "211382"), ("31_only_zh", "zh", "")):
        nbformat.write(stamp(executed(lang, county), f"{stem}.{lang}", lang, county), out / f"{stem}.{lang}.ipynb")
    copy_fonts(out)
    render(out, collect(out))
    write_index(out, collect(out), suite().kinds, RUN)
    write_run(out, collect(out), RUN)
    return out


@pytest.fixture(scope="module")
def needs_chromium():
    try:
        driver.chromium_program()
    except LiantuError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def quarter(site, needs_chromium, tmp_path_factory):
    told = []
    path = print_quarter(site, "zh", "simulated", "2022Q2", tmp_path_factory.mktemp("pdf"), told.append)
    return path, pypdf.PdfReader(path), told


@pytest.fixture
def short_folder():
    """A folder with a name so short that the browser's profile goes there."""
    with tempfile.TemporaryDirectory(prefix="l-", dir="/tmp") as folder:
        yield Path(folder)


def processes_of(folder):
    """Processes that have the folder in their command line."""
    return [process.pid for process in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(process.info["cmdline"] or [])]


def spoken(sheets):
    """The text of sheets, without the spaces that layout leaves in it."""
    return re.sub(r"\s", "", "".join(sheet.extract_text() for sheet in sheets))


def starts(reader):
    """Title and first sheet of each page's bookmark."""
    return [(item.title, reader.get_destination_page_number(item)) for item in reader.outline if not isinstance(item, list)]


def test_the_order_is_the_front_page_then_the_index(site):
    assert pages_of(site, "zh") == ["index", f"{CITY}.zh", f"{COUNTY}.zh", "31_only_zh.zh"]
    assert pages_of(site, "en") == ["index.en", f"{CITY}.en", f"{COUNTY}.zh", "31_only_zh.zh"]


@pytest.mark.browser
def test_the_quarter_is_one_pdf_on_a4_with_a_bookmark_for_each_page(quarter):
    path, reader, told = quarter
    assert path.name == "liantu-simulated-2022Q2.zh.pdf"
    assert told == ["index", f"{CITY}.zh", f"{COUNTY}.zh", "31_only_zh.zh"]
    assert {tuple(round(float(side)) for side in sheet.mediabox[2:]) for sheet in reader.pages} == {A4}
    found = starts(reader)
    assert len(found) == 4 and found[0][1] == 0 and [first for _, first in found] == sorted({first for _, first in found})
    for title, first in found[1:]:
        assert title.split(" · ")[0] in reader.pages[first].extract_text()
    assert any(isinstance(item, list) for item in reader.outline), "headings stand below their page"
    assert (reader.metadata.title, reader.root_object["/Lang"]) == (found[0][0], "zh-CN")


@pytest.mark.browser
def test_its_text_can_be_selected_and_what_is_folded_or_for_screens_is_not_printed(quarter):
    _, reader, _ = quarter
    text = spoken(reader.pages)
    for words in ("四项任务中两项过半。", "一季度新开工", "年产30万吨球墨铸铁管项目", "模拟数据", "数据截至2022-06-30"):
        assert words in text
    for words in ("展开全部代码", "下载CSV", "lang='zh'", "UserWarning", "Thepriceis"):
        assert words not in text


@pytest.mark.browser
def test_sheets_are_numbered_throughout(quarter):
    _, reader, _ = quarter
    for number, sheet in enumerate(reader.pages, 1):
        assert str(number) in sheet.extract_text().splitlines()[:4], number


@pytest.mark.browser
def test_links_lead_inside_and_no_path_of_this_machine_is_told(site, quarter):
    path, reader, _ = quarter
    first = dict(starts(reader))
    places = [place for title, place in first.items() if "凌源" in title]
    led = [annotation.get_object()["/Dest"][0] for annotation in reader.pages[0].get("/Annots", []) if "/Dest" in annotation.get_object()]
    led += [annotation.get_object()["/Dest"][0] for sheet in reader.pages[1:places[0]] for annotation in sheet.get("/Annots", [])
            if "/Dest" in annotation.get_object()]
    assert places[0] in {place if isinstance(place, int) else reader.get_page_number(place.get_object()) for place in led}
    raw = b"".join(sheet.get_contents().get_data() for sheet in reader.pages) + path.read_bytes()
    assert b"file:" not in raw and b"liantu.invalid" not in raw and str(site).encode() not in raw


@pytest.mark.browser
def test_one_page_is_one_pdf_with_its_own_numbers(site, needs_chromium, tmp_path):
    made = print_pages(site, [f"{CITY}.en", "index.html"], "simulated", "2022Q2", tmp_path)
    assert [path.name for path in made] == [f"liantu-simulated-2022Q2.{CITY}.en.pdf", "liantu-simulated-2022Q2.index.pdf"]
    reader = pypdf.PdfReader(made[0])
    assert "Thepriceis$5to$8." in spoken(reader.pages)
    assert f"1 / {len(reader.pages)}" in reader.pages[0].extract_text()
    assert b"file:" not in made[0].read_bytes()


@pytest.mark.browser
def test_nothing_is_left_of_the_browser(needs_chromium, short_folder, monkeypatch):
    monkeypatch.setattr(driver.tempfile, "tempdir", str(short_folder))
    with driver.chromium() as browser:
        assert processes_of(short_folder)
        assert browser.run("1 + 1") == 2
    assert list(short_folder.iterdir()) == []
    assert processes_of(short_folder) == []


@pytest.mark.browser
def test_a_long_name_of_the_temporary_folder_is_no_hindrance(needs_chromium, tmp_path, monkeypatch):
    deep = tmp_path / ("a" * 60)
    deep.mkdir()
    monkeypatch.setattr(driver.tempfile, "tempdir", str(deep))
    with driver.chromium() as browser:
        assert browser.run("document.title") == ""


@pytest.mark.browser
def test_ctrl_c_leaves_no_process_and_no_profile(needs_chromium, short_folder):
    # a test run in the background of a shell inherits a deaf ear for Ctrl-C
    script = ("import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
              "from liantu.suite.site.chromium import chromium\n"
              "with chromium() as browser:\n    print('up', flush=True); browser.run('new Promise(() => 0)')")
    env = {**os.environ, "TMPDIR": str(short_folder)}
    process = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n", process.stderr.read()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode != 0
    assert list(short_folder.iterdir()) == []
    assert processes_of(short_folder) == []


def test_without_chromium_a_message_says_what_to_install(site, tmp_path, monkeypatch):
    monkeypatch.delenv(driver.VARIABLE, raising=False)
    monkeypatch.setattr(driver, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(LiantuError, match=r"needs Chromium.*apt install chromium.*LIANTU_CHROMIUM"):
        print_quarter(site, "zh", "simulated", "2022Q2", tmp_path / "out")
    monkeypatch.setenv(driver.VARIABLE, "/nowhere/chromium")
    with pytest.raises(LiantuError, match="LIANTU_CHROMIUM=/nowhere/chromium: there is no such program"):
        print_pages(site, [f"{CITY}.zh"], "simulated", "2022Q2", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def browser_that(tmp_path, does):
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_a_browser_that_ends_at_once_or_never_answers_is_named(site, tmp_path, monkeypatch):
    monkeypatch.setenv(driver.VARIABLE, str(browser_that(tmp_path, "exit 7")))
    with pytest.raises(LiantuError, match=r"Chromium ended"):
        print_pages(site, [f"{CITY}.zh"], "simulated", "2022Q2", tmp_path / "out")
    monkeypatch.setenv(driver.VARIABLE, str(browser_that(tmp_path, "sleep 60")))
    monkeypatch.setattr(driver, "PAGE_LIMIT_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(LiantuError, match="Chromium did not answer within 0 s"):
        print_pages(site, [f"{CITY}.zh"], "simulated", "2022Q2", tmp_path / "out")
    assert time.monotonic() - began < 30
    assert not (tmp_path / "out").exists()


def test_an_unknown_page_or_language_or_an_empty_folder_is_an_error(site, tmp_path):
    with pytest.raises(LiantuError, match=f"{CITY}.zh"):
        print_pages(site, ["30_quarterly_milestone.zh"], "simulated", "2022Q2", tmp_path)
    with pytest.raises(LiantuError, match="language"):
        print_quarter(site, "fr", "simulated", "2022Q2", tmp_path)
    with pytest.raises(LiantuError, match="holds no report to print; make it with `liantu report 2022Q2"):
        print_quarter(tmp_path, "zh", "simulated", "2022Q2")
    assert list(tmp_path.iterdir()) == []
