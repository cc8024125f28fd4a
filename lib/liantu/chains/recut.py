"""An old quarter read either way: placed tables re-cut to a later edition, and the earlier links that its entries are made of."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from liantu.errors import LiantuError
from liantu.reference import Chain, Chains, City, ClusterEntry, Crosswalk, Link, city
from liantu.reference.editions import UNKNOWN, links_of, whole_links

_MADE_OF = [
    "entry", "entry_zh", "entry_en", "kind", "county", "chain", "chain_zh", "link", "link_zh", "share", "whole", "confidence", "note"]
_INDUSTRIES = [
    "county", "county_zh", "county_en", "known", "zh", "en", "members", "confidence", "source", "note"]
_Place = tuple[str, str, str]
"""Chain, link and county (empty: any)."""


def crosswalk(edition: str, of: City | None = None) -> Crosswalk:
    """What an edition is made of, by default of the city that is shipped.

    Raises LiantuError for an edition that is not made from another, UnknownValueError for one that does not exist.
    """
    place = of or city()
    found = place.crosswalk(edition)
    if found is None:
        raise LiantuError(f"edition {edition!r} is not made from another; add chains/{edition}/crosswalk.yml, or ask for one that has it")
    place.chains(edition)  # which checks the crosswalk against the edition that it is made from
    return found


def recut(frame: pd.DataFrame, crosswalk: Crosswalk, chains: Chains | None = None) -> pd.DataFrame:
    """A placed table with `chain` and `link` told in the entries of a crosswalk: rows, order, index and other columns as they were.

    `frame` has `chain` (Chinese name or id of a chain of the edition that the crosswalk is made from; `chains`, by default the shipped
    one) and may have `link` and `county`. A row becomes that of the entry that has all of its link; else of the industry of its county
    that has all of it there; else its chain is `unknown` and its link `<chain>.<link>`, so that nothing is lost. A row on a chain
    without a link goes where all links of the chain go. Rows on no chain stay on none. A link held by shares is unknown: a row cannot
    be divided (`made_of` tells the shares).
    """
    held = chains or city().chains(crosswalk.made_from)
    where = _places(crosswalk, held)
    ids = {name: chain.id for chain in held.chains for name in (chain.zh, chain.id)}
    columns = [frame[name].astype("object") if name in frame else pd.Series("", index=frame.index) for name in ("chain", "link", "county")]
    keys = [tuple("" if pd.isna(part) else part for part in key) for key in zip(*columns, strict=True)]
    told = {key: _told(key, where, ids) for key in set(keys)}
    placed = [bool(chain) for chain, _, _ in keys]
    new = {name: [told[key][number] for key in keys] for number, name in enumerate(("chain", "link")) if name in frame}
    return frame.assign(**{name: _column(frame[name], values, placed) for name, values in new.items()})


def made_of(crosswalk: Crosswalk, chains: Chains | None = None) -> pd.DataFrame:
    """One row for each entry and link of the earlier edition that it holds, in the order of the entries; links of none last, as `unknown`.

    Columns: entry, entry_zh, entry_en, kind, county, chain, chain_zh, link, link_zh, share (NaN: a part, nobody says how much; 1 for
    what is unknown), whole (rows of the link are told in the entry), confidence, note. Entries without members have a row without a link.
    """
    held = chains or city().chains(crosswalk.made_from)
    names = {(chain.id, link.id): (chain, link) for chain in held.chains for link in chain.links}
    claims, whole = links_of(crosswalk, held), whole_links(crosswalk, held)
    rows = [row for entry in crosswalk.entries for row in _entry_rows(entry, names, claims, whole)]
    rest = [pair for pair in names if pair not in claims]
    rows += [(UNKNOWN, "未知", "Unknown", UNKNOWN, "", *_named(names[pair]), 1.0, False, "", "") for pair in rest]
    return pd.DataFrame(rows, columns=_MADE_OF)


def unmapped(crosswalk: Crosswalk, chains: Chains | None = None) -> pd.DataFrame:
    """Chains of the earlier edition with links that no entry has as a whole: chain, chain_zh, links, unknown (how many), held_in_part."""
    held = chains or city().chains(crosswalk.made_from)
    claims, whole = links_of(crosswalk, held), whole_links(crosswalk, held)
    rows = []
    for chain in held.chains:
        missing = [(chain.id, link.id) for link in chain.links if (chain.id, link.id) not in whole]
        if missing:
            rows.append((chain.id, chain.zh, len(chain.links), len(missing), sum(pair in claims for pair in missing)))
    return pd.DataFrame(rows, columns=["chain", "chain_zh", "links", "unknown", "held_in_part"])


def one_county_one_industry(crosswalk: Crosswalk, of: City | None = None) -> pd.DataFrame:
    """The industries of the counties (一县一业), in the order of the counties: a row each, known or not.

    Columns: county, county_zh, county_en, known, zh, en (its industry, empty where unknown), members (chains or links of the earlier
    edition, written `chain.link`), confidence, source, note.
    """
    divisions = (of or city()).divisions
    order = {county.code: number for number, county in enumerate(divisions.counties)}
    entries = [entry for entry in crosswalk.entries if entry.kind == "county_industry"]
    return pd.DataFrame([
        (entry.county, divisions.by_code(entry.county).short_zh, divisions.by_code(entry.county).short_en, entry.known,
         entry.zh if entry.known else "", entry.en if entry.known else "", ", ".join(member.of for member in entry.members),
         entry.confidence or "", entry.source, entry.note)
        for entry in sorted(entries, key=lambda entry: order[entry.county])], columns=_INDUSTRIES)


def _places(crosswalk: Crosswalk, chains: Chains) -> dict[_Place, tuple[str, str]]:
    """The Chinese name of the entry and the link's id there; a chain without a link has the empty link."""
    zh = {entry.id: entry.zh for entry in crosswalk.entries}
    places = {(chain, link, ""): (zh[entry], name) for (chain, link), (entry, name) in whole_links(crosswalk, chains).items()}
    for (chain, link), claims in links_of(crosswalk, chains).items():
        for entry, member in claims:
            alone = sum(other.county in ("", entry.county) for other, _ in claims) == 1
            if entry.county and member.share == 1.0 and alone:
                places[chain, link, entry.county] = (entry.zh, link)
    for held in chains.chains:
        entries = {places.get((held.id, link.id, ""), ("", ""))[0] for link in held.links}
        if len(entries) == 1 and "" not in entries:
            places[held.id, "", ""] = (entries.pop(), "")
    return places


