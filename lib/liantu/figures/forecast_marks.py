"""What a forecast looks like wherever it is drawn: bands, the fan of a target, its facts, and chances in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.style import SMALLEST, TEXT
from liantu.figures.wording import chance_text, day, number, say

OPEN = {"facecolor": palette.PAPER, "edgecolor": palette.INK, "linewidth": 1.0, "linestyle": (0, (3, 2))}
"""The dress of a bar that stands for what is still to be reported."""
_CHANCES = ((0.05, "never"), (0.2, "slim"), (0.4, "unlikely"), (0.6, "even"), (0.8, "likely"), (0.95, "high"), (np.inf, "sure"))
_SEEN, _AHEAD = ["place", "reported", "mean", "q05", "q95"], ["place", "mean", "q05", "q25", "q75", "q95"]


def chance_words(chance: float, lang: str) -> str:
    """A chance (0 to 1) in words and whole per cents, such as: very unlikely (12%)."""
    word = next(name for limit, name in _CHANCES if chance < limit)
    return say("fan.chance", lang, word=say(f"fan.chance.{word}", lang), chance=chance_text(chance))


def whole_band(row: Mapping[str, object]) -> tuple[str, str]:
    """The ends of a 90 % band as whole numbers."""
    return number(round(float(row["q05"]))), number(round(float(row["q95"])))


def interval(axes: Axes, y: float, row: Mapping[str, object], high: float = 0.5) -> None:
    """A forecast along a line: the 90 % band light, the 50 % band darker, the mean as a dot."""
    for low, top, name in (("q05", "q95", "band90"), ("q25", "q75", "band50")):
        if row[top] > row[low]:
            axes.barh(y, row[top] - row[low], high, left=row[low], color=palette.FORECAST[name], zorder=3)
    axes.plot([row["mean"]], [y], "o", color=palette.FORECAST["mean"], markersize=6.5, markeredgecolor=palette.PAPER, markeredgewidth=0.8,
              zorder=6)


def interval_legend(lang: str) -> list[object]:
    """The legend's entries of `interval`."""
    dot = Line2D([], [], color=palette.FORECAST["mean"], marker="o", linewidth=0, markersize=6.5, label=say("fan.mean", lang))
    return [dot, *(Patch(color=palette.FORECAST[name], label=say(f"fan.{name}", lang)) for name in ("band50", "band90"))]


@dataclass(frozen=True)
class TargetOutlook:
    """What a target's chart shows beyond what is reported.

    `seen` has the quarters that have ended (place on the axis, reported, mean, q05, q95; cumulative), `ahead` the horizons after the data
    date, `final` the forecast for the last horizon; `coming` tells that this lies ahead.
    """

    seen: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_SEEN))
    ahead: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_AHEAD))
    final: Mapping[str, object] | None = None

    @property
    def coming(self) -> bool:
        """Whether something is forecast for a day after the data date."""
        return len(self.ahead) > 0

    @property
    def top(self) -> float:
        """The highest value that is drawn; 0 without any."""
        return float(max([0.0, *self.seen["q95"], *self.ahead["q95"]]))

    def once_in(self, place: int) -> Mapping[str, object] | None:
        """The row of a quarter that will still grow by half a project or more, else None."""
        found = self.seen[(self.seen["place"] == place) & (self.seen["mean"] - self.seen["reported"] >= 0.5)]
        return None if found.empty else found.iloc[0]


def target_outlook(quarters: pd.DataFrame, nowcast: pd.DataFrame | None, forecast: pd.DataFrame | None, as_of: dt.date) -> TargetOutlook:
    """The rows of one target's nowcast (cumulative) and of its headline forecast, each at its quarter's place on the axis."""
    places = {quarter: place for place, quarter in enumerate(quarters["quarter"])}
    seen, ahead, final = pd.DataFrame(columns=_SEEN), pd.DataFrame(columns=_AHEAD), None
    if nowcast is not None and len(nowcast):
        seen = _of_ended(quarters, nowcast)
    if forecast is not None and len(forecast):
        rows = forecast[forecast["mean"].notna()].assign(horizon=lambda found: pd.to_datetime(found["horizon"])).sort_values("horizon")
        final = rows.iloc[-1].to_dict() if len(rows) else None
        rows = rows.assign(place=[places.get(f"{date.year}Q{date.quarter}") for date in rows["horizon"]])
        rows = rows[(rows["horizon"] > pd.Timestamp(as_of)) & rows["place"].notna()]
        ahead = rows[_AHEAD].reset_index(drop=True)
    return TargetOutlook(seen, ahead, final)


def _of_ended(quarters: pd.DataFrame, nowcast: pd.DataFrame) -> pd.DataFrame:
    ended = quarters.reset_index(drop=True).rename_axis("place").reset_index()
    return ended.loc[ended["known"].astype(bool), ["place", "quarter"]].merge(nowcast[nowcast["mean"].notna()], on="quarter")[_SEEN]


