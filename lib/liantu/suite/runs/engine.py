"""The engine under which papermill runs a page: one event loop, one deadline, nothing written until the page has ended.

Papermill's own engine writes the whole notebook before and after every cell (nine tenths of the driver's processor time on a page with
figures), looks for a dead kernel once a second, and waits some tenths of a second for a kernel that is ready long since. This one puts the
same cells, outputs and metadata into the notebook.
"""

from __future__ import annotations

import ast
import asyncio
import json
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

import zmq
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

from liantu.suite.kernels.memory import killed_for_memory, memory_of
from liantu.suite.kernels.running import PageKernel, RunningKernels
from liantu.suite.runs.outcomes import KernelEnd, KernelLostError, TimeLimitError

ENGINE = "liantu"
_LOOK_SECONDS = 0.1
_START_SECONDS = 60.0
_IOPUB_SECONDS = 30
_NEAR_CAP = 0.9
# Evaluated in the kernel after the last cell; the module is there only when the notebook itself imported it.
_OPENED = "__import__('sys').modules['liantu.reference.opened'].as_json()"


@dataclass
class PageRun:
    """One page on its way: what papermill's engine needs, and what it leaves behind however the page ends.

    `cell` is the last cell that was begun, counted from 1; `peak` the most memory seen, in bytes.
    """

    kernels: RunningKernels
    time_limit: float
    notebook: NotebookNode | None = None
    cell: int = 0
    ended_well: bool = False
    opened: list[dict[str, Any]] = field(default_factory=list)
    end: KernelEnd = field(default_factory=KernelEnd)
    peak: int = 0
    memory_kills: int = field(default_factory=killed_for_memory)

    @property
    def where(self) -> tuple[int, int | None]:
        """The last cell that was begun and its prompt."""
        if not (self.notebook and self.cell):
            return 0, None
        return self.cell, self.notebook.cells[self.cell - 1].get("execution_count")

    def lost(self, kernel: PageKernel, code: int | None) -> None:
        """Note what is known of a kernel that is gone."""
        self.end = KernelEnd(code, kernel.last_words(), self._at_cap(kernel), killed_for_memory() > self.memory_kills)

    def failed(self, kernel: PageKernel, problem: CellExecutionError) -> None:
        """Note what is known of an error in a cell: without memory a kernel may not even be able to show it."""
        self.end = KernelEnd(words=problem.ename or "", at_cap=self._at_cap(kernel))

    def look(self, kernel: PageKernel) -> None:
        """Remember the most memory the kernel had."""
        if kernel.process:
            self.peak = max(self.peak, memory_of(kernel.process).get("VmData", 0))

    def _at_cap(self, kernel: PageKernel) -> bool:
        return bool(kernel.cap) and self.peak > _NEAR_CAP * kernel.cap