def _told(key: _Place, where: dict[_Place, tuple[str, str]], ids: dict[str, str]) -> tuple[str, str]:
    chain, link, county = key
    of = ids.get(chain, chain)
    found = where.get((of, link, "")) or where.get((of, link, county))
    return found or (UNKNOWN, f"{of}.{link}" if link else of)


def _column(old: pd.Series, values: list[str], placed: list[bool]) -> pd.Series:
    text = isinstance(old.dtype, pd.StringDtype)
    new = [(value or None) if told else was for value, told, was in zip(values, placed, old.astype("object"), strict=True)]
    return pd.Series(new, index=old.index, dtype=old.dtype if text else "object")


def _entry_rows(entry: ClusterEntry, names: dict[tuple[str, str], tuple[Chain, Link]], claims: dict, whole: dict) -> Iterator[tuple]:
    about = (entry.id, entry.zh, entry.en, entry.kind, entry.county)
    if not entry.members:
        yield (*about, "", "", "", "", float("nan"), False, entry.confidence or "", entry.note)
    for pair, of in names.items():
        for holder, member in claims.get(pair, ()):
            if holder.id == entry.id:
                share = float("nan") if member.share is None else member.share
                yield (*about, *_named(of), share, pair in whole, member.confidence, member.note)


def _named(of: tuple[Chain, Link]) -> tuple[str, str, str, str]:
    chain, link = of
    return chain.id, chain.zh, link.id, link.zh
