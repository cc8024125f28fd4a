"""Ledgers as offices write them: a YAML file tells the workbook and, beside it, what a careful reader would take from it.

`rows` is drawn one line a row, cells divided by '|': a plain number is a number, `@2022-03-15` a date, `'0421` a text, `\\n` a line break.
`merged` has spreadsheet ranges. In `fields`, `?` is a header that must be told as a finding and `*` one that is not judged.
"""

import csv
import datetime as dt
import html
import re
import zipfile
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
import xlsxwriter
import xlwt
import yaml

from liantu.ledger.files.reading import read_book
from liantu.ledger.layout.finding import understand
from liantu.ledger.sheets import Unreadable
from liantu.ledger.sources import day_of

HERE = Path(__file__).parent
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Drawn:
    """One sheet to be written."""

    name: str
    rows: list = field(repr=False)
    merged: list = field(default_factory=list)
    hidden: bool = False


@dataclass(frozen=True)
class Ledger:
    """A workbook to be written and what is to be understood of it."""

    id: str
    what: str
    file: str
    name: str
    snapshot: str
    encoding: str
    sheets: list
    expect: dict = field(repr=False)

    @property
    def source_file(self):
        return f"{self.snapshot}/{self.name}.{ENDINGS.get(self.file, self.file)}"


ENDINGS = {"html": "xls"}


def ledgers():
    """Every ledger that lies here."""
    return [_ledger(path) for path in sorted(HERE.glob("*.yml"))]


def _ledger(path):
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    sheets = [Drawn(sheet["name"], [[_cell(text) for text in line.split("|")] for line in sheet["rows"].rstrip("\n").split("\n")],
                    [_range(text) for text in sheet.get("merged", ())], sheet.get("hidden", False)) for sheet in told["sheets"]]
    return Ledger(path.stem, told["what"], told["file"], told["name"], str(told.get("snapshot", "2022Q2")), told.get("encoding", "utf-8"),
                  sheets, told["expect"])


def _cell(text):
    text = text.strip(" ")
    if text.startswith("@"):
        return dt.date.fromisoformat(text[1:])
    if text.startswith("'"):
        return text[1:]
    if _NUMBER.fullmatch(text) and not (len(text) > 1 and text[0] == "0" and text[1] != "."):
        return float(text) if len(text) < 16 else text
    return text.replace("\\n", "\n") or None


def _range(text):
    """A1:C3 → (top, left, bottom, right) from 0."""
    (left, top), (right, bottom) = (re.fullmatch(r"([A-Z]+)(\d+)", corner).groups() for corner in text.split(":"))
    return int(top) - 1, _column(left), int(bottom) - 1, _column(right)


def _column(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def numbers(text):
    """'5-7,9' → [5, 6, 7, 9]."""
    parts = [part.split("-") for part in str(text).split(",")]
    return [number for part in parts for number in range(int(part[0]), int(part[-1]) + 1)]


def write(ledger, raw):
    """The workbook as a file of its kind below `raw`."""
    path = raw / ledger.source_file
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[ledger.file](ledger, path)
    return path


def _xlsx(ledger, path):
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for drawn in ledger.sheets:
            sheet = book.add_worksheet(drawn.name)
            if drawn.hidden:
                sheet.hide()
            for top, left, bottom, right in drawn.merged:
                sheet.merge_range(top, left, bottom, right, "")
            for row, cells in enumerate(drawn.rows):
                for column, value in enumerate(cells):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), day)
                    elif isinstance(value, float):
                        sheet.write_number(row, column, value)
                    elif value is not None:
                        sheet.write_string(row, column, value)


def _xls(ledger, path):
    book = xlwt.Workbook(encoding="utf-8")
    for drawn in ledger.sheets:
        sheet = book.add_sheet(drawn.name)
        spans = {(top, left): (bottom, right) for top, left, bottom, right in drawn.merged}
        for (top, left), (bottom, right) in spans.items():
            sheet.write_merge(top, bottom, left, right, drawn.rows[top][left] if left < len(drawn.rows[top]) else None)
        for row, cells in enumerate(drawn.rows):
            for column, value in enumerate(cells):
                if value is not None and (row, column) not in spans:
                    sheet.write(row, column, value)
    book.save(str(path))


