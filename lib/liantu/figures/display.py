"""What a notebook shows: each object gives its page a payload of the suite's own MIME type, and everyone else a plain fallback."""

from __future__ import annotations

import datetime as dt
import html
import io
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter
from PIL import Image

from liantu.figures.fonts import drawable
from liantu.figures.style import DPI, figure_style

FIGURE_MIME = "application/vnd.liantu.figure+json"
TABLE_MIME = "application/vnd.liantu.table+json"
HEADLINE_MIME = "application/vnd.liantu.headline+json"
WATCH_MIME = "application/vnd.liantu.watch+json"
ANSWER_MIME = "application/vnd.liantu.answer+json"
WORKBOOK_MIME = "application/vnd.liantu.workbook+json"
Status = Literal["met", "ahead", "behind", "missed", "unknown"]
Align = Literal["left", "center", "right"]
BookKind = Literal["text", "number", "severity", "answer", "date", "share"]
BookDress = Literal["overdue", "soon", "done"]
BESIDE_THE_INDEX = 100
"""Headline values of this order and more stay on their own page."""
_CSS_DPI = 96
_AS_IS = (str, int, bool, type(None))
_PIXELS_OF_COLOUR = 100  # so many for each colour tell the mean of a picture


@dataclass(frozen=True)
class Behind:
    """What stands behind the bars of a figure: one row for each thing that a bar counts, the column `bar` telling which bar.

    `labels` names the columns of `rows` for readers; all of them are shown. Raises ValueError when there is no column `bar`.
    """

    title: str
    rows: pd.DataFrame = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)
    bar: str = "bar"

    def __post_init__(self) -> None:
        if self.bar not in self.rows.columns:
            raise ValueError(f"no column {self.bar!r} tells the bar of each row; there are {', '.join(self.rows.columns)}")

    @property
    def payload(self) -> dict[str, Any]:
        """What the page template reads; `group` is the place of the column that tells the bar."""
        return {"title": self.title, "group": list(self.rows.columns).index(self.bar),
                "columns": [{"name": name, "label": self.labels.get(name, name)} for name in self.rows.columns],
                "rows": plain_rows(self.rows)}


