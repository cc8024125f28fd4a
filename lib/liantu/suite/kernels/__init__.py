"""The kernels that pages run in: warm ones, forked from a process that has the imports done, and ordinary ones."""

from __future__ import annotations

import os
from pathlib import Path

WARM, PLAIN = "liantu", "python3"
"""Names of the two kernelspecs: forked kernels, and ipykernel's own."""


def kernel_name(choice: str = "warm") -> str:
    """The kernelspec to run pages in: "liantu" for "warm" where this system can fork and the spec is installed, else "python3".

    Raises UnknownValueError for a choice that is neither "warm" nor "plain".
    """
    if choice not in ("warm", "plain"):
        from liantu.errors import UnknownValueError

        raise UnknownValueError("kernel", choice, ("warm", "plain"))
    return WARM if choice == "warm" and forks() and _installed() else PLAIN


def forks() -> bool:
    """True where a process can be forked and its threads be counted (Linux): on macOS system libraries do not survive a fork."""
    return hasattr(os, "fork") and Path("/proc/self/task").is_dir()


def _installed() -> bool:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        KernelSpecManager().get_kernel_spec(WARM)
    except NoSuchKernel:
        return False
    return True
