"""Run pages through papermill: each in a kernel of its own, several at a time, every ending named in one place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from liantu.errors import LiantuError, UnknownValueError
from liantu.suite.kernels import RunningKernels, settle_loop
from liantu.suite.matrix import Page

State = Literal["done", "failed", "timed_out", "kernel_died", "cancelled"]
STATES: tuple[State, ...] = ("done", "failed", "timed_out", "kernel_died", "cancelled")
PAGE_LIMIT_SECONDS = 300.0
STAMP = "liantu"
"""Key of the executed notebook's metadata under which the run writes what became of the page."""
_ERROR_TAG = "papermill-error-cell-tag"


@dataclass(frozen=True)
class PageError:
    """What stopped a page: `cell` counts the cells of the executed notebook from 1 (0: before the first), `prompt` is its `In [n]`."""

    name: str
    value: str
    cell: int = 0
    prompt: int | None = None

    def __str__(self) -> str:
        first = self.value.strip().splitlines()[0] if self.value.strip() else ""
        where = f"cell {self.cell}" + (f" (In [{self.prompt}])" if self.prompt else "") + ": " if self.cell else ""
        return f"{where}{self.name}" + (f": {first}" if first else "")


@dataclass(frozen=True)
class Outcome:
    """What became of one page."""

    page: Page
    state: State
    seconds: float
    error: PageError | None = None

    @property
    def ok(self) -> bool:
        """True when the page ran to its end."""
        return self.state == "done"

    def as_dict(self) -> dict[str, Any]:
        """The outcome as run.json and the executed notebook's metadata hold it."""
        return {
            **{name: getattr(self.page, name) for name in ("id", "title", "place", "kind", "order", "lang", "county", "chain")},
            "notebook": self.page.notebook.name, "parameters": dict(self.page.parameters), "state": self.state,
            "seconds": round(self.seconds, 2), "error": asdict(self.error) if self.error else None}


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


def classify(page: Page, problem: BaseException | None, seconds: float, cell: tuple[int, int | None], cancelled: bool) -> Outcome:
    """The outcome of a page from what papermill raised: the one place that names endings.

    `cell` is the last cell that was begun, counted from 1, with its prompt.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if problem is None:
        return Outcome(page, "done", seconds)
    if cancelled:
        return Outcome(page, "cancelled", seconds)
    if isinstance(problem, PapermillExecutionError):
        error = PageError(str(problem.ename), str(problem.evalue), problem.cell_index + 1, problem.exec_count)
        return Outcome(page, "failed", seconds, error)
    if isinstance(problem, CellTimeoutError):
        return Outcome(page, "timed_out", seconds, PageError("TimeLimit", f"the page was stopped after {seconds:.0f} s", *cell))
    if isinstance(problem, DeadKernelError):
        return Outcome(page, "kernel_died", seconds, PageError("KernelDied", "the kernel ended while it ran this cell", *cell))
    return Outcome(page, "failed", seconds, PageError(type(problem).__name__, str(problem), *cell))


def stamp_notebook(path: Path, outcome: Outcome) -> None:
    """Write a later outcome (a page that could not be rendered) into the metadata of an executed notebook."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata[STAMP] = {**notebook.metadata.get(STAMP, {}), **outcome.as_dict()}
    aside = path.with_name(f".{path.stem}.part.ipynb")
    nbformat.write(notebook, aside)
    aside.replace(path)


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
