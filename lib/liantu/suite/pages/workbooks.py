"""Excel workbooks from what a notebook hands on: text and numbers only, ready to filter, fill in and print."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
from functools import lru_cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from liantu.suite.pages.outputs import is_live

_MOST = 32_767
"""Characters that a cell may hold."""
_CREATED = dt.datetime(2000, 1, 1)
"""The date that the file says it was made on: none of its own, so that the same rows give the same bytes."""
_A4 = 9
_LINE = 14
"""Points of one line of text."""
_HIGHEST = 400
"""Points that a row may have, a little less than Excel's limit."""
_WIDE = "\u2e80"
"""From here on characters are as wide as Chinese ones."""
_TITLE = 32
"""Characters that the title of a message beside a cell may have."""
_ERROR = "错误"
_BOX = {"border": 1, "border_color": "#BFBFBF", "valign": "top", "text_wrap": True}
_FORMATS = {
    "heading": {"bold": True, "font_size": 14}, "badge": {"bold": True, "font_color": "#6B4700", "bg_color": "#FFF3D1"},
    "note": {"font_color": "#595959"}, "header": _BOX | {"bold": True, "bg_color": "#DDE7EE", "valign": "vcenter"},
    "text": _BOX, "number": _BOX | {"num_format": "General", "align": "right"}, "answer": _BOX | {"bg_color": "#FFF7C2"},
    "quoted": _BOX | {"quote_prefix": True}, "error": _BOX | {"bold": True, "bg_color": "#F6C7B6"},
    "date": _BOX | {"num_format": "yyyy-mm-dd", "align": "center"}, "share": _BOX | {"num_format": "0%", "align": "right"},
}
_TO_FILL = {"bg_color": "#FFF7C2", "locked": False}
_FORMATS |= {f"{name} to fill": _FORMATS[name] | _TO_FILL for name in ("text", "number", "date", "share", "quoted")}
_DRESSES = {"overdue": {"bg_color": "#F6C7B6", "bold": True}, "soon": {"bg_color": "#FFE2A8"},
            "done": {"bg_color": "#E3EBDD", "font_color": "#5F6B5A"}}
"""How marked rows are dressed: apart in grey too, and beside a text that says the same."""
_LOCKED = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}


def workbook_bytes(payload: dict[str, Any]) -> bytes:
    """The xlsx file of a workbook payload (`liantu.figures.Workbook`).

    Text is written as text, never as a formula or a link; text that a spreadsheet would run if it were typed in bears Excel's own mark for
    text (quote prefix), so that it stays text when the cell is edited. Longer text than a cell holds ends with `…`.
    """
    used = {key: payload.get(key) for key in ("heading", "badge", "as_of", "sheets")}
    return _made(json.dumps({**used, "title": payload.get("heading") or payload.get("title")}))


@lru_cache(32)
def _made(told: str) -> bytes:
    """The file of a payload given as JSON: the pages of one place in Chinese and English hand on the same workbook."""
    payload = json.loads(told)
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "default_format_properties": {"font_name": "Microsoft YaHei", "font_size": 10}}
    with Workbook(buffer, options) as book:
        book.set_properties({"title": str(payload["title"] or ""), "created": _CREATED})
        formats = {name: book.add_format(wanted) for name, wanted in (_FORMATS | _DRESSES).items()}
        for sheet in payload.get("sheets") or []:
            _write_sheet(book.add_worksheet(_sheet_name(str(sheet["name"]))), sheet, payload, formats)
    return buffer.getvalue()


def _write_sheet(page: Worksheet, sheet: dict[str, Any], payload: dict[str, Any], formats: dict[str, Format]) -> None:
    columns, rows = sheet["columns"], sheet["rows"]
    lines = [(str(payload.get("heading") or ""), "heading"), *((text, "badge") for text in [_data(payload)] if text),
             *((note, "note") for note in sheet.get("notes") or [])]
    for line, (text, dress) in enumerate(lines):
        _write_text(page, line, 0, text, formats[dress])
    headed = any(column["label"] for column in columns)
    top = len(lines) if headed else len(lines) - 1  # the row of the headers, or the one above the first row where there are none
    for across, column in enumerate(columns):
        page.set_column(across, across, column["width"])
        if headed:
            _write_text(page, top, across, column["label"], formats["header"])
    if headed:
        _set_height(page, top, [column["label"] for column in columns], columns)
    for down, row in enumerate(rows, top + 1):
        for across, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write_cell(page, down, across, value, column, formats)
        _set_height(page, down, row, columns)
    last = top + len(rows) + sheet.get("spare", 0)
    for down in range(top + len(rows) + 1, last + 1):
        for across, column in enumerate(columns):
            page.write_blank(down, across, None, formats[_dress({**column, "fill": True})])
    last = max(last, top + 1)
    for across, column in enumerate(columns):
        _check(page, column, (top + 1, across, last, across), bool(rows) or "spare" in sheet)
    if headed:
        page.autofilter(top, 0, last, len(columns) - 1)
        page.freeze_panes(top + 1, sheet.get("frozen", 0))
        page.repeat_rows(top)
    _mark(page, sheet, (top + 1, 0, last, len(columns) - 1), formats)
    if sheet.get("locked"):
        page.protect("", _LOCKED)
    _print_setup(page, sheet.get("pages_wide", 1), sheet.get("frozen", 0))


