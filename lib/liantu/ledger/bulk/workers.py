"""Where the steps run: on processes of this machine, or on the workers of a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import dask
from dask.callbacks import Callback
from tqdm import tqdm

from liantu.errors import LiantuError

Run = Callable[[Callable[..., Any], Sequence[tuple]], list[Any]]
"""Calls a function with each of the argument lists and returns the results in their order."""
_NAMES = {"look": "look", "read": "read", "settle": "place", "fold_range": "fold", "quarantine_piece": "quarantine"}


@contextmanager
def runner(scheduler: str | None = None) -> Iterator[Run]:
    """Something that runs steps: `scheduler` is the address of a Dask scheduler; None means processes on this machine's cores.

    `threads` and `synchronous` are Dask's other schedulers on this machine. Raises LiantuError when none answers at the address.
    """
    if scheduler in (None, "processes"):
        with _local() as run:
            yield run
        return
    if scheduler in ("threads", "synchronous"):
        yield lambda function, calls: _computed(function, calls, scheduler=scheduler)
        return
    from distributed import Client, as_completed

    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise LiantuError(f"{scheduler}: no Dask scheduler answers ({type(error).__name__}); start one with `dask scheduler`") from None
    with client:
        def run(function: Callable[..., Any], calls: Sequence[tuple]) -> list[Any]:
            futures = [client.submit(function, *call, pure=False) for call in calls]
            for _ in _told(as_completed(futures), function, len(calls)):
                pass
            return client.gather(futures)

        yield run


@contextmanager
def _local() -> Iterator[Run]:
    cores = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 16)
    with ProcessPoolExecutor(cores, mp_context=_context()) as pool:
        def run(function: Callable[..., Any], calls: Sequence[tuple]) -> list[Any]:
            if len(calls) == 1:
                return [function(*calls[0])]
            return _computed(function, calls, scheduler="processes", pool=pool, num_workers=cores, chunksize=1)

        yield run


def _context() -> multiprocessing.context.BaseContext:
    """Workers are forked from a server that has imported the steps and has no threads: arrow's threads do not survive a fork."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["liantu.ledger.bulk.tasks"])
    from multiprocessing import forkserver

    # The server imports while this process looks at the files.
    forkserver.ensure_running()
    return context


def _computed(function: Callable[..., Any], calls: Sequence[tuple], **how: Any) -> list[Any]:
    delayed = [dask.delayed(function, pure=False, traverse=False)(*map(_whole, call)) for call in calls]
    with _Bar(function, len(calls)):
        return list(dask.compute(*delayed, optimize_graph=False, **how))


def _whole(value: Any) -> Any:
    """An argument handed over as it is: Dask looks for tasks inside lists and dictionaries."""
    return dask.delayed(value, traverse=False) if isinstance(value, list | dict | tuple) else value


def _told(items: Any, function: Callable[..., Any], total: int) -> Iterator[Any]:
    yield from tqdm(items, desc=_NAMES.get(function.__name__, function.__name__), total=total, unit="piece", disable=None)


class _Bar(Callback):
    """A bar that grows with each piece done; quiet where nobody looks."""

    def __init__(self, function: Callable[..., Any], total: int) -> None:
        self._bar = tqdm(desc=_NAMES.get(function.__name__, function.__name__), total=total, unit="piece", disable=None)
        super().__init__(posttask=self._done, finish=lambda *_: self._bar.close())

    def _done(self, *_: object) -> None:
        self._bar.update(1)
