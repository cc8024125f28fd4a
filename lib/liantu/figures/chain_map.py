"""The map of a chain: tiers left to right, each link with its state, firms and projects, the flows between them, and the minimum cut."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from liantu.chains.states import sticking_points
from liantu.figures import palette
from liantu.figures.chain_layout import Box, Columns, Layout, columns_of, lay_out
from liantu.figures.display import Picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, stamp
from liantu.figures.wording import WAN_IN_YI, number, percent, say, wrap
from liantu.reference import Chain

_OPEN = ("preparing", "building", "completed")
_STRIP, _PAD = 0.18, 0.065  # the strip of the state's colour at the left of a node; white around its words
_NAME_LINE, _LINE, _BAR_LINE = 0.178, 0.157, 0.165
_AMPLE = ">999%"
_TALL = 8.0  # nodes of a column; where they are taller together, firms are not named
_HEAD = 0.3  # heads of the tiers
_OUTLINE = 0.045  # between the two borders of a key link
_FLOW, _HEADS, _FLOW_OF_CUT, _PANEL = "#B4B4B4", "#8C8C8C", "#6E6E6E", "#F0F0F0"
_GAP_STATES = ("broken_open", "broken_in_repair", "blocked")
_NO_SUPPLY = ("broken_open", "broken_in_repair", "unasked")
_MARKS = MappingProxyType({"broken_open": "X", "broken_in_repair": "P", "blocked": "s", "weak": "^", "held": "o", "unasked": "_"})
_BORDERS = MappingProxyType({  # width, dashes, colour
    "broken_open": (1.8, (3, 1.6), palette.GAPS["broken_open"]), "broken_in_repair": (1.5, (3, 1.6), "#8A5A00"),
    "blocked": (2.4, (), palette.GAPS["blocked"]), "weak": (1.1, (), palette.GREY), "held": (1.1, (), palette.INK),
    "unasked": (0.9, (1, 1.5), palette.GREY), "unknown": (0.9, (1, 1.5), palette.GREY)})


@dataclass(frozen=True)
class Node:
    """What stands on a link: its words line by line, and what shapes it. `own`: in the county (None where no county is cut out)."""

    link: str
    name: str
    state: str
    key: bool
    cut: bool
    notes: tuple[str, ...]
    coverage: float
    own: bool | None

    @property
    def height(self) -> float:
        """Inches."""
        lines = 1 + self.name.count("\n")
        return 2 * _PAD + lines * _NAME_LINE + len(self.notes) * _LINE + (0 if np.isnan(self.coverage) else _BAR_LINE)


def chain_map(states: pd.DataFrame, chain: Chain, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
              county: str = "", county_supply: Mapping[str, float] | None = None, before: Mapping[str, str] | None = None,
              final_wan: float | None = None) -> Picture:
    """The map of one chain; the title states what is broken and where the chain sticks.

    `states`: rows of this chain as `liantu.chains.link_states` gives them. `county` (code, "" for the whole city) cuts the map to one
    county called `place`: links that `county_supply` (万元 a year by link) finds there are filled, those held elsewhere in the city are
    outlined. `before`: the state of each link at the end of last quarter; links in another state now say which they were in. `final_wan`:
    the chain's final output (万元 a year), told in the subtitle. Where it sticks is told by `sticking_points`. Raises KeyError for a link
    of the chain without a row.
    """
    rows = states.set_index("link").loc[[link.id for link in chain.links]]
    own = None if not county else {link: bool((county_supply or {}).get(link, 0) > 0) for link in rows.index}
    title = _title(rows, chain, lang, place, own)
    with figure_style():
        figure = _figure(rows, chain, lang, title, _subtitle(lang, place, final_wan, own), own, before or {})
        stamp(figure, lang, as_of, simulated, source_note)
    data = _data(rows, chain, lang, own, before or {})
    alt = say("map.alt", lang, place=place, title=title, tiers=_told_by_tier(rows, lang))
    labels = {column: say(f"map.column.{column}", lang) for column in data.columns}
    caption = say("map.caption.county" if own is not None else "map.caption", lang)
    return Picture("chain_map", figure, title, alt, data, labels, caption, as_of)


def _in_cut(rows: pd.DataFrame) -> pd.Series:
    return rows["in_cut"].astype("boolean").fillna(False).astype(bool)


def _title(rows: pd.DataFrame, chain: Chain, lang: str, place: str, own: Mapping[str, bool] | None) -> str:
    count = rows["state"].value_counts()
    broken = int(count.get("broken_open", 0) + count.get("broken_in_repair", 0))
    told = {"chain": chain.name(lang), "links": len(rows), "broken": broken, "blocked": int(count.get("blocked", 0)), "place": place}
    if count.get("unknown", 0) == len(rows):
        return say("map.title.unknown", lang, **told)
    if count.get("unasked", 0) == len(rows):
        return say("map.title.unasked", lang, **told)
    if own is not None:
        here = sum(own.values())
        told |= {"here": here, "elsewhere": int((rows["supply_wan"] > 0).sum()) - here}
        return say("map.title.county", lang, **told)
    parts = [say(f"map.title.{kind}", lang, n=told[kind]) for kind in ("broken", "blocked") if told[kind]]
    text = say("map.title", lang, parts=say("separator", lang).join(parts), **told) if parts else say("map.title.whole", lang, **told)
    stuck = sticking_points(rows)
    if stuck.empty:
        return text
    return text + say("map.title.stuck_most" if len(stuck) > 1 else "map.title.stuck", lang, n=len(stuck), link=stuck[lang].iloc[0])


def _subtitle(lang: str, place: str, final_wan: float | None, own: Mapping[str, bool] | None) -> str:
    parts = [place, say("map.subtitle" if own is None else "map.subtitle.county", lang)]
    if final_wan is not None and not pd.isna(final_wan):
        parts.append(say("map.subtitle.final", lang, final=number(final_wan / WAN_IN_YI, tenths=True)))
    return " · ".join(parts)


def _figure(rows: pd.DataFrame, chain: Chain, lang: str, title: str, subtitle: str, own: Mapping[str, bool] | None,
            before: Mapping[str, str]) -> Figure:
    columns, room = _columns(rows[lang], chain)
    nodes = _nodes(rows, lang, room, own, before, True)
    tallest = max(sum(nodes[link].height for link, place in columns.of.items() if place == column) for column in columns.of.values())
    if tallest > _TALL:
        nodes = _nodes(rows, lang, room, own, before, False)
    layout = lay_out(chain, columns, {link: node.height for link, node in nodes.items()})
    entries = _legend_entries(nodes, lang, own, before)
    legend = _legend_rows([label for _, label in entries])
    top = 0.25 * len(legend) + 0.1 + _HEAD
    sheet = new_figure(title, subtitle, top + layout.height + 0.2)
    axes = _canvas(sheet)
    _draw_legend(axes, entries, legend)
    _draw_tiers(axes, columns, layout, top, lang, any(link.tier == "support" for link in chain.links))
    _draw_flows(axes, layout, nodes, top)
    for link, node in nodes.items():
        _draw_node(axes, node, layout.boxes[link], top)
    return sheet.figure


def _nodes(rows: pd.DataFrame, lang: str, room: float, own: Mapping[str, bool] | None, before: Mapping[str, str],
           firms: bool) -> dict[str, Node]:
    return {str(row["link"]): _node(row, lang, room, own, before.get(row["link"]), firms) for row in rows.reset_index().to_dict("records")}


def _columns(names: pd.Series, chain: Chain) -> tuple[Columns, float]:
    """The columns, five at most and four where five leave no room for the longest word, and the room for words in a node."""
    for most in (5, 4):
        columns = columns_of(chain, MARGIN, WIDTH - 2 * MARGIN, most)
        room = columns.width - _STRIP - 2 * _PAD
        if all(width(word, TEXT, bold=True) <= room for name in names for word in name.replace("-", "- ").split() if word.isascii()):
            break
    return columns, room


def _canvas(sheet: Sheet) -> Axes:
    """Axes over the whole body that count in inches from its upper left corner."""
    axes = sheet.axes(0, 0, WIDTH, sheet.body)
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(sheet.body, 0)
    return axes


def _node(row: Mapping[str, object], lang: str, room: float, own: Mapping[str, bool] | None, was: str | None,
          firms: bool) -> Node:
    link, state = str(row["link"]), str(row["state"])
    projects = sum(int(row[stage]) for stage in _OPEN)
    suppliers = row["suppliers"]
    told = [say("map.no_register", lang) if pd.isna(suppliers) else say("map.firms", lang, n=number(suppliers))]
    told += [say("map.projects", lang, n=number(projects))] if projects else []
    both = " · ".join(told)
    notes = [both] if width(both, SMALLEST) <= room else told
    if firms and not pd.isna(row["top_share"]) and row["top_share"] > 0.5:
        notes += _firm(str(row["top_firm"]), "" if suppliers == 1 else percent(row["top_share"]), room)
    if was and was != state:
        notes += wrap(say("map.was", lang, state=say(f"map.short.{was}", lang)), room, SMALLEST).split("\n")
    cut = not pd.isna(row["in_cut"]) and bool(row["in_cut"])
    return Node(link, _even(str(row[lang]), room), state, bool(row["key"]), cut, tuple(notes), float(row["coverage"]),
                None if own is None else own[link])


def _even(name: str, room: float) -> str:
    """A name broken into as few lines as fit, these about equally long; words may part after a hyphen."""
    spaced = name.replace("-", "- ")
    words, broken = spaced.split(), wrap(spaced, room, TEXT, bold=True)
    for share in (0.9, 0.8, 0.7, 0.6):
        narrower = wrap(spaced, room * share, TEXT, bold=True)
        if narrower.count("\n") > broken.count("\n") or (len(words) > 1 and any(part not in words for part in narrower.split())):
            break
        broken = narrower
    return broken.replace("- ", "-")


def _firm(name: str, share: str, room: float) -> list[str]:
    """A firm's name on two lines at most, cut where it is longer, and its share of the supply."""
    lines = wrap(name, room, SMALLEST).split("\n")
    after = f" {share}" if share else ""
    last = lines[1] if len(lines) > 1 else lines[0]
    if len(lines) > 2 or width(last + after, SMALLEST) > room:
        while last and width(last + "…" + after, SMALLEST) > room:
            last = last[:-1]
        last = last.rstrip() + "…"
    return [*lines[:1][:len(lines) - 1], last + after]