def _ods(ledger, path):
    tables = "".join(
        f'<table:table table:name="{escape(drawn.name)}">{"".join(_ods_rows(drawn))}</table:table>' for drawn in ledger.sheets)
    names = "".join(f' xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0"' for key in ("office", "table", "text"))
    content = (f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.2"><office:body>'
               f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>")
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = ('<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
                f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>')
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", kind)
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", manifest)


def _ods_rows(drawn):
    width = max(map(len, drawn.rows))
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in drawn.merged}
    covered = {(row, column) for top, left, bottom, right in drawn.merged
               for row in range(top, bottom + 1) for column in range(left, right + 1)} - set(spans)
    width = max([width, *(right + 1 for *_, right in drawn.merged)])
    for row, cells in enumerate(drawn.rows):
        parts = []
        for column, value in enumerate([*cells, *[None] * (width - len(cells))]):
            if (row, column) in covered:
                parts.append("<table:covered-table-cell/>")
                continue
            down, across = spans.get((row, column), (1, 1))
            spanned = f' table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"' if (row, column) in spans else ""
            parts.append(f"<table:table-cell{spanned}{_ods_value(value)}</table:table-cell>")
        yield f"<table:table-row>{''.join(parts)}</table:table-row>"


def _ods_value(value):
    if value is None:
        return ">"
    if isinstance(value, float):
        return f' office:value-type="float" office:value="{value}"><text:p>{value:g}</text:p>'
    return ' office:value-type="string">' + "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))


def _delimited(delimiter):
    def write_text(ledger, path):
        lines = StringIO()
        writer = csv.writer(lines, delimiter=delimiter, lineterminator="\r\n")
        rows = ledger.sheets[0].rows
        width = max(map(len, rows))
        for row in rows:
            shown = ["" if value is None else f"{value:g}" if isinstance(value, float) else str(value) for value in row]
            writer.writerow(shown + [""] * (width - len(row)))
        path.write_bytes(lines.getvalue().encode(ledger.encoding))
    return write_text


def _html(ledger, path):
    drawn = ledger.sheets[0]
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in drawn.merged}
    covered = {(row, column) for top, left, bottom, right in drawn.merged
               for row in range(top, bottom + 1) for column in range(left, right + 1)} - set(spans)
    lines = []
    for row, cells in enumerate(drawn.rows):
        parts = []
        for column, value in enumerate(cells):
            if (row, column) not in covered:
                down, across = spans.get((row, column), (1, 1))
                shown = "" if value is None else f"{value:g}" if isinstance(value, float) else html.escape(value).replace("\n", "<br>")
                parts.append(f'<td rowspan="{down}" colspan="{across}">{shown}</td>')
        lines.append(f"<tr>{''.join(parts)}</tr>")
    page = f'<html><head><meta charset="utf-8"></head><body><table border=1>{"".join(lines)}</table></body></html>'
    path.write_text(page, encoding="utf-8")


WRITERS = {"xlsx": _xlsx, "xls": _xls, "ods": _ods, "csv": _delimited(","), "tsv": _delimited("\t"), "html": _html}


@dataclass
class Score:
    """What was told right of one ledger, and each thing that was not."""

    wrong: list = field(default_factory=list)
    headers: tuple = (0, 0)
    cells: tuple = (0, 0)


def score(ledger, path, known, tables):
    """Hold what was understood of a written ledger, and the tables that came of it, against what was to be understood."""
    result, sheets = Score(), read_book(path, ledger.source_file)
    if isinstance(sheets, Unreadable):
        result.wrong.append(f"unreadable: {sheets.reason}")
        return result
    found = [understand(sheet, known) for sheet in sheets]
    if ledger.expect.get("unreadable"):
        if any(sheet.blocks for sheet in found):
            result.wrong.append("a table was found where none can be known")
        return result
    _layout(ledger, found, result)
    _values(ledger, tables, result)
    return result


