"""Pages on the workers of a Dask cluster: each gets the tables, the reference data and the notebooks, and gives back executed notebooks.

What comes back is kept here by the same function as the notebooks of a run on this machine, so that the report is the same. The pages of a
worker that is lost go to the others. Workers need the same code; they need no folder of this machine.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

from distributed import Client, Future, KilledWorker, Worker, WorkerPlugin, get_worker

from liantu.errors import LiantuError
from liantu.suite.kernels.running import RunningKernels
from liantu.suite.matrix import Page
from liantu.suite.provenance import code_version
from liantu.suite.runs.bundle import bundle, unpack
from liantu.suite.runs.execution import Executed, Seal, execute_page, keep
from liantu.suite.runs.options import RunOptions
from liantu.suite.runs.outcomes import Outcome, PageError
from liantu.suite.runs.stopping import Stop
from liantu.tables import vouched

_ANSWER_SECONDS = 10


def run_pages_on(
    address: str,
    dataset: str,
    pages: Sequence[Page],
    out: Path,
    options: RunOptions,
    stamp: Mapping[str, Any],
    stop: Stop,
    on_done: Callable[[Outcome], None] | None = None,
    seal: Seal | None = None,
) -> list[Outcome]:
    """As `liantu.suite.runs.pool.run_pages`, on the workers of the Dask scheduler at `address` (tcp://host:8786).

    A worker runs as many pages at a time as it has threads. The tidy tables of `dataset` must be fresh here. When `stop` asks, pages that
    wait are taken back, kernels of the workers are killed and the pages left are `cancelled`. Raises LiantuError when no scheduler answers,
    it has no worker, or a worker's code is not this one; nothing is run then.
    """
    with _connected(address) as client:
        _same_code(client, address)
        content = bundle(dataset, pages)
        plugin = PageWorker(content, dataset, code_version(), options)
        client.register_plugin(plugin)
        try:
            return _collected(client, plugin, pages, out, stamp, stop, on_done, seal)
        finally:
            # a worker that was lost has taken its files with it
            with suppress(KeyError, OSError, RuntimeError):
                client.unregister_worker_plugin(plugin.name)


def check_scheduler(address: str) -> None:
    """Raises LiantuError when no scheduler answers at `address`, it has no worker, or a worker's code is not this one."""
    with _connected(address) as client:
        _same_code(client, address)


class PageWorker(WorkerPlugin):
    """On a worker: the run's data in a folder of its own, and the kernels of its pages; both go when the run ends or the worker closes."""

    def __init__(self, content: bytes, dataset: str, code: Mapping[str, str], options: RunOptions) -> None:
        self.name = f"liantu-{hashlib.sha256(content).hexdigest()[:16]}"
        self._content, self._dataset, self._code, self._options = content, dataset, code, options

    def setup(self, worker: Worker) -> None:
        """Unpack the run's data beside the worker's own files; RuntimeError when a worker that joins late has other code."""
        if differences := _differences(self._code, code_version()):
            raise RuntimeError(f"another version of liantu: {differences}")
        self.folder = Path(tempfile.mkdtemp(prefix="liantu-", dir=worker.local_directory))
        unpack(self._content, self.folder)
        jobs = worker.state.nthreads
        tables = self.folder / "data" / "processed" / self._dataset
        environment = {"LIANTU_DATA": str(self.folder / "data"), vouched.VARIABLE: f"{self._dataset}={vouched.version(tables)}"}
        self._kernels = RunningKernels(jobs, self._options.memory(jobs), environment)

    def teardown(self, worker: Worker) -> None:
        """End the kernels and remove the data."""
        self.stop()
        self._kernels.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """Kill the kernels; pages that still run here are cancelled."""
        self._kernels.end()

    def run(self, page: Page) -> Executed:
        """Execute a page here."""
        here = replace(page, notebook=self.folder / "notebooks" / page.notebook.name)
        executed = execute_page(here, self._kernels, self._options)
        return replace(executed, outcome=replace(executed.outcome, page=page))

    def __reduce__(self) -> tuple[Any, ...]:
        return PageWorker, (self._content, self._dataset, self._code, self._options)


def _run_there(name: str, page: Page) -> Executed:
    return get_worker().plugins[name].run(page)


def _stop_there(name: str, dask_worker: Worker) -> None:
    plugin = dask_worker.plugins.get(name)
    if plugin is not None:
        # killing takes a moment, and the worker's own loop must go on meanwhile
        threading.Thread(target=plugin.stop, daemon=True).start()


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=f"{_ANSWER_SECONDS}s", set_as_default=False)
    except (OSError, ValueError) as error:
        why = f"no Dask scheduler answers ({type(error).__name__}); start one with `dask scheduler`"
        raise LiantuError(f"--scheduler {address}: {why}") from None
    with client:
        yield client


def _same_code(client: Client, address: str) -> None:
    """Hold the code of each worker against this one; LiantuError names the workers that differ, and in what."""
    here = code_version()
    found = _told_there(client)
    if not found:
        raise LiantuError(f"--scheduler {address}: it has no worker; start some with `dask worker {address}`")
    for worker, there in sorted(found.items()):
        if not isinstance(there, dict):
            raise LiantuError(f"--scheduler {address}: worker {worker} cannot say which liantu it has ({type(there).__name__}: {there}); "
                              "install this version there")
        if differences := _differences(here, there):
            raise LiantuError(f"--scheduler {address}: worker {worker} has another version: {differences}; install this one there")


def _told_there(client: Client) -> dict[str, Any]:
    return client.run(code_version, on_error="return")


def _differences(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {there.get(name, 'missing')} (here {value})" for name, value in here.items() if there.get(name) != value)


def _collected(client: Client, plugin: PageWorker, pages: Sequence[Page], out: Path, stamp: Mapping[str, Any], stop: Stop,
               on_done: Callable[[Outcome], None] | None, seal: Seal | None) -> list[Outcome]:
    """Send the pages, keep what comes back, and cancel the rest when the run is to stop."""
    done: dict[str, Outcome] = {}
    # SimpleQueue.put may be called by a signal handler that interrupts another put; None is the wish to stop
    ended: SimpleQueue[Future | None] = SimpleQueue()
    with stop.heard_by(lambda: ended.put(None)):
        sent = {client.submit(_run_there, plugin.name, page, pure=False, key=f"{page.id}-{uuid4().hex[:8]}"): page for page in pages}
        for future in sent:
            future.add_done_callback(ended.put)
        while len(done) < len(pages) and (future := ended.get()) is not None:
            outcome = _kept(future, sent[future], out, stamp, seal)
            done[outcome.page.id] = outcome
            if on_done:
                on_done(outcome)
    if len(done) < len(pages):
        client.cancel(list(sent), force=True)
        client.run(_stop_there, plugin.name, on_error="ignore")
    return [done.get(page.id) or Outcome(page, "cancelled", 0.0, attempts=0) for page in pages]


def _kept(future: Any, page: Page, out: Path, stamp: Mapping[str, Any], seal: Seal | None) -> Outcome:
    try:
        return keep(future.result(), out, stamp, seal)
    except KilledWorker as problem:
        return Outcome(page, "kernel_died", 0.0, PageError("WorkersLost", f"every worker that ran this page was lost: {problem}"))
    except Exception as problem:  # what a worker raises for one page must not end the others
        return Outcome(page, "failed", 0.0, PageError(type(problem).__name__, str(problem)))
