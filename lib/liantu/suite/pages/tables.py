"""Tables of pages: those that a notebook shows are set by great-tables, the rows behind its figures stay plain and folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from unicodedata import east_asian_width

from markupsafe import Markup

from liantu.suite.pages.outputs import as_text

GREAT_CELLS = 200
"""Tables of more cells are lists: the template writes them, in the same look, as great-tables takes 0.1 ms for each cell."""
_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")


@dataclass(frozen=True)
class BarRows:
    """The rows behind one bar of a figure: its label, the anchor it is reached by, the rows shown, and how many more the CSV has."""

    label: str
    anchor: str
    rows: list[list[Any]]
    left: int


def great_table(payload: dict[str, Any], lang: str, number: int, rows_shown: int) -> Markup | None:
    """A table payload as the `<table>` that great-tables makes, without its style sheet: pages share one of their own.

    None for a table of more than GREAT_CELLS cells. `number` makes the ids unique on the page. Values are shown as everywhere on the page
    (`as_text`) and escaped; the title is the caption.
    """
    columns, rows = payload.get("columns") or [], (payload.get("rows") or [])[:rows_shown]
    if not columns or len(columns) * len(rows) > GREAT_CELLS:
        return None
    import great_tables
    import pandas as pd

    names = [f"c{index}" for index in range(len(columns))]
    shown = [[as_text(value, lang) for value in row] for row in rows]
    labels = {name: great_tables.html(escape(str(column.get("label") or column.get("name") or "")))
              for name, column in zip(names, columns, strict=True)}
    # great-tables fills its cells one by one, which is a third faster in strings of Python than in Arrow's
    with pd.option_context("mode.string_storage", "python"):
        table = great_tables.GT(pd.DataFrame(shown, columns=names, dtype=object), id=f"t{number}").cols_label(labels)
        for side in ("left", "center", "right"):
            if of_side := [name for name, align in zip(names, aligns(payload), strict=True) if align == side]:
                table = table.cols_align(side, of_side)
        made = table.as_raw_html()
    made = _BETWEEN_TAGS.sub("><", made[made.index("<table"):made.rindex("</table>") + len("</table>")])
    caption = f"<caption>{escape(str(payload['title']))}</caption>" if payload.get("title") else ""
    return Markup(made.replace(">", f">{caption}", 1))


def bars(behind: dict[str, Any], name: str, lang: str, rows_shown: int) -> list[BarRows]:
    """The rows behind each bar of a figure called `name`, in the order of their first row, without the column that tells the bar.

    All rows are shown up to `rows_shown`; of more, each bar shows its even share, at least three.
    """
    group, rows = behind.get("group") or 0, behind.get("rows") or []
    found: dict[str, list[list[Any]]] = {}
    for row in rows:
        found.setdefault(as_text(row[group], lang), []).append([*row[:group], *row[group + 1:]])
    room = len(rows) if len(rows) <= rows_shown else max(3, rows_shown // max(1, len(found)))
    return [BarRows(label, f"{name}-{number}", rows[:room], max(0, len(rows) - room))
            for number, (label, rows) in enumerate(found.items(), 1)]


def without_bar(behind: dict[str, Any]) -> dict[str, Any]:
    """The table behind a figure without the column that tells the bar."""
    group = behind.get("group") or 0
    return {"columns": [column for index, column in enumerate(behind.get("columns") or []) if index != group],
            "rows": [[*row[:group], *row[group + 1:]] for row in behind.get("rows") or []]}


def aligns(payload: dict[str, Any]) -> list[str]:
    """`right` for each column that says so or, where it says nothing, that holds only numbers; else `left`."""
    rows = payload.get("rows") or []
    found = []
    for index, column in enumerate(payload.get("columns") or []):
        values = [row[index] for row in rows if index < len(row) and row[index] is not None]
        numbers = bool(values) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
        found.append(str(column.get("align") or ("right" if numbers else "left")))
    return found


def column_classes(payload: dict[str, Any], lang: str, rows_shown: int) -> str:
    """Classes of the box around a table that tell of its columns, counted from 1.

    `r2` aligns the second to the right, `c2` to the middle; `n2` keeps its short values on one line, `k2` on paper too, `t2` its short
    header, `w2` gives its long text room.
    """
    classes: list[str] = []
    rows: Sequence[Sequence[Any]] = (payload.get("rows") or [])[:rows_shown]
    for index, align in enumerate(aligns(payload)):
        widest = max((_width(as_text(row[index], lang)) for row in rows if index < len(row)), default=0)
        room = "nk" if widest <= 10 else "n" if widest <= 24 else "w" if widest > 40 else ""
        column = payload["columns"][index]
        head = "t" if _width(str(column.get("label") or column.get("name") or "")) <= 10 else ""
        classes += [f"{letter}{index + 1}" for letter in {"right": "r", "center": "c"}.get(align, "") + room + head]
    return " ".join(classes)


def _width(text: str) -> int:
    """Width in half-width characters: Chinese ones are twice as wide."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
