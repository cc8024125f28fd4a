"""What a ledger leaves unsaid in its rows: the date it reports to, who sends it, and the county that its name or title tells."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from liantu.ledger.sheets import Block, Sheet, stem_of
from liantu.reference import City, Divisions
from liantu.reference.identity import IdentityRules


@dataclass(frozen=True)
class Context:
    """The setting of one table found in a sheet."""

    source_file: str
    sheet: str
    snapshot: dt.date
    source: str
    """county, zone or department."""
    county: str | None
    """The county that the sheet's name, a title or the file's name states, None when none or several do."""
    zones: Mapping[str, str] = field(default_factory=dict)
    """The county of each development zone, where the same file tells it (a zone register beside the zones' projects)."""


def context_of(sheet: Sheet, block: Block, snapshot: dt.date, city: City, rules: IdentityRules) -> Context:
    """The setting of `block`: the reporter from the form, else the file's name, else the titles; the county likewise.

    The county is looked for in the sheet's name, then in each title, then in the file's name: the first that states exactly one.
    """
    stem = stem_of(sheet.source_file)
    stated = (county_in(text, city.divisions) for text in (sheet.name, *block.titles, stem))
    county = next((code for code in stated if code), None)
    source = block.form.reporter or _reporter((stem, *block.titles), city.divisions, rules) or ("county" if county else "department")
    return Context(sheet.source_file, sheet.name, snapshot, source, county)


def county_in(text: str, divisions: Divisions) -> str | None:
    """The one county named inside a longer text (`北票市2022年重点项目台账`); None when there is none or more than one.

    The city's own name says nothing (every ledger of the city bears it), but 市本级 and the like mean the city's own projects.
    """
    found = counties_in(text, divisions)
    return next(iter(found)) if len(found) == 1 else None


def counties_in(text: str, divisions: Divisions) -> frozenset[str]:
    """Every county named inside a longer text; see county_in."""
    pattern, codes = _places(divisions)
    return frozenset(codes[name] for name in pattern.findall(unicodedata.normalize("NFKC", text).replace(" ", ""))) - {""}


@cache
def _places(divisions: Divisions) -> tuple[re.Pattern[str], dict[str, str]]:
    codes = {name: county.code for county in divisions.counties for name in (county.zh, *county.aliases)}
    short = divisions.city.zh.removesuffix("市")
    own = {short, divisions.city.zh, *(name for name in divisions.city.aliases if name.endswith((short, divisions.city.zh)))}
    codes |= {name: divisions.city.code for name in divisions.city.aliases if name not in own}
    codes |= dict.fromkeys(own, "") | {name: "" for place in divisions.not_here for name in place.names}
    return re.compile("|".join(re.escape(name) for name in sorted(codes, key=lambda name: (-len(name), name)))), codes


def reporter_in(text: str, divisions: Divisions, rules: IdentityRules) -> str | None:
    """Who sends a ledger of this name or title: zone, county or department; None when it does not say."""
    if any(word in text for word in rules.reporters.zone):
        return "zone"
    # A bureau of one county sends that county's ledger; only without a county is it one of the city's departments.
    if county_in(text, divisions) not in (None, divisions.city.code):
        return "county"
    return "department" if any(word in text for word in rules.reporters.department) else None


def _reporter(texts: Iterable[str], divisions: Divisions, rules: IdentityRules) -> str | None:
    return next((told for text in texts if (told := reporter_in(text, divisions, rules))), None)
