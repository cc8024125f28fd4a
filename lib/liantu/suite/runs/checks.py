"""Every page is checked before any kernel starts."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from liantu.errors import LiantuError, UnknownValueError
from liantu.suite.freshness.notebooks import declared
from liantu.suite.matrix import Page


def check_pages(pages: Iterable[Page]) -> None:
    """Check every page: its notebook is there, declares each parameter, and each value is good.

    Raises LiantuError that names the notebook or the value, what is allowed and the nearest match.
    """
    from liantu.report.parameters import check

    for page in pages:
        if not page.notebook.is_file():
            raise LiantuError(f"{page.notebook}: the notebook is missing; suite.yml names it")
        known = _declared(page.notebook)
        for name in page.parameters:
            if name not in known:
                raise UnknownValueError(f"parameter (of the cell tagged parameters in {page.notebook.name})", name, known)
        check(**page.parameters)


def quiet() -> None:
    """Keep nbclient's and papermill's own error log off the terminal: every ending is reported by its outcome."""
    for name in ("papermill", "nbclient", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@cache
def _declared(notebook: Path) -> tuple[str, ...]:
    return declared(notebook)
