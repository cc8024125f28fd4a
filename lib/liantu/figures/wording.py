"""The words on figures in Chinese and English (messages.yml and its neighbours), numbers as text, and lines broken to a width."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from liantu.figures.fonts import drawable, width

LANGUAGES = ("zh", "en")
WAN_IN_YI = 10_000
"""万元 of the tables in the 亿元 that people read."""
FILES = (
    "messages.yml", "gap_messages.yml", "forecast_messages.yml", "pipeline_messages.yml", "schedule_messages.yml", "progress_messages.yml",
    "evidence_messages.yml", "introduced_messages.yml", "ranking_messages.yml", "zone_messages.yml", "service_messages.yml",
    "structure_messages.yml", "lists_messages.yml", "county_messages.yml")
_SURE = 0.995  # beyond this, and below its complement, a chance is not printed as certain
# A break may come after white space, or between two characters of which one is Chinese; never before closing or after opening marks.
_PIECES = re.compile(r"\s+|[^\s⺀-鿿＀-￯　-〿、]+|.", re.DOTALL)
_NOT_FIRST = set("，。；：、）》”！？,.;:)%·")
_NOT_LAST = set("（《“(")


@cache
def messages() -> dict[str, dict[str, str]]:
    """Every message by key, in both languages."""
    texts = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in FILES)
    return {key: entry for text in texts for key, entry in yaml.load(text, Loader=yaml.CSafeLoader).items()}


messages()  # read when this is imported, which a kernel's nursery does once for all pages


def say(key: str, lang: str, **values: object) -> str:
    """The message `key` in `lang` (zh or en) with its values filled in; an unknown key or language is a KeyError."""
    return messages()[key][lang].format(**values)


def number(value: object, tenths: bool = False) -> str:
    """A number as text; thousands separated from 10,000 on, where decimals end; a dash for none.

    Whole numbers have no decimals, others one; with `tenths` all have one, as in a column of money.
    """
    if value is None or pd.isna(value):
        return "–"
    rounded = round(float(value), 1)
    text = f"{rounded:.0f}" if rounded.is_integer() and not tenths else f"{rounded:.1f}"
    if abs(rounded) >= 10_000:
        text = f"{rounded:,.0f}"
    return text.replace("-", "−")


def percent(share: object) -> str:
    """A share (1 = all) as whole per cents; a dash for none."""
    return "–" if share is None or pd.isna(share) else f"{float(share) * 100:.0f}%".replace("-", "−")


def chance_text(chance: float | None) -> str:
    """A chance (0 to 1) in whole per cents, never as 0 or 100; a dash for none."""
    if chance is None or pd.isna(chance):
        return "–"
    return "<1%" if chance < 1 - _SURE else ">99%" if chance > _SURE else f"{100 * chance:.0f}%"


def quarter_name(quarter: str, lang: str) -> str:
    """`2022Q1` as readers say it."""
    year, index = quarter.split("Q")
    return say(f"quarter.{index}", lang, year=year)


def day(date: dt.date | pd.Timestamp | str) -> str:
    """A date in ISO form."""
    return pd.Timestamp(date).date().isoformat()


def wrap(text: str, inches: float, size: float, bold: bool = False) -> str:
    """`text` broken into lines no wider than `inches` at `size` points; a piece wider than that is broken anywhere."""
    lines = [""]
    for piece in _pieces(drawable(text), inches, size, bold):
        if width(lines[-1] + piece.rstrip(), size, bold) > inches and lines[-1]:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return "\n".join(line.rstrip() for line in lines)


def _pieces(text: str, inches: float, size: float, bold: bool) -> list[str]:
    joined: list[str] = []
    for piece in _PIECES.findall(text):
        if joined and (piece[0] in _NOT_FIRST or piece.isspace() or joined[-1][-1] in _NOT_LAST):
            joined[-1] += piece
        else:
            joined.append(piece)
    return [part for piece in joined for part in ([piece] if width(piece, size, bold) <= inches else list(piece))]
