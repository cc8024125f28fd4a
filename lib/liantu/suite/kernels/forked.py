"""What a process just forked from the nursery does to become an ordinary IPython kernel, then being one."""

from __future__ import annotations

import ctypes
import io
import os
import random
import signal
import sys
import time
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from liantu.suite.kernels.preparing import Prepared

_INLINE = "module://matplotlib_inline.backend_inline"
_PR_SET_PDEATHSIG = 1
_ARROW_IO_THREADS = 8


@dataclass(frozen=True)
class Tools:
    """What was looked up once before the forks: the thread pools of the loaded libraries, the C library, the launcher's file."""

    pools: Any
    libc: Any
    launcher: str
    matplotlibrc: str


def tools() -> Tools:
    """Look up what every kernel needs; called in the nursery after the imports."""
    pools = None
    try:
        from threadpoolctl import ThreadpoolController

        pools = ThreadpoolController()
    except ImportError:
        pass
    registry = sys.modules.get("matplotlib.backends.registry")
    if registry is not None:
        # reads the entry points of every installed package, which each kernel would do when it names its backend
        registry.backend_registry.list_all()
    spec = find_spec("ipykernel_launcher")
    launcher = spec.origin if spec and spec.origin else "ipykernel_launcher.py"
    return Tools(pools, ctypes.CDLL(None, use_errno=True), launcher, _matplotlibrc())


def become_kernel(request: dict[str, Any], prepared: Prepared, known: Tools) -> int:
    """Run the kernel of `request` (keys: arguments, env, cwd, files = its stdout and stderr, said = the pipe to the client) to its end.

    Environment, folder, streams, signals, random numbers, warning filters, threads and the plotting backend are first made what a kernel
    started by itself would have. The exit code is the kernel's.
    """
    nursery = os.getppid()
    known.libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # the nursery may have died before the line above
    if os.getppid() != nursery or nursery == 1:
        os._exit(1)
    _streams(*request["files"])
    _environment({**request["env"], **prepared.environment, "JPY_PARENT_PID": str(nursery)}, request["cwd"])
    sys.argv = [known.launcher, *request["arguments"]]
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher", *request["arguments"]]
    _random_numbers()
    _threads(os.environ, known.pools)
    _backend(known.matplotlibrc)
    return _run(nursery, prepared, request["said"])


def _run(nursery: int, prepared: Prepared, said: int) -> int:
    from ipykernel.kernelapp import IPKernelApp

    warnings.filters[:] = prepared.kernel_filters  # type: ignore[index]
    # the trait's default was read from the environment when the class was made, in the nursery
    app = IPKernelApp.instance(parent_handle=nursery)
    app.initialize()
    warnings.filters[:0] = prepared.page_filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]
    os.write(said, b"ready\n")
    os.close(said)
    app.start()
    return 0


def _streams(stdout: int, stderr: int) -> None:
    """Standard input at its end, standard output and error where the client wants them, as files of Python and of C."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, place in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(file, place)
        os.close(file)
    for name, place in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        old = getattr(sys, f"__{name}__")
        new = io.TextIOWrapper(
            io.open(place, "rb" if name == "stdin" else "wb", closefd=False),  # noqa: UP020, SIM115
            encoding=old.encoding, errors=old.errors, line_buffering=name == "stderr" or os.isatty(place))
        new.mode = "r" if name == "stdin" else "w"  # type: ignore[misc]
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def _environment(wanted: dict[str, str], cwd: str) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
    time.tzset()
    os.chdir(cwd)
    sys.dont_write_bytecode = bool(wanted.get("PYTHONDONTWRITEBYTECODE"))


def _random_numbers() -> None:
    """Each kernel its own: what the nursery drew at its imports would be the same in all."""
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def _threads(env: Any, pools: Any) -> None:
    """As many threads as the environment asks for, and as the libraries would take by themselves where it asks for none."""
    cores = len(os.sched_getaffinity(0))
    openmp = _number(env, "OMP_NUM_THREADS", default=cores)
    limit = _number(env, "OMP_THREAD_LIMIT", default=openmp)
    wanted = {"openmp": min(openmp, limit),
              # it takes no more than there are cores, whatever is asked
              "openblas": min(cores, _number(env, "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS", default=cores)),
              "mkl": _number(env, "MKL_NUM_THREADS", "OMP_NUM_THREADS", default=cores)}
    for pool in pools.lib_controllers if pools else ():
        number = wanted.get(pool.internal_api, wanted.get(pool.user_api, wanted["openmp"]))
        if pool.num_threads != number:
            pool.set_num_threads(number)
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is not None:
        pyarrow.set_cpu_count(min(openmp, limit))
        pyarrow.set_io_thread_count(_number(env, "ARROW_IO_THREADS", default=_ARROW_IO_THREADS))


def _number(env: Any, *names: str, default: int) -> int:
    """The first of the variables that holds a positive number (of a list, for nested levels, its first)."""
    for name in names:
        text = str(env.get(name, "")).split(",")[0].strip()
        if text.isdigit() and int(text):
            return int(text)
    return default


def _matplotlibrc() -> str:
    return sys.modules["matplotlib"].matplotlib_fname() if "matplotlib" in sys.modules else ""


def _backend(read: str) -> None:
    """What matplotlib takes from the environment and the current folder at its import, which here came before both were known."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None:
        return
    if str(Path(_matplotlibrc()).resolve()) != str(Path(read).resolve()):
        matplotlib.rcParams.update(matplotlib.rc_params())
        matplotlib.rcParamsOrig.update(matplotlib.rcParams)
    matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND") or _INLINE