@dataclass(frozen=True)
class Picture:
    """A figure with its alt text and tidy data; displayed as a PNG of 144 dpi beside the figure payload.

    `labels` names the columns of `data` for readers; `as_of` and `unit` hold for the whole figure; `behind` has the rows behind its bars.
    The figure is drawn once, when its `png` is first asked for, and then emptied, so that a long notebook keeps pictures, not figures.
    """

    name: str
    figure: Figure = field(repr=False, compare=False)
    title: str
    alt: str
    data: pd.DataFrame = field(repr=False, compare=False)
    labels: Mapping[str, str] = field(repr=False, compare=False)
    caption: str = ""
    as_of: dt.date | None = None
    unit: str = ""
    behind: Behind | None = field(default=None, repr=False, compare=False)
    _drawn: list[bytes] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def png(self) -> bytes:
        """The picture as PNG, the same bytes for the same figure: no date, no software name."""
        if not self._drawn:
            self._drawn.append(_render(self.figure))
            for axes in self.figure.axes:  # clearing them would make all their parts anew
                self.figure.delaxes(axes)
            self.figure.clear()
        return self._drawn[0]

    def backed_by(self, behind: Behind | None) -> Picture:
        """The same picture with the rows behind its bars; without any rows as it is."""
        return replace(self, behind=behind) if behind is not None and len(behind.rows) else self

    @property
    def payload(self) -> dict[str, Any]:
        """What the page template reads; `behind` only where there is something."""
        told = {"name": self.name, "title": self.title, "alt": self.alt, "caption": self.caption, "as_of": plain(self.as_of),
                "unit": self.unit,
                "columns": [{"name": name, "label": self.labels.get(name, name)} for name in self.data.columns],
                "rows": plain_rows(self.data)}
        return told | ({"behind": self.behind.payload} if self.behind else {})

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict[str, Any], dict[str, Any]]:
        content = self.png
        wide, high = (int.from_bytes(content[at:at + 4], "big") * _CSS_DPI // DPI for at in (16, 20))
        return ({FIGURE_MIME: self.payload, "image/png": content, "text/plain": f"{self.title}\n{self.alt}"},
                {"image/png": {"width": wide, "height": high, "alt": self.alt}})


@dataclass(frozen=True)
class PageTable:
    """A table for a page; `align` overrides left for text and right for numbers, by column."""

    name: str
    title: str
    data: pd.DataFrame = field(repr=False, compare=False)
    labels: Mapping[str, str] = field(repr=False, compare=False)
    caption: str = ""
    align: Mapping[str, Align] = field(default_factory=dict, repr=False, compare=False)

    @property
    def payload(self) -> dict[str, Any]:
        """What the page template reads."""
        columns = [{"name": name, "label": self.labels.get(name, name), "align": self.align.get(name) or _alignment(self.data[name])}
                   for name in self.data.columns]
        return {"name": self.name, "title": self.title, "caption": self.caption, "columns": columns, "rows": plain_rows(self.data)}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        payload = self.payload
        text = f"{self.title}\n{self.data.rename(columns=dict(self.labels)).to_string(index=False)}"
        return {TABLE_MIME: payload, "text/html": _html_table(payload), "text/plain": text}


@dataclass(frozen=True)
class TrendPoint:
    """A headline's value as its own quarter's report gave it, and the target of then (None: nothing to compare with)."""

    quarter: str
    value: float | None
    target: float | None = None


@dataclass(frozen=True)
class Outlook:
    """What a headline value will be on a day, as forecast: its mean, the central 90 % band, and the chance that it reaches its target.

    `chance` is None where there is no target; `text` says all of it as readers read it, `method` names the forecast that gave it.
    """

    day: dt.date
    mean: float
    low: float
    high: float
    chance: float | None
    method: str
    text: str


@dataclass(frozen=True)
class Headline:
    """A number for the front page and the index; `target` and `elapsed` (0 to 1) are None where there is nothing to compare with.

    `trend` has the value of each quarter up to this one, as known then, oldest first; a count of the year begins anew each year.
    `outlook` is what it is expected to be, where that is forecast.

    Raises ValueError for a status other than met, ahead, behind, missed, unknown.
    """

    name: str
    label: str
    value: float | str | None
    unit: str = ""
    target: float | None = None
    elapsed: float | None = None
    note: str = ""
    status: Status = "unknown"
    order: int = 0
    trend: tuple[TrendPoint, ...] = ()
    outlook: Outlook | None = None

    def __post_init__(self) -> None:
        if self.status not in get_args(Status):
            raise ValueError(f"status {self.status!r} of headline {self.name!r} is not one of {', '.join(get_args(Status))}")

    @property
    def payload(self) -> dict[str, Any]:
        """What the page template and the index read; `trend` and `outlook` only where there are any."""
        keys = ("name", "label", "value", "unit", "target", "elapsed", "note", "status", "order")
        trend = [{"quarter": point.quarter, "value": plain(point.value), "target": plain(point.target)} for point in self.trend]
        told = {key: plain(getattr(self, key)) for key in keys} | ({"trend": trend} if trend else {})
        return told | ({"outlook": plain(asdict(self.outlook))} if self.outlook else {})

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        shown = {key: "–" if value is None else value for key, value in self.payload.items()}
        target = "" if shown["target"] == "–" else f" / {shown['target']}"
        note = f" ({shown['note']})" if shown["note"] else ""
        outlook = f"; {self.outlook.text}" if self.outlook else ""
        return {HEADLINE_MIME: self.payload,
                "text/plain": f"{shown['label']}: {shown['value']}{target} {shown['unit']}".rstrip() + note + outlook}


@dataclass(frozen=True)
class Answer:
    """A question of the quarter and its answer from the data; `theme` is the quarter's theme."""

    question: str
    answer: str
    theme: str = ""

    @property
    def payload(self) -> dict[str, str]:
        """What the page template and the index read."""
        return {"question": self.question, "answer": self.answer, "theme": self.theme}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        question, answer = (html.escape(text, quote=False) for text in (self.question, self.answer))
        return {ANSWER_MIME: self.payload, "text/markdown": f"**{question}**\n\n{answer}", "text/plain": f"{self.question}\n{self.answer}"}


@dataclass(frozen=True)
class WatchItem:
    """Something to look into: what it is, why, in which county (its name; empty: the city), since when, and on which page to read on.

    `page` is a notebook's name without its ending; empty: the page that shows the list.
    """

    what: str
    why: str
    county: str = ""
    since: dt.date | str | None = None
    page: str = ""


@dataclass(frozen=True)
class WatchList:
    """The few things of a page that somebody should look into, the most pressing first; lists of a lower `order` come first."""

    name: str
    title: str
    items: tuple[WatchItem, ...]
    note: str = ""
    order: int = 0

    @property
    def payload(self) -> dict[str, Any]:
        """What the page template and the index read."""
        items = [{key: plain(getattr(item, key)) for key in ("what", "why", "county", "since", "page")} for item in self.items]
        return {"name": self.name, "title": self.title, "note": self.note, "order": self.order, "items": items}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        shown = [f"{entry['what']}: {entry['why']}" + "".join(f" ({entry[key]})" for key in ("county", "since") if entry[key])
                 for entry in self.payload["items"]]
        lines = "\n".join(f"- {html.escape(line, quote=False)}" for line in shown)
        text = "\n".join((self.title, *(f"- {line}" for line in shown)))
        return {WATCH_MIME: self.payload, "text/markdown": f"**{html.escape(self.title, quote=False)}**\n\n{lines}", "text/plain": text}


@dataclass(frozen=True)
class BookColumn:
    """A column of a workbook's sheet: its header, its width in characters and its kind.

    A `severity` cell that says 错误 (error) stands out; `answer` cells are empty and coloured for the reader to fill in, from
    `choices` where there are any. `date` cells hold days (text where a date is known to a period only), `share` cells 0 to 1 as per cents.
    Cells of any kind are to be filled in where `fill` is set: coloured, and checked while somebody types: a date lies `between` two
    days, a number is not negative, a share lies between 0 and 1, a text is one of `choices`. `prompt` and `alert` are what is said then.
    """

    label: str
    width: int = 16
    kind: BookKind = "text"
    choices: tuple[str, ...] = ()
    fill: bool = False
    between: tuple[dt.date, dt.date] | None = None
    prompt: str = ""
    alert: str = ""

    @property
    def payload(self) -> dict[str, Any]:
        """What the suite writes it from; what is usual is left out."""
        told = {"label": self.label, "width": self.width, "kind": self.kind, "choices": list(self.choices)}
        more = {"fill": self.fill, "between": plain(self.between or ()), "prompt": self.prompt, "alert": self.alert}
        return told | {name: value for name, value in more.items() if value}


@dataclass(frozen=True)
class BookMark:
    """Rows that stand out: those whose cell in the column of this `label` begins with `begins`, or is filled in where that is empty."""

    dress: BookDress
    label: str
    begins: str = ""


@dataclass(frozen=True)
class BookSheet:
    """One sheet: `rows` has a column for each of `columns`, in their order; `notes` stand above the header.

    `spare` blank rows below are there to be filled in; the first of `marks` that fits dresses a row, also when its cell is filled in
    later; the first `frozen` columns stay in sight, on paper on each of `pages_wide` sheets too; a `locked` sheet can be filtered only.
    """

    name: str
    columns: tuple[BookColumn, ...]
    rows: pd.DataFrame = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()
    spare: int = 0
    marks: tuple[BookMark, ...] = ()
    frozen: int = 0
    locked: bool = False
    pages_wide: int = 1

    def __post_init__(self) -> None:
        if len(self.rows.columns) != len(self.columns):
            raise ValueError(f"sheet {self.name!r}: {len(self.rows.columns)} columns of rows, {len(self.columns)} of headers")
        if unknown := {mark.label for mark in self.marks} - {column.label for column in self.columns}:
            raise ValueError(f"sheet {self.name!r}: no column {min(unknown)!r} to mark rows by")

    @property
    def payload(self) -> dict[str, Any]:
        """What the suite writes it from; what is usual is left out."""
        told = {"name": self.name, "notes": list(self.notes), "rows": plain_rows(self.rows),
                "columns": [column.payload for column in self.columns]}
        more = {"spare": self.spare, "marks": [asdict(mark) for mark in self.marks], "frozen": self.frozen, "locked": self.locked}
        wide = {"pages_wide": self.pages_wide} if self.pages_wide > 1 else {}
        return told | {name: value for name, value in more.items() if value} | wide


@dataclass(frozen=True)
class Workbook:
    """An Excel workbook to send to people; it is handed on as rows, and the suite writes the file beside the page.

    `badge` (the data set) and `as_of` stand on top of every sheet. Cells are text, numbers and days only, never formulas. The file lies in
    the page's own folder of tables, or `at_root`: beside the front page, for all pages that hand on this name.
    """

    name: str
    title: str
    sheets: tuple[BookSheet, ...]
    heading: str = ""
    caption: str = ""
    badge: str = ""
    as_of: dt.date | None = None
    at_root: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        """What the suite writes the file from."""
        told = {"name": self.name, "title": self.title, "heading": self.heading or self.title, "caption": self.caption, "badge": self.badge,
                "as_of": plain(self.as_of)}
        root = {"at_root": True} if self.at_root else {}
        return told | root | {"sheets": [sheet.payload for sheet in self.sheets]}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        lines = "\n".join(f"  {sheet.name}: {len(sheet.rows)}" for sheet in self.sheets)
        return {WORKBOOK_MIME: self.payload, "text/plain": f"{self.title} ({self.name}.xlsx)\n{lines}"}


def plain(value: object) -> Any:
    """A value as JSON knows it: None for anything missing or infinite, dates in ISO form, numpy numbers as Python's."""
    if type(value) in _AS_IS:
        return value
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp | dt.datetime):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    scalar = value.item() if isinstance(value, np.generic) else value
    if isinstance(scalar, float):
        return scalar if math.isfinite(scalar) else None
    return scalar if isinstance(scalar, (str, int, bool)) else str(scalar)


