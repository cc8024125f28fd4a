"""Charts of structure: concentration by county, changes of shares, projects against today, and the published sectors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from liantu.assess.structure import StructuralChange
from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.row_sheets import put_legend, row_sheet, share_axis, whisker, whisker_legend
from liantu.figures.style import SMALLEST, figure_style, stamp
from liantu.figures.wording import WAN_IN_YI, number, percent, say

_POINTS = 10_000
_MOVERS = 12
_SPREAD = ["place", "firms", "industries", "hhi", "hhi_normal", "hhi_without", "effective", "top", "top_share", "top_firm_share", "known"]
_PORTFOLIO = ["name", "firms", "share_today", "projects", "priced", "invest", "share_coming", "low", "high",
              "share_capacity", "jobs", "jobs_stated"]
_SECTORS = ("primary", "secondary", "tertiary")
_SECTOR_DRESS = {"primary": {"facecolor": palette.GROUPS[1], "hatch": ""}, "secondary": {"facecolor": palette.GROUPS[0], "hatch": ""},
                 "tertiary": {"facecolor": palette.GROUPS[2], "hatch": ""}}
_TODAY = {"marker": "o", "markersize": 7.5, "color": palette.IN_TIME}
_COMING = {"marker": "D", "markersize": 6.5, "color": palette.DEMAND}


def _signed(value: float, digits: int = 1) -> str:
    """A change in points with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def _per_cent(share: float) -> str:
    """A small share with one decimal."""
    return "–" if pd.isna(share) else f"{100 * share:.1f}%"


def _row(text: str, fallback: str) -> str:
    return text or fallback


# --- concentration


def concentration_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, counties: Mapping[str, str],
                        names: Mapping[str, str], rulers: Sequence[tuple[float, str]], source_note: str = "") -> Picture:
    """The index of concentration of the city and each county, with and without the largest firm; the largest industry beside.

    `table` as from `liantu.assess.structure.concentration`: the city first (county empty); `names` has the words of industries, `rulers`
    the marks (0 to 1) and what lies above them.
    """
    known = table[table["hhi"].notna()]
    if known.empty:
        return empty_picture("concentration", say("structure.spread.subject", lang), lang, as_of, simulated, source_note)
    rows = known.assign(place=[counties.get(code, code) if code else say("structure.city", lang) for code in known["county"]],
                        top=[names.get(top, _row(top, "–")) for top in known["top"]]).reset_index(drop=True)
    title = _spread_title(rows, rulers, lang)
    notes = [percent(share) for share in rows["top_share"]]
    small = [say("structure.spread.small", lang, top=row.top, n=number(row.firms)) for row in rows.itertuples()]
    legend = [say("structure.spread.dot", lang), say("structure.spread.without", lang)]
    dashes = [(0, (6, 2)), (0, (1.5, 1.5))]
    marks = [say("structure.spread.ruler", lang, at=number(at * _POINTS), name=name) for at, name in rulers]
    with figure_style():
        subtitle = say("structure.spread.subtitle", lang, place=place)
        sheet, axes = row_sheet(list(rows["place"]), notes, small, title, subtitle, [*legend, *marks])
        for (at, _), dash in zip(rulers, dashes, strict=False):
            axes.axvline(at * _POINTS, color=palette.DEMAND, linewidth=1.4, linestyle=dash, zorder=1)
        _spread_dots(axes, rows)
        handles = [Line2D([], [], linewidth=0, label=legend[0], **_TODAY),
                   Line2D([], [], linewidth=0, label=legend[1], **_TODAY | {"markerfacecolor": palette.PAPER})]
        handles += [Line2D([], [], color=palette.DEMAND, linewidth=1.4, linestyle=dash, label=mark)
                    for mark, dash in zip(marks, dashes, strict=False)]
        put_legend(sheet, handles)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("structure.spread.alt.row", lang, place=row.place, hhi=number(round(row.hhi * _POINTS)), top=row.top,
            share=percent(row.top_share))
        for row in rows.itertuples())
    data = rows.assign(**{name: (rows[name] * _POINTS).round() for name in ("hhi", "hhi_normal", "hhi_without")})[_SPREAD]
    data = data.round({"effective": 1, "top_share": 3, "top_firm_share": 3, "known": 3})
    return _picture("concentration", "spread", sheet.figure, title, detail, data, say("structure.spread.caption", lang), lang, as_of, "hhi")