def _draw_tiers(axes: Axes, columns: Columns, layout: Layout, top: float, lang: str, support: bool) -> None:
    """A pale panel behind each tier with its name above, and one for the band of supporting links."""
    half = columns.free / 2
    for tier in dict.fromkeys(columns.tiers):
        places = [place for place, name in enumerate(columns.tiers) if name == tier]
        left = max(columns.lefts[places[0]] - half, MARGIN) + 0.03 if places[0] else MARGIN
        last = columns.lefts[places[-1]] + columns.width
        right = last + half - 0.03 if places[-1] < len(columns.tiers) - 1 else WIDTH - MARGIN
        axes.add_artist(Rectangle((left, top - _HEAD), right - left, layout.band + _HEAD - 0.02, facecolor=_PANEL, linewidth=0))
        axes.text(left + 0.06, top - _HEAD + 0.13, say(f"map.tier.{tier}", lang), size=TEXT, weight="bold", color=palette.GREY, va="center")
    if support:
        axes.add_artist(Rectangle((MARGIN, top + layout.band + 0.04), WIDTH - 2 * MARGIN, layout.height - layout.band + 0.08,
                                  facecolor=_PANEL, linewidth=0))
        axes.text(columns.lefts[0], top + layout.band + 0.19, say("map.tier.support", lang), size=TEXT, weight="bold", color=palette.GREY,
                  va="center")


