"""What stands on a page beside text and pictures: formulas, tables, the projects behind a bar, watch lists, errors, provenance."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from html import escape

import great_tables
import lxml.html
import pandas as pd
import pytest
from html_of_pages import elements
from nbformat.v4 import new_markdown_cell, new_output
from synthetic_pages import FIGURE, PAGE, SCRIPT, TABLE, answer_payload, executed, figure_payload, page_payload, stamp, table_payload

from liantu.suite.pages.exporter import LiantuExporter
from liantu.suite.pages.tables import GREAT_CELLS, great_table, texts
from liantu.suite.pages.words import words

WATCH = "application/vnd.liantu.watch+json"
ANSWER = "application/vnd.liantu.answer+json"


def render(notebook, stem="30_quarterly_milestones.zh", folder="."):
    html, resources = LiantuExporter().from_notebook_node(notebook, {"metadata": {"name": stem, "path": str(folder)}})
    elements(html)
    return html, lxml.html.document_fromstring(html), resources["outputs"]


def showing(data, lang="zh"):
    """A page on which the last cell displays `data` by type."""
    notebook = executed(lang)
    notebook.cells[-1].outputs = [new_output("display_data", data=data)]
    return notebook


def with_prose(text):
    notebook = executed("zh")
    notebook.cells.insert(1, new_markdown_cell(text))
    return render(notebook)


def behind(lang="zh", counts=(3, 2)):
    labels = ("2022Q1", "2022Q2") if len(counts) == 2 else [f"{SCRIPT}{number}" for number in range(len(counts))]
    columns = [{"name": name, "label": name} for name in ("project", "bar", "county", "stage", "file", "sheet", "row")]
    rows = [[f"=cmd{number}", label, "凌源", SCRIPT, "2022Q2/a.xlsx", "Sheet1", number + 4]
            for label, count in zip(labels, counts, strict=True) for number in range(count)]
    return {**figure_payload(lang), "behind": {"title": "from where", "columns": columns, "rows": rows, "group": 1}}


@pytest.mark.parametrize("source", ["$\\frac{a}{b}$", "\\(x^2\\)", "$$\\sum_i x_i$$", "\\begin{align}a&=b\\end{align}", "$面积_{亩}$"])
def test_formulas_in_prose_are_mathml(source):
    _, tree, _ = with_prose(f"如下 {source} 所示")
    assert len(tree.xpath("//main//math")) == 1
    assert "$" not in tree.xpath("//main//math/..")[0].text_content()


@pytest.mark.parametrize("price", ["$5 to $8", "$5-$8", "5$", "from $5 to 8$ each", "US$5/$8", "\\$5\\$"])
def test_prices_stay_text(price):
    _, tree, _ = with_prose(price)
    assert not tree.xpath("//math")
    assert price.replace("\\", "") in tree.xpath("//main")[0].text_content()


@pytest.mark.parametrize("broken", ["\\frac{a", "\\nosuchcommand x", "x_", "\\left( x", "a}"])
def test_a_formula_that_cannot_be_read_is_shown_as_code_and_the_next_one_is_set(broken):
    _, tree, _ = with_prose(f"${broken}$ 与 $x$")
    shown = tree.xpath("//main/div[@class='prose']//code")
    assert ([code.text for code in shown], len(tree.xpath("//math"))) == ([broken], 1)


def test_what_cells_show_is_never_read_as_a_formula():
    answer, table = answer_payload("zh"), table_payload("zh")
    answer["answer"] = table["rows"][0][0] = "$x$ 与 \\(y\\)"
    for data in ({ANSWER: answer}, {TABLE: table}, {"text/markdown": "$x$ 与 $y$"}, {"text/html": "<p>$x$ 与 $y$</p>"}):
        _, tree, _ = render(showing(data))
        assert not tree.xpath("//math")
        assert "$x$ 与" in tree.xpath("//main")[0].text_content()


def test_tables_are_set_by_great_tables_without_style_sheets_of_their_own():
    html, tree, _ = render(executed("zh"))
    table = tree.xpath("//div[@class='table']//table")[0]
    assert table.get("class") == "gt_table"
    assert [head.get("scope") for head in table.iter("th")] == ["col", "col"]
    ids = {head.get("id") for head in table.iter("th")}
    assert {cell.get("headers") for cell in table.iter("td")} == ids
    assert html.count("<style") == 1


def test_a_table_is_what_great_tables_makes_of_all_its_rows():
    columns = [{"name": "a", "label": "{0} <b>"}, {"name": "b", "align": "center"}, {"name": "liantu-id", "label": "1 %"}, {"name": "d"}]
    rows = [["{x} & \"q\" 'p'", "</td><script>", 12345, None], ["{}", "朝阳 %s \\1", 0.25, True], ["liantu-cell", "liantu-label", 7, ""]]
    payload = {"columns": columns, "rows": rows}
    shown = texts(payload, "en", 200)
    names = ["c0", "c1", "c2", "c3"]
    labels = {name: great_tables.html(escape(column.get("label", column["name"]))) for name, column in zip(names, columns, strict=True)}
    whole = great_tables.GT(pd.DataFrame(shown, columns=names, dtype=object), id="t7").cols_label(labels)
    made = whole.cols_align("left", ["c0", "c3"]).cols_align("center", "c1").cols_align("right", "c2").as_raw_html()
    wanted = re.sub(r">\s*\n\s*<", "><", made[made.index("<table"):made.rindex("</table>") + len("</table>")])
    assert great_table(payload, shown, 7) == wanted


def test_long_tables_are_written_by_the_template_in_the_same_look():
    rows = [[f"{SCRIPT} {number}", number / 3, "x"] for number in range(GREAT_CELLS + 1)]
    long = {**table_payload("en"), "rows": rows}
    long["columns"] = [*long["columns"], {"name": "x", "label": "x"}]
    _, tree, outputs = render(showing({TABLE: long}, "en"), "x.en")
    box = tree.xpath("//table[caption='Projects']/..")[0]
    assert not box.xpath(".//table/@class")
    assert {"r2", "n2"} <= set(box.get("class").split())
    shown = box.xpath(".//tbody/tr")
    assert (len(shown), shown[0][0].text) == (200, f"{SCRIPT} 0")
    assert f"{len(rows) - 200} more rows" in tree.text_content()
    assert outputs["tables/x.en/projects.csv"].count(b"\r\n") == len(rows) + 1


def test_a_table_without_rows_says_so():
    _, tree, _ = render(showing({TABLE: {**table_payload("en"), "rows": []}}, "en"), "x.en")
    assert words("en")["no_rows"] in tree.text_content()
    assert tree.xpath("//table[caption='Projects']//th")


def test_the_projects_behind_each_bar_lie_folded_under_the_figure():
    _, tree, outputs = render(showing({FIGURE: behind()}))
    fold = tree.xpath("//figure//details[@class='behind']")[0]
    assert "open" not in fold.attrib
    parts = fold.xpath(".//tbody")
    assert [" ".join(part[0].text_content().split()) for part in parts] == ["2022Q1 3", "2022Q2 2"]
    assert [part.get("id") for part in parts] == ["starts-2-1", "starts-2-2"]
    assert [link.get("href") for link in fold.xpath("p[@class='bars']/a")] == ["#starts-2-1", "#starts-2-2"]
    assert {head.get("scope") for head in fold.xpath(".//tbody//th")} == {"rowgroup"}
    assert [head.text for head in fold.xpath(".//thead//th")] == ["project", "county", "stage", "file", "sheet", "row"]
    assert [cell.text for cell in parts[1][2]] == ["=cmd1", "凌源", SCRIPT, "2022Q2/a.xlsx", "Sheet1", "5"]
    name = "tables/30_quarterly_milestones.zh/starts-2-projects.csv"
    assert name in tree.xpath("//figure//a/@href")
    rows = list(csv.reader(io.StringIO(outputs[name].decode("utf-8-sig"), newline="")))
    assert (len(rows), rows[0][1], rows[1][0]) == (6, "bar", "'=cmd0")


def test_of_many_projects_behind_a_bar_the_csv_has_the_rest():
    _, tree, outputs = render(showing({FIGURE: behind("en", (300, 5, 40))}, "en"), "x.en")
    parts = tree.xpath("//details[@class='behind']//tbody")
    assert [len(part.xpath("tr[not(@class)]")) for part in parts] == [66, 5, 40]
    assert "234 more rows in the CSV" in parts[0].text_content()
    assert outputs["tables/x.en/starts-2-projects.csv"].count(b"\r\n") == 346


def test_a_figure_and_a_table_of_one_name_keep_their_own_rows():
    notebook = showing({TABLE: {**table_payload("zh"), "name": "starts"}})
    _, tree, outputs = render(notebook)
    links = Counter(tree.xpath("//main//a[contains(@href, '.csv')]/@href"))
    assert set(links.values()) == {1}
    assert set(links) <= set(outputs)
    assert outputs["tables/30_quarterly_milestones.zh/starts.csv"] != outputs["tables/30_quarterly_milestones.zh/starts-2.csv"]


def test_watch_lists_stand_on_their_page_with_links_to_pages_that_are_there(tmp_path):
    for stem in ("30_quarterly_milestones.zh", "30_quarterly_milestones.211382.zh", "20_chain_overview.zh"):
        (tmp_path / f"{stem}.ipynb").touch()
    items = [{"what": SCRIPT, "why": "未开工", "county": "211382", "since": "2022-03-31", "page": "30_quarterly_milestones"},
             {"what": "乙", "why": "", "county": "211321", "since": "", "page": "20_chain_overview.ipynb"},
             {"what": "丙", "why": "改期", "county": "", "since": None, "page": "60_none"}]
    payload = {"name": "w", "title": "关注", "note": "说明", "order": 1, "items": items}
    _, tree, _ = render(showing({WATCH: payload, "text/markdown": "PLAIN"}), folder=tmp_path)
    found = tree.xpath("//section[@class='watch']")[0]
    assert found.xpath(".//a/@href") == ["30_quarterly_milestones.211382.zh.html", "20_chain_overview.zh.html"]
    told = [" ".join(item.text_content().split()) for item in found.iter("li")]
    assert told[0] == f"{SCRIPT}未开工凌源 · 2022-03-31"
    assert told[2] == "丙改期"
    assert "说明" in found.text_content() and "PLAIN" not in tree.text_content()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_failed_page_tells_cell_and_error_at_the_top_and_at_the_cell(tmp_path, lang):
    stem = f"30_x.{lang}"
    (tmp_path / f"{stem}.ipynb").touch()
    notebook = executed(lang)
    notebook.cells[-1].outputs = [new_output("error", ename="KeyError", evalue=SCRIPT, traceback=[f"\x1b[31m{SCRIPT}\x1b[0m"])]
    error = {"name": "KeyError", "value": SCRIPT, "cell": 13, "prompt": 8}
    _, tree, _ = render(stamp(notebook, stem, lang, state="failed", error=error), stem, tmp_path)
    top, at_cell = tree.xpath("//main//*[@class='failure']")
    where = {"zh": "第 13 个单元（In [8]）：", "en": "cell 13 (In [8]): "}[lang]
    assert top.get("role") == "alert" and top.find(".//code").text == f"{where}KeyError: {SCRIPT}"
    assert top.xpath(".//a/@href") == ["#failed-cell", f"{stem}.ipynb"]
    assert at_cell.get("id") == "failed-cell" and at_cell.xpath(".//a/@href") == [f"{stem}.ipynb"]
    assert at_cell.find("p").text_content() == f"KeyError: {SCRIPT}"


def test_the_footer_tells_the_page_s_key_and_paper_bears_data_set_and_date():
    payload = page_payload("en", kind="ledgers", simulated=False, dataset="mine", dataset_name='x"}</style><b>')
    notebook = stamp(executed("en"), "x.en", "en", key="0123456789abcdef0123")
    notebook.cells[4].outputs[1]["data"][PAGE] = payload
    html, tree, _ = render(notebook, "x.en")
    assert "Key of the page0123456789ab" in tree.xpath("//footer")[0].text_content().splitlines()
    assert html.count("</style>") == 1
    assert "counter(page)" in html and "\\32 022" not in html
    assert "Data\\20 as\\20 of\\20 2022\\2d 06\\2d 30" in html


@pytest.mark.parametrize("words_of_page", ["behind_bars", "download_behind"])
def test_bars_are_spoken_of_only_where_there_are_any(words_of_page):
    html, *_ = render(executed("zh"))
    assert words("zh")[words_of_page] not in html
    assert words("zh")[words_of_page] in render(showing({FIGURE: behind()}))[0]