def _spread_title(rows: pd.DataFrame, rulers: Sequence[tuple[float, str]], lang: str) -> str:
    city, own = rows.iloc[0], rows[rows["county"] != ""]
    worst = (own if len(own) else rows).sort_values("hhi", ascending=False, kind="stable").iloc[0]
    limits = [at for at, _ in rulers]
    kind = ("low", "some", "high")[min(sum(city["hhi"] >= at for at in limits), 2)]
    k = int((own["hhi"] >= limits[-1]).sum()) if limits else 0
    return say(f"structure.spread.title.{kind}", lang, hhi=number(round(city["hhi"] * _POINTS)), n=number(city["industries"]), k=number(k),
               m=number(len(own)), county=worst["place"], top=worst["top"], share=percent(worst["top_share"]))


def _spread_dots(axes: Axes, rows: pd.DataFrame) -> None:
    places = np.arange(len(rows))
    full, rest = (rows[name].to_numpy(dtype=float) * _POINTS for name in ("hhi", "hhi_without"))
    axes.hlines(places, full, rest, color=palette.GREY, linewidth=1.4, zorder=2)
    axes.plot(rest, places, linewidth=0, zorder=4, clip_on=False, **_TODAY | {"markerfacecolor": palette.PAPER})
    axes.plot(full, places, linewidth=0, zorder=5, clip_on=False, **_TODAY)
    axes.set_xlim(0, float(np.nanmax([np.nanmax(full), np.nanmax(rest) if len(rest) else 0.0])) * 1.06)


# --- change of shares


def change_chart(change: StructuralChange | None, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                 days: tuple[str, str], source_note: str = "") -> Picture:
    """The industries whose shares moved most between two registers, with intervals; `days`: the two registers'."""
    if change is None or change.industries.empty:
        return empty_picture("structural_change", say("structure.change.subject", lang), lang, as_of, simulated, source_note)
    told = {name: _per_cent(getattr(change, name)) for name in ("index", "low", "high")}
    title = say(f"structure.change.title.{'beyond' if change.beyond else 'chance'}", lang, **told)
    rows = change.industries.assign(size=change.industries["change"].abs())
    rows = rows.sort_values("size", ascending=False, kind="stable").head(_MOVERS).sort_values("change", ascending=False, kind="stable")
    rows = rows.assign(industry=[names.get(code, code) for code in rows["industry"]]).reset_index(drop=True)
    small = [say("structure.change.small", lang, n=number(firms)) for firms in rows["firms"]]
    with figure_style():
        subtitle = say("structure.change.subtitle", lang, place=place, before=days[0], now=days[1], n=number(len(rows)))
        sheet, axes = row_sheet(list(rows["industry"]), [_per_cent(share) for share in rows["share_now"]], small, title, subtitle,
                                [say("structure.change.dot", lang)], step=0.33)
        axes.axvline(0, color=palette.INK, linewidth=1.2, zorder=2)
        for line, row in enumerate(rows.itertuples()):
            whisker(axes, line, 100 * row.change, 100 * row.low, 100 * row.high, False)
        edge = 110 * float(rows[["change", "low", "high"]].abs().max().max())
        axes.set_xlim(-edge, edge)
        axes.xaxis.set_major_formatter(lambda value, _: _signed(value) if value else "0")
        put_legend(sheet, [whisker_legend(say("structure.change.dot", lang), False)])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("structure.change.alt.row", lang, industry=row.industry, change=_signed(100 * row.change), low=_signed(100 * row.low),
            high=_signed(100 * row.high)) for row in rows.iloc[[*range(3), *range(-3, 0)] if len(rows) > 6 else slice(None)].itertuples())
    data = change.industries.assign(industry=[names.get(code, code) for code in change.industries["industry"]],
                                    moved=[say(f"structure.moved.{kind}", lang) if kind else "" for kind in change.industries["moved"]],
                                    **{name: (100 * change.industries[name]).round(2) for name in ("change", "low", "high")})
    data = data.round({"share_before": 4, "share_now": 4})
    caption = say("structure.change.caption", lang, chance=_per_cent(change.by_chance), top=_per_cent(change.chance_high),
                  stayers=_per_cent(change.stayers), entered=number(change.entered), left=number(change.left),
                  lilien="–" if np.isnan(change.lilien) else f"{change.lilien:.3f}")
    return _picture("structural_change", "change", sheet.figure, title, detail, data, caption, lang, as_of, "points")