def plain_rows(data: pd.DataFrame) -> list[list[Any]]:
    """The rows of a table as lists of JSON values."""
    columns = [_plain_column(data.iloc[:, place]) for place in range(data.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain_column(column: pd.Series) -> list[Any]:
    """`plain` of each value; text and days, of which most tables are, at once."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.to_numpy(object, na_value=None).tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M" and column.dropna().dt.normalize().equals(column.dropna()):
        return [None if day == "NaT" else day for day in np.datetime_as_string(column.to_numpy(), unit="D").tolist()]
    return [plain(value) for value in column]


def _render(figure: Figure) -> bytes:
    with figure_style():
        _keep_drawable(figure)
        buffer = io.BytesIO()
        if not isinstance(figure.canvas, FigureCanvasAgg):
            FigureCanvasAgg(figure)
        figure.set_dpi(DPI)
        figure.canvas.draw()
        flat = _flat(np.asarray(figure.canvas.buffer_rgba()))
        flat.save(buffer, "PNG", compress_level=6, dpi=(DPI, DPI))  # without date and software name: the same figure, the same bytes
    return buffer.getvalue()


def _flat(pixels: np.ndarray) -> Image.Image:
    """An opaque RGBA picture in 256 colours, which show flat charts as they are at half the bytes.

    Maximum coverage keeps a colour that only a small mark has. It asks which colours there are, in the order in which they come, and begins
    with the one farthest from their mean; not how they lie. So it is given each colour with a share of its pixels, and what it makes of
    them is laid over the runs of one colour: a third of the time, for the same picture.
    """
    colours = np.ascontiguousarray(pixels).view(np.uint32).ravel()
    starts = np.append(0, np.flatnonzero(colours[1:] != colours[:-1]) + 1)
    lengths = np.diff(starts, append=colours.size)
    codes, found = pd.factorize(colours[starts])
    one_in = max(colours.size // (_PIXELS_OF_COLOUR * found.size), 1)
    shares = np.maximum(np.bincount(codes, lengths).astype(int) // one_in, 1)
    sample = Image.fromarray(np.repeat(found, shares).view(np.uint8).reshape(1, -1, 4)).convert("RGB")
    few = sample.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    places = np.asarray(few)[0, np.cumsum(shares) - 1]
    flat = Image.fromarray(np.repeat(places[codes], lengths).reshape(pixels.shape[:2]), "P")
    flat.putpalette(few.palette)
    return flat


def _keep_drawable(figure: Figure) -> None:
    """Replace what the font cannot draw; tick labels come from their formatter, so that is changed too."""
    for text in figure.findobj(Text):
        text.set_text(drawable(text.get_text()))
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            formatter = axis.get_major_formatter()
            if isinstance(formatter, FixedFormatter):
                formatter.seq = [drawable(label) for label in formatter.seq]


def _alignment(column: pd.Series) -> Align:
    return "right" if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) else "left"


def _html_table(payload: dict[str, Any]) -> str:
    styles = [f' style="text-align:{column["align"]}"' for column in payload["columns"]]
    head = "".join(f"<th{style}>{html.escape(str(column['label']))}</th>" for column, style in zip(payload["columns"], styles, strict=True))
    rows = "".join("<tr>" + "".join(f"<td{style}>{_cell(value)}</td>" for value, style in zip(row, styles, strict=True)) + "</tr>"
                   for row in payload["rows"])
    caption = html.escape(payload["title"])
    below = f"<p>{html.escape(payload['caption'])}</p>" if payload["caption"] else ""
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{below}"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return html.escape(f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value))
