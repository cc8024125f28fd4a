"""Tables of pages: those that a notebook shows are set by great-tables, the rows behind its figures stay plain and folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape as escape_quotes
from typing import Any
from unicodedata import east_asian_width

from markupsafe import Markup, escape

from liantu.suite.pages.outputs import as_text

GREAT_CELLS = 200
"""Tables of more cells are lists: the template writes them, in the same look, as great-tables gives every cell 40 letters of its own."""
_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")
_escaped = lru_cache(10_000)(escape)  # most values of long tables come again: counties, stages, files
_ID, _LABEL, _CELL = "liantu-id", "liantu-label", "liantu-cell"


@dataclass(frozen=True)
class BarRows:
    """The rows behind one bar of a figure: its label, the anchor it is reached by, the rows shown as HTML, how many there are and how
    many of them only the CSV has."""

    label: str
    anchor: str
    body: Markup
    count: int
    left: int


def texts(payload: dict[str, Any], lang: str, rows_shown: int) -> list[list[str]]:
    """The values of the rows of a table that its page shows, as a reader sees them."""
    return [[as_text(value, lang) for value in row] for row in (payload.get("rows") or [])[:rows_shown]]


def body_rows(rows: Iterable[Sequence[str]]) -> Markup:
    """Rows of shown values as `<tr>`, one a line, escaped: a template that writes them value by value takes eight times as long."""
    return Markup("".join([f"<tr><td>{'</td><td>'.join(map(_escaped, row))}</td></tr>\n" for row in rows]))


def great_table(payload: dict[str, Any], rows: Sequence[Sequence[str]], number: int) -> Markup | None:
    """A table payload as the `<table>` that great-tables makes, without its style sheet: pages share one of their own.

    None for a table of more than GREAT_CELLS cells. `rows` are its values as shown (`texts`), which are escaped here; `number` makes the
    ids unique on the page; the title is the caption.
    """
    columns = payload.get("columns") or []
    if not columns or len(columns) * len(rows) > GREAT_CELLS:
        return None
    head, row_of, foot = (part.replace(_ID, f"t{number}") for part in _mould(tuple(aligns(payload))))
    labels = [escape_quotes(str(column.get("label") or column.get("name") or "")) for column in columns]
    body = "".join([row_of.format(*map(escape_quotes, row)) for row in rows])
    caption = f"<caption>{escape_quotes(str(payload['title']))}</caption>" if payload.get("title") else ""
    return Markup(head.format(*labels).replace(">", f">{caption}", 1) + body + foot)


@cache
def _mould(aligned: tuple[str, ...]) -> tuple[str, str, str]:
    """What great-tables writes before the rows, for each row and after them, with a `{}` for each label and value.

    It takes 5 ms for a table and 0.1 ms for each cell, all of which tables with the same columns share.
    """
    import great_tables
    import pandas as pd

    names = [f"c{index}" for index in range(len(aligned))]
    table = great_tables.GT(pd.DataFrame([[_CELL] * len(names)], columns=names), id=_ID).cols_label(dict.fromkeys(names, _LABEL))
    for side in ("left", "center", "right"):
        if of_side := [name for name, align in zip(names, aligned, strict=True) if align == side]:
            table = table.cols_align(side, of_side)
    made = table.as_raw_html()
    made = _BETWEEN_TAGS.sub("><", made[made.index("<table"):made.rindex("</table>") + len("</table>")])
    made = made.replace("{", "{{").replace("}", "}}").replace(_LABEL, "{}").replace(_CELL, "{}")
    first, last = made.index("<tr", made.index("<tbody")), made.rindex("</tr>") + len("</tr>")
    return made[:first], made[first:last], made[last:].format()


def bars(behind: dict[str, Any], name: str, lang: str, rows_shown: int) -> list[BarRows]:
    """The rows behind each bar of a figure called `name`, in the order of their first row, without the column that tells the bar.

    All rows are shown up to `rows_shown`; of more, each bar shows its even share, at least three.
    """
    group, rows = behind.get("group") or 0, behind.get("rows") or []
    found: dict[str, list[list[Any]]] = {}
    for row in rows:
        found.setdefault(as_text(row[group], lang), []).append(row)
    room = len(rows) if len(rows) <= rows_shown else max(3, rows_shown // max(1, len(found)))
    return [BarRows(label, f"{name}-{number}", body_rows(texts(without_bar({**behind, "rows": rows[:room]}), lang, room)), len(rows),
                    max(0, len(rows) - room))
            for number, (label, rows) in enumerate(found.items(), 1)]


def without_bar(behind: dict[str, Any]) -> dict[str, Any]:
    """The table behind a figure without the column that tells the bar."""
    group = behind.get("group") or 0
    return {"columns": [column for index, column in enumerate(behind.get("columns") or []) if index != group],
            "rows": [[*row[:group], *row[group + 1:]] for row in behind.get("rows") or []]}


def aligns(payload: dict[str, Any]) -> list[str]:
    """`right` for each column that says so or, where it says nothing, that holds only numbers; else `left`."""
    rows = payload.get("rows") or []
    return [str(column.get("align") or ("right" if _only_numbers(row[index] for row in rows if index < len(row)) else "left"))
            for index, column in enumerate(payload.get("columns") or [])]


def _only_numbers(values: Iterable[object]) -> bool:
    """True when all that is there are numbers, and at least one is."""
    there = False
    for value in values:
        if value is not None:
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                return False
            there = True
    return there


def column_classes(payload: dict[str, Any], rows: Sequence[Sequence[str]]) -> str:
    """Classes of the box around a table that tell of its columns, counted from 1; `rows` are its values as shown (`texts`).

    `r2` aligns the second to the right, `c2` to the middle; `n2` keeps its short values on one line, `k2` on paper too, `t2` its short
    header, `w2` gives its long text room.
    """
    classes: list[str] = []
    for index, align in enumerate(aligns(payload)):
        widest = _widest(row[index] for row in rows if index < len(row))
        room = "nk" if widest <= 10 else "n" if widest <= 24 else "w" if widest > 40 else ""
        column = payload["columns"][index]
        head = "t" if _width(str(column.get("label") or column.get("name") or "")) <= 10 else ""
        classes += [f"{letter}{index + 1}" for letter in {"right": "r", "center": "c"}.get(align, "") + room + head]
    return " ".join(classes)


def _widest(column: Iterable[str]) -> int:
    widest = 0
    for text in sorted(set(column), key=len, reverse=True):
        if 2 * len(text) <= widest:  # none of the shorter ones can be wider
            break
        widest = max(widest, _width(text))
    return widest


def _width(text: str) -> int:
    """Width in half-width characters: Chinese ones are twice as wide."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