# --- projects against today


def portfolio_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, groups: Mapping[str, str],
                    chains: Mapping[str, str], facts: Mapping[str, str], source_note: str = "", new: str = "new") -> Picture:
    """Shares of groups of chains and of chains in today's output and in the money of projects that do not produce yet.

    `table` as from `liantu.assess.structure.portfolio`; `groups` and `chains` have the words to print; `facts` fills the caption (coming,
    off, doubtful, limit); `new` is the group that the title is about.
    """
    if table.empty or table[["share_today", "share_coming"]].isna().all().any():
        part = "no_register" if len(table) and table["share_today"].isna().all() else "subject"
        return empty_picture("portfolio", say(f"structure.portfolio.{part}", lang), lang, as_of, simulated, source_note)
    rows = table.assign(name=[chains.get(row.chain, row.chain) if row.chain else groups.get(row.group, row.group)
                              for row in table.itertuples()]).reset_index(drop=True)
    title = _portfolio_title(rows[(rows["group"] == new) & (rows["chain"] == "")], lang)
    small = [say("structure.portfolio.small", lang, n=number(n)) for n in rows["projects"]]
    legend = [say(f"structure.portfolio.{part}", lang) for part in ("today", "coming")]
    with figure_style():
        sheet, axes = row_sheet(list(rows["name"]), [""] * len(rows), small, title, say("structure.portfolio.subtitle", lang, place=place),
                                legend, step=0.3)
        _portfolio_marks(axes, rows)
        styles = (_TODAY, _COMING)
        put_legend(sheet, [Line2D([], [], linewidth=0 if style is _TODAY else 2, label=label, markeredgecolor=palette.INK, **style)
                           for label, style in zip(legend, styles, strict=True)])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("structure.portfolio.alt.row", lang, name=row.name, today=percent(row.share_today), coming=percent(row.share_coming))
        for row in rows[rows["chain"] == ""].itertuples(index=False))
    data = rows.assign(invest=(rows["invest_wan"] / WAN_IN_YI).round(1))[_PORTFOLIO]
    data = data.round(dict.fromkeys(("share_today", "share_coming", "low", "high", "share_capacity"), 3))
    return _picture("portfolio", "portfolio", sheet.figure, title, detail, data, say("structure.portfolio.caption", lang, **facts), lang,
                    as_of, "share")


def _portfolio_title(rows: pd.DataFrame, lang: str) -> str:
    if rows.empty:
        return say("structure.portfolio.subject", lang)
    row = rows.iloc[0]
    today, able = row["share_today"], row["share_capacity"]  # money alone does not decide: what it buys must point the same way
    kind = "grows" if row["low"] > today and not able <= today else "shrinks" if row["high"] < today and not able >= today else "same"
    return say(f"structure.portfolio.title.{kind}", lang, today=percent(row["share_today"]), coming=percent(row["share_coming"]),
               low=percent(row["low"]), high=percent(row["high"]))


