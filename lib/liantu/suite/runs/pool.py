"""The pages of a run: several at a time, one bad page stops nothing, a stop leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from liantu.suite.kernels.running import RunningKernels
from liantu.suite.matrix import Page
from liantu.suite.runs.execution import Seal, run_page
from liantu.suite.runs.options import RunOptions
from liantu.suite.runs.outcomes import Outcome
from liantu.suite.runs.stopping import Stop

Hearer = Callable[[Outcome], None]


def run_pages(
    pages: Sequence[Page],
    out: Path,
    options: RunOptions | None = None,
    stamp: Mapping[str, Any] | None = None,
    on_done: Hearer | None = None,
    seal: Seal | None = None,
    stop: Stop | None = None,
) -> list[Outcome]:
    """Run `pages` and keep each executed notebook as `out/<id>.ipynb`; outcomes stand in the order of `pages`.

    A page that fails, outlasts its time or loses its kernel never stops the others; its notebook is kept as far as it went. `stamp` (JSON)
    is written into the metadata of each executed notebook beside the outcome and what `seal` returns. `on_done` is called in this thread as
    pages end. On Ctrl-C or SIGTERM the kernels are killed and the pages left are `cancelled`. KeyboardInterrupt is raised only when there
    was nothing left to cancel and no `stop` (entered by the caller) that tells.
    """
    import liantu.suite.runs.engine  # noqa: F401  its second of imports: here Ctrl-C breaks it off, in the pages' threads nothing could

    settled, done = options or RunOptions(), {}
    workers = settled.workers(len(pages))
    out.mkdir(parents=True, exist_ok=True)
    running = RunningKernels(workers, settled.memory(workers), settled.environment)
    with nullcontext(stop) if stop else Stop() as stopping, closing(running) as kernels:
        turns = _Turns(kernels, workers)
        with stopping.heard_by(turns.stop):
            for page in pages:
                turns.add(page, run_page, page, out, kernels, settled, stamp, seal)
            for outcome in turns.all(on_done):
                done[outcome.page.id] = outcome
        if stopping.asked and stop is None and all(outcome.state != "cancelled" for outcome in done.values()):
            raise KeyboardInterrupt
    return [done[page.id] for page in pages]


class _Turns:
    """Pages that wait for one of the run's threads, those that run, and the wish to stop."""

    def __init__(self, kernels: RunningKernels, workers: int) -> None:
        self._kernels = kernels
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="page")
        self._waiting: dict[Future[Outcome], Page] = {}
        # SimpleQueue.put may be called by a signal handler that interrupts another put; None is the wish to stop
        self._ended: SimpleQueue[Future[Outcome] | None] = SimpleQueue()

    def add(self, page: Page, work: Callable[..., Outcome], *arguments: Any) -> None:
        """Let `work` have a thread when one is free."""
        future = self._pool.submit(work, *arguments)
        self._waiting[future] = page
        future.add_done_callback(self._ended.put)

    def stop(self) -> None:
        """Ask to stop; safe in a signal handler."""
        self._ended.put(None)

    def all(self, on_done: Hearer | None) -> list[Outcome]:
        """Wait until all pages ended or the wish to stop came, and every thread is free again."""
        outcomes = []
        try:
            while len(outcomes) < len(self._waiting) and (future := self._ended.get()) is not None:
                outcomes.append(future.result())
                if on_done:
                    on_done(outcomes[-1])
        except KeyboardInterrupt:
            pass  # from `on_done`, or from a caller without signals: the same wish
        except BaseException:
            self._end()
            raise
        if len(outcomes) < len(self._waiting):
            outcomes += self._end({outcome.page.id for outcome in outcomes}, on_done)
        self._pool.shutdown()
        return outcomes

    def _end(self, known: set[str] | None = None, on_done: Hearer | None = None) -> list[Outcome]:
        """Kill what runs and cancel what waits; the outcomes that are not in `known`."""
        for future in self._waiting:
            future.cancel()
        self._kernels.end()
        self._pool.shutdown()
        left = [Outcome(page, "cancelled", 0.0, attempts=0) if future.cancelled() else future.result()
                for future, page in self._waiting.items() if page.id not in (known or set())]
        for outcome in left:
            if on_done and outcome.state != "cancelled":
                on_done(outcome)
        return left
