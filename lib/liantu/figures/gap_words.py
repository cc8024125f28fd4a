"""What the pages of the chains' gaps say alike: amounts, states, the table of targets, and what cannot be known without a register."""

from __future__ import annotations

import re

import pandas as pd

from liantu.chains.target_brief import Partner
from liantu.figures.display import PageTable, Picture
from liantu.figures.empty import empty_picture
from liantu.figures.gap_charts import amount, span
from liantu.figures.wording import WAN_IN_YI, number, say
from liantu.report import Report

_PARTNERS, _FIRMS = 3, 2  # named of each side, and of each partner
LATER_EDITION = "2024"
"""The edition by which an old quarter is read too."""


def yi(wan: object) -> str:
    """万元 as 亿元 for a sentence; none is a dash."""
    return "–" if wan is None or pd.isna(wan) else amount(float(wan) / WAN_IN_YI)


def in_yi(column: pd.Series) -> pd.Series:
    """A column of 万元 as 亿元 for a table."""
    return (column.astype("float64") / WAN_IN_YI).round(2) + 0.0  # no negative zero


def labels(table: pd.DataFrame, part: str, lang: str) -> dict[str, str]:
    """The heads of a table's columns: messages `<part>.column.<name>`."""
    return {column: say(f"{part}.column.{column}", lang) for column in table.columns}


def chain_names(report: Report) -> dict[str, str]:
    """The chains' names in the report's language by their Chinese names."""
    return {chain.zh: chain.name(report.lang) for chain in report.chains.chains}


def state_name(row: dict, lang: str) -> str:
    """The state of a link as readers call it; of a blocked one what blocks it."""
    name = say(f"gap.{row['state']}", lang)
    return say("gap.blocked_by", lang, state=name, why=say(f"gap.blocked_by.{row['blocked_by']}", lang)) if row["blocked_by"] else name


def interval(low: object, high: object) -> str:
    """An interval of 万元 in 亿元."""
    return "–" if pd.isna(low) or pd.isna(high) else f"{yi(low)}–{yi(high)}"


def ranks(row: dict) -> str:
    """A rank interval as readers write it: 1, or 1–3."""
    return "–" if pd.isna(row["rank_low"]) else span(row["rank_low"], row["rank_high"])


def no_register(report: Report) -> str:
    """What cannot be said where there is no register of firms."""
    return say("gap.no_register", report.lang)


def nothing(report: Report, name: str, subject: str) -> Picture:
    """The figure that says that there is nothing to draw."""
    kept = {key: value for key, value in report.stamp.items() if key != "place"}
    return empty_picture(name, say(subject, report.lang), **kept)


def partners(side: tuple[Partner, ...], lang: str) -> str:
    """Links that a firm would buy from or sell to, with up to two firms on each; links without a firm are named too."""
    comma, none = say("separator", lang), say("partner.none", lang)
    told = [say("partner", lang, link=getattr(partner, lang), firms=comma.join(partner.firms[:_FIRMS]) or none) for partner in side]
    return say("semicolon", lang).join(told[:_PARTNERS])


def target_table(name: str, title: str, targets: pd.DataFrame, report: Report) -> PageTable:
    """Targets as a table: link, state, unlock with its interval, investment, unlock per yuan, rank interval and band."""
    lang, chains = report.lang, chain_names(report)
    rows = targets.to_dict("records")
    table = pd.DataFrame({
        "band": targets["band"], "ranks": [ranks(row) for row in rows], "chain": targets["chain"].map(chains), "link": targets[lang],
        "state": [say(f"gap.{row['state']}", lang) for row in rows], "unlock": in_yi(targets["unlock_wan"]),
        "interval": [interval(row["unlock_low"], row["unlock_high"]) for row in rows], "imports": in_yi(targets["imports_replaced_wan"]),
        "invest": in_yi(targets["invest_wan"]), "per_yuan": targets["per_yuan"].round(2),
        "order": [say("targets.order", lang, ahead=number(row["beats"]), behind=number(row["beaten_by"])) for row in rows]})
    if report.parameters.chain:
        table = table.drop(columns="chain")
    caption = say("targets.caption", lang, level=say("targets.level", lang))
    align = {"ranks": "center", "interval": "right", "band": "center", "order": "center"}
    return PageTable(name, title, table, labels(table, "targets", lang), caption, align)


def hosts(source: str) -> str:
    """The sites that a source names, so that a table stays narrow; the reference data have the whole source."""
    return ", ".join(dict.fromkeys(re.findall(r"https?://(?:www\.)?([^/\s]+)", source))) or source
