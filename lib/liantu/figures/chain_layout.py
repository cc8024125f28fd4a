"""Where the links and flows of a chain go on its map: columns by tier, an order with few crossings, heights, and curves between columns.

Layered drawing after Sugiyama, Tagawa and Toda (1981): links in columns, a flow over several columns led through each of them between
the links, orders by barycentres, and heights by isotonic regression, which is the best for a given order. All lengths are inches; y
grows downwards. A flow bends in the free space between two columns only and is level inside a column, so it can touch no link but its ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from liantu.reference import Chain, Flow

TIERS = ("upstream", "midstream", "downstream")
_FREE = {1: 0.0, 2: 1.5, 3: 0.95, 4: 0.62, 5: 0.44}  # width of the free space between columns, by their number
_WIDEST = 2.3
_GAP, _THREAD = 0.15, 0.05  # between things in a column; height of a flow that passes through one
_BAND_HEAD = 0.62  # between the links above and those in the band of support, whose name stands there
_RIGHT = 0.17  # beside the last column, for the mark of the cut
_PORT = 0.105  # between two flows that end at one side of a link, where its height allows
_BEND = 20  # points of a bend with its two ends
_CROWD = 7  # links in a column
_SWEEPS = 10

Item = tuple[str, str, int]
"""A thing in a column: (link, "", column), or a flow passing through: (giver, "on" or "back", column)."""


@dataclass(frozen=True)
class Box:
    """The place of a link."""

    link: str
    column: int
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height


@dataclass(frozen=True)
class Route:
    """The way of a flow: points (n, 2) from giver to taker; it ends going right (1) or left (-1).
    """

    flow: Flow
    points: np.ndarray
    heading: int

    @property
    def pieces(self) -> list[np.ndarray]:
        """The points bend by bend, each with the level stretch after it; flows of one giver share their first ones."""
        return [self.points[start:start + _BEND + 1] for start in range(0, len(self.points), _BEND)]


@dataclass(frozen=True)
class Columns:
    """The column of each link, the tier of each column, and the room: left side of each column and their width."""

    of: Mapping[str, int]
    tiers: tuple[str, ...]
    lefts: tuple[float, ...]
    width: float
    free: float


@dataclass(frozen=True)
class Layout:
    """A chain laid out: boxes, routes, its height, and the top of the band of supporting links (its height where there is none)."""

    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    height: float
    band: float


def columns_of(chain: Chain, left: float, room: float, most: int = 5) -> Columns:
    """Tiers left to right, each in as many columns as it has steps of its own, `most` (3 to 5) in all; support where its takers are near.

    `left` and `room`: the left side and the width that the columns may take.
    """
    steps = {tier: _steps(chain, tier) for tier in TIERS}
    deep = {tier: max(found.values()) for tier, found in steps.items() if found} or {"midstream": 1}
    while sum(deep.values()) > most and max(deep.values()) > 1:
        deep[_cheapest(chain, steps, deep)] -= 1
    tiers = tuple(tier for tier, count in deep.items() for _ in range(count))
    of = {link: tiers.index(tier) + min(step, deep[tier]) - 1 for tier, found in steps.items() for link, step in found.items()}
    of |= _support_columns(chain, of, len(tiers))
    bows = [flow for flow in chain.flows if of[flow.giver] == of[flow.taker] == 0]
    margin, free = (0.3 if bows else 0.06), _FREE[len(tiers)]
    width = min((room - margin - _RIGHT - free * (len(tiers) - 1)) / len(tiers), _WIDEST)
    free = min((room - margin - _RIGHT - width * len(tiers)) / max(len(tiers) - 1, 1), 2 * free)
    lefts = tuple(left + margin + place * (width + free) for place in range(len(tiers)))
    return Columns({link.id: of[link.id] for link in chain.links}, tiers, lefts, width, free)


def _cheapest(chain: Chain, steps: Mapping[str, Mapping[str, int]], deep: Mapping[str, int]) -> str:
    """The tier that loses least with one column less: no crowded column if that can be, few flows inside one column."""

    def loss(tier: str) -> tuple[int, int]:
        column = {link: min(step, deep[tier] - 1) for link, step in steps[tier].items()}
        crowd = max(Counter(column.values()).values())
        inside = sum(flow.giver in column and column[flow.giver] == column.get(flow.taker) for flow in chain.flows)
        return (crowd if crowd > _CROWD else 0, inside)

    return min((tier for tier, count in deep.items() if count > 1), key=loss)


def _steps(chain: Chain, tier: str) -> dict[str, int]:
    """For each link of a tier the number of links on the longest way to it inside the tier, itself included."""
    own = [link.id for link in chain.links if link.tier == tier]
    found: dict[str, int] = {}

    def step(link: str) -> int:
        if link not in found:
            found[link] = 1 + max((step(giver) for giver in chain.givers(link) if giver in own), default=0)
        return found[link]

    return {link: step(link) for link in own}


def _support_columns(chain: Chain, of: Mapping[str, int], count: int) -> dict[str, int]:
    """Columns of supporting links: flows forward and short, few links in one column."""
    found: dict[str, int] = {}
    for link in (entry.id for entry in chain.links if entry.tier == "support"):
        known = {**of, **found}

        def cost(column: int, link: str = link, known: Mapping[str, int] = known) -> float:
            spans = [known[taker] - column for taker in chain.takers(link) if taker in known]
            spans += [column - known[giver] for giver in chain.givers(link) if giver in known]
            crowd = list(found.values()).count(column)
            return sum(span if span > 0 else 2.5 - 1.5 * span for span in spans) + 1.5 * crowd

        found[link] = min(range(count), key=cost)
    return found


def lay_out(chain: Chain, columns: Columns, heights: Mapping[str, float]) -> Layout:
    """The map of a chain whose links need these `heights`."""
    ways = {(flow.giver, flow.taker): _way(flow, columns.of) for flow in chain.flows}
    tall = {item: heights[item[0]] if not item[1] else _THREAD for item in _items(chain, columns, ways.values())}
    support = {link.id for link in chain.links if link.tier == "support"}
    joints = sorted({pair for way in ways.values() for pair in pairwise(way) if pair[0][2] != pair[1][2]})
    near = _neighbours(joints)
    order = _ordered(tall, near, joints, support, len(columns.tiers))
    zones = [[[item for item in column if (item[0] in support) is below] for column in order] for below in (False, True)]
    rooms = [max(sum(tall[item] + _GAP for item in column) for column in zone) - _GAP for zone in zones]
    band = max(rooms[0], 0.0)
    middles = _middles(zones, rooms, band + _BAND_HEAD, tall, near)
    boxes = {item[0]: Box(item[0], item[2], columns.lefts[item[2]], middles[item] - tall[item] / 2, columns.width, tall[item])
             for item in tall if not item[1]}
    height = band + _BAND_HEAD + rooms[1] if rooms[1] > 0 else band
    routes = _routes(chain, ways, boxes, middles, columns)
    return Layout(boxes, routes, height, band + 0.14 if rooms[1] > 0 else height)


def _way(flow: Flow, of: Mapping[str, int]) -> tuple[Item, ...]:
    """The things a flow touches from giver to taker; flows of one giver share their way through a column."""
    start, end = of[flow.giver], of[flow.taker]
    step = 1 if end > start else -1
    through = tuple((flow.giver, "on" if step > 0 else "back", column) for column in range(start + step, end, step)) if start != end else ()
    return ((flow.giver, "", start), *through, (flow.taker, "", end))


def _items(chain: Chain, columns: Columns, ways: Iterable[tuple[Item, ...]]) -> list[Item]:
    links: list[Item] = [(link.id, "", columns.of[link.id]) for link in chain.links]
    return links + sorted({item for way in ways for item in way if item[1]})


def _neighbours(joints: Iterable[tuple[Item, Item]]) -> dict[Item, list[Item]]:
    near: dict[Item, list[Item]] = defaultdict(list)
    for one, other in joints:
        near[one].append(other)
        near[other].append(one)
    return near


def _ordered(items: Iterable[Item], near: Mapping[Item, list[Item]], joints: list[tuple[Item, Item]], support: set[str],
             count: int) -> list[list[Item]]:
    """Items of each column from top to bottom, supporting ones last: the best of some sweeps of barycentres, then of exchanges."""
    best = [[item for item in items if item[2] == column] for column in range(count)]
    best = [sorted(column, key=lambda item: item[0] in support) for column in best]
    fewest, order = _crossings(best, joints), best
    for sweep in range(_SWEEPS):
        order = [list(column) for column in order]
        way = range(count) if sweep % 2 == 0 else range(count - 1, -1, -1)
        for column in way:
            places = _places(order)
            order[column].sort(key=lambda item, places=places: (item[0] in support, np.mean(
                [places[other] for other in near.get(item, ())] or [places[item]])))
        crossings = _crossings(order, joints)
        if crossings < fewest:
            fewest, best = crossings, order
    return _exchanged(best, joints, support)


def _exchanged(order: list[list[Item]], joints: list[tuple[Item, Item]], support: set[str]) -> list[list[Item]]:
    """Neighbours in a column change places as long as that takes crossings away."""
    by_column = defaultdict(list)
    for pair in joints:
        for column in {pair[0][2], pair[1][2]}:
            by_column[column].append(pair)
    better = True
    while better:
        better = False
        for number, column in enumerate(order):
            for place in range(len(column) - 1):
                one, other = column[place], column[place + 1]
                if (one[0] in support) is (other[0] in support):
                    before = _crossings(order, by_column[number])
                    column[place], column[place + 1] = other, one
                    if _crossings(order, by_column[number]) < before:
                        better = True
                    else:
                        column[place], column[place + 1] = one, other
    return order


def _places(order: list[list[Item]]) -> dict[Item, float]:
    return {item: (place + 0.5) / len(column) for column in order for place, item in enumerate(column)}


def _crossings(order: list[list[Item]], joints: list[tuple[Item, Item]]) -> int:
    places = {item: place for column in order for place, item in enumerate(column)}
    between: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in joints:
        left, right = sorted(pair, key=lambda item: item[2])
        between[left[2]].append((places[left], places[right]))
    return sum((one[0] - other[0]) * (one[1] - other[1]) < 0 for ends in between.values() for one, other in combinations(ends, 2))


def _middles(zones: list[list[list[Item]]], rooms: list[float], below: float, tall: Mapping[Item, float],
             near: Mapping[Item, list[Item]]) -> dict[Item, float]:
    """The y of the middle of each item: near what it is tied to, in the order found, each zone in its own room."""
    found: dict[Item, float] = {}
    for zone, room, top in zip(zones, rooms, (0.0, below), strict=True):
        for column in zone:
            spare = (room - sum(tall[item] + _GAP for item in column) + _GAP) / 2
            found |= _stacked(column, [top + spare] * len(column), tall)
    for sweep in range(_SWEEPS):
        for zone, room, top in zip(zones, rooms, (0.0, below), strict=True):
            for column in zone if sweep % 2 == 0 else zone[::-1]:
                wish = {item: float(np.mean([found[other] for other in near.get(item, ())] or [found[item]])) for item in column}
                found |= _spread(column, wish, tall, top, top + room)
    return found


def _stacked(column: list[Item], tops: Iterable[float], tall: Mapping[Item, float]) -> dict[Item, float]:
    """Middles of items whose tops are `tops` beside the height of all that stands above them."""
    found, above = {}, 0.0
    for item, top in zip(column, tops, strict=True):
        found[item] = top + above + tall[item] / 2
        above += tall[item] + _GAP
    return found


def _spread(column: list[Item], wish: Mapping[Item, float], tall: Mapping[Item, float], top: float, bottom: float) -> dict[Item, float]:
    """Middles nearest to the wished ones (least squares) that keep order, distance and room."""
    if not column:
        return {}
    flush = _stacked(column, [0.0] * len(column), tall)
    # Flows that pass follow the links they join; links hold still.
    weights = [1.0 if item[1] else 3.0 for item in column]
    slack = bottom - top - sum(tall[item] + _GAP for item in column) + _GAP
    tops = _rising([wish[item] - flush[item] for item in column], weights)
    return _stacked(column, np.clip(tops, top, top + max(slack, 0.0)), tall)


def _rising(values: list[float], weights: list[float]) -> np.ndarray:
    """Isotonic regression: the nearest values that never fall, by pooling neighbours that do."""
    pools: list[list[float]] = []
    for value, weight in zip(values, weights, strict=True):
        pools.append([value, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            last, before = pools.pop(), pools.pop()
            both = last[1] + before[1]
            pools.append([(last[0] * last[1] + before[0] * before[1]) / both, both, last[2] + before[2]])
    return np.concatenate([np.full(int(size), value) for value, _, size in pools])


def _routes(chain: Chain, ways: Mapping[tuple[str, str], tuple[Item, ...]], boxes: Mapping[str, Box], middles: Mapping[Item, float],
            columns: Columns) -> tuple[Route, ...]:
    ports = _ports(ways, boxes, middles)
    made = []
    for flow in chain.flows:
        way = ways[flow.giver, flow.taker]
        end = ports[flow.taker, "in", flow.giver]
        if way[0][2] == way[-1][2]:
            left, reach = boxes[flow.giver].left, min(0.75 * columns.free, 0.24) if way[0][2] else 0.24
            made.append(Route(flow, _bow(left, ports[flow.giver, "bow", ""], end, reach), 1))
            continue
        forward = way[0][2] < way[-1][2]
        start = ports[flow.giver, "on" if forward else "back", ""]
        heights = [start, *(middles[item] for item in way[1:-1]), end]
        made.append(Route(flow, _path([item[2] for item in way], heights, columns, forward), 1 if forward else -1))
    return tuple(made)


def _ports(ways: Mapping[tuple[str, str], tuple[Item, ...]], boxes: Mapping[str, Box],
           middles: Mapping[Item, float]) -> dict[tuple[str, str, str], float]:
    """Heights at which flows leave (one for each side of a giver) and arrive (one each), spread in the order of where they come from."""
    sides: dict[tuple[str, str], dict[tuple[str, str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for (giver, taker), way in ways.items():
        there, back = middles[way[1]], middles[way[-2]]
        if way[0][2] == way[-1][2]:
            sides[giver, "left"][giver, "bow", ""].append(there)
            sides[taker, "left"][taker, "in", giver].append(back)
        elif way[0][2] < way[-1][2]:
            sides[giver, "right"][giver, "on", ""].append(there)
            sides[taker, "left"][taker, "in", giver].append(back)
        else:
            sides[giver, "left"][giver, "back", ""].append(there)
            sides[taker, "right"][taker, "in", giver].append(back)
    found = {}
    for (link, _), ends in sides.items():
        box, names = boxes[link], sorted(ends, key=lambda name, ends=ends: (np.mean(ends[name]), name))
        step = min(_PORT, (box.height - 0.12) / len(names))
        middle = box.top + box.height / 2
        found |= {name: middle + (place - (len(names) - 1) / 2) * step for place, name in enumerate(names)}
    return found


def _bow(left: float, start: float, end: float, reach: float) -> np.ndarray:
    """From the left side of a link to the left side of another of its column."""
    return _curve((left, start), (left - reach, start), (left - reach, end), (left, end))


def _path(columns: list[int], heights: list[float], room: Columns, forward: bool) -> np.ndarray:
    """Level through columns, an S between them."""
    parts = []
    shift = room.width if forward else 0.0
    for (here, start), (there, end) in pairwise(zip(columns, heights, strict=True)):
        x0, x1 = room.lefts[here] + shift, room.lefts[there] + room.width - shift
        # Level at both ends, so that arrowheads sit on a straight piece.
        bend0, bend1 = x0 + 0.1 * (x1 - x0), x1 - np.sign(x1 - x0) * 0.11
        middle = (bend0 + bend1) / 2
        parts.append(np.vstack([(x0, start), _curve((bend0, start), (middle, start), (middle, end), (bend1, end)), (x1, end)]))
    return np.vstack(parts)


def _curve(*corners: tuple[float, float]) -> np.ndarray:
    """Points on the cubic Bezier curve of four corners; both coordinates stay between those of its corners."""
    t = np.linspace(0, 1, _BEND - 2)[:, None]
    one, two, three, four = (np.asarray(corner, dtype=float) for corner in corners)
    return (1 - t) ** 3 * one + 3 * (1 - t) ** 2 * t * two + 3 * (1 - t) * t ** 2 * three + t ** 3 * four