def _draw_flows(axes: Axes, layout: Layout, nodes: Mapping[str, Node], top: float) -> None:
    """Flows as grey curves, wider with intensity, darker out of the cut, dashed where nobody gives; triangles at their ends."""
    down = np.array((0, top))
    heads, tones, pieces = [], [], {}
    for route in sorted(layout.routes, key=lambda route: nodes[route.flow.giver].cut):
        giver, wide = nodes[route.flow.giver], 0.8 + 3.2 * route.flow.intensity ** 0.7
        tip = route.points[-1] + down - np.array((route.heading * (_OUTLINE if nodes[route.flow.taker].key else 0.01), 0))
        base, half = tip - np.array((route.heading * 0.1, 0)), np.array((0, 0.036 + wide / 72 / 2.6))
        heads.append([tip, base + half, base - half])
        tones.append(_FLOW_OF_CUT if giver.cut else _HEADS)
        # Flows of one giver share pieces of their way: each is drawn once, as wide as its widest flow, or dashes would fill up.
        *shared, last = (piece + down for piece in route.pieces)
        for piece in (*shared, np.vstack([last[:-1], base])):
            known = pieces.get(piece.tobytes())
            pieces[piece.tobytes()] = (piece, max(wide, known[1] if known else 0), _FLOW_OF_CUT if giver.cut else _FLOW,
                                       giver.state in _NO_SUPPLY)
    lines, widths, colours, missing = zip(*pieces.values(), strict=True)
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=widths, capstyle="butt", gid="flows",
                                       linestyles=[(0, (2.2, 1.3)) if absent else "-" for absent in missing]), autolim=False)
    axes.add_collection(PolyCollection(heads, facecolors=tones, linewidths=0, gid="heads"), autolim=False)


