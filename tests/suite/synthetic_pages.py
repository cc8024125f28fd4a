"""Small notebooks that display the suite's MIME types, executed or to be executed, for the tests of the suite."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

SCRIPT = "<script>alert(1)</script>"
FIGURE = "application/vnd.liantu.figure+json"
TABLE = "application/vnd.liantu.table+json"
HEADLINE = "application/vnd.liantu.headline+json"
ANSWER = "application/vnd.liantu.answer+json"
PAGE = "application/vnd.liantu.page+json"
ALT = {"zh": "柱状图：一季度开工 97 个，目标 120 个", "en": "Bar chart: 97 of 120 projects started in the first quarter"}


def png(width: int = 640, height: int = 360) -> bytes:
    """A plain grey picture."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\x00" + b"\xc8" * width) * height)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _in(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def page_payload(lang: str, county: str = "", **more: object) -> dict:
    place = {"": _in(lang, "朝阳市", "Chaoyang City"), "211382": _in(lang, "凌源", "Lingyuan")}[county]
    return {"quarter": "2022Q2", "county": county, "chain": "", "dataset": "simulated", "lang": lang, "as_of": "2022-06-30",
            "edition": "2022", "place": place, "simulated": True, "kind": "simulated",
            "dataset_name": _in(lang, "模拟数据", "Simulated data"), "caveat": _in(lang, "数据为模拟。", "The data are simulated."),
            "inputs": "0123456789ab", "versions": {"pandas": "3.0.0"}, **more}


def figure_payload(lang: str, name: str = "starts") -> dict:
    return {"name": name, "title": _in(lang, "一季度新开工", "New starts"),
            "caption": _in(lang, "其中 12 个后来才上报。", "12 were late."), "alt": ALT[lang],
            "as_of": "2022-06-30", "unit": _in(lang, "个", "projects"), "rows": [["2022Q1", 97], ["2022Q2", 141]],
            "columns": [{"name": "quarter", "label": _in(lang, "季度", "Quarter")},
                        {"name": "actual", "label": _in(lang, "实际", "Actual")}]}


def table_payload(lang: str) -> dict:
    return {"name": "projects", "title": _in(lang, "项目", "Projects"), "caption": _in(lang, "前三项", "The first three"),
            "columns": [{"name": "name", "label": _in(lang, "项目名称", "Name"), "align": "left"},
                        {"name": "total_investment_wan", "label": _in(lang, "总投资（万元）", "Total (10,000 yuan)"), "align": "right"}],
            "rows": [[SCRIPT, 12500.0], ["=HYPERLINK(\"http://example.org\")", 3.25], ["年产30万吨球墨铸铁管项目", None]]}


def headline_payload(lang: str, status: str = "behind", order: int = 1) -> dict:
    return {"name": f"new_starts_{order}", "label": _in(lang, "一季度新开工", "New starts, Q1"), "value": 97, "target": 120, "elapsed": 0.5,
            "unit": _in(lang, "个", "projects"), "note": _in(lang, "12 个后来上报", "12 reported late"), "status": status, "order": order}


def answer_payload(lang: str) -> dict:
    return {"question": _in(lang, "时间过半，任务是否过半？", "Half the year is gone; is half of each task done?"),
            "answer": _in(lang, "四项任务中两项过半。", "Two of the four tasks are past half."),
            "theme": _in(lang, "双过半", "Half and half")}


def _displayed(data: dict) -> object:
    return new_output("display_data", data=data)


def executed(lang: str = "zh", county: str = "") -> nbformat.NotebookNode:
    """An executed notebook with every kind of output, as papermill would leave it."""
    picture = base64.b64encode(png()).decode()
    cells = [
        new_markdown_cell("# 季度里程碑\n\n本页回答：任务是否过半？", metadata={"tags": ["zh"]}),
        new_markdown_cell("# Quarterly milestones\n\nIs half of each task done?", metadata={"tags": ["en"]}),
        new_code_cell("lang = 'zh'", metadata={"tags": ["parameters"]}),
        new_code_cell(f"lang = {lang!r}", metadata={"tags": ["injected-parameters"]}),
        new_code_cell("report", metadata={"tags": ["setup"]}, outputs=[
            new_output("stream", name="stdout", text="set-up words\n"),
            new_output("execute_result", data={PAGE: page_payload(lang, county), "text/plain": "PAGE AS TEXT"}, execution_count=1)]),
        new_markdown_cell("## 结论\n\n价格为 $5 至 $8。", metadata={"tags": ["zh"]}),
        new_markdown_cell("## Result\n\nThe price is $5 to $8.", metadata={"tags": ["en"]}),
        new_code_cell("answer", outputs=[_displayed({ANSWER: answer_payload(lang), "text/markdown": "ANSWER AS TEXT"})]),
        new_code_cell("headlines", outputs=[_displayed({HEADLINE: headline_payload(lang, status, order), "text/plain": "HEADLINE AS TEXT"})
                                            for order, status in enumerate(("met", "ahead", "behind", "missed", "unknown"), 1)]),
        new_markdown_cell("## 图\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |", metadata={"tags": ["zh"]}),
        new_markdown_cell("## Charts\n\n| a | b |\n|---|---|\n| 1 | 2 |", metadata={"tags": ["en"]}),
        new_code_cell("figure", outputs=[_displayed({FIGURE: figure_payload(lang), "image/png": picture, "text/plain": "FIGURE AS TEXT"}),
                                         new_output("stream", name="stderr", text="UserWarning: beware\n")]),
        new_code_cell("table", outputs=[_displayed({TABLE: table_payload(lang), "text/html": "<b>TABLE AS HTML</b>"}),
                                        _displayed({"text/html": f"<style>b{{}}</style><b onclick='x()'>raw {SCRIPT} html</b>"}),
                                        _displayed({"text/markdown": f"*raw* {SCRIPT} markdown"}),
                                        new_output("stream", name="stdout", text=f"printed {SCRIPT}\n")]),
    ]
    notebook = new_notebook(cells=cells, metadata={"papermill": {"parameters": {"lang": lang}, "duration": 1.5}})
    nbformat.validate(notebook)
    return notebook


def stamp(made: nbformat.NotebookNode, stem: str, lang: str, county: str = "", **more: object) -> nbformat.NotebookNode:
    """The notebook with the metadata that a run writes."""
    made.metadata["liantu"] = {
        "id": stem, "notebook": stem.split(".")[0] + ".ipynb", "title": _in(lang, "季度节点", "Quarterly milestones"), "kind": "milestone",
        "place": _in(lang, "朝阳市", "Chaoyang City"), "order": 20, "lang": lang, "county": county, "chain": "", "state": "done",
        "seconds": 3.1, "parameters": {"quarter": "2022Q2", "dataset": "simulated", "lang": lang}, "error": None,
        "run_id": "20220705T080000Z-abcdef", "commit": "0123456789ab", "versions": {"papermill": "2.7.0"}, **more}
    return made


def write_source(folder: Path, name: str, *code: str) -> Path:
    """A notebook to be run: parameters quarter, county, dataset, lang; then `code`, a cell each."""
    parameters = "quarter = '2022Q2'  # the quarter\ncounty = ''  # county code\ndataset = 'simulated'  # data set\nlang = 'zh'  # zh or en"
    notebook = new_notebook(cells=[
        new_markdown_cell("# 标题", metadata={"tags": ["zh"]}), new_markdown_cell("# Title", metadata={"tags": ["en"]}),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}), *(new_code_cell(text) for text in code)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path
