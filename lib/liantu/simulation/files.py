"""Grids into real files: xlsx, xls, csv in GB18030, and HTML saved as .xls; the same grids give the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
from pathlib import Path

import xlsxwriter
import xlwt

from liantu.simulation.cells import Cell
from liantu.simulation.grid import Grid

_CREATED = dt.datetime(2022, 1, 1)


def write_xlsx(path: Path, grids: list[Grid]) -> None:
    """An Excel workbook; dates of the file's properties and of its parts are fixed."""
    book = xlsxwriter.Workbook(path, {"in_memory": True})
    book.set_properties({"title": "", "author": "", "created": _CREATED})
    plain, wrapped = (
        book.add_format({"font_size": 10}),
        book.add_format({"text_wrap": True, "bold": True, "align": "center", "valign": "vcenter", "border": 1}),
    )
    day, title = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"bold": True, "font_size": 16, "align": "center"})
    styles = {"title": title, "header": wrapped}
    for grid in grids:
        sheet = book.add_worksheet(grid.name[:31])
        if grid.hidden:
            sheet.hide()
        for first_row, first_column, last_row, last_column in grid.merges:
            sheet.merge_range(first_row, first_column, last_row, last_column, "", styles.get(grid.marks[first_row].kind, plain))
        for number, (row, mark) in enumerate(zip(grid.rows, grid.marks, strict=True)):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(number, place, dt.datetime.combine(cell, dt.time()), day)
                elif isinstance(cell, str):
                    sheet.write_string(number, place, cell, styles.get(mark.kind, plain))
                elif cell is not None:
                    sheet.write_number(number, place, cell, plain)
    book.close()


def write_xls(path: Path, grids: list[Grid]) -> None:
    """An Excel 97-2003 workbook (BIFF8)."""
    book = xlwt.Workbook(encoding="utf-8")
    day, plain = xlwt.easyxf(num_format_str="yyyy/m/d"), xlwt.easyxf()
    for grid in grids:
        sheet = book.add_sheet(grid.name[:31])
        sheet.visibility = int(grid.hidden)
        covered = set()
        for first_row, first_column, last_row, last_column in grid.merges:
            cell = grid.rows[first_row][first_column]
            sheet.write_merge(first_row, last_row, first_column, last_column, "" if cell is None else cell, plain)
            covered |= {(r, c) for r in range(first_row, last_row + 1) for c in range(first_column, last_column + 1)}
        for number, row in enumerate(grid.rows):
            for place, cell in enumerate(row):
                if cell is not None and (number, place) not in covered:
                    sheet.write(number, place, cell, day if isinstance(cell, dt.date) else plain)
    book.save(str(path))


def _text(cell: Cell) -> str:
    return "" if cell is None else f"{cell.year}/{cell.month}/{cell.day}" if isinstance(cell, dt.date) else str(cell)


def write_csv(path: Path, grids: list[Grid], encoding: str) -> None:
    """A csv with Windows line ends; the first grid only."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([[_text(cell) for cell in row] for row in grids[0].rows])
    path.write_bytes(buffer.getvalue().encode(encoding))


def write_html(path: Path, grids: list[Grid]) -> None:
    """An HTML table under the name .xls, as web systems export it; the first grid only."""
    grid = grids[0]
    spans = {(r, c): (r2 - r + 1, c2 - c + 1) for r, c, r2, c2 in grid.merges}
    covered = {(r, c) for r1, c1, r2, c2 in grid.merges for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)} - set(spans)
    lines = [
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
        "<style>td{border:.5pt solid #000;mso-number-format:\\@;}</style></head><body><table border=1>",
    ]
    for number, (row, mark) in enumerate(zip(grid.rows, grid.marks, strict=True)):
        tag = "th" if mark.kind == "header" else "td"
        cells = []
        for place, cell in enumerate(row):
            if (number, place) in covered:
                continue
            down, right = spans.get((number, place), (1, 1))
            span = (f" rowspan={down}" if down > 1 else "") + (f" colspan={right}" if right > 1 else "")
            cells.append(f"<{tag}{span}>{html.escape(_text(cell)).replace(chr(10), '<br>')}</{tag}>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    path.write_text("\n".join([*lines, "</table></body></html>", ""]), encoding="utf-8")


def write_file(path: Path, grids: list[Grid], kind: str, encoding: str) -> None:
    """Write the grids as `kind` (xlsx, xls, csv, html)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "csv":
        write_csv(path, grids, encoding)
    else:
        {"xlsx": write_xlsx, "xls": write_xls, "html": write_html}[kind](path, grids)