def _draw_node(axes: Axes, node: Node, box: Box, down: float) -> None:
    left, top = box.left, box.top + down
    _plate(axes, left, top, box.width, box.height, node)
    x, y = left + _STRIP + _PAD, top + _PAD
    faint = _elsewhere(node)
    for line in node.name.split("\n"):
        axes.text(x, y + _NAME_LINE / 2, line, size=TEXT, weight="bold", va="center", color=palette.GREY if faint else palette.INK,
                  gid=f"node:{node.link}")
        y += _NAME_LINE
    for line in node.notes:
        axes.text(x, y + _LINE / 2, line, size=SMALLEST, va="center", color=palette.GREY if faint else palette.INK, gid=f"node:{node.link}")
        y += _LINE
    if not np.isnan(node.coverage):
        _coverage_bar(axes, node, x, y + _BAR_LINE / 2, box.width - _STRIP - 2 * _PAD)
    if node.cut:
        _cut_line(axes, box.right + 0.1, top - 0.05, top + box.height + 0.05)


def _plate(axes: Axes, left: float, top: float, wide: float, high: float, node: Node) -> None:
    """A node's ground, strip of colour, mark and border; a second border round a key link."""
    state, outlined = node.state, _elsewhere(node)
    line, dashes, colour = _BORDERS[state]
    if node.key:
        axes.add_artist(Rectangle((left - _OUTLINE, top - _OUTLINE), wide + 2 * _OUTLINE, high + 2 * _OUTLINE, facecolor=palette.PAPER,
                                  edgecolor=palette.INK, linewidth=0.9))
    axes.add_artist(Rectangle((left, top), wide, high, facecolor=_ground(node), linewidth=0, gid=f"plate:{node.link}"))
    _strip(axes, left, top, _STRIP, high, state, outlined)
    style = (0, tuple(dashes)) if dashes else "-"
    axes.add_artist(Rectangle((left, top), wide, high, fill=False, edgecolor=colour, linewidth=line, linestyle=style))


