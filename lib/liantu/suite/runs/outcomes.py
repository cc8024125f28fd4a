"""What became of a page: every ending has its name, given in one place."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from liantu.suite.matrix import Page
from liantu.tables.whole_files import write_whole

State = Literal["fresh", "done", "failed", "timed_out", "out_of_memory", "kernel_died", "cancelled"]
STATES: tuple[State, ...] = ("fresh", "done", "failed", "timed_out", "out_of_memory", "kernel_died", "cancelled")
RETRIED: tuple[State, ...] = ("kernel_died",)
"""Endings that are the machinery's fault, not the page's: the page is run once more."""
STAMP = "liantu"
"""Key of the executed notebook's metadata under which the run writes what became of the page."""
_NO_MEMORY = ("MemoryError", "_ArrayMemoryError", "ArrowMemoryError")
_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")  # as nbformat strips them
_MEMORY_WORDS = re.compile("bad_alloc|memory allocation|allocate memory|out of memory|MemoryError", re.IGNORECASE)
_KILLED = -int(getattr(signal, "SIGKILL", 9))


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
    """What became of one page, in how many seconds, at which attempt (1; 2 after its kernel was lost; 0 when it never began)."""

    page: Page
    state: State
    seconds: float
    error: PageError | None = None
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """True when the page stands: it ran to its end, now or in the run before."""
        return self.state in ("done", "fresh")

    def as_dict(self) -> dict[str, Any]:
        """The outcome as run.json and the executed notebook's metadata hold it."""
        return {
            **{name: getattr(self.page, name) for name in ("id", "title", "place", "kind", "order", "lang", "county", "chain")},
            "notebook": self.page.notebook.name, "parameters": dict(self.page.parameters), "state": self.state,
            "seconds": round(self.seconds, 2), "attempts": self.attempts, "error": asdict(self.error) if self.error else None}


class TimeLimitError(Exception):
    """The page did not end within its time."""


class KernelLostError(Exception):
    """The kernel did not start, ended by itself, or could not be heard any more; the message says which."""


@dataclass(frozen=True)
class KernelEnd:
    """What is known of a kernel that was lost.

    `code` is its exit code (a signal's number below 0; None: not known), `words` its last line on standard error, `at_cap` is True when its
    memory was close to its cap, `memory_kills` True when the machine killed some process for want of memory while the page ran.
    """

    code: int | None = None
    words: str = ""
    at_cap: bool = False
    memory_kills: bool = False


def classify(page: Page, problem: BaseException | None, seconds: float, cell: tuple[int, int | None], cancelled: bool,
             kernel: KernelEnd | None = None) -> Outcome:
    """The outcome of a page from what the run raised: the one place that names endings (`fresh` needs no run, so no naming).

    `cell` is the last cell that was begun, counted from 1, with its prompt; `cancelled` tells that the run was stopped meanwhile.
    """
    from papermill.exceptions import PapermillExecutionError

    if problem is None:
        return Outcome(page, "done", seconds)
    if cancelled:
        return Outcome(page, "cancelled", seconds)
    if isinstance(problem, PapermillExecutionError):
        return _cell_failed(page, problem, seconds, kernel or KernelEnd())
    if isinstance(problem, TimeLimitError):
        return Outcome(page, "timed_out", seconds, PageError("TimeLimit", f"the page was stopped after {seconds:.0f} s", *cell))
    if isinstance(problem, KernelLostError):
        return _kernel_lost(page, problem, seconds, cell, kernel or KernelEnd())
    return Outcome(page, "failed", seconds, PageError(type(problem).__name__, str(problem), *cell))


def _cell_failed(page: Page, problem: Any, seconds: float, kernel: KernelEnd) -> Outcome:
    error = PageError(str(problem.ename), str(problem.evalue), problem.cell_index + 1, problem.exec_count)
    if error.name in _NO_MEMORY:
        return Outcome(page, "out_of_memory", seconds, error)
    if error.name == "CellExecutionError" and (kernel.words in _NO_MEMORY or kernel.at_cap):
        # the kernel had no memory left to show its own error
        return Outcome(page, "out_of_memory", seconds, replace(error, name="MemoryError", value="the kernel's memory was at its cap"))
    return Outcome(page, "failed", seconds, error)


def _kernel_lost(page: Page, problem: KernelLostError, seconds: float, cell: tuple[int, int | None], kernel: KernelEnd) -> Outcome:
    if kernel.code == _KILLED and kernel.memory_kills:
        why = "the machine ran out of memory and killed the kernel; run fewer pages at a time (--jobs) or set a lower --memory-limit"
        return Outcome(page, "out_of_memory", seconds, PageError("OutOfMemory", why, *cell))
    if kernel.at_cap or _MEMORY_WORDS.search(kernel.words):
        why = f"the kernel ended ({_code(kernel.code)}) for want of memory; raise --memory-limit or lower --jobs"
        why += f"; {kernel.words}" if kernel.words else ""
        return Outcome(page, "out_of_memory", seconds, PageError("OutOfMemory", why, *cell))
    told = [str(problem), _code(kernel.code), "the machine tells no lack of memory" if kernel.code == _KILLED else "", kernel.words]
    return Outcome(page, "kernel_died", seconds, PageError("KernelDied", "; ".join(part for part in told if part), *cell))


def _code(code: int | None) -> str:
    """An exit code in words: `killed by SIGKILL from outside`, `exit code 9`."""
    if code is None:
        return ""
    if code == _KILLED:
        return "killed by SIGKILL from outside"
    try:
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    except ValueError:
        return f"ended by signal {-code}"


def again(first: Outcome, second: Outcome) -> Outcome:
    """The outcome of a page that was run twice: the second's, with the time of both."""
    return replace(second, attempts=first.attempts + second.attempts, seconds=first.seconds + second.seconds)


def stamped(metadata: Mapping[str, Any], outcome: Outcome, **more: Any) -> dict[str, Any]:
    """What stands under STAMP in an executed notebook: what was there, the outcome, and `more`."""
    return {**metadata.get(STAMP, {}), **outcome.as_dict(), **more}


def stamp_notebook(path: Path, outcome: Outcome) -> None:
    """Write a later outcome (a page that could not be rendered) into the metadata of an executed notebook."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata[STAMP] = stamped(notebook.metadata, outcome)
    write_whole(path, notebook_bytes(notebook))


def notebook_bytes(notebook: Mapping[str, Any]) -> bytes:
    """An executed notebook as it lies on disk: nbformat's JSON without indentation, which Python writes five times as fast.

    On a page with many rows the indents are half of the bytes, too.
    """
    kept = {**notebook, "metadata": {name: value for name, value in notebook["metadata"].items() if name not in _TRANSIENT}}
    return (json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode("utf-8")
