"""Many small flow programs of one chain solved at once, as one sparse linear program with a block for each.

The program of a chain (docs/methods/chains.md): maximise final output less the penalties of imports, with fixed coefficients. Written out
it has a run x, an import m and a final output y for each link. Three things are left out here that cannot matter: links that feed nothing
and sell nothing; y where a link feeds no other (y = x); and m, which is what the takers need beyond x, so its penalty goes into the
objective and m >= 0 becomes a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLOCKS = 256
"""Programs in one call of the solver: fewer waste its start, more make its linear algebra slower than the blocks are."""


@dataclass(frozen=True)
class Programs:
    """k programs of one chain of n links, money in any one unit.

    Coefficients (k, n, n), giver x taker; penalties (k, n), inf where nothing is imported, in all programs or in none; final (n); supply
    and final demand (k, n).
    """

    coefficients: Floats
    penalties: Floats
    final: Bools
    supply: Floats
    final_demand: Floats


@dataclass(frozen=True)
class Solutions:
    """What k programs come to: value (k); run, imports, final output (k, n); price of material and of the row y <= x (k, n)."""

    value: Floats
    run: Floats
    imports: Floats
    final: Floats
    material: Floats
    resale: Floats


@dataclass(frozen=True)
class _Layout:
    """Where the entries of one block stand; the same for all blocks of a call."""

    run: NDArray[np.intp]  # links with a column for their run
    sold: NDArray[np.intp]  # links with a column for their final output: final, and feeding others
    balanced: NDArray[np.intp]  # links with a row: those that feed others
    resold: NDArray[np.intp]  # links with a row y <= x: sold and importable
    importable: Bools  # (n)
    rows: NDArray[np.intp]
    indptr: NDArray[np.intp]
    order: NDArray[np.intp]  # of the entries, column by column
    flows: tuple[NDArray[np.intp], NDArray[np.intp]]  # giver and taker of each coefficient that is an entry


def programs(coefficients: Floats, penalties: Floats, final: Bools, supply: Floats, final_demand: Floats) -> Programs:
    """Programs from arrays whose first axis, the program, may be missing or 1 where all programs share the values."""
    supply, demand = np.atleast_2d(np.asarray(supply, float)), np.atleast_2d(np.asarray(final_demand, float))
    penalties, links = np.atleast_2d(np.asarray(penalties, float)), supply.shape[1]
    matrices = np.asarray(coefficients, float).reshape(-1, links, links)
    count = max(len(supply), len(demand), len(penalties), len(matrices))
    wide = [np.broadcast_to(part, (count, links)) for part in (penalties, supply, np.where(final, demand, 0.0))]
    return Programs(np.broadcast_to(matrices, (count, links, links)), wide[0], np.asarray(final, bool), wide[1], wide[2])


def solve(these: Programs) -> Solutions:
    """All programs solved to their optimum, with no more run and no more imports than the optimum needs.

    Raises RuntimeError when the solver gives up, which no program of finite numbers makes it do: running nothing is always feasible.
    """
    scale = np.maximum(these.supply.max(axis=1), these.final_demand.max(axis=1))
    scale = np.where(scale > 0, scale, 1.0)[:, None]
    layout = _layout(these)
    parts = [_block(these, slice(start, start + BLOCKS), scale, layout) for start in range(0, len(scale), BLOCKS)]
    run, final, material, resale = (np.concatenate(part) for part in zip(*parts, strict=True))
    run, imports = _lean(these, run * scale, final * scale)
    cost = np.where(imports > 0, these.penalties, 0.0) * imports
    return Solutions((final * scale).sum(axis=1) - cost.sum(axis=1), run, imports, final * scale, material, resale)


def _layout(these: Programs) -> _Layout:
    links = these.coefficients.any(axis=0)
    feeds, importable = links.any(axis=1), np.isfinite(these.penalties).all(axis=0)
    run, sold = np.flatnonzero(feeds | these.final), np.flatnonzero(feeds & these.final)
    balanced, resold = np.flatnonzero(feeds), np.flatnonzero(feeds & these.final & importable)
    column = np.full(len(feeds), -1)
    column[run] = np.arange(len(run))
    row, sale = np.full(len(feeds), -1), np.full(len(feeds), -1)
    row[balanced], sale[sold] = np.arange(len(balanced)), len(run) + np.arange(len(sold))
    kept = links & (column >= 0)[None, :]
    giver, taker = np.nonzero(kept)
    extra = len(balanced) + np.arange(len(resold))
    rows = np.concatenate([row[giver], row[balanced], row[sold], extra, extra])
    columns = np.concatenate([column[taker], column[balanced], sale[sold], column[resold], sale[resold]])
    order = np.lexsort((rows, columns))
    counts = np.bincount(columns, minlength=len(run) + len(sold))
    return _Layout(run, sold, balanced, resold, importable, rows[order], np.concatenate([[0], np.cumsum(counts)]), order, (giver, taker))


def _entries(part: Programs, layout: _Layout) -> Floats:
    """The entries (k, nnz) in the order of the columns: need - x <= 0 where nothing is imported, else x - need <= 0; and y - x <= 0."""
    count, sign = len(part.supply), np.where(layout.importable, -1.0, 1.0)
    giver, taker = layout.flows
    fixed = np.concatenate([-sign[layout.balanced], sign[layout.sold], -np.ones(len(layout.resold)), np.ones(len(layout.resold))])
    moved = part.coefficients[:, giver, taker] * sign[giver]
    return np.concatenate([moved, np.broadcast_to(fixed, (count, len(fixed)))], axis=1)[:, layout.order]


def _objective(part: Programs, layout: _Layout) -> Floats:
    """What a unit of each column adds (k, columns): final output counts 1, whatever an importable link lacks its penalty."""
    penalty = np.where(layout.importable, part.penalties, 0.0)
    feeds = np.zeros(len(part.final), bool)
    feeds[layout.balanced] = True
    lacking = np.where(feeds, penalty, 0.0)
    run = lacking + (part.final & ~feeds) - np.einsum("kij,ki->kj", part.coefficients, lacking)
    return np.concatenate([run[:, layout.run], 1.0 - lacking[:, layout.sold]], axis=1)


def _block(these: Programs, span: slice, scale: Floats, layout: _Layout) -> tuple[Floats, Floats, Floats, Floats]:
    """Run, final output and the prices of the rows of some of the programs, in units of their scale."""
    supply, demand = these.supply[span] / scale[span], these.final_demand[span] / scale[span]
    part = Programs(these.coefficients[span], these.penalties[span], these.final, supply, demand)
    count, links = part.supply.shape
    ends = np.setdiff1d(layout.run, layout.balanced)
    bound = supply.copy()
    bound[:, ends] = np.minimum(bound[:, ends], demand[:, ends])
    upper = np.concatenate([bound[:, layout.run], demand[:, layout.sold]], axis=1)
    columns, duals = _solved(_entries(part, layout), layout, _objective(part, layout), upper)
    run, final = np.zeros((count, links)), np.zeros((count, links))
    run[:, layout.run], final[:, layout.sold] = columns[:, : len(layout.run)], columns[:, len(layout.run) :]
    sells = np.intersect1d(ends, np.flatnonzero(part.final))
    final[:, sells] = run[:, sells]
    material, resale = np.zeros((count, links)), np.zeros((count, links))
    rows, penalty = duals[:, : len(layout.balanced)], part.penalties[:, layout.balanced]
    # A row of an importable link stands the other way round: its price says by how much the material is cheaper than brought in.
    material[:, layout.balanced] = np.maximum(np.where(layout.importable[layout.balanced], penalty - rows, rows), 0.0)
    resale[:, layout.resold] = duals[:, len(layout.balanced) :]
    return run, final, material, resale


def _solved(entries: Floats, layout: _Layout, objective: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Columns (k, columns) and duals of the rows (k, rows), both not negative, of block programs: maximise, entries @ columns <= 0."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    count, width = upper.shape
    height = len(layout.balanced) + len(layout.resold)
    if not width or not height:
        return np.where(objective > 0, upper, 0.0), np.zeros((count, height))
    step, blocks = layout.indptr[-1], np.arange(count)[:, None]
    rows = (layout.rows[None, :] + height * blocks).ravel()
    indptr = np.concatenate([[0], (layout.indptr[None, 1:] + step * blocks).ravel()])
    matrix = csc_array((entries.ravel(), rows, indptr), shape=(height * count, width * count))
    bounds = np.column_stack([np.zeros(width * count), upper.ravel()])
    found = linprog(-objective.ravel(), A_ub=matrix, b_ub=np.zeros(height * count), bounds=bounds, method="highs-ds")
    if found.status != 0:
        raise RuntimeError(f"the flow programs of a chain were not solved: {found.message}")
    return np.clip(found.x.reshape(count, width), 0.0, upper), np.maximum(-found.ineqlin.marginals.reshape(count, height), 0.0)


def _lean(these: Programs, run: Floats, final: Floats) -> tuple[Floats, Floats]:
    """Run and imports (k, n) that final output needs, no more: a solver may run a link for nobody where that costs nothing."""
    run, imports = run.copy(), np.zeros_like(run)
    for link in downstream_first(these.coefficients.any(axis=0)):
        need = np.einsum("kj,kj->k", these.coefficients[:, link, :], run) + final[:, link]
        run[:, link] = np.minimum(run[:, link], need)
        if np.isfinite(these.penalties[:, link]).all():
            imports[:, link] = need - run[:, link]
    return run, imports


def downstream_first(links: Bools) -> list[int]:
    """The links of a directed graph without circles (n, n; giver x taker), each after all that it feeds.

    Raises ValueError when the graph has a circle.
    """
    left, order = np.asarray(links, bool).copy(), []
    waiting = list(range(len(left)))
    while waiting:
        free = [link for link in waiting if not left[link].any()]
        if not free:
            raise ValueError("the links stand in a circle")
        order += free
        left[:, free] = False
        waiting = [link for link in waiting if link not in set(free)]
    return order
