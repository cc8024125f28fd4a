"""Web archives (MHTML, "single file web page", often named .xls) → their HTML pages.

Only the text parts of the one multipart message are taken (RFC 2557); nothing that they point at is opened.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError

_MAX_DEPTH = 5
_SHEET = re.compile(r"<x:ExcelWorksheet>(.*?)</x:ExcelWorksheet>", re.I | re.S)
_NAME = re.compile(r"<x:Name>([^<]*)</x:Name>", re.I)
_SOURCE = re.compile(r"<x:WorksheetSource\s+HRef=(?:3D)?[\"']?([^\"'>\s]+)", re.I)
_HIDDEN = re.compile(r"<x:Visible>\s*Sheet\w*Hidden", re.I)


def is_web_archive(content: bytes) -> bool:
    """Whether a file begins with the headers of a multipart message."""
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"mime-version:", b"from:", b"content-type:", b"x-document-type:", b"subject:", b"date:")) and (
        b"multipart/related" in head or b"text/html" in head or b"multipart/mixed" in head)


def pages(content: bytes) -> list[tuple[str, bytes, str | None]]:
    """(file name in small letters, bytes, charset) of each HTML part in the order of the archive; raises UnreadableError."""
    limits.check_size(content.lower().count(b"content-type:"), limits.MAX_PAGES, "网页归档的部件", "parts of the web archive")
    if content[:1 << 20].lower().count(b"multipart/") > _MAX_DEPTH:
        raise UnreadableError("truncated")
    try:
        message = message_from_bytes(content.lstrip(b"\xef\xbb\xbf \t\r\n"))
        found = [_page(part) for part in message.walk() if part.get_content_type() == "text/html"]
    except (ValueError, LookupError, RecursionError, AssertionError):
        raise UnreadableError("truncated") from None
    if not found:
        raise UnreadableError("no_table")
    return found


def _page(part: Message) -> tuple[str, bytes, str | None]:
    body = part.get_payload(decode=True)
    place = str(part.get("Content-Location") or "").rpartition("/")[2].lower()
    return place, body if isinstance(body, bytes) else b"", part.get_content_charset()


def named_sheets(frame: str) -> dict[str, tuple[str, bool]]:
    """File name of a sheet's page → the sheet's name and whether it is hidden, as the archive's first page tells."""
    sheets = {}
    for told in _SHEET.findall(frame):
        name, source = _NAME.search(told), _SOURCE.search(told)
        if name and source:
            sheets[source[1].rpartition("/")[2].lower()] = (name[1].strip(), bool(_HIDDEN.search(told)))
    return sheets