def _portfolio_marks(axes: Axes, rows: pd.DataFrame) -> None:
    """Two marks a line; lines of groups stand on a light ground and have bold names."""
    places, low, high = np.arange(len(rows)), rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    axes.hlines(places, low, high, color=palette.DEMAND, linewidth=2, zorder=3)
    axes.plot(rows["share_coming"], places, linewidth=0, markeredgecolor=palette.INK, zorder=4, **_COMING)
    axes.plot(rows["share_today"], places, linewidth=0, markeredgecolor=palette.INK, zorder=5, **_TODAY)
    for place, (label, chain) in enumerate(zip(axes.get_yticklabels(), rows["chain"], strict=True)):
        if not chain:
            axes.axhspan(place - 0.5, place + 0.5, color=palette.EMPTY, zorder=0)
            label.set_weight("bold")
    top = float(np.nanmax([rows["share_today"].max(), np.nanmax(high) if np.isfinite(high).any() else 0.0, 0.1]))
    step = 0.1 if top > 0.25 else 0.05
    share_axis(axes, np.arange(0, 1.001, step))
    axes.set_xlim(0, top * 1.06)


# --- published sectors


def sectors_chart(table: pd.DataFrame, lang: str, as_of: dt.date, caption: str, source_note: str) -> Picture:
    """The published split of value added in three sectors, a bar for each place and period; never from simulated data.

    `table`: place, name (with period and grade), period, primary, secondary, tertiary (100 million yuan), source; `as_of` is the last day
    that any of them is about.
    """
    if table.empty:
        return empty_picture("three_sectors", say("structure.sectors.subject", lang), lang, as_of, False, source_note)
    total = table[list(_SECTORS)].sum(axis=1)
    shares, first = table[list(_SECTORS)].div(total, axis=0), table.iloc[0]
    title = say("structure.sectors.title", lang, place=first["place"], period=first["period"],
                **{sector: percent(shares[sector].iloc[0]) for sector in ("secondary", "tertiary")})
    legend = [say(f"structure.sectors.{sector}", lang) for sector in _SECTORS]
    with figure_style():
        sheet, axes = row_sheet(list(table["name"]), [""] * len(table), [""] * len(table), title, say("structure.sectors.subtitle", lang),
                                legend, step=0.48)
        starts = shares.cumsum(axis=1) - shares
        for sector in _SECTORS:
            axes.barh(np.arange(len(table)), shares[sector], 0.62, left=starts[sector], edgecolor=palette.PAPER, linewidth=1,
                      **_SECTOR_DRESS[sector])
            ink = palette.ink_on(_SECTOR_DRESS[sector]["facecolor"])
            for line, (share, start) in enumerate(zip(shares[sector], starts[sector], strict=True)):
                if share > 0.07:
                    axes.text(start + share / 2, line, percent(share), ha="center", va="center", size=SMALLEST, weight="bold", color=ink)
        share_axis(axes)
        put_legend(sheet, [Patch(label=label, **_SECTOR_DRESS[sector]) for sector, label in zip(_SECTORS, legend, strict=True)])
        stamp(sheet.figure, lang, as_of, False, source_note)
    detail = say("semicolon", lang).join(
        say("structure.sectors.alt.row", lang, name=name, **{sector: percent(share[sector]) for sector in _SECTORS})
        for name, share in zip(table["name"], shares.to_dict("records"), strict=True))
    data = table.assign(share=shares["secondary"].round(3))[["name", *_SECTORS, "share", "source"]]
    return _picture("three_sectors", "sectors", sheet.figure, title, detail, data, caption, lang, as_of, "share")


def _picture(name: str, part: str, figure: object, title: str, detail: str, data: pd.DataFrame, caption: str, lang: str, as_of: dt.date,
             unit: str) -> Picture:
    labels = {column: say(f"structure.{part}.column.{column}", lang) for column in data.columns}
    alt = say(f"structure.{part}.alt", lang, title=title, detail=detail)
    return Picture(name, figure, title, alt, data.reset_index(drop=True), labels, caption, as_of,  # type: ignore[arg-type]
                   say(f"structure.unit.{unit}", lang))
