"""The floor: the cells of pages in forked processes, without Jupyter; imports are done before the fork, figures are drawn by agg.

What a cell ends with is displayed as a kernel would: its MIME bundle is made, so pictures are drawn. `python floor.py JOBS` reads pages
as JSON, one for each line ({"notebook", "parameters"}), and prints the seconds from the first fork to the end of the last process.
"""

from __future__ import annotations

import ast
import json
import os
import pkgutil
import sys
import time
from importlib import import_module
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import IPython.display
import matplotlib.pyplot  # noqa: F401
import nbformat
import pandas  # noqa: F401
import pyarrow.parquet  # noqa: F401

import liantu.figures
from liantu import Report  # noqa: F401

for found in pkgutil.iter_modules(liantu.figures.__path__, "liantu.figures."):
    import_module(found.name)


def page(notebook: str, parameters: dict[str, str]) -> None:
    """Every code cell of a notebook in one namespace, with the parameters after the cell that declares them."""
    os.chdir(Path(notebook).parent)
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            run(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(parameters)


def run(source: str, names: dict[str, object]) -> None:
    """One cell; what its last expression gives is displayed."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        show(eval(compile(ast.Expression(last.value), "cell", "eval"), names))


def show(value: object) -> None:
    """What display would make of a value: its MIME bundle, else its HTML, else its text."""
    for name, arguments in (("_repr_mimebundle_", {"include": None, "exclude": None}), ("_repr_html_", {}), ("__repr__", {})):
        made = getattr(value, name, None)
        if made is not None:
            made(**arguments)
            return


def at_once(pages: list[dict[str, object]], jobs: int) -> tuple[float, int]:
    """Seconds to run every page in a process of its own, `jobs` at a time; and how many ended badly."""
    running, bad, began = 0, 0, time.perf_counter()
    for told in [*pages, *[None] * jobs]:
        if running == jobs or (told is None and running):
            bad += os.waitstatus_to_exitcode(os.wait()[1]) != 0
            running -= 1
        if told is not None:
            running += 1
            if os.fork() == 0:
                try:
                    page(str(told["notebook"]), dict(told["parameters"]))  # type: ignore[call-overload]
                except BaseException as error:
                    print(f"{told['notebook']}: {error!r}", file=sys.stderr, flush=True)
                    os._exit(1)
                os._exit(0)
    return time.perf_counter() - began, bad


if __name__ == "__main__":
    # outside a kernel IPython would only print the value's text
    IPython.display.display = lambda *values, **_: [show(value) for value in values]
    taken, failed = at_once([json.loads(line) for line in sys.stdin], int(sys.argv[1]))
    print(json.dumps({"seconds": taken, "failed": failed}))
