"""What notebooks hand to pages: the MIME types of the suite, read from executed notebooks, and their values as text and CSV."""

from __future__ import annotations

import base64
import csv
import io
import math
import re
import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from liantu.suite.pages.words import words

FIGURE = "application/vnd.liantu.figure+json"
TABLE = "application/vnd.liantu.table+json"
HEADLINE = "application/vnd.liantu.headline+json"
ANSWER = "application/vnd.liantu.answer+json"
PAGE = "application/vnd.liantu.page+json"
WORKBOOK = "application/vnd.liantu.workbook+json"
WATCH = "application/vnd.liantu.watch+json"
SHOWN = (FIGURE, TABLE, HEADLINE, ANSWER, WATCH, WORKBOOK)
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def bundles(notebook: Any, mime: str) -> Iterator[dict[str, Any]]:
    """The data of every output of an executed notebook that has `mime`, in order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if isinstance(output.get("data", {}).get(mime), dict):
                yield output["data"]


def payloads(notebook: Any, mime: str) -> list[dict[str, Any]]:
    """The payloads of type `mime` in an executed notebook, in order."""
    return [data[mime] for data in bundles(notebook, mime)]


def file_names(names: Iterable[object]) -> list[str]:
    """A file name for each name: no separators, no leading dot, each different."""
    taken: list[str] = []
    for name in names:
        base = re.sub(r"[^\w.-]+", "_", str(name or "")).strip("._") or "unnamed"
        number = 1
        while (candidate := base if number == 1 else f"{base}-{number}") in taken:
            number += 1
        taken.append(candidate)
    return taken


def as_text(value: object, lang: str) -> str:
    """A value as a reader sees it: empty for missing, thousands separated from 10,000 on (so years stay years), two decimals at most.

    A number below 0.01 has three digits that count.
    """
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if isinstance(value, bool):
        return words(lang)["yes" if value else "no"]
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}"
    if isinstance(value, float):
        # never as a power of ten, which few readers of a ledger take for the number that it is
        return f"{Decimal(f'{value:.3g}'):f}" if abs(value) < 0.01 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)


def share(value: object) -> float | None:
    """A number between 0 and 1 as such, None for anything else that cannot be a share."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) else None


def as_csv(payload: dict[str, Any]) -> bytes:
    """The rows of a figure or table as CSV that spreadsheets open rightly: UTF-8 with BOM, labels as header, no live formula from data."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([inert(column.get("label") or column.get("name") or "") for column in payload.get("columns") or []])
    writer.writerows(map(inert, row) for row in payload.get("rows") or [])  # what is missing is written as nothing
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def inert(value: object) -> object:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; numbers and other text unchanged."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_LIVE) else value


def is_live(value: object) -> bool:
    """True for text that a spreadsheet would run as a formula if it stood in a cell by itself."""
    return isinstance(value, str) and value.startswith(_LIVE)


def workbook_paths(notebook: Any, stem: str) -> list[str]:
    """Where the workbooks of an executed notebook lie in the report folder, in order: with the page's tables, or beside the front page."""
    books = payloads(notebook, WORKBOOK)
    names = file_names(book.get("name") for book in books)
    return [f"{name}.xlsx" if book.get("at_root") else f"tables/{stem}/{name}.xlsx" for book, name in zip(books, names, strict=True)]


def books_beside(html: bytes) -> list[str]:
    """The workbooks beside the front page that a rendered page hands on; links to them in its prose do not count."""
    names = (unquote(name.decode()) for name in re.findall(rb'class="book-link"><a href="([^"/]+\.xlsx)"', html))
    return [name for name in names if "/" not in name]


def png_bytes(data: dict[str, Any]) -> bytes | None:
    """The picture of an output, if it has one that can be read."""
    content = data.get("image/png")
    if not content:
        return None
    try:
        return base64.b64decode("".join(content) if isinstance(content, list) else content)
    except ValueError:
        return None


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from a PNG's header."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        return None
    return struct.unpack(">II", content[16:24])


def css_text(text: object) -> str:
    """Text between the quotes of a style sheet; whatever is not a plain letter or digit is written as its number."""
    return "".join(character if character.isascii() and character.isalnum() else f"\\{ord(character):x} " for character in str(text))