def _strip(axes: Axes, left: float, top: float, wide: float, high: float, state: str, outlined: bool = False) -> None:
    """The state's colour and hatch with its mark in the middle."""
    dress = palette.gap_dress(state) | {"edgecolor": "none"}
    if outlined:
        dress |= {"facecolor": palette.PAPER, "hatch": "", "edgecolor": palette.GREY}
    axes.add_artist(Rectangle((left, top), wide, high, linewidth=0.6 if outlined else 0, **dress))
    x, y = left + wide / 2, top + high / 2
    if state in _MARKS:
        thin = _MARKS[state] == "_"
        axes.add_artist(Line2D([x], [y], marker=_MARKS[state], markersize=8.5, markerfacecolor=palette.PAPER, markeredgecolor=palette.INK,
                               markeredgewidth=2.2 if thin else 0.8, linewidth=0))
    else:
        axes.text(x, y, "?", size=SMALLEST, weight="bold", ha="center", va="center", gid="mark")


def _coverage_bar(axes: Axes, node: Node, x: float, y: float, room: float) -> None:
    """Supply as a share of demand: a bar in a frame that stands for the demand, and the number."""
    text = percent(min(node.coverage, 9.99)) if node.coverage <= 9.99 else _AMPLE
    full = room - width(_AMPLE, SMALLEST) - 0.06
    axes.add_artist(Rectangle((x, y - 0.045), full, 0.09, facecolor=palette.PAPER, edgecolor=palette.GREY, linewidth=0.7))
    if node.coverage > 0:
        axes.add_artist(Rectangle((x, y - 0.045), full * min(node.coverage, 1), 0.09, facecolor=palette.GREY, linewidth=0))
    axes.text(x + room, y, text, size=SMALLEST, ha="right", va="center", gid=f"node:{node.link}")


def _cut_line(axes: Axes, x: float, top: float, bottom: float) -> None:
    axes.add_artist(Line2D([x, x], [top, bottom], color=palette.PAPER, linewidth=5.5, solid_capstyle="butt"))
    axes.add_artist(Line2D([x, x], [top, bottom], color=palette.INK, linewidth=3.4, linestyle=(0, (1.3, 0.7)), dash_capstyle="butt",
                           gid="cut"))


def _elsewhere(node: Node) -> bool:
    """Whether the firms of a link are all outside the county."""
    return node.own is False and node.state not in _NO_SUPPLY


def _ground(node: Node) -> tuple[float, ...] | str:
    """What a node's words stand on: in a county's map whether its firms are there, else a tint of its state where that is a gap."""
    if node.own:
        return palette.SEQUENTIAL[1]
    if node.state not in _GAP_STATES or _elsewhere(node):
        return palette.PAPER
    return tuple(1 - 0.14 * (1 - part) for part in to_rgb(palette.GAPS[node.state]))


def _legend_entries(nodes: Mapping[str, Node], lang: str, own: Mapping[str, bool] | None,
                    before: Mapping[str, str]) -> list[tuple[str, str]]:
    """Kind and words of each legend entry; only what is on the map."""
    held = list(nodes.values())
    kinds = [state for state in palette.GAPS if any(node.state == state for node in held)]
    kinds += ["own", "elsewhere"] if own is not None else []
    kinds += ["key"] if any(node.key for node in held) else []
    kinds += ["bar"] if any(not np.isnan(node.coverage) for node in held) else []
    kinds += ["cut"] if any(node.cut for node in held) else []
    kinds += ["flow"]
    kinds += ["missing"] if any(node.state in _NO_SUPPLY for node in held) else []
    return [(kind, say(f"gap.{kind}" if kind in palette.GAPS else f"map.legend.{kind}", lang)) for kind in kinds]


def _legend_rows(labels: list[str]) -> list[list[float]]:
    """The left side of each entry, row by row."""
    rows: list[list[float]] = [[]]
    x = MARGIN
    for label in labels:
        wide = 0.42 + width(label, SMALLEST) + 0.17
        if x + wide - 0.17 > WIDTH - MARGIN and rows[-1]:
            rows.append([])
            x = MARGIN
        rows[-1].append(x)
        x += wide
    return rows


