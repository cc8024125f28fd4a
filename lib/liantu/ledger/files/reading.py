"""Files → sheets: xlsx, xlsm, xls, xlsb, ods, csv, tsv, parquet and HTML saved as .xls, told apart by what they hold, not by their names.

Nothing raised here leaves: what cannot be read is an `Unreadable` with a reason. Macros are never run, links never followed,
formulas never computed (the value that the program saved is read).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import python_calamine as calamine

from liantu.ledger.files import limits
from liantu.ledger.files.biff import biff_errors, open_old
from liantu.ledger.files.delimited import read_delimited
from liantu.ledger.files.encodings import decode
from liantu.ledger.files.html_tables import read_html, told_charset
from liantu.ledger.files.kinds import HTML, OLE, PARQUET, ZIP
from liantu.ledger.files.naming import shown_in_order
from liantu.ledger.files.packages import Package, inspect
from liantu.ledger.files.parquets import read_parquet
from liantu.ledger.files.spreadsheet_xml import is_spreadsheet_xml, read_spreadsheet_xml, told_encoding
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.files.web_archive import is_web_archive, named_sheets, pages
from liantu.ledger.sheets import Cell, Sheet, Unreadable
from liantu.ledger.values.privacy import scrub

_OTHERS = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf", b"BM", b"MZ", b"\x7fELF",
    b"SQLite format", b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_XML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s]*<\?xml\b")


def read_book(path: Path, source_file: str) -> list[Sheet] | Unreadable:
    """The sheets of one file in their order, hidden ones included; chart sheets are left out.

    Rows and columns are numbered as a spreadsheet shows them; leading and trailing rows without any value are outside the used range.
    Never raises for what a file holds: an unreadable one is returned as such.
    """
    try:
        return _named(_read(path, source_file))
    except UnreadableError as error:
        return error.told(source_file)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except OSError:
        return UnreadableError("not_found").told(source_file)
    except BaseException:  # a panic of the workbook reader is not an Exception
        return UnreadableError("truncated").told(source_file)


def _named(sheets: list[Sheet]) -> list[Sheet]:
    """Names and titles as they may be shown; no two sheets of a file bear one name."""
    names = shown_in_order([sheet.name for sheet in sheets])
    return [replace(sheet, name=name, titles=tuple(map(scrub, sheet.titles))) for sheet, name in zip(sheets, names, strict=True)]


def _read(path: Path, source_file: str) -> list[Sheet]:
    if not path.is_file():
        raise UnreadableError("not_a_file" if path.exists() else "not_found")
    limits.check_size(path.stat().st_size, limits.MAX_FILE_BYTES, "文件字节", "bytes")
    content = path.read_bytes()
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableError("empty")
    if content.startswith(ZIP):
        return _workbook(content, source_file, inspect(content))
    if content.startswith(OLE):
        return _old_workbook(content, source_file)
    if content.startswith(PARQUET):
        return [read_parquet(content, source_file)]
    if content.startswith(_OTHERS):
        raise UnreadableError("not_a_workbook")
    if is_spreadsheet_xml(content):
        return read_spreadsheet_xml(decode(content, told_encoding(content)), source_file)
    if is_web_archive(content):
        return _web_archive(content, source_file)
    if HTML.search(content[:4096].replace(b"\0", b"")):
        return [read_html(decode(content, told_charset(content)), source_file)]
    if _XML.match(content[:4096].replace(b"\0", b"")):
        raise UnreadableError("not_a_workbook")
    return [read_delimited(decode(content), source_file)]


def _web_archive(content: bytes, source_file: str) -> list[Sheet]:
    """Each page with a table is a sheet; where the archive's first page names its sheets only those are (the others are its frames)."""
    texts = [(place, decode(body, told_charset(body) or charset)) for place, body, charset in pages(content) if body]
    named = named_sheets(texts[0][1]) if texts else {}
    sheets = []
    for place, text in texts:
        if not re.search("<td|<th", text, re.I) or (named and any(name in named for name, _ in texts) and place not in named):
            continue
        sheet = read_html(text, source_file, blank=True)
        name, hidden = named.get(place, (sheet.name or place.rpartition(".")[0], False))
        sheets.append(replace(sheet, name=name, hidden=hidden))
    if not sheets:
        raise UnreadableError("no_table")
    if not any(sheet.cells for sheet in sheets):
        raise UnreadableError("empty")
    return sheets