def _layout(ledger, found, result):
    counts = {}
    for kind in (kind for sheet in found for kind in sheet.ignored.values()):
        counts[kind] = counts.get(kind, 0) + 1
    if counts != ledger.expect.get("ignored", {}):
        result.wrong.append(f"ignored {counts}, expected {ledger.expect.get('ignored', {})}")
    blocks = [(sheet.sheet.name, block) for sheet in found for block in sheet.blocks]
    if len(blocks) != len(ledger.expect["tables"]):
        result.wrong.append(f"{len(blocks)} tables, expected {len(ledger.expect['tables'])}")
    right = total = 0
    for place, table in enumerate(ledger.expect["tables"]):
        name, block = blocks[place] if place < len(blocks) else ("", None)
        good, all_of = _table(table, name, block, result)
        right, total = right + good, total + all_of
    result.headers = (right, total)


def _table(table, name, block, result):
    fields = table.get("fields", [])
    judged = sum(told != "*" for told in fields) + len(table.get("units", {}))
    if block is None:
        return 0, judged
    if list(block.rows) != numbers(table["rows"]):
        result.wrong.append(f"rows {block.rows}, expected {table['rows']}")
    if block.form.table != table["of"] or table.get("sheet", name) != name:
        result.wrong.append(f"table {block.form.table} in {name}, expected {table['of']}")
    given = [(match.header, match.field or "?") for match in block.columns]
    right = 0
    for place, told in enumerate(fields):
        header, own = given[place] if place < len(given) else ("", "-")
        if told != "*":
            right += own == told
            if own != told:
                result.wrong.append(f"header {header!r} is {own}, expected {told}")
    if fields and len(given) != len(fields):
        result.wrong.append(f"{len(given)} columns, expected {len(fields)}: {given}")
    units = {match.field: match.unit for match in block.columns if match.field}
    for own, unit in table.get("units", {}).items():
        right += units.get(own) == unit
        if units.get(own) != unit:
            result.wrong.append(f"unit of {own} is {units.get(own)}, expected {unit}")
    for row, group in table.get("groups", {}).items():
        if group not in block.groups.get(row, ()):
            result.wrong.append(f"group of row {row} is {block.groups.get(row)}, expected {group}")
    return right, judged


def _values(ledger, tables, result):
    right = total = 0
    for told in ledger.expect.get("values", ()):
        record = _record(ledger, told, tables)
        for column, value in told.items():
            if column in ("row", "sheet", "table"):
                continue
            total += 1
            own = None if record is None else record.get(column)
            good = _same(own, value, record, column)
            right += good
            if not good:
                result.wrong.append(f"row {told['row']} {column} is {own!r}, expected {value!r}")
    result.cells = (right, total)


def _record(ledger, told, tables):
    """The accepted row that a ledger's row became; of two beside each other the one of this name."""
    table = told.get("table", "projects")
    if table == "projects":
        rows = tables["observations"]
        rows = rows[(rows["source_file"] == ledger.source_file) & (rows["row"] == told["row"])]
    else:
        line = tables["lineage"]
        line = line[(line["source_file"] == ledger.source_file) & (line["row"] == told["row"]) & (line["table"] == table)]
        rows = tables[table]
        rows = rows[rows.iloc[:, 0].isin(line["key"]) & (rows["snapshot"] == pd.Timestamp(day_of_folder(ledger.snapshot)))]
    if "sheet" in told and "sheet" in rows:
        rows = rows[rows["sheet"] == told["sheet"]]
    if "name" in told and len(rows) > 1:
        rows = rows[rows["name"] == told["name"]]
    return None if rows.empty else rows.iloc[0].to_dict()


def day_of_folder(name):
    """2022Q1 → 2022-03-31."""
    found = re.fullmatch(r"(20\d\d)Q([1-4])", name)
    return (pd.Period(name, freq="Q").end_time.date()) if found else day_of(name)


def _same(own, told, record, column):
    if told is None:
        return own is None or pd.isna(own)
    if own is None or pd.isna(own):
        return False
    if isinstance(told, dt.date):
        return pd.Timestamp(own).date() == told
    if isinstance(told, int | float):
        return abs(float(own) - told) <= 1e-6 * max(1, abs(told))
    dated = re.fullmatch(r"(\d{4}-\d\d-\d\d) (\w+)", told)
    if dated:
        return pd.Timestamp(own).date() == dt.date.fromisoformat(dated[1]) and record.get(f"{column}_precision") == dated[2]
    return str(own) == told
