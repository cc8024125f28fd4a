"""Excel workbooks from what a notebook hands on: text and numbers only, ready to filter, fill in and print."""

from __future__ import annotations

import datetime as dt
import io
import json
from functools import lru_cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from liantu.suite.pages.outputs import is_live

_MOST = 32_767
"""Characters that a cell may hold."""
_CREATED = dt.datetime(2000, 1, 1)
"""The date that the file says it was made on: none of its own, so that the same rows give the same bytes."""
_A4 = 9
_ERROR = "错误"
_BOX = {"border": 1, "border_color": "#BFBFBF", "valign": "top", "text_wrap": True}
_FORMATS = {
    "heading": {"bold": True, "font_size": 14}, "badge": {"bold": True, "font_color": "#6B4700", "bg_color": "#FFF3D1"},
    "note": {"font_color": "#595959"}, "header": _BOX | {"bold": True, "bg_color": "#DDE7EE", "valign": "vcenter"},
    "text": _BOX, "number": _BOX | {"num_format": "General", "align": "right"}, "answer": _BOX | {"bg_color": "#FFF7C2"},
    "quoted": _BOX | {"quote_prefix": True}, "error": _BOX | {"bold": True, "bg_color": "#F6C7B6"},
}


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
        formats = {name: book.add_format(wanted) for name, wanted in _FORMATS.items()}
        for sheet in payload.get("sheets") or []:
            _write_sheet(book.add_worksheet(_sheet_name(str(sheet["name"]))), sheet, payload, formats)
    return buffer.getvalue()


def _write_sheet(page: Worksheet, sheet: dict[str, Any], payload: dict[str, Any], formats: dict[str, Format]) -> None:
    columns, rows = sheet["columns"], sheet["rows"]
    lines = [(str(payload.get("heading") or ""), "heading"), *((text, "badge") for text in [_data(payload)] if text),
             *((note, "note") for note in sheet.get("notes") or [])]
    for line, (text, dress) in enumerate(lines):
        _write_text(page, line, 0, text, formats[dress])
    top = len(lines)
    for across, column in enumerate(columns):
        page.set_column(across, across, column["width"])
        _write_text(page, top, across, column["label"], formats["header"])
    for down, row in enumerate(rows, top + 1):
        for across, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write_cell(page, down, across, value, column["kind"], formats)
    last = top + max(len(rows), 1)
    for across, column in enumerate(columns):
        if column.get("choices") and rows:
            page.data_validation(top + 1, across, last, across, {"validate": "list", "source": column["choices"]})
    if any(column["label"] for column in columns):
        page.autofilter(top, 0, last, len(columns) - 1)
        page.freeze_panes(top + 1, 0)
        page.repeat_rows(top)
    _print_setup(page)


def _write_cell(page: Worksheet, down: int, across: int, value: object, kind: str, formats: dict[str, Format]) -> None:
    if value is None:
        page.write_blank(down, across, None, formats["answer" if kind == "answer" else "text"])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        page.write_number(down, across, value, formats["number"])
    else:
        text = str(value)
        error = kind == "severity" and text.startswith(_ERROR)
        dress = "error" if error else "answer" if kind == "answer" else "quoted" if is_live(text) else "text"
        _write_text(page, down, across, text, formats[dress])


def _write_text(page: Worksheet, down: int, across: int, text: str, dress: Format) -> None:
    page.write_string(down, across, text if len(text) <= _MOST else text[:_MOST - 1] + "…", dress)


def _data(payload: dict[str, Any]) -> str:
    """The badge of the data set and the date, which every sheet bears."""
    day = payload.get("as_of")
    return "  ·  ".join(part for part in (payload.get("badge"), f"数据截至 Data as of {day}" if day else "") if part)


def _print_setup(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R&P / &N")


def _sheet_name(name: str) -> str:
    """A name that Excel takes: at most 31 characters, none of `[]:*?/\\`."""
    return "".join(" " if character in "[]:*?/\\" else character for character in name)[:31].strip("' ") or "Sheet"