def _write_cell(page: Worksheet, down: int, across: int, value: object, column: dict[str, Any], formats: dict[str, Format]) -> None:
    kind, dress = column["kind"], _dress(column)
    if value is None:
        page.write_blank(down, across, None, formats[dress if column.get("fill") or kind == "answer" else "text"])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        page.write_number(down, across, value, formats[dress if column.get("fill") or kind == "share" else "number"])
    elif kind == "date" and (day := _day(value)):
        page.write_datetime(down, across, day, formats[dress])
    else:
        text, to_fill = str(value), " to fill" if column.get("fill") else ""
        error = kind == "severity" and text.startswith(_ERROR)
        quoted = kind != "answer" and is_live(text)
        usual = dress if kind in ("answer", "date") else f"text{to_fill}"
        _write_text(page, down, across, text, formats["error" if error else f"quoted{to_fill}" if quoted else usual])


def _dress(column: dict[str, Any]) -> str:
    kind = column["kind"] if column["kind"] in _FORMATS else "text"
    return f"{kind} to fill" if column.get("fill") and kind != "answer" else kind


def _day(value: object) -> dt.date | None:
    """A day given in ISO form; anything else is text."""
    try:
        return dt.date.fromisoformat(str(value)) if len(str(value)) == len("2000-01-01") else None
    except ValueError:
        return None


def _check(page: Worksheet, column: dict[str, Any], cells: tuple[int, int, int, int], wanted: bool) -> None:
    """What may be typed into a column; a cell may always be left or made empty."""
    fill = column.get("fill")
    if column.get("choices") and wanted:
        rule: dict[str, Any] = {"validate": "list", "source": column["choices"]}
    elif fill and column["kind"] == "date" and column.get("between"):
        first, last = (dt.date.fromisoformat(day) for day in column["between"])
        rule = {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    elif fill and column["kind"] == "share":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    elif fill and column["kind"] == "number":
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
    elif fill and column.get("prompt"):
        rule = {"validate": "any"}
    else:
        return
    said = {"input_message": column.get("prompt", ""), "error_message": column.get("alert", "")}
    titles = {"input_title": column["label"][:_TITLE], "error_title": column["label"][:_TITLE]} if fill else {}
    page.data_validation(*cells, rule | {name: text for name, text in (said | titles).items() if text})


def _mark(page: Worksheet, sheet: dict[str, Any], cells: tuple[int, int, int, int], formats: dict[str, Format]) -> None:
    """Dress rows by the text or the presence of one of their cells; the first mark that fits counts.

    What is done is dressed as a whole; in other rows the cells to be filled in keep their colour.
    """
    labels = [column["label"] for column in sheet["columns"]]
    top, _, bottom, _ = cells
    told = [across for across, column in enumerate(sheet["columns"]) if not column.get("fill")]
    runs = [run for run in told if run - 1 not in told], [run for run in told if run + 1 not in told]
    ranges = " ".join(xl_range(top, first, bottom, last) for first, last in zip(*runs, strict=True))
    for mark in sheet.get("marks") or []:
        cell = xl_rowcol_to_cell(cells[0], labels.index(mark["label"]), col_abs=True)
        # the words of a mark are our own, never a ledger's
        words = str(mark["begins"]).replace('"', '""')
        fits = f'LEFT({cell},{len(mark["begins"])})="{words}"' if words else f"LEN({cell})>0"
        rule = {"type": "formula", "criteria": f"={fits}", "format": formats[mark["dress"]], "stop_if_true": True}
        page.conditional_format(*cells, rule if mark["dress"] == "done" else rule | {"multi_range": ranges})


def _write_text(page: Worksheet, down: int, across: int, text: str, dress: Format) -> None:
    page.write_string(down, across, text if len(text) <= _MOST else text[:_MOST - 1] + "…", dress)


def _data(payload: dict[str, Any]) -> str:
    """The badge of the data set and the date, which every sheet bears."""
    day = payload.get("as_of")
    return "  ·  ".join(part for part in (payload.get("badge"), f"数据截至 Data as of {day}" if day else "") if part)


def _set_height(page: Worksheet, down: int, row: list[object], columns: list[dict[str, Any]]) -> None:
    """Room for the lines into which texts break: not every program makes it by itself."""
    lines = max((_lines(value, column["width"]) for column, value in zip(columns, row, strict=True) if isinstance(value, str)), default=1)
    if lines > 1:
        page.set_row(down, min(lines * _LINE + 2, _HIGHEST))


def _lines(text: str, width: int) -> int:
    if 2 * len(text) <= width:
        return 1 + text.count("\n")
    # Chinese characters are twice as wide as digits; a little is left for lines that break early
    return sum(max(1, math.ceil(1.03 * (len(part) + sum(character > _WIDE for character in part)) / width)) for part in text.split("\n"))


def _print_setup(page: Worksheet, pages_wide: int, repeated: int) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(pages_wide, 0)
    if pages_wide > 1 and repeated:
        page.repeat_columns(0, repeated - 1)
    page.set_footer("&L&A&R&P / &N")


def _sheet_name(name: str) -> str:
    """A name that Excel takes: at most 31 characters, none of `[]:*?/\\`."""
    return "".join(" " if character in "[]:*?/\\" else character for character in name)[:31].strip("' ") or "Sheet"
