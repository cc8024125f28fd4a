"""Grids into real files: xlsx, xls, csv, ods, and HTML saved as .xls; the same grids give the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import zipfile
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


def write_html(path: Path, grids: list[Grid], encoding: str = "utf-8") -> None:
    """An HTML table under the name .xls, as web systems export it; the first grid only. GB18030 is declared as gb2312, as they do."""
    grid = grids[0]
    spans = {(r, c): (r2 - r + 1, c2 - c + 1) for r, c, r2, c2 in grid.merges}
    covered = {(r, c) for r1, c1, r2, c2 in grid.merges for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)} - set(spans)
    charset = "gb2312" if encoding == "gb18030" else encoding
    lines = [
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" '
        f'content="text/html; charset={charset}">',
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
    path.write_text("\n".join([*lines, "</table></body></html>", ""]), encoding=encoding)


_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" office:version="1.2"><office:automatic-styles><style:style'
    ' style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>",
    "</office:spreadsheet></office:body></office:document-content>\n",
)
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    f' manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>\n'
)


def _ods_cell(cell: Cell, span: tuple[int, int]) -> str:
    spans = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span != (1, 1) else ""
    if cell is None:
        return f"<table:table-cell{spans}/>"
    lines = "".join(f"<text:p>{html.escape(line)}</text:p>" for line in _text(cell).split("\n"))
    if isinstance(cell, dt.date):
        return f'<table:table-cell{spans} office:value-type="date" office:date-value="{cell.isoformat()}">{lines}</table:table-cell>'
    if isinstance(cell, str):
        return f'<table:table-cell{spans} office:value-type="string">{lines}</table:table-cell>'
    return f'<table:table-cell{spans} office:value-type="float" office:value="{cell}">{lines}</table:table-cell>'


def write_ods(path: Path, grids: list[Grid]) -> None:
    """An OpenDocument spreadsheet (ISO/IEC 26300), as WPS and LibreOffice save it; dates of its parts are fixed."""
    tables = []
    for grid in grids:
        spans = {(r, c): (r2 - r + 1, c2 - c + 1) for r, c, r2, c2 in grid.merges}
        covered = {(r, c) for r1, c1, r2, c2 in grid.merges for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)} - set(spans)
        style = ' table:style-name="hidden"' if grid.hidden else ""
        tables.append(f'<table:table table:name="{html.escape(grid.name)}"{style}>')
        for number, row in enumerate(grid.rows):
            cells = [
                "<table:covered-table-cell/>" if (number, place) in covered else _ods_cell(cell, spans.get((number, place), (1, 1)))
                for place, cell in enumerate(row)
            ]
            tables.append("<table:table-row>" + "".join(cells) + "</table:table-row>")
        tables.append("</table:table>")
    with zipfile.ZipFile(path, "w") as parts:
        for name, text in (
            ("mimetype", _ODS_TYPE),
            ("content.xml", "".join([_ODS[0], *tables, _ODS[1]])),
            ("META-INF/manifest.xml", _ODS_MANIFEST),
        ):
            part = zipfile.ZipInfo(name, (2022, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            parts.writestr(part, text)


def write_file(path: Path, grids: list[Grid], kind: str, encoding: str) -> None:
    """Write the grids as `kind` (xlsx, xls, csv, html, ods); the encoding matters to csv and html only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind in ("csv", "html"):
        {"csv": write_csv, "html": write_html}[kind](path, grids, encoding)
    else:
        {"xlsx": write_xlsx, "xls": write_xls, "ods": write_ods}[kind](path, grids)
