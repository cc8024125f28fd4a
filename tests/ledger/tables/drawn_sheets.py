"""Sheets for tests, written the way a spreadsheet looks: one string a row, cells divided by '|'."""

from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import known_forms
from liantu.ledger.sheets import Sheet
from liantu.reference import city

KNOWN = known_forms(city())


def cell(text):
    """A cell as written: blanks are None, plain numbers are numbers."""
    text = text.strip()
    try:
        return float(text) if text else None
    except ValueError:
        return text


def sheet_of(drawing, merged=(), first_row=1, name="", source="2022Q1/a.xlsx", first_column=1):
    """A sheet from its drawing; an empty line is a blank row."""
    lines = drawing.strip("\n").split("\n")
    rows = [[cell(part) for part in line.split("|")] for line in lines]
    width = max(map(len, rows))
    return Sheet(source, name, [row + [None] * (width - len(row)) for row in rows], first_row, first_column, tuple(merged))


def understood(drawing, **more):
    """What is found in a drawn sheet; every row is accounted for."""
    sheet = sheet_of(drawing, **more)
    result = understand(sheet, KNOWN)
    taken = {row for block in result.blocks for row in block.rows}
    rows = [*taken, *result.ignored]
    assert sorted(rows) == list(range(sheet.first_row, sheet.first_row + len(sheet.cells)))
    return result


def fields(block):
    """Field → unit of the columns that were matched."""
    return {match.field: match.unit for match in block.columns if match.field}


def kinds(result, kind):
    """The rows ignored as `kind`."""
    return [row for row, why in sorted(result.ignored.items()) if why == kind]
