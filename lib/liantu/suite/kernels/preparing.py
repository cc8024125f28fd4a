"""The imports that a nursery does before it forks, and what they leave behind: threads, warning filters, versions of files."""

from __future__ import annotations

import os
import pkgutil
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

KERNEL = ("ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.displayhook", "ipykernel.debugger", "IPython.core.magics",
          "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect", "IPython.core.pylabtools",
          "IPython.extensions.storemagic", "faulthandler", "pdb", "psutil", "sqlite3", "tornado.platform.asyncio",
          "zmq.eventloop.zmqstream")
"""What every ordinary kernel has imported before its first cell. Not matplotlib_inline: its import ties figures to the running shell."""

PAGES = (
    "pandas", "pyarrow.parquet", "pyarrow.compute", "pyarrow.dataset", "matplotlib.pyplot", "matplotlib.backends.backend_agg",
    "seaborn", "scipy.stats", "scipy.optimize", "networkx", "yaml", "fsspec.core", "fsspec.implementations.local", "PIL.PngImagePlugin",
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin", "configparser",
    "encodings.utf_16_be", "pandas.core.methods.to_dict", "pandas.core.reshape.reshape", "pandas.io.formats.html",
    "pandas.io.formats.string", "zmq.utils.garbage")
"""What pages and the library reach, the parts included that are only imported at their first use."""

THREADED = ("polars",)
"""Packages that start threads when they are imported: a module that wants one is left to the kernel."""

_PACKAGE = Path(__file__).resolve().parents[2]
_FLOORS = ("liantu.report", "liantu.figures", "liantu.progress", "liantu.assess", "liantu.chains", "liantu.ledger.cleaning")


@dataclass(frozen=True)
class Prepared:
    """What the imports left: seconds by module, modules left to the kernel with the reason, and the warning filters.

    `kernel_filters` stand in every ordinary kernel; `page_filters` are those that the imports of pages put before them. `environment` is
    what the imports set in the environment.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    kernel_filters: tuple[Any, ...] = ()
    page_filters: tuple[Any, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


def prepare() -> Prepared:
    """Import what kernels and pages need; nothing but imports happens.

    A module that cannot be imported, or that needs a package that starts threads, is left to the kernel that wants it.
    """
    seconds: dict[str, float] = {}
    left: dict[str, str] = {}
    finder, before = _Threaded(), dict(os.environ)
    sys.meta_path.insert(0, finder)
    try:
        _import(KERNEL, seconds, left)
        kernel_filters = tuple(warnings.filters)
        # the floors first, in the order in which a page's own imports would load the rest: filters then stand in the same order
        _import(_FLOORS, seconds, left)
        _import([f"liantu.figures.{module.name}" for module in pkgutil.iter_modules([str(_PACKAGE / "figures")])], seconds, left)
        _import(PAGES, seconds, left)
    finally:
        sys.meta_path.remove(finder)
    added = tuple(found for found in warnings.filters if found not in kernel_filters)
    set_now = {name: value for name, value in os.environ.items() if before.get(name) != value}
    return Prepared(seconds, left, kernel_filters, added, set_now)


class _WantsThreads(BaseException):
    """Stops the import of a module; not an ImportError, which the module would take for a package that is not installed."""


class _Threaded(MetaPathFinder):
    """Refuses the packages that start threads."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Nothing is found here; a package of THREADED ends the import that wants it."""
        if name in THREADED:
            raise _WantsThreads(f"imports {name}, which starts threads")


def _import(names: Sequence[str], seconds: dict[str, float], left: dict[str, str]) -> None:
    for name in names:
        began = time.perf_counter()
        try:
            import_module(name)
        except (Exception, _WantsThreads) as problem:  # the kernel that imports it will say so in its cell
            left[name] = f"{type(problem).__name__}: {problem}".removeprefix("_WantsThreads: ")
        seconds[name] = time.perf_counter() - began


def threads() -> list[str]:
    """The names of this process's threads, those of C libraries included."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found.append((task / "comm").read_text().strip())
        except OSError:
            continue
    return found


def stamp() -> dict[str, int]:
    """What tells that the imported code is no longer what stands on disk.

    The newest change and the number of this package's files of code and words, and the times of the folders that packages are installed in.
    """
    times = [file.stat().st_mtime_ns for file in _files(_PACKAGE)]
    folders = {entry: Path(entry).stat().st_mtime_ns for entry in sys.path if entry.endswith("site-packages") and Path(entry).is_dir()}
    return {"newest": max(times), "files": len(times), **folders}


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(Path(entry.path))
            elif entry.name.endswith((".py", ".yml")):
                yield entry
