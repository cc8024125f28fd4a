"""What became of a page: every ending has its name, given in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from liantu.suite.matrix import Page

State = Literal["done", "failed", "timed_out", "kernel_died", "cancelled"]
STATES: tuple[State, ...] = ("done", "failed", "timed_out", "kernel_died", "cancelled")
STAMP = "liantu"
"""Key of the executed notebook's metadata under which the run writes what became of the page."""


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
