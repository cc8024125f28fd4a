"""What pages say of forecasts alike: chances in words, the outlook of a target, why a method leads, and what was thin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from liantu.figures.display import Outlook
from liantu.figures.wording import chance_text, day, messages, number, say
from liantu.progress.target_forecasts import TargetForecasts
from liantu.reference import Target
from liantu.report import Report


def headline_row(forecasts: TargetForecasts, target: Target, county: str = "") -> pd.Series | None:
    """The headline forecast of a target at the last day it is forecast for; None where there is none."""
    rows = forecasts.table
    rows = rows[(rows["target"] == target.id) & (rows["county"] == county) & (rows["method"] == "headline")]
    return None if rows.empty else rows.sort_values("horizon").iloc[-1]


def outlook(report: Report, forecasts: TargetForecasts, target: Target, rates: bool = True) -> Outlook | None:
    """What a target's count will be on its due date, as readers read it on a card; with the published base rates where asked for."""
    row, lang = headline_row(forecasts, target), report.lang
    if row is None:
        return None
    chance = None if pd.isna(row["chance"]) else float(row["chance"])
    told = {"day": day(row["horizon"]), "mean": number(round(row["mean"])), "low": number(round(row["q05"])),
            "high": number(round(row["q95"]))}
    text = say("outlook.due" if target.due <= report.as_of else "outlook", lang, **told)
    if chance is not None:
        text += say("outlook.chance", lang, chance=chance_text(chance))
    text += base_rates(report, target) if rates else ""
    return Outlook(pd.Timestamp(row["horizon"]).date(), float(row["mean"]), float(row["q05"]), float(row["q95"]), chance, "headline", text)


def base_rates(report: Report, target: Target) -> str:
    """The published numbers to hold a target against, as a clause; empty where there are none."""
    lang = report.lang
    rates = [say("outlook.rate", lang, year=rate.year, value=number(rate.value)) for rate in report.targets.base_rates
             if rate.target == target.id]
    return say("outlook.rates", lang, rates=say("separator", lang).join(rates)) if rates else ""


def notes_text(notes: Iterable[tuple[str, Mapping[str, object]]], part: str, lang: str) -> list[str]:
    """The notes of a measure as sentences, messages `note.<part>.<code>`; a code without words is shown as it is, so that none is lost."""
    found = []
    for code, values in notes:
        key, told = f"note.{part}.{code}", {name: _as_text(value, lang) for name, value in values.items()}
        found.append(say(key, lang, **told) if key in messages() else " ".join((code, *map(str, told.values()))))
    return list(dict.fromkeys(found))


def _as_text(value: object, lang: str) -> str:
    if isinstance(value, (list, tuple)):
        return say("separator", lang).join(map(str, value))
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
