"""Run pages through papermill: each in a kernel of its own, several at a time, every ending named in one place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from liantu.errors import LiantuError, UnknownValueError
from liantu.suite.kernels.running import RunningKernels, settle_loop
from liantu.suite.matrix import Page
from liantu.suite.runs.outcomes import STAMP, Outcome, classify

PAGE_LIMIT_SECONDS = 300.0
_ERROR_TAG = "papermill-error-cell-tag"


def check_pages(pages: Iterable[Page]) -> None:
    """Check every page before any kernel starts: its notebook is there, declares each parameter, and each value is good.

    Raises LiantuError that names the notebook or the value, what is allowed and the nearest match.
    """
    from liantu.report.parameters import check

    for page in pages:
        if not page.notebook.is_file():
            raise LiantuError(f"{page.notebook}: the notebook is missing; suite.yml names it")
        declared = _declared(page.notebook)
        for name in page.parameters:
            if name not in declared:
                raise UnknownValueError(f"parameter (of the cell tagged parameters in {page.notebook.name})", name, declared)
        check(**page.parameters)


def run_pages(
    pages: Sequence[Page],
    out: Path,
    jobs: int | None = None,
    limit: float = PAGE_LIMIT_SECONDS,
    stamp: dict[str, Any] | None = None,
    on_done: Callable[[Outcome], None] | None = None,
    kernel_name: str = "python3",
) -> list[Outcome]:
    """Run `pages`, `jobs` at a time (default: the number of cores), and keep each executed notebook as `out/<id>.ipynb`.

    A page that fails, outlasts `limit` seconds or loses its kernel never stops the others; its notebook is kept as far as it went. `stamp`
    (JSON) is written into the metadata of each executed notebook beside the outcome. `on_done` is called in this thread as pages end.
    On Ctrl-C the kernels are killed and the pages left are `cancelled`; KeyboardInterrupt is not raised. Outcomes stand in the order of
    `pages`.
    """
    workers = max(1, min(jobs or os.cpu_count() or 1, len(pages) or 1))
    out.mkdir(parents=True, exist_ok=True)
    kernels = RunningKernels(workers)
    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="page") as pool:
        waiting: dict[Future[Outcome], Page] = {
            pool.submit(_run_page, page, out, kernels, limit, stamp or {}, kernel_name): page for page in pages}
        try:
            for future in as_completed(waiting):
                outcome = future.result()
                outcomes[outcome.page.id] = outcome
                if on_done:
                    on_done(outcome)
        except KeyboardInterrupt:
            kernels.end()
            for future in waiting:
                future.cancel()
    kernels.close()
    for future, page in waiting.items():
        if page.id not in outcomes:
            outcomes[page.id] = Outcome(page, "cancelled", 0.0) if future.cancelled() else future.result()
    return [outcomes[page.id] for page in pages]


def _run_page(page: Page, out: Path, kernels: RunningKernels, limit: float, stamp: dict[str, Any], kernel_name: str) -> Outcome:
    if kernels.ended:
        return Outcome(page, "cancelled", 0.0)
    aside, began = out / f".{page.id}.part.ipynb", time.perf_counter()
    problem: BaseException | None = None
    try:
        _execute(page, aside, kernels, began + limit, kernel_name)
    except Exception as raised:  # whatever a page does must not end the others; classify() names it
        problem = raised
    settle_loop()
    seconds = time.perf_counter() - began
    try:
        outcome = classify(page, problem, seconds, _last_cell(aside), kernels.ended)
        if outcome.state != "cancelled":
            _keep(aside, out / f"{page.id}.ipynb", page, outcome, stamp)
        return outcome
    finally:
        aside.unlink(missing_ok=True)


def _execute(page: Page, target: Path, kernels: RunningKernels, deadline: float, kernel_name: str) -> None:
    import papermill

    _quiet()
    papermill.execute_notebook(
        str(page.notebook.resolve()), str(target.resolve()), parameters=dict(page.parameters), kernel_name=kernel_name, progress_bar=False,
        # papermill's own cwd changes the directory of the whole process, which threads share; nbclient's hands it to the kernel alone
        resources={"metadata": {"path": str(page.notebook.resolve().parent)}},
        kernel_manager_class=kernels.manager(), shutdown_kernel="immediate",
        extra_arguments=["--HistoryManager.enabled=False"],
        timeout_func=lambda cell: max(1, round(deadline - time.perf_counter())))


def _quiet() -> None:
    """Keep nbclient's and papermill's own error log off the terminal: every ending is reported by its outcome."""
    import logging

    for name in ("papermill", "nbclient", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _last_cell(path: Path) -> tuple[int, int | None]:
    """Position from 1 and prompt of the last cell that was begun; (0, None) when none was."""
    import nbformat

    with suppress(OSError, ValueError):
        cells = _without_markers(nbformat.read(path, as_version=4).cells)
        begun = [(index, cell.get("execution_count")) for index, cell in enumerate(cells, 1)
                 if cell.metadata.get("papermill", {}).get("start_time")]
        return begun[-1] if begun else (0, None)
    return 0, None


def _keep(aside: Path, target: Path, page: Page, outcome: Outcome, stamp: dict[str, Any]) -> None:
    """Move the executed notebook into place with its outcome in the metadata; a page that never ran leaves its bare notebook."""
    import nbformat

    notebook = nbformat.read(aside if aside.exists() else page.notebook, as_version=4)
    notebook.cells = _without_markers(notebook.cells)
    notebook.metadata[STAMP] = {**outcome.as_dict(), **stamp}
    # paths of this machine are of no use to a reader of the notebook
    for name in ("input_path", "output_path"):
        notebook.metadata.get("papermill", {}).pop(name, None)
    nbformat.write(notebook, aside)
    aside.replace(target)


def _without_markers(cells: list[Any]) -> list[Any]:
    """Cells without the two that papermill adds around an error, which would shift the numbers."""
    return [cell for cell in cells if _ERROR_TAG not in cell.metadata.get("tags", [])]


@cache
def _declared(notebook: Path) -> tuple[str, ...]:
    import papermill

    _quiet()
    return tuple(papermill.inspect_notebook(notebook))
