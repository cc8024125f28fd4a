"""What needs watching, merged from the lists that the pages of the whole city show."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from liantu.suite.site.collecting import Entry
from liantu.suite.site.heat_map import county_called, page_of

SHOWN = 10


@dataclass(frozen=True)
class Item:
    """Something to watch: what, why, where and since when, and the page that tells more."""

    what: str
    why: str
    county: str
    since: str
    page: str


@dataclass(frozen=True)
class WatchPart:
    """Items of one list under its title; `left` more stand on `page`; `lang` is the language of their words."""

    lang: str
    title: str
    note: str
    items: tuple[Item, ...]
    left: int
    page: str


def watch_list(entries: Iterable[Entry], lang: str, pages: Collection[str], shown: int = SHOWN) -> list[WatchPart]:
    """The first `shown` items of all watch lists, in the lists' order; no list takes the place of the others before each has its share.

    `pages` are the ids of the pages there are: an item leads to the page of its county that it names, else to the page of its list.
    """
    lists: dict[str, tuple[Mapping[str, Any], Entry]] = {}
    for entry in entries:
        for payload in entry.watch:
            if payload.get("items"):
                lists.setdefault(str(payload.get("name")), (payload, entry))
    ordered = sorted(lists.values(), key=lambda found: found[0].get("order") or 0)
    room = _room([len(payload["items"]) for payload, _ in ordered], shown)
    return [
        WatchPart(entry.facts.lang, str(payload.get("title") or ""), str(payload.get("note") or ""),
                  tuple(_item(item, entry, lang, pages) for item in payload["items"][:space]), len(payload["items"]) - space,
                  f"{entry.id}.html")
        for (payload, entry), space in zip(ordered, room, strict=True) if space]


def _room(lengths: list[int], shown: int) -> list[int]:
    """How many items each list may show: an even share for each, what is left over to the first that has more."""
    share = math.floor(shown / len(lengths)) if lengths else 0
    room = [min(length, share) for length in lengths]
    for place, length in enumerate(lengths):
        room[place] += min(length - room[place], shown - sum(room))
    return room


def _item(item: Mapping[str, Any], entry: Entry, lang: str, pages: Collection[str]) -> Item:
    told = {key: str(item.get(key) or "") for key in ("what", "why", "county", "since", "page")}
    division = county_called(told["county"])
    if division is not None:
        told["county"] = division.short_zh if lang == "zh" else division.short_en
    named = told["page"].removesuffix(".ipynb")
    of_county = page_of(f"{named}.{division.code}", lang, pages) if named and division is not None else ""
    return Item(**{**told, "page": of_county or (page_of(named, lang, pages) if named else "") or f"{entry.id}.html"})
