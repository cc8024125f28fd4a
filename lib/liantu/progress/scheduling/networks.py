"""Steps that come after one another: the order in which they can be taken, and the two passes of the critical path method.

The passes work on many projects at once: an array has one row for each step and one column for each project.
Source: Kelley and Walker, Critical-path planning and scheduling, Eastern Joint IRE-AIEE-ACM Computer Conference 1959.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from liantu.errors import LiantuError
from liantu.progress.scheduling.working_days import DayCount, Days

LONG_AGO = np.iinfo("int64").min
"""A day that is not known; as a datetime64 it is NaT."""


@dataclass(frozen=True)
class Network:
    """Steps by name; `after` and `before`: for each the places of those that it follows, that follow it; `order` takes them in turn."""

    steps: tuple[str, ...]
    after: tuple[tuple[int, ...], ...]
    before: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    def place(self, step: str) -> int:
        """The row of a step."""
        return self.steps.index(step)

    def later(self, step: int) -> list[int]:
        """The places of all steps that come after a step, directly or through others."""
        found: set[int] = set()
        waiting = list(self.before[step])
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting += self.before[here]
        return sorted(found)


def network(after: Mapping[str, Sequence[str]]) -> Network:
    """The network of steps that each come after others.

    Raises LiantuError for an unknown predecessor, or for steps that wait for each other, by name.
    """
    # Slow to import, and not wanted where nothing is scheduled.
    import networkx as nx

    steps = tuple(after)
    for step, waits_for in after.items():
        for name in waits_for:
            if name not in after:
                raise LiantuError(f"back-scheduling: step {step!r} comes after {name!r}, which is no step; add it or mend the name")
    graph = nx.DiGraph([(name, step) for step, waits_for in after.items() for name in waits_for])
    graph.add_nodes_from(steps)
    if not nx.is_directed_acyclic_graph(graph):
        ring = [edge[0] for edge in nx.find_cycle(graph)]
        raise LiantuError(f"back-scheduling: steps wait for each other: {' -> '.join(map(str, [*ring, ring[0]]))}; break the ring")
    place = {step: index for index, step in enumerate(steps)}
    return Network(steps, tuple(tuple(sorted({place[name] for name in after[step]})) for step in steps),
                   tuple(tuple(sorted(place[name] for name in graph.successors(step))) for step in steps),
                   tuple(place[step] for step in nx.lexicographical_topological_sort(graph, key=place.__getitem__)))


def latest(net: Network, days: np.ndarray, due: Days, counts: Sequence[DayCount], caps: Mapping[int, Days] | None = None
           ) -> tuple[Days, Days]:
    """Latest start and finish of each step (steps x projects) so that all is done by `due`; `caps` are due dates of steps of their own.

    A step that takes no time passes its date on unchanged.
    """
    start, finish = np.empty_like(days), np.empty_like(days)
    for step in reversed(net.order):
        end = np.min([start[later] for later in net.before[step]], axis=0) if net.before[step] else due
        end = np.minimum(end, caps[step]) if caps and step in caps else end
        finish[step] = counts[step].last(end, days[step])
        start[step] = counts[step].before(finish[step], days[step])
    return start, finish


def earliest(net: Network, days: np.ndarray, origin: Days, counts: Sequence[DayCount], done: np.ndarray, floor: Days) -> tuple[Days, Days]:
    """Earliest start and finish of each step (steps x projects).

    Nothing begins before `origin` and its predecessors' ends; an open step ends after `floor` (today). `done` holds the days on which
    steps ended, LONG_AGO for open ones. A step that takes no time passes its date on.
    """
    start, finish = np.empty_like(days), np.empty_like(days)
    for step in net.order:
        begin = np.max([origin, *(finish[earlier] for earlier in net.after[step])], axis=0)
        start[step] = counts[step].first(begin, days[step])
        end = counts[step].after(start[step], days[step])
        end = np.where(days[step] > 0, np.maximum(end, floor), end)
        finish[step] = np.where(done[step] == LONG_AGO, end, done[step])
    return start, finish


def critical(net: Network, finish: Days, opened: np.ndarray, ends: Sequence[int]) -> np.ndarray:
    """Which open steps (steps x projects) decide when the last of `ends` is done: each ends when the next of them can begin."""
    found = np.zeros(finish.shape, dtype=bool)
    last = np.max(finish[list(ends)], axis=0)
    for step in reversed(net.order):
        found[step] = finish[step] == last if step in ends else False
        for later in net.before[step]:
            begins = np.max([finish[earlier] for earlier in net.after[later]], axis=0)
            # A done step waits for nothing any more, so nothing before it decides.
            found[step] |= found[later] & (finish[step] == begins)
        found[step] &= opened[step]
    return found
