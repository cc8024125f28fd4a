"""JupyterLab at the notebooks, with warm kernels."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from liantu.errors import LiantuError

SHARE = Path(__file__).with_name("lab_share")
"""A Jupyter data folder whose kernelspec `python3` is the warm kernel.

JupyterLab takes the kernel that a notebook names, and writes the name of the kernel in use into the notebook when it is saved. The
notebooks name `python3`, so that papermill runs them where no kernelspec of ours is installed; here that name means a warm kernel, which
JupyterLab starts without a question, and a saved notebook still names `python3`.
"""


def command(root: Path | None = None, arguments: Sequence[str] = ()) -> list[str]:
    """The command that starts JupyterLab at `root` (default: the notebooks), with more of JupyterLab's own arguments."""
    from liantu.reference.folders import notebooks_root

    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={(root or notebooks_root()).resolve()}", *arguments]


def environment() -> dict[str, str]:
    """This process's environment in which Jupyter finds the warm kernel under the name that the notebooks use."""
    paths = [str(SHARE), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    return {**os.environ, "JUPYTER_PATH": os.pathsep.join(paths)}


def open_lab(root: Path | None = None, arguments: Sequence[str] = ()) -> NoReturn:
    """Become JupyterLab; raises LiantuError when the folder of the notebooks is missing."""
    line = command(root, arguments)
    folder = Path(line[3].partition("=")[2])
    if not folder.is_dir():
        raise LiantuError(f"{folder}: no such folder; run `liantu lab` from a checkout, which holds notebooks/")
    os.execve(line[0], line, environment())
