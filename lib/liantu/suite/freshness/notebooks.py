"""Notebooks as what they do and say: cells without outputs, counts and comments, what they import, which parameters they declare."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from liantu.errors import LiantuError
from liantu.suite.freshness.syntax import code_digest, hashed, imports

_MAGIC = re.compile(r"^(?P<indent>\s*)(?P<target>[\w.,\s]+=\s*)?(?P<magic>[%!?].*|[^#'\"=]*[\w\])]\?{1,2}\s*)$")
_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook as JSON; one that cannot be read is an error that names the file."""
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise LiantuError(f"{path}: the notebook is missing; suite.yml names it") from None
    except ValueError as error:
        raise LiantuError(f"{path}: not readable as a notebook: {error}") from None
    if not isinstance(told, dict) or not isinstance(told.get("cells"), list):
        raise LiantuError(f"{path}: not a notebook: it has no list of cells; save it again as version 4")
    return told


def cell_digests(notebook: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Id, kind and hash of each cell.

    The tags count, for they decide on which page a cell shows; other metadata, outputs, execution counts, and in code comments and
    formatting do not.
    """
    return [(str(cell.get("id", "")), str(cell.get("cell_type", "")), _cell_digest(cell)) for cell in notebook["cells"]]


def imported(notebook: dict[str, Any]) -> dict[str, list[str]]:
    """The modules that the code cells import, each with the names taken from it; a cell that is no Python imports nothing."""
    found: dict[str, list[str]] = {}
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code":
            try:
                taken = imports(_python(_source(cell)))
            except (SyntaxError, ValueError):
                continue
            for module, names in taken.items():
                found.setdefault(module, []).extend(names)
    return found


def declared(path: Path) -> tuple[str, ...]:
    """The names that the cell tagged `parameters` gives values to, in order; empty where there is no such cell.

    What `papermill.inspect_notebook` tells, without the second that importing papermill takes.
    """
    tagged = [cell for cell in read_notebook(path)["cells"] if "parameters" in _tags(cell)]
    if not tagged:
        return ()
    try:
        body = ast.parse(_python(_source(tagged[0]))).body
    except SyntaxError as error:
        raise LiantuError(f"{path}: the cell tagged parameters is not Python: {error.msg} (line {error.lineno} of the cell)") from None
    targets: list[ast.expr] = []
    for node in body:
        targets += node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return tuple(dict.fromkeys(target.id for target in targets if isinstance(target, ast.Name)))


def _cell_digest(cell: dict[str, Any]) -> str:
    source, tags = _source(cell), sorted(_tags(cell))
    if cell.get("cell_type") != "code":
        return hashed([source, tags])
    try:
        # a semicolon at the end keeps IPython from showing the value, and no syntax tree knows of it
        return hashed([code_digest(_python(source)), source.rstrip().endswith(";"), tags])
    except (SyntaxError, ValueError):
        return hashed([source, tags])


def _python(source: str) -> str:
    """The source with each line of IPython's own (`%magic`, `!command`, `object?`) as a text; a cell of another language is one text."""
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        if not first.startswith(_PYTHON_CELLS):
            return repr(source)
        source = f"{first[1:]}\n{rest}"
    try:
        ast.parse(source)
    except SyntaxError:
        return "\n".join(_plain_line(line) for line in source.split("\n"))
    return source


def _plain_line(line: str) -> str:
    found = _MAGIC.match(line)
    return f"{found['indent']}{found['target'] or ''}{found['magic'].strip()!r}" if found else line


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _tags(cell: dict[str, Any]) -> list[str]:
    return [str(tag) for tag in cell.get("metadata", {}).get("tags", [])]
