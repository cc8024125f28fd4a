"""What a page's kernel finds in its environment, told without importing Jupyter: a report with nothing to run asks too."""

from __future__ import annotations

import os

FOLDER_PREFIX = "liantu-run-"
"""A run's sockets lie in `<temporary folder>/liantu-run-<process>-…`."""
_DROPPED = ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_THREAD_LIMIT", "ARROW_IO_THREADS")


def kernel_environment(jobs: int) -> dict[str, str]:
    """This process's environment for one of `jobs` kernels at a time.

    Each gets its share of the cores for BLAS, OpenMP and Arrow (whose pool for computing obeys OMP_NUM_THREADS). Without
    PYTHONDONTWRITEBYTECODE, which would make every kernel compile every import again, and without MPLBACKEND, which would keep figures
    from showing inline.
    """
    share = str(max(1, (os.cpu_count() or 1) // max(1, jobs)))
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**kept, **dict.fromkeys(_THREADS, share), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
