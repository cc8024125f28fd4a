"""The exporter: what of an executed notebook stands on its page, and how."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import nbformat
import pytest
from html_of_pages import elements
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from synthetic_pages import ALT, FIGURE, PAGE, SCRIPT, TABLE, executed, page_payload, png, stamp, table_payload

from liantu.suite.pages.exporter import LiantuExporter
from liantu.suite.pages.outputs import as_text, file_names, inert
from liantu.suite.pages.words import words


def render(notebook, stem="30_quarterly_milestones.zh", folder="."):
    html, resources = LiantuExporter().from_notebook_node(notebook, {"metadata": {"name": stem, "path": str(folder)}})
    return html, resources["outputs"]


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request):
    lang = request.param
    stem = f"30_quarterly_milestones.{lang}"
    html, outputs = render(stamp(executed(lang), stem, lang), stem)
    return lang, html, outputs, lxml.html.document_fromstring(html)


def test_the_page_is_html_of_its_language_without_any_other_host(page):
    lang, html, _, tree = page
    found = elements(html)
    assert tree.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert not [attrs for tag, attrs in found if tag == "script" and "src" in attrs]
    assert "cdn" not in html.lower()
    assert "mathjax" not in html.lower()


def test_only_prose_of_the_page_s_language_is_kept(page):
    lang, html, _, tree = page
    title, other = ("季度里程碑", "Quarterly milestones") if lang == "zh" else ("Quarterly milestones", "季度里程碑")
    assert [heading.text_content() for heading in tree.iter("h1")] == [title]
    assert other not in html
    assert tree.findtext(".//title").startswith(title)
    contents = tree.xpath("//nav[@class='contents']//a")
    assert [link.text for link in contents] == (["结论", "图"] if lang == "zh" else ["Result", "Charts"])


def test_code_is_folded_with_its_warnings_and_set_up_shows_nothing(page):
    _, html, _, tree = page
    folds = tree.xpath("//main//details[@class='code']")
    assert folds
    assert not any("open" in fold.attrib for fold in folds)
    outside = lxml.html.document_fromstring(html)
    for fold in outside.xpath("//details[@class='code'] | //script | //style"):
        fold.getparent().remove(fold)
    shown = outside.text_content()
    for hidden in ("injected", "set-up words", "PAGE AS TEXT", "UserWarning", "In [", "lang = "):
        assert hidden not in shown
    assert "UserWarning: beware" in "".join(fold.text_content() for fold in folds)
    assert "set-up words" in "".join(fold.text_content() for fold in folds)


def test_plain_fallbacks_give_way_to_the_suite_s_types(page):
    _, html, *_ = page
    for fallback in ("ANSWER AS TEXT", "HEADLINE AS TEXT", "FIGURE AS TEXT", "TABLE AS HTML"):
        assert fallback not in html


def test_header_tells_badge_place_quarter_and_date_and_footer_the_provenance(page):
    lang, _, _, tree = page
    header = " ".join(tree.xpath("//header")[0].text_content().split())
    for told in (words(lang)["badge_simulated"], "2022Q2", "朝阳市" if lang == "zh" else "Chaoyang City", "2022-06-30"):
        assert told in header
    footer = tree.xpath("//footer")[0].text_content()
    for told in (f"30_quarterly_milestones.{lang}", "20220705T080000Z-abcdef", "0123456789ab", "pandas 3.0.0", "papermill 2.7.0", "3.1"):
        assert told in footer


def test_figures_have_alt_text_caption_data_and_files(page):
    lang, _, outputs, tree = page
    figure = tree.xpath("//figure")[0]
    image = figure.find("img")
    assert image.get("alt") == ALT[lang]
    assert (image.get("width"), image.get("height")) == ("640", "360")
    assert image.get("src").startswith("data:image/png;base64,")
    assert figure.xpath(".//figcaption")[0].text_content().strip()
    assert [cell.text for cell in figure.xpath(".//tbody/tr[1]/td")] == ["2022Q1", "97"]
    links = [link.get("href") for link in figure.xpath(".//a")]
    stem = f"30_quarterly_milestones.{lang}"
    assert links == [f"tables/{stem}/starts.csv", f"figures/{stem}/starts.png"]
    assert outputs[links[1]] == png()
    assert set(links) <= set(outputs)


def test_tables_align_numbers_and_name_their_caption(page):
    lang, _, _, tree = page
    table = tree.xpath("//div[@class='table']//table")[0]
    assert table.findtext("caption") == table_payload(lang)["title"]
    assert {"r2", "n2", "k2"} <= set(table.getparent().get("class").split())
    assert [cell.text for cell in table.xpath("tbody/tr/td[2]")] == ["12,500", "3.25", "—"]
    assert all(head.get("scope") == "col" for head in table.iter("th"))


def test_text_of_ledgers_is_escaped_everywhere(page):
    _, html, _, tree = page
    assert len(tree.xpath("//script")) == 1
    assert SCRIPT not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert tree.xpath("//div[@class='table']//tbody/tr[1]/td[1]")[0].text == SCRIPT
    assert "onclick" not in html


def test_csv_opens_in_spreadsheets_and_has_no_live_formula(page):
    lang, _, outputs, _ = page
    content = outputs[f"tables/30_quarterly_milestones.{lang}/projects.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == [column["label"] for column in table_payload(lang)["columns"]]
    assert rows[2] == ["'=HYPERLINK(\"http://example.org\")", "3.25"]
    assert rows[3] == ["年产30万吨球墨铸铁管项目", ""]


@pytest.mark.parametrize("live", ["=1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_live_text_is_made_inert_and_numbers_are_left(live):
    assert inert(live) == f"'{live}"
    assert inert(-1) == -1
    assert inert("普通") == "普通"


def test_the_page_weighs_little(page):
    _, html, *_ = page
    assert len(re.sub(r"data:image/png;base64,[\w+/=]+", "", html).encode()) < 30_000


def test_mathematics_is_left_as_text(page):
    assert re.search(r"\$5 (至|to) \$8", page[1])


def test_a_bare_notebook_is_a_page_too(tmp_path):
    shown = new_output("execute_result", data={"text/plain": "1"})
    notebook = new_notebook(cells=[new_markdown_cell("text"), new_code_cell("1", outputs=[shown])])
    html, outputs = render(notebook, "scratch", tmp_path)
    elements(html)
    assert all(name.startswith("fonts/") for name in outputs)
    assert words("zh")["badge_unknown"] in html
    assert 'lang="zh-CN"' in html


def test_language_comes_from_the_set_up_then_the_run_then_papermill_then_the_name():
    notebook = executed("en")
    assert 'lang="en"' in render(notebook, "x.zh")[0]
    notebook.cells[4].outputs = []
    assert 'lang="en"' in render(notebook, "x.zh")[0]
    notebook.metadata = {}
    assert 'lang="zh-CN"' in render(notebook, "x.zh")[0]
    assert 'lang="en"' in render(notebook, "x.en")[0]


@pytest.mark.parametrize(("payload", "badge", "kind"), [
    (page_payload("en", kind="public", simulated=False, dataset="public", dataset_name=""), "Public record", "badge-public"),
    (page_payload("zh", kind="public", simulated=False, dataset="public", dataset_name=""), "公开记录", "badge-public"),
    (page_payload("zh", kind="ledgers", simulated=False, dataset="mine", dataset_name="本市台账"), "本市台账", "badge-ledgers")])
def test_the_badge_says_what_the_data_are(payload, badge, kind):
    notebook = executed(payload["lang"])
    notebook.cells[4].outputs[1]["data"][PAGE] = payload
    tree = lxml.html.document_fromstring(render(notebook)[0])
    found = tree.xpath("//header//span[contains(@class, 'badge')]")[0]
    assert (found.text, kind in found.get("class")) == (badge, True)


def test_a_link_to_the_other_language_stands_only_when_its_page_is_there(tmp_path):
    html, _ = render(executed("zh"), "30_x.zh", tmp_path)
    assert "hreflang" not in html
    (tmp_path / "30_x.en.ipynb").touch()
    html, _ = render(executed("zh"), "30_x.zh", tmp_path)
    assert '<a href="30_x.en.html" hreflang="en" lang="en">English</a>' in html


def test_long_tables_are_cut_with_a_word_and_the_csv_has_all():
    notebook = executed("en")
    payload = {"name": "long", "title": "Long", "columns": [{"name": "n", "label": "n"}], "rows": [[n] for n in range(1000)]}
    notebook.cells[-1].outputs = [new_output("display_data", data={TABLE: payload})]
    html, outputs = render(notebook, "x.en")
    assert "800 more rows in the CSV" in html
    assert outputs["tables/x.en/long.csv"].count(b"\r\n") == 1001


def test_names_of_files_never_leave_the_folder_or_collide():
    assert file_names(["../../a", "a", "a", "", None, "甲/乙"]) == ["a", "a-2", "a-3", "unnamed", "unnamed-2", "甲_乙"]
    notebook = executed("zh")
    outputs = notebook.cells[-2].outputs
    outputs[0]["data"][FIGURE]["name"] = "/etc/../x"
    notebook.cells[-2].outputs = [outputs[0], outputs[0]]
    pictures = [name for name in render(notebook, "p.zh")[1] if name.endswith(".png")]
    assert pictures == ["figures/p.zh/etc_.._x.png", "figures/p.zh/etc_.._x-2.png"]


@pytest.mark.parametrize(("value", "shown"), [
    (2022, "2022"), (12345, "12,345"), (12345.0, "12,345"), (3.14159, "3.14"), (0.00123, "0.00123"),
    (7.2e-05, "0.000072"), (-7.2e-05, "-0.000072"), (None, "—"), (True, "yes"), ("x", "x"),
    (float("nan"), "—"), (-20000, "-20,000")])
def test_values_as_readers_see_them(value, shown):
    assert as_text(value, "en") == shown


def test_both_languages_know_the_same_words():
    assert words("zh").keys() == words("en").keys()
    assert all(words("zh").values())
    assert all(words("en").values())


def test_nbconvert_s_own_command_makes_the_page_and_its_files(tmp_path):
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    declared = project["project"]["entry-points"]["nbconvert.exporters"]["liantu"]
    installed = [point.value for point in entry_points(group="nbconvert.exporters") if point.name == "liantu"]
    assert installed in ([], [declared])
    name = "liantu" if installed else declared.replace(":", ".")
    nbformat.write(executed("en"), tmp_path / "30_x.en.ipynb")
    of_lab = executed("en")
    of_lab.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(of_lab, tmp_path / "of lab.ipynb")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "nbconvert", "--to", name, "30_x.en.ipynb", "of lab.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment)
    for stem in ("30_x.en", "of lab"):
        html = (tmp_path / f"{stem}.html").read_text(encoding="utf-8")
        found = elements(html)
        assert 'lang="en"' in html and "Simulated data" in html
        files = [unquote(attrs["href"]) for tag, attrs in found if tag == "a" and not attrs["href"].startswith("#")]
        assert len(files) == 3 and all((tmp_path / file).is_file() for file in files)
        assert (tmp_path / "figures" / stem / "starts.png").read_bytes() == png()
    assert {path.name for path in (tmp_path / "fonts").iterdir()} >= {"LiantuSansSC-Regular.ttf", "LiantuSansSC-Bold.ttf"}
