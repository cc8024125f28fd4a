"""One page: executed by papermill in a kernel of its own, then sealed and put in its place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liantu.suite.kernels import kernel_name
from liantu.suite.kernels.running import RunningKernels
from liantu.suite.matrix import Page
from liantu.suite.runs.checks import quiet
from liantu.suite.runs.options import RunOptions
from liantu.suite.runs.outcomes import RETRIED, STAMP, Outcome, PageError, again, classify, notebook_bytes
from liantu.tables.whole_files import write_whole

Opened = list[dict[str, Any]]
Seal = Callable[[Page, Opened], Mapping[str, Any]]
_ERROR_TAG = "papermill-error-cell-tag"


@dataclass(frozen=True)
class Executed:
    """A page that was run, on this machine or another: its outcome, its notebook as far as it went, and what it opened.

    `notebook` is plain JSON values (an nbformat NotebookNode), None when the page was cancelled; the whole can be pickled.
    """

    outcome: Outcome
    notebook: dict[str, Any] | None
    opened: Opened


def run_page(page: Page, out: Path, kernels: RunningKernels, options: RunOptions, stamp: Mapping[str, Any] | None = None,
             seal: Seal | None = None) -> Outcome:
    """Execute one page and keep its notebook as `out/<id>.ipynb`: `execute_page`, then `keep`."""
    return keep(execute_page(page, kernels, options), out, stamp or {}, seal)


def execute_page(page: Page, kernels: RunningKernels, options: RunOptions) -> Executed:
    """Execute one page through papermill; nothing is written. A page whose kernel was lost is run once more.

    Never raises for what happens in the page: the outcome says it.
    """
    executed = _attempt(page, kernels, options)
    if executed.outcome.state not in RETRIED or kernels.ended:
        return executed
    second = _attempt(page, kernels, options)
    if second.outcome.state == "cancelled":
        return second
    return replace(second, outcome=again(executed.outcome, second.outcome))


def keep(executed: Executed, out: Path, stamp: Mapping[str, Any], seal: Seal | None = None) -> Outcome:
    """Put an executed notebook in its place with its outcome, `stamp` and, for a page that ended well, its seal in the metadata.

    A cancelled page leaves what was there. A page that cannot be sealed or written failed; the others go on.
    """
    outcome = executed.outcome
    if outcome.state == "cancelled":
        return outcome
    target = out / f"{outcome.page.id}.ipynb"
    try:
        sealed = dict(seal(outcome.page, executed.opened)) if seal and outcome.state == "done" else {}
        notebook = executed.notebook or {"metadata": {}}
        told = {**stamp, **sealed, **outcome.as_dict(), "opened": executed.opened}
        write_whole(target, notebook_bytes({**notebook, "metadata": {**notebook["metadata"], STAMP: told}}))
    except Exception as problem:  # a disk that is full, a reference file that vanished: named, and the other pages go on
        return replace(outcome, state="failed", error=PageError(type(problem).__name__, str(problem)))
    return outcome


def _attempt(page: Page, kernels: RunningKernels, options: RunOptions) -> Executed:
    from liantu.suite.runs.engine import PageRun

    run, began = PageRun(kernels, options.time_limit), time.perf_counter()
    problem: BaseException | None = None
    try:
        _through_papermill(page, run, options)
    except (Exception, asyncio.CancelledError) as raised:  # whatever a page does must not end the others; classify() names it
        problem = raised
    outcome = classify(page, problem, time.perf_counter() - began, run.where, kernels.ended, run.end)
    if outcome.state == "cancelled":
        return Executed(replace(outcome, attempts=0), None, [])
    return Executed(outcome, _clean(run.notebook or _bare(page)), run.opened)


def _through_papermill(page: Page, run: Any, options: RunOptions) -> None:
    import papermill

    from liantu.suite.runs.engine import ENGINE

    quiet()
    papermill.execute_notebook(
        str(page.notebook.resolve()), None, parameters=dict(page.parameters), engine_name=ENGINE, kernel_name=kernel_name(options.kernel),
        progress_bar=False, request_save_on_cell_execute=False, autosave_cell_every=0, run=run,
        # papermill's own cwd changes the directory of the whole process, which threads share; nbclient's hands it to the kernel alone
        resources={"metadata": {"path": str(page.notebook.resolve().parent)}},
        extra_arguments=["--HistoryManager.enabled=False"])


def _bare(page: Page) -> Any:
    """The notebook of a page that never ran; an empty one when it cannot be read."""
    import nbformat

    try:
        return nbformat.read(page.notebook, as_version=4)
    except (OSError, ValueError):
        return nbformat.v4.new_notebook()


def _clean(notebook: Any) -> Any:
    """Without papermill's two cells around an error, which would shift the numbers, and without paths, which are of no use to a reader."""
    notebook.cells = [cell for cell in notebook.cells if _ERROR_TAG not in cell.metadata.get("tags", [])]
    for name in ("input_path", "output_path"):
        notebook.metadata.get("papermill", {}).pop(name, None)
    return notebook
