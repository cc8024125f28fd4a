"""Places as codes of the city's own county-level divisions; a name that another place bears is never taken for ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import canonical, is_number, open_cell
from liantu.ledger.values.quantities import joined, peel
from liantu.ledger.values.reading import Reading
from liantu.ledger.values.wording import any_of
from liantu.reference.models import Division, Divisions

_BETWEEN = r"[、,;，；/&+|]"
_BELOW = re.compile(r".*(?:镇|乡|街道|街道办|社区|村|屯|组|园|园区|开发区|新区)")
_DIGITS = re.compile(r"([0-9]{6})(?:[0-9]{3}){0,2}(?:\.0+)?")
_FORMAL_END = tuple("县市区旗")
_OTHER_PLACE = re.compile(r"[省市州盟]|自治区|[县区旗]\Z")
_CITY_BODY = re.compile(r"(?:.*(?:开发区|高新区|经开区|新区|园区|产业园|管委会)|市?本级|市?直属?|.*[委局办厅府]|.{0,6}机关)")


@dataclass(frozen=True)
class _Index:
    """Names of the divisions, ready to be searched."""

    code_of: dict[str, str]
    codes: frozenset[str]
    city: str
    city_names: tuple[str, ...]
    provinces: tuple[str, ...]
    """What the city's own names say before its name (辽宁省 in 辽宁省朝阳市)."""
    formal: frozenset[str]
    names: re.Pattern[str]
    between: re.Pattern[str]
    """What parts two places; 和 does only when one of ours follows (双塔区和平街道 is one)."""
    elsewhere: re.Pattern[str]
    elsewhere_codes: frozenset[str]


def read_county(cell: Cell, divisions: Divisions) -> Reading:
    """Read a place; the value is a six-digit code of GB/T 2260, the city's own included.

    Township, zone or office after the name are passed over. Places of the same name elsewhere (county_elsewhere), several
    counties (county_several) and everything else (county_unknown) are not read.
    """
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    index = _index(divisions)
    if is_number(opened):
        whole = opened == opened and abs(opened) < 1e12 and opened % 1 == 0
        return _by_code(str(int(opened)), index) if whole else Reading(None, "county_unknown")
    if not isinstance(opened, str):
        return Reading(None, "county_unknown")
    core, insides = peel(opened)
    core, note = core.replace(" ", ""), joined(insides)
    if _DIGITS.fullmatch(core):
        return _by_code(core, index, note)
    code = index.code_of.get(core.casefold()) or index.code_of.get(opened.replace(" ", "").casefold())
    if code:
        return Reading(code, None, note)
    if index.elsewhere.search(core):
        return Reading(None, "county_elsewhere", note)
    return _by_parts(core, insides, index, note)


def _by_code(digits: str, index: _Index, note: str | None = None) -> Reading:
    """A division's code, also with the three or six digits of a township or village behind it."""
    found = _DIGITS.fullmatch(digits)
    if found and found[1] in index.codes:
        return Reading(found[1], None, note)
    return Reading(None, "county_elsewhere" if found and found[1] in index.elsewhere_codes else "county_unknown", note)


def _by_parts(core: str, insides: Iterable[str], index: _Index, note: str | None) -> Reading:
    """One reading from what stands between 、 and other separators; 朝阳市/北票市 is one place, told from the larger to the smaller."""
    parts = [part for part in index.between.split(core) if part]
    found = [codes for place, part in enumerate(parts) if (codes := _segment(part, index)) or not place or not _BELOW.fullmatch(part)]
    if len(parts) > 1 and "/" in core and parts[0] in index.city_names:
        found = found[1:]
    codes = {code for segment in found for code in segment}
    if len(codes) == 1 and all(found):
        return Reading(codes.pop(), None, note)
    if len(codes) > 1:
        return Reading(None, "county_several", note)
    if not codes:
        # 经开区（双塔区）: the name of the place stands in the parenthesis.
        inner = {code for inside in insides for code in _segment(inside.replace(" ", ""), index)}
        if len(inner) == 1 and not index.elsewhere.search("".join(insides)):
            return Reading(inner.pop(), None, core)
    return Reading(None, "county_unknown", note)


def _segment(text: str, index: _Index) -> frozenset[str]:
    """The codes that one stretch of text names: the first county in it, and any other that stands there with its full name."""
    rest = text = _without_any(text, index.provinces)
    begins = index.names.match(text)
    if begins and index.code_of[begins[0].casefold()] == index.city:
        rest = text[begins.end():]
    matches = list(index.names.finditer(rest))
    if not matches or not _stands(matches[0], rest, index):
        return _city_body(text, index)
    first = index.code_of[matches[0][0].casefold()]
    others = {index.code_of[found[0].casefold()] for found in matches[1:] if found[0] in index.formal}
    return frozenset({first, *others} - ({index.city} if first != index.city else set()))


def _without_any(text: str, prefixes: Iterable[str]) -> str:
    return next((text[len(prefix):] for prefix in prefixes if text.startswith(prefix) and text != prefix), text)


def _stands(found: re.Match[str], text: str, index: _Index) -> bool:
    """Whether a name found in a text is the place itself: not 沈阳市…, not 建平区, no short name in the middle of other words."""
    before, after = text[: found.start()], text[found.end():]
    if index.code_of[found[0].casefold()] == index.city:
        return False
    if found[0] in index.formal:
        return not _OTHER_PLACE.search(before)
    return not before and not after.startswith(_FORMAL_END)


def _city_body(text: str, index: _Index) -> frozenset[str]:
    """朝阳市发改委, 朝阳经济技术开发区: a body of the city itself counts as the city; any other word behind the name does not."""
    for name in index.city_names:
        if text.startswith(name) and (text == name or _CITY_BODY.fullmatch(text[len(name):])):
            return frozenset({index.city})
    return frozenset()


def _key(name: str) -> str:
    return canonical(name).replace(" ", "").casefold()


def _spellings(division: Division) -> list[str]:
    return [canonical(name) for name in (division.zh, division.short_zh, *division.aliases)]


@lru_cache(maxsize=8)
def _index(divisions: Divisions) -> _Index:
    everything = (divisions.city, *divisions.counties)
    names = {name: division.code for division in everything for name in _spellings(division)}
    foreign = [name for place in divisions.not_here for name in place.names]
    english = {_key(name): division.code for division in everything for name in (division.en, division.short_en)}
    of_city = _spellings(divisions.city)
    above = {longer.removesuffix(name) for longer in of_city for name in of_city if longer.endswith(name) and longer != name}
    return _Index(
        code_of={**english, **{_key(name): code for name, code in names.items()}},
        codes=frozenset(division.code for division in everything),
        city=divisions.city.code,
        city_names=tuple(sorted(of_city, key=len, reverse=True)),
        provinces=tuple(sorted(above - set(of_city), key=len, reverse=True)),
        formal=frozenset(name for name in names if name.endswith(_FORMAL_END)),
        names=re.compile(any_of(names)),
        between=re.compile(rf"{_BETWEEN}|[和与及](?={any_of(names)})"),
        elsewhere=re.compile(any_of(map(canonical, foreign)) if foreign else "(?!)"),
        elsewhere_codes=frozenset(place.code for place in divisions.not_here),
    )
