"""What a file is by what it holds, not by its name: the kind of workbook or text, and the encoding of a text."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from liantu.ledger.files.encodings import encoding_of
from liantu.ledger.files.html_tables import told_charset
from liantu.ledger.files.spreadsheet_xml import is_spreadsheet_xml, told_encoding
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.files.web_archive import is_web_archive

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
PARQUET = b"PAR1"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = re.compile(rb"<\s*(?:html|table|!doctype\s+html|head|body|meta|tr|div|center)\b", re.I)
_MEMBERS = {"xl/vbaProject.bin": "xlsm", "xl/workbook.bin": "xlsb", "content.xml": "ods", "xl/workbook.xml": "xlsx"}


@dataclass(frozen=True)
class FileKind:
    """A kind of file: xlsx, xlsm, xlsb, ods, xls, parquet, html, spreadsheet_xml, web_archive or csv (any text with separators).

    `encoding` is told of texts only.
    """

    name: str
    encoding: str | None = None


def kind_of(content: bytes) -> FileKind | None:
    """The kind of a file; None when it is none that is read."""
    if content.startswith(ZIP):
        return _zipped(content)
    if content.startswith(OLE):
        return FileKind("xls")
    if content.startswith(PARQUET):
        return FileKind("parquet")
    if is_web_archive(content):
        return FileKind("web_archive")
    try:
        if is_spreadsheet_xml(content):
            return FileKind("spreadsheet_xml", encoding_of(content, told_encoding(content)))
        html = bool(HTML.search(content[:4096].replace(b"\0", b"")))
        return FileKind("html" if html else "csv", encoding_of(content, told_charset(content) if html else None))
    except UnreadableError:
        return None


def _zipped(content: bytes) -> FileKind | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return next((FileKind(kind) for member, kind in _MEMBERS.items() if member in members), None)