class PageClient(PapermillNotebookClient):
    """Papermill's client in one coroutine, with a deadline for the whole page and a quick eye on its kernel."""

    def __init__(self, nb_man: NotebookExecutionManager, run: PageRun, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._run = run

    def execute(self, **kwargs: Any) -> NotebookNode:
        """Run the page; TimeLimitError, KernelLostError or asyncio.CancelledError tell why it did not reach its end."""
        self.reset_execution_trackers()
        asyncio.run(self._page())
        return self.nb

    async def _page(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        timer = asyncio.timeout(self._run.time_limit)
        try:
            with self._run.kernels.cancelling(lambda: loop.call_soon_threadsafe(task.cancel)):
                async with timer:
                    await self._whole_page()
        except (DeadKernelError, CellTimeoutError, TimeoutError) as problem:
            if timer.expired():
                raise TimeLimitError from problem
            said = "the kernel ended while it ran this cell" if isinstance(problem, DeadKernelError) else "the kernel could not be heard"
            raise KernelLostError(said) from problem
        finally:
            if self.km is not None:
                await self._async_cleanup_kernel()

    async def _whole_page(self) -> None:
        try:
            self.km = self.create_kernel_manager()
            await self.async_start_new_kernel()
            await self.async_start_new_kernel_client()
        except (NoSuchKernel, asyncio.CancelledError):
            raise
        except Exception as problem:
            raise KernelLostError(f"the kernel did not start: {problem or type(problem).__name__}") from problem
        ended_well = await self._all_cells()
        self.set_widgets_metadata()
        if ended_well:
            self._run.opened = await self._what_it_opened()
        self._run.ended_well = ended_well

    async def _all_cells(self) -> bool:
        """Papermill's own loop over the cells, without a return to the caller between them; False after an error."""
        for index, cell in enumerate(self.nb.cells):
            self._run.cell = index + 1
            try:
                self.nb_man.cell_start(cell, index)
                await self.async_execute_cell(cell, index)
            except CellExecutionError as problem:
                self._run.look(self.km)
                self._run.failed(self.km, problem)
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=problem)
                return False
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
        return True

    async def async_start_new_kernel_client(self) -> Any:
        """A client for the kernel as soon as it answers and its outputs are heard."""
        self.kc = self.km.client()
        self.kc.context.setsockopt(zmq.RECONNECT_IVL, 10)
        self.kc.start_channels(stdin=False, hb=False)
        async with asyncio.timeout(_START_SECONDS):
            asked = self.kc.kernel_info()
            reply = await self._reply(asked)
            while not await self._heard_idle(asked):
                asked = self.kc.kernel_info()
                reply = await self._reply(asked)
        self.nb.metadata["language_info"] = reply["content"]["language_info"]
        return self.kc

    async def _heard_idle(self, asked: str) -> bool:
        """True when the kernel's word that it is done with `asked` came over the outputs' socket: nothing older is left there."""
        try:
            while True:
                message = await self.kc.iopub_channel.get_msg(timeout=_LOOK_SECONDS)
                state = message["content"].get("execution_state")
                if message["parent_header"].get("msg_id") == asked and state == "idle":
                    return True
        except Empty:
            return False

    async def _reply(self, asked: str) -> dict[str, Any]:
        while True:
            try:
                message = await self.kc.shell_channel.get_msg(timeout=_LOOK_SECONDS)
            except Empty:
                await self._async_check_alive()
            else:
                if message["parent_header"].get("msg_id") == asked:
                    return message

    async def _async_poll_kernel_alive(self) -> None:
        """Nbclient's watch on a kernel while a cell runs, ten times a second instead of once."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._async_check_alive()
            except DeadKernelError:
                self.task_poll_for_reply.cancel()
                return

    async def _async_check_alive(self) -> None:
        code = await self.km.exit_code()
        if code is not None:
            self._run.lost(self.km, code)
            raise DeadKernelError("the kernel ended")
        self._run.look(self.km)

    async def _what_it_opened(self) -> list[dict[str, Any]]:
        """What the page opened, as liantu in the kernel noted it; empty when the notebook did not use liantu."""
        asked = self.kc.execute("", silent=True, store_history=False, user_expressions={"opened": _OPENED}, allow_stdin=False)
        told = (await self._reply(asked))["content"].get("user_expressions", {}).get("opened", {})
        if told.get("status") != "ok":
            return []
        return json.loads(ast.literal_eval(told["data"]["text/plain"]))


class PageEngine(Engine):
    """The engine at papermill's extension point; `run` (PageRun) comes with the call."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any) -> NotebookNode:
        """Run the notebook; it is left in `run`.

        Papermill gets it back to look for the error that stopped it. One that ended well has none, and papermill would only write it as
        text for no file, so it gets the head alone.
        """
        run = options["run"]
        super().execute_notebook(nb, kernel_name, output_path, **options)
        return run.notebook if not run.ended_well else NotebookNode({**run.notebook, "cells": []})

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, run: PageRun, **options: Any) -> None:
        """Run the notebook's cells in a kernel of the run."""
        run.notebook = nb_man.nb
        kept = {name: value for name, value in options.items() if name in ("resources", "extra_arguments")}
        PageClient(nb_man, run, kernel_name=kernel_name, kernel_manager_class=run.kernels.manager(), shutdown_kernel="immediate",
                   iopub_timeout=_IOPUB_SECONDS, **kept).execute()


papermill_engines.register(ENGINE, PageEngine)
