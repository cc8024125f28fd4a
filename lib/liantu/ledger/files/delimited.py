"""csv and tsv → one sheet; the row is the record's number."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.sheets import Cell, Sheet

_DELIMITERS = (",", "\t", ";", "|")
_AS_TEXT = re.compile(r'="([^"]*)"')
FIELD_LIMIT = 10_000_000
"""Characters of one cell."""


def read_delimited(text: str, source_file: str) -> Sheet:
    """One sheet without a name; every cell is text as written, an empty one None."""
    csv.field_size_limit(FIELD_LIMIT)
    records = _records(text, delimiter_of(text))
    width = max((len(record) for record in records), default=0)
    limits.check_range(len(records), width, None, source_file)
    cells: list[list[Cell]] = [[_cell(value) for value in record] + [None] * (width - len(record)) for record in records]
    if not any(value is not None for row in cells for value in row):
        raise UnreadableError("empty")
    return Sheet(source_file, "", cells)


def _cell(value: str) -> Cell:
    if value.startswith('="') and (told := _AS_TEXT.fullmatch(value)):
        value = told[1]
    return value if value and not value.isspace() else None


def _records(text: str, delimiter: str) -> list[list[str]]:
    """The records; with a quote that is never closed every line is a record, so that no row vanishes into a cell."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error) or "field larger" in str(error):
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if records and any("\n" in value and value.count(delimiter) > 3 for value in records[-1]):
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    return records


def delimiter_of(text: str) -> str:
    """The delimiter by which most of the first records have the same number of cells, more than one."""
    head = text[:65536]
    if told := re.match(r"\s*sep=(.)\r?\n", head):
        return told[1]
    return max(_DELIMITERS, key=lambda delimiter: _agreement(head, delimiter))


def _agreement(head: str, delimiter: str) -> int:
    try:
        records = [len(record) for record in islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 60) if record]
    except csv.Error:
        return 0
    counts = Counter(width for width in records if width > 1)
    return max(((width - 1) * times for width, times in counts.items()), default=0)
