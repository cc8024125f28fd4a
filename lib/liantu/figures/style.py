"""One style for every figure: a sheet with the answer as its title, a body for the axes, and a stamp with the data date and the badge."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from liantu.figures import fonts, palette
from liantu.figures.wording import day, say, wrap

WIDTH = 8.6  # inches: a page of A4 with margins, and 826 px on a screen
DPI = 144
MARGIN = 0.18
SMALLEST, TEXT, TITLE = 9, 10, 15
_LINE = 1.32  # line height of the font, in sizes
FOOT = 0.42

# rcParams belong to the whole process: figures are built and drawn one at a time.
_lock = threading.RLock()

_STYLE = {
    "font.size": TEXT, "axes.unicode_minus": True, "text.parse_math": False, "text.usetex": False,
    "axes.edgecolor": palette.RULE, "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False,
    "axes.labelcolor": palette.GREY, "axes.labelsize": SMALLEST, "axes.axisbelow": True, "text.color": palette.INK,
    "xtick.color": palette.RULE, "ytick.color": palette.RULE, "xtick.labelcolor": palette.INK, "ytick.labelcolor": palette.INK,
    "xtick.labelsize": TEXT, "ytick.labelsize": TEXT, "grid.color": "#E3E3E3", "grid.linewidth": 0.7,
    "hatch.linewidth": 0.9, "legend.frameon": False, "legend.fontsize": SMALLEST, "figure.dpi": DPI, "savefig.dpi": DPI,
    "figure.facecolor": palette.PAPER, "axes.facecolor": palette.PAPER,
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Matplotlib with the suite's font and style and nothing of the user's; one thread at a time, restored at the end."""
    with _lock:
        family = fonts.register()
        with matplotlib.style.context([_STYLE | {"font.family": [family], "font.sans-serif": [family]}], after_reset=True):
            yield


@dataclass(frozen=True)
class Sheet:
    """A figure of the suite's width; `body` is the height in inches between the header and the stamp."""

    figure: Figure
    body: float

    @property
    def height(self) -> float:
        """The height of the whole figure in inches."""
        return float(self.figure.get_figheight())

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes at a place in the body, all in inches from the body's lower left corner."""
        box = (left / WIDTH, (bottom + FOOT) / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(box)

    def write(self, x: float, y: float, text: str, **how: object) -> Text:
        """Text at a place in the body, in inches from its lower left corner."""
        return self.figure.text(x / WIDTH, (y + FOOT) / self.height, text, **how)

    def legend(self, handles: list[object], left: float = MARGIN, columns: int = 0) -> None:
        """Legend entries along the top of the body, in one row or in `columns`; a row takes 0.3 inches, each further one 0.23."""
        at = (left / WIDTH, (self.body + FOOT) / self.height)
        legend = self.figure.legend(handles=handles, loc="upper left", bbox_to_anchor=at, ncols=columns or len(handles), borderpad=0,
                                    borderaxespad=0, handlelength=1.6, handleheight=1.0, columnspacing=1.5, handletextpad=0.5)
        legend.set_in_layout(False)


def new_figure(title: str, subtitle: str, body: float) -> Sheet:
    """A sheet with a left aligned title that states the answer, a small grey subtitle, and `body` inches for the axes.

    Both are broken into lines to fit; the figure grows with them. Call inside `figure_style()`.
    """
    room = WIDTH - 2 * MARGIN
    top, below = wrap(title, room, TITLE, bold=True), wrap(subtitle, room, TEXT)
    title_height = _lines_height(top, TITLE)
    header = 0.14 + title_height + 0.04 + _lines_height(below, TEXT) + 0.14
    height = header + body + FOOT
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    sheet = Sheet(figure, body)
    edge = MARGIN / WIDTH
    figure.text(edge, 1 - 0.14 / height, top, size=TITLE, weight="bold", va="top", linespacing=1.2)
    figure.text(edge, 1 - (0.18 + title_height) / height, below, size=TEXT, color=palette.GREY, va="top", linespacing=1.2)
    return sheet


def stamp(figure: Figure, lang: str, as_of: dt.date, simulated: bool, source_note: str = "") -> None:
    """Print the data date, the source and the badge of the data set (模拟数据) along the foot of a figure."""
    height = figure.get_figheight()
    middle, edge = 0.19 / height, MARGIN / WIDTH
    figure.add_artist(Line2D([edge, 1 - edge], [0.37 / height] * 2, color=palette.RULE, linewidth=0.8))
    badge = say("stamp.simulated" if simulated else "stamp.not_simulated", lang)
    dress = {"facecolor": palette.INK, "edgecolor": palette.INK} if simulated else {"facecolor": palette.PAPER, "edgecolor": palette.GREY}
    figure.text(1 - edge - 0.05 / WIDTH, middle, badge, ha="right", va="center", size=SMALLEST, weight="bold", gid="badge",
                color=palette.PAPER if simulated else palette.GREY, bbox={"boxstyle": "square,pad=0.3", "linewidth": 0.8} | dress)
    left = say("stamp.as_of", lang, day=day(as_of))
    if source_note:
        left += "  ·  " + say("stamp.source", lang, note=source_note)
    room = WIDTH - 2 * MARGIN - fonts.width(badge, SMALLEST, bold=True) - 0.4
    figure.text(edge, middle, _one_line(left, room), ha="left", va="center", size=SMALLEST, color=palette.GREY, gid="as_of")


def quiet(axes: Axes, grid: str = "") -> None:
    """Take away the spines and tick marks that carry nothing; `grid` is x, y or empty."""
    axes.tick_params(length=0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    if grid:
        axes.grid(axis=grid)


def upright(label: str) -> Line2D:
    """A legend entry for a thick upright mark."""
    return Line2D([], [], color=palette.DEMAND, linewidth=0, marker="|", markersize=13, markeredgewidth=3.2, label=label)


def legend_columns(labels: Sequence[str]) -> int:
    """The largest number of columns in which a legend of these entries, filled column by column, fits the sheet."""
    widths = [fonts.width(label, SMALLEST) + 0.5 for label in labels]  # key, gap and space between columns
    for columns in range(len(labels), 1, -1):
        deep = -(-len(labels) // columns)
        if sum(max(widths[start:start + deep]) for start in range(0, len(labels), deep)) <= WIDTH - 2 * MARGIN:
            return -(-len(labels) // deep)  # rows of even length
    return 1


def _lines_height(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * _LINE / 72


def _one_line(text: str, inches: float) -> str:
    lines = wrap(text, inches, SMALLEST).split("\n")
    if len(lines) == 1:
        return lines[0]
    return wrap(text, inches - 0.15, SMALLEST).split("\n")[0] + "…"
