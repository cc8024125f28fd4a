"""How well the confidence of the placement holds: what was said with a confidence, and how often it was right."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from liantu.chains.placing.calibration import reliability
from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.style import MARGIN, SMALLEST, WIDTH, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import number, percent, say

_LEFT, _HIGH, _BELOW = 0.75, 3.6, 0.55  # inches: room for ticks, height of the axes, room below them


def reliability_chart(confidence: pd.Series, right: pd.Series, lang: str, as_of: dt.date, source_note: str = "") -> Picture:
    """Share of right links against their mean confidence, by tenths of confidence; the number of links beside each point.

    `confidence` 0 to 1, `right` boolean, as from names labelled by hand; on the diagonal the confidence is a true probability.
    """
    table = reliability(confidence, right)
    title = say("place.title", lang, n=number(int(table["count"].sum())), right=percent(right.mean()), mean=percent(confidence.mean()))
    with figure_style():
        sheet = new_figure(title, say("place.subtitle", lang), _HIGH + _BELOW)
        axes = sheet.axes(MARGIN + _LEFT, _BELOW, WIDTH - 2 * MARGIN - _LEFT - 0.6, _HIGH)
        axes.plot([0, 1], [0, 1], color=palette.GREY, linewidth=1, linestyle="--")
        axes.plot(table["confidence"], table["right"], color=palette.IN_TIME, marker="o", markersize=6, linewidth=1.2, clip_on=False)
        for row in table.to_dict("records"):
            axes.annotate(number(row["count"]), (row["confidence"], row["right"]), textcoords="offset points", xytext=(0, -13), ha="center",
                          size=SMALLEST, color=palette.GREY)
        axes.set(xlim=(0.4, 1), ylim=(0.4, 1.02), xlabel=say("place.axis.confidence", lang), ylabel=say("place.axis.right", lang))
        axes.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0], [percent(share) for share in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)])
        axes.set_yticks([0.4, 0.6, 0.8, 1.0], [percent(share) for share in (0.4, 0.6, 0.8, 1.0)])
        quiet(axes, grid="both")
        stamp(sheet.figure, lang, as_of, False, source_note)
    said = [{"n": number(row["count"]), "mean": percent(row["confidence"]), "right": percent(row["right"])}
            for row in table.to_dict("records")]
    detail = say("semicolon", lang).join(say("place.alt.row", lang, **row) for row in said)
    alt = say("place.alt", lang, title=title, detail=detail)
    caption = say("place.caption", lang, brier=f"{table.attrs['brier']:.3f}", error=f"{table.attrs['error']:.3f}")
    labels = {column: say(f"place.column.{column}", lang) for column in table}
    return Picture("placement", sheet.figure, title, alt, table, labels, caption, as_of)