def _draw_legend(axes: Axes, entries: list[tuple[str, str]], rows: list[list[float]]) -> None:
    places = [(x, 0.1 + 0.25 * number_of) for number_of, row in enumerate(rows) for x in row]
    for (kind, label), (x, y) in zip(entries, places, strict=True):
        _legend_key(axes, kind, x, y)
        axes.text(x + 0.42, y, label, size=SMALLEST, va="center")


def _legend_key(axes: Axes, kind: str, x: float, y: float) -> None:
    if kind in palette.GAPS:
        line, dashes, colour = _BORDERS[kind]
        _strip(axes, x + 0.02, y - 0.085, _STRIP, 0.17, kind)
        axes.add_artist(Rectangle((x + 0.02, y - 0.085), 0.33, 0.17, fill=False, edgecolor=colour, linewidth=line,
                                  linestyle=(0, tuple(dashes)) if dashes else "-"))
    elif kind in ("own", "elsewhere", "key"):
        ground = palette.SEQUENTIAL[1] if kind == "own" else palette.PAPER
        axes.add_artist(Rectangle((x + 0.05, y - 0.06), 0.27, 0.12, facecolor=ground, edgecolor=palette.INK, linewidth=0.9))
        if kind == "key":
            axes.add_artist(Rectangle((x + 0.01, y - 0.1), 0.35, 0.2, fill=False, edgecolor=palette.INK, linewidth=0.9))
    elif kind == "bar":
        axes.add_artist(Rectangle((x + 0.02, y - 0.045), 0.33, 0.09, facecolor=palette.PAPER, edgecolor=palette.GREY, linewidth=0.7))
        axes.add_artist(Rectangle((x + 0.02, y - 0.045), 0.2, 0.09, facecolor=palette.GREY, linewidth=0))
    elif kind == "cut":
        _cut_line(axes, x + 0.19, y - 0.1, y + 0.1)
    else:
        style = (0, (2.2, 1.3)) if kind == "missing" else "-"
        axes.add_artist(Line2D([x + 0.02, x + 0.26], [y, y], color=_FLOW, linewidth=2, linestyle=style))
        axes.add_artist(Polygon([(x + 0.36, y), (x + 0.26, y + 0.05), (x + 0.26, y - 0.05)], facecolor=_HEADS, linewidth=0))


def _told_by_tier(rows: pd.DataFrame, lang: str) -> str:
    """The links of each tier with their states, for readers of the alt text."""
    told = []
    for tier, part in rows.groupby("tier", sort=False):
        links = say("separator", lang).join(f"{name} {say(f'map.short.{state}', lang)}"
                                            for name, state in zip(part[lang], part["state"], strict=True))
        told.append(say("map.alt.tier", lang, tier=say(f"map.tier.{tier}", lang), links=links))
    return " ".join(told)


def _data(rows: pd.DataFrame, chain: Chain, lang: str, own: Mapping[str, bool] | None, before: Mapping[str, str]) -> pd.DataFrame:
    names = {link.id: link.name(lang) for link in chain.links}
    data = pd.DataFrame({
        "link": rows[lang], "tier": [say(f"map.tier.{tier}", lang) for tier in rows["tier"]],
        "key": rows["key"].astype(bool), "state": [say(f"gap.{state}", lang) for state in rows["state"]],
        "suppliers": rows["suppliers"].astype("Int64"), "projects": rows[list(_OPEN)].sum(axis=1).astype("int64"),
        "supply": (rows["supply_wan"].astype("float64") / WAN_IN_YI).round(3),
        "demand": (rows["demand_wan"].astype("float64") / WAN_IN_YI).round(3),
        "coverage": rows["coverage"].astype("float64").round(3), "top_firm": rows["top_firm"], "top_share": rows["top_share"].round(3),
        "in_cut": _in_cut(rows),
        "takers": [say("separator", lang).join(names[taker] for taker in chain.takers(link)) for link in rows.index]})
    if own is not None:
        data["own"] = [own[link] for link in rows.index]
    if before:
        data["before"] = [say(f"gap.{before[link]}", lang) if link in before else "" for link in rows.index]
    return data.reset_index(drop=True)
