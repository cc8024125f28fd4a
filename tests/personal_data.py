"""Personal data looked for in everything that was written: by pattern, and by what is known to stand in the raw ledgers."""

import html
import json
import re
import unicodedata
import zipfile

import pyarrow.parquet as pq

from liantu.ledger.files.reading import read_book
from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import known_forms
from liantu.ledger.sheets import Unreadable
from liantu.reference import city

# Written apart from the patterns of the library, so that one mistake does not hide in both.
MOBILE = re.compile(r"(?<![\d.a-f])1[3-9]\d{9}(?![\d.a-f])")  # a hash written in hexadecimal digits is no number
IDENTITY = re.compile(r"(?<![\dA-Za-z.-])[1-6]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])")
EMAIL = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.(?:com|cn|net|org)\b")
_IMAGES = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s\\n]+|\"image/png\": *\"[^\"]*\"")


def texts_of(path):
    """The texts that a reader of one written file can see."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        for name in table.column_names:
            yield name
            yield from (str(value) for value in table.column(name).unique().to_pylist() if value is not None)
        yield str(table.schema.metadata)
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            parts = [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
        yield from (html.unescape(part.decode("utf-8", "replace")) for part in parts)
    elif path.suffix in (".png", ".woff2", ".ttf", ".otf", ".ico"):
        return
    else:
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix in (".json", ".ipynb"):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        text = _IMAGES.sub("", text)
        yield text
        if path.suffix == ".html":
            yield html.unescape(text)


def leaks(paths, known=()):
    """(file, what) for every mobile number, ID number, e-mail address or known personal text in the files; digits count in any width."""
    sought = re.compile("|".join(re.escape(text) for text in sorted(known, key=len, reverse=True))) if known else None
    found = set()
    for path in paths:
        for text in texts_of(path):
            plain = unicodedata.normalize("NFKC", text)
            for pattern in (MOBILE, IDENTITY, EMAIL, *([sought] if sought else [])):
                found |= {(path.name, match) for match in pattern.findall(plain)}
    return found


def personal_of(raw, source_files):
    """What the private columns of raw ledgers hold, and every mobile and ID number anywhere in their cells."""
    forms, told = known_forms(city()), set()
    for name in source_files:
        sheets = read_book(raw / name, name)
        for sheet in [] if isinstance(sheets, Unreadable) else sheets:
            told |= {number for row in sheet.cells for value in row if isinstance(value, str)
                     for number in (*MOBILE.findall(value), *IDENTITY.findall(value))}
            for block in understand(sheet, forms).blocks:
                columns = [match.index for match in block.columns if match.field == "private"]
                told |= {str(sheet.cells[row - sheet.first_row][column]) for row in block.rows for column in columns}
    return {text for text in told if text != "None" and len(text) >= 2}