def _old_workbook(content: bytes, source_file: str) -> list[Sheet]:
    """An .xls, or an encrypted .xlsx in the same container."""
    if _wide("EncryptedPackage") in content or _wide("EncryptionInfo") in content:
        raise UnreadableError("encrypted")
    if _wide("Workbook") not in content and _wide("Book") not in content:
        raise UnreadableError("truncated" if len(content) < 4096 else "not_a_workbook")
    book = open_old(content)
    if book.encrypted:
        raise UnreadableError("encrypted")
    return _workbook(content, source_file, Package("xls", errors=biff_errors(book)))


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _workbook(content: bytes, source_file: str, package: Package) -> list[Sheet]:
    try:
        with calamine.CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            sheets = [
                _sheet(book.get_sheet_by_index(index), told, source_file, package)
                for index, told in enumerate(book.sheets_metadata) if told.typ == calamine.SheetTypeEnum.WorkSheet]
    except calamine.PasswordError:
        raise UnreadableError("encrypted") from None
    except calamine.CalamineError as error:
        raise UnreadableError("encrypted" if "assword" in str(error) or "ncrypt" in str(error) else "truncated") from None
    if not any(sheet.cells for sheet in sheets):
        raise UnreadableError("empty")
    return sheets


def _sheet(read: calamine.CalamineSheet, told: calamine.SheetMetadata, source_file: str, package: Package) -> Sheet:
    hidden = told.visible != calamine.SheetVisibleEnum.Visible
    errors = package.errors.get(told.name, {})
    limits.check_range(read.height, read.width, None, told.name)
    rows = [[_cell(value) for value in row] for row in read.to_python()]
    top, left = read.start or (0, 0)
    cells, first_row, first_column = _trimmed(*_with_errors(rows, top + 1, left + 1, errors))
    merged = package.merged.get(told.name) or tuple(
        (start[0] + 1, start[1] + 1, end[0] + 1, end[1] + 1) for start, end in read.merged_cell_ranges or ())
    return Sheet(source_file, told.name, cells, first_row, first_column, merged, hidden)


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    return str(value) if isinstance(value, dt.timedelta) else value


def _with_errors(
    rows: list[list[Cell]], first_row: int, first_column: int, errors: dict[tuple[int, int], str]) -> tuple[list[list[Cell]], int, int]:
    """The reader leaves error cells empty: they stay text (#REF!), also where they widen the used range."""
    if not errors:
        return rows, first_row, first_column
    top, left = (min(first_row, *(row for row, _ in errors)), min(first_column, *(column for _, column in errors))) if rows else min(errors)
    bottom = max(first_row + len(rows) - 1, *(row for row, _ in errors), top)
    right = max(first_column + (len(rows[0]) if rows else 0) - 1, *(column for _, column in errors), left)
    limits.check_range(bottom - top + 1, right - left + 1, None, "#")
    cells: list[list[Cell]] = [[None] * (right - left + 1) for _ in range(bottom - top + 1)]
    for number, row in enumerate(rows):
        cells[first_row - top + number][first_column - left:first_column - left + len(row)] = row
    for (row, column), text in errors.items():
        if cells[row - top][column - left] is None:
            cells[row - top][column - left] = text
    return cells, top, left


def _trimmed(cells: list[list[Cell]], first_row: int, first_column: int) -> tuple[list[list[Cell]], int, int]:
    """Without leading and trailing rows that hold nothing (a cell of blanks only counts as nothing)."""
    filled = [number for number, row in enumerate(cells) if any(value is not None for value in row)]
    if not filled:
        return [], 1, 1
    return cells[filled[0]:filled[-1] + 1], first_row + filled[0], first_column
