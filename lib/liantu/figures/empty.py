"""The honest figure for no data: the same sheet and stamp, and the words that there is nothing to draw."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.style import WIDTH, figure_style, new_figure, stamp
from liantu.figures.wording import day, say


def empty_picture(name: str, subject: str, lang: str, as_of: dt.date, simulated: bool, source_note: str = "") -> Picture:
    """A figure that says that there is no data on `subject`."""
    title = say("empty.title", lang, subject=subject)
    with figure_style():
        sheet = new_figure(title, "", 1.2)
        sheet.write(WIDTH / 2, 0.7, say("empty", lang), size=20, color=palette.GREY, ha="center", va="center")
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    return Picture(name, sheet.figure, title, say("empty.alt", lang, subject=subject, day=day(as_of)), pd.DataFrame(), {}, as_of=as_of)
