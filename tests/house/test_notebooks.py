"""Notebooks are thin: prose, a parameters cell, and calls of the library."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from liantu.report.parameters import NAMES

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def _code_lines(cell) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip() and not line.strip().startswith("#")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_thin(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    lines = [_code_lines(cell) for cell in code]
    assert sum(map(len, lines)) <= 60
    assert max(map(len, lines)) <= 12
    assert len(cells) - len(code) >= 0.4 * len(cells)
    assert not any(cell.outputs or cell.execution_count for cell in code)
    text = "\n".join(cell.source for cell in code)
    logic = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, logic)]
    assert "/" not in "".join(re.findall(r"['\"]([^'\"]*)['\"]", text)), "a path"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_says_what_it_must(path):
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].source.startswith("# ")
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for words in ("What this answers", "回答什么", "What it reads and makes", "读什么、产出什么", "What not to conclude", "不能得出什么"):
        assert words in prose
    tags = [set(cell.metadata.get("tags", [])) for cell in cells]
    assert sum("parameters" in tag for tag in tags) == 1
    prose = [tag for cell, tag in zip(cells, tags, strict=True) if cell.cell_type == "markdown"]
    languages = [tag & {"zh", "en"} for tag in prose]
    assert all(languages), "every prose cell is tagged zh or en"
    assert sum("zh" in tag for tag in languages) == sum("en" in tag for tag in languages)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_come_from_the_one_vocabulary(path):
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    for line in cell.source.splitlines():
        name, _, rest = line.partition(": str = ")
        assert name in NAMES
        assert "#" in rest, f"{name} needs a comment for papermill --help-notebook"