def draw_once_in(axes: Axes, place: int, done: float, outlook: TargetOutlook, wide: float) -> tuple[str, float]:
    """The dashed part of a quarter's bar that is still to be reported, its whisker; returns the label of the bar and its height."""
    row = outlook.once_in(place)
    if row is None:
        return number(done), done
    axes.bar(place, row["mean"] - done, wide, bottom=done, zorder=1, **OPEN)
    _whisker(axes, place, row, wide)
    return f"{number(done)}→{number(round(row['mean']))}", max(row["q95"], row["mean"], done)


def draw_fan(axes: Axes, outlook: TargetOutlook, start: tuple[float, float]) -> None:
    """The bands from what is counted (`start`: place, count) to the last horizon, the mean as a line, whisker and numbers at its end.

    It begins at the count as reported, not as it will be once reports are in: a forecast tells what the ledger of its day will know.
    """
    x, done = start
    rows, across = outlook.ahead, np.array([x, *outlook.ahead["place"]], dtype=float)
    for low, high, name, order in (("q05", "q95", "band90", 0.7), ("q25", "q75", "band50", 0.8)):
        axes.fill_between(across, [done, *rows[low]], [done, *rows[high]], color=palette.FORECAST[name], linewidth=0, zorder=order)
    axes.plot(across, [done, *rows["mean"]], color=palette.FORECAST["mean"], linewidth=2.2, zorder=4)
    end = rows.iloc[-1]
    _whisker(axes, across[-1], end, 0.3)
    axes.plot([across[-1]], [end["mean"]], "o", color=palette.FORECAST["mean"], markersize=7, markeredgecolor=palette.PAPER, zorder=6)
    paper = {"facecolor": palette.PAPER, "edgecolor": "none", "pad": 0.5}
    axes.annotate("–".join(whole_band(end)), (across[-1], end["q95"]), (0, 5), textcoords="offset points", ha="center", va="bottom",
                  size=SMALLEST, zorder=7, bbox=paper)
    axes.annotate(number(round(end["mean"])), (across[-1], end["q95"]), (0, 19), textcoords="offset points", ha="center", va="bottom",
                  size=13, weight="bold", color=palette.FORECAST["mean"], zorder=7, bbox=paper)


def _whisker(axes: Axes, x: float, row: Mapping[str, object], wide: float) -> None:
    axes.plot([x, x], [row["q05"], row["q95"]], color=palette.INK, linewidth=1.4, zorder=5)
    for y in (row["q05"], row["q95"]):
        axes.plot([x - wide / 4, x + wide / 4], [y, y], color=palette.INK, linewidth=1.4, zorder=5)


def outlook_legend(outlook: TargetOutlook, lang: str) -> list[object]:
    """The legend's entries of what `draw_once_in` and `draw_fan` have drawn."""
    handles: list[object] = []
    if any(outlook.once_in(place) is not None for place in outlook.seen["place"]):
        handles.append(Patch(**OPEN, label=say("fan.once_in", lang)))
    if outlook.coming:
        handles.append(Line2D([], [], color=palette.FORECAST["mean"], marker="o", linewidth=2.2, markersize=6, label=say("fan.mean", lang)))
        handles += interval_legend(lang)[1:]
    return handles


def outlook_facts(outlook: TargetOutlook, lang: str) -> list[tuple[str, float, bool]]:
    """The lines beside the chart on what is expected: text, size, whether bold."""
    if outlook.final is None:
        return []
    lines = [(expected_words(outlook, lang), TEXT + 1, True)]
    if pd.notna(outlook.final["chance"]):
        lines.append((say("fan.fact.chance", lang, chance=chance_words(float(outlook.final["chance"]), lang)), TEXT + 1, True))
    if not outlook.coming and len(outlook.seen):  # later ledgers will know more than the one that is forecast
        last = outlook.seen.iloc[-1]
        low, high = whole_band(last)
        lines.append((say("fan.fact.once_in", lang, mean=number(round(last["mean"])), low=low, high=high), TEXT, False))
    return lines


def expected_words(outlook: TargetOutlook, lang: str) -> str:
    """What is expected at the last horizon with its 90 % band, as a phrase; asks for a `final`."""
    low, high = whole_band(outlook.final)
    return say("fan.fact.expected", lang, day=day(outlook.final["horizon"]), mean=number(round(outlook.final["mean"])), low=low, high=high)


def outlook_columns(quarters: pd.DataFrame, outlook: TargetOutlook) -> pd.DataFrame:
    """What is expected at each quarter's end: expected, expected_low, expected_high; missing where nothing is forecast."""
    rows = pd.concat([part[["place", "mean", "q05", "q95"]] for part in (outlook.seen, outlook.ahead) if len(part)] or
                     [pd.DataFrame(columns=["place", "mean", "q05", "q95"])])
    rows = rows.drop_duplicates("place", keep="last").set_index("place").reindex(range(len(quarters))).astype("float64").round(1)
    return rows.rename(columns={"mean": "expected", "q05": "expected_low", "q95": "expected_high"})
