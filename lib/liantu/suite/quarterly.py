"""A quarter's report from end to end: tables, pages, site, and the record of the run. What is up to date is left as it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from liantu.ledger.freshness import up_to_date
from liantu.reference import city
from liantu.reference.folders import notebooks_root
from liantu.suite.freshness.executed import page_ids
from liantu.suite.freshness.judge import Judge
from liantu.suite.kernels.asking import prepare
from liantu.suite.kernels.environment import kernel_environment
from liantu.suite.matrix import Page, suite
from liantu.suite.orders import INDEX, Order, QuarterRun, accounting, fresh, tells
from liantu.suite.provenance import Provenance, provenance
from liantu.suite.runs.folders import holding
from liantu.suite.runs.options import RunOptions
from liantu.suite.runs.outcomes import Outcome, PageError
from liantu.suite.runs.stopping import Stop
from liantu.tables.vouched import vouch


def make_report(order: Order, on_done: Callable[[Outcome], None] | None = None, tables: Callable[[Order], Path] | None = None,
                stop: Stop | None = None) -> QuarterRun:
    """Clean the data set where its ledgers changed, run the pages that are not fresh, render them and write the index and run.json.

    `tables` gives the folder of the order's tidy tables, cleaned when they are not fresh (default: by `ledger.cleaning.fresh_tables`).
    Other pages of the report folder stay on the index. The folder is held for this run: another run's is waited for. Raises
    KeyboardInterrupt when `stop` or Ctrl-C asked to stop; the pages that were done by then are kept.
    """
    with nullcontext(stop) if stop else Stop() as stopping, holding(order.out):
        return _make(order, on_done, tables or _fresh_tables, stopping)


def _make(order: Order, on_done: Callable[[Outcome], None] | None, tables: Callable[[Order], Path], stop: Stop) -> QuarterRun:
    began = time.perf_counter()
    folder = tables(order)
    judge = Judge(order.out, folder, city().folder, order.pages)
    cleaned = time.perf_counter()
    source = provenance(notebooks_root())
    outcomes = _run(order, judge, source, on_done, stop)
    if stop.asked:
        judge.close()
        raise KeyboardInterrupt
    ran = time.perf_counter()
    outcomes, rendered = _render_rest(order.out, judge, outcomes)
    wall = {"clean": cleaned - began, "run": ran - cleaned, "render": time.perf_counter() - ran, "total": time.perf_counter() - began}
    wall = {name: round(seconds, 2) for name, seconds in wall.items()}
    account = accounting(folder)
    if rendered or any(outcome.state != "fresh" for outcome in outcomes) or judge.index_reasons() or not tells(order.out, account):
        record = {"wall_seconds": wall, "accounting": account.get("total", {}), "unreadable": account.get("unreadable", [])}
        _write_front_page(order, {**source.as_dict(), **record}, outcomes)
        judge.index_written()
    judge.close()
    return QuarterRun(tuple(outcomes), order.out / INDEX, tuple(account.get("unreadable", ())), wall)


def _run(order: Order, judge: Judge, source: Provenance, on_done: Callable[[Outcome], None] | None, stop: Stop) -> list[Outcome]:
    """Run the pages that are not fresh; the outcomes of all in their order."""
    hear = on_done or (lambda outcome: None)
    stale = [page for page in order.pages if order.force or judge.verdict(page).run]
    wanted = {page.id for page in stale}
    done = {page.id: fresh(page) for page in order.pages if page.id not in wanted}
    for outcome in done.values():
        hear(outcome)
    if stale:
        stamp = {"run_id": source.run_id, "commit": source.commit, "versions": source.versions}
        done |= {outcome.page.id: outcome for outcome in _run_and_render(order, stale, judge, stamp, hear, stop)}
    return [done[page.id] for page in order.pages]


def _run_and_render(order: Order, stale: Sequence[Page], judge: Judge, stamp: Mapping[str, Any], on_done: Callable[[Outcome], None],
                    stop: Stop) -> list[Outcome]:
    """Run pages and render each in this thread as it ends, while the others run: the kernels leave it idle."""
    from liantu.suite.site.collecting import collect
    from liantu.suite.site.rendering import Renderer, copy_fonts

    copy_fonts(order.out)
    renderer = Renderer(order.out, collect(order.out), stale)

    def ended(outcome: Outcome) -> None:
        if outcome.state != "cancelled" and not stop.asked:
            renderer.render(outcome.page.id)
        on_done(_rendered(outcome, renderer.failed))

    outcomes = [_rendered(outcome, renderer.failed) for outcome in _run_stale(order, stale, judge, stamp, ended, stop)]
    _stamp_failed(order.out, outcomes, renderer.failed)
    if renderer.known <= set(page_ids(order.out)):
        judge.rendered(renderer.done)
    return outcomes


def _run_stale(order: Order, stale: Sequence[Page], judge: Judge, stamp: Mapping[str, Any], on_done: Callable[[Outcome], None],
               stop: Stop) -> list[Outcome]:
    if order.scheduler:
        from liantu.suite.runs.cluster import run_pages_on

        return run_pages_on(order.scheduler, order.dataset, stale, order.out, order.options, stamp, stop, on_done, judge.seal)
    from liantu.suite.runs.pool import run_pages

    options = replace(order.options, environment={**order.options.environment, **vouch(order.dataset)})
    _prepare(options, len(stale))
    return run_pages(stale, order.out, options, stamp, on_done, judge.seal, stop)


def _prepare(options: RunOptions, pages: int) -> None:
    """Let the imports of warm kernels begin beside what comes before the first page."""
    if options.kernel == "warm":
        prepare({**kernel_environment(options.workers(pages)), **options.environment})


def _render_rest(out: Path, judge: Judge, outcomes: list[Outcome]) -> tuple[list[Outcome], bool]:
    """Render every page of the folder whose HTML does not stand though it need not run; the outcomes, and whether there was one."""
    from liantu.suite.site.collecting import collect
    from liantu.suite.site.rendering import copy_fonts, render

    entries = collect(out)
    stale = judge.to_render(entry.id for entry in entries)
    if not stale:
        return outcomes, False
    copy_fonts(out)
    failed = render(out, entries, stale)
    judge.rendered(page for page in stale if page not in failed)
    told = [_rendered(outcome, failed) for outcome in outcomes]
    _stamp_failed(out, told, failed)
    return told, True


def _rendered(outcome: Outcome, failed: Mapping[str, PageError]) -> Outcome:
    """The outcome; a page that could not be rendered has failed."""
    error = failed.get(outcome.page.id)
    return outcome if error is None else replace(outcome, state="failed", error=error)


def _stamp_failed(out: Path, outcomes: Iterable[Outcome], failed: Mapping[str, PageError]) -> None:
    """Let the executed notebooks of pages that could not be rendered say so."""
    from liantu.suite.runs.outcomes import stamp_notebook

    for outcome in outcomes:
        if outcome.page.id in failed:
            stamp_notebook(out / f"{outcome.page.id}.ipynb", outcome)


def _write_front_page(order: Order, record: Mapping[str, Any], outcomes: Iterable[Outcome]) -> None:
    from liantu.suite.site.collecting import collect
    from liantu.suite.site.index import write_index, write_run

    entries = collect(order.out)
    of_run = {"dataset": order.dataset, "quarter": order.quarter, **{
        name: [outcome.page.id for outcome in outcomes if (outcome.state == "fresh") is stood]
        for name, stood in (("ran", False), ("fresh", True))}}
    write_index(order.out, entries, suite().kinds, {**record, **of_run})
    write_run(order.out, entries, {**record, **of_run})


def _fresh_tables(order: Order) -> Path:
    """The tables of the data set; where they are up to date nothing that cleans is imported, else warm kernels' imports begin meanwhile."""
    folder = up_to_date(order.dataset)
    if folder is None:
        from liantu.ledger.cleaning import fresh_tables

        if not order.scheduler:
            _prepare(order.options, len(order.pages))
        folder = fresh_tables(order.dataset)
    return folder
