"""What counts as a change of the code: what it does, never how it is written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import liantu
from liantu.suite.freshness.syntax import BODY, IMPORTS, code_digest, imports, outline

SOURCES = sorted(Path(liantu.__file__).parent.rglob("*.py"))

BEFORE = '''
"""A module."""
from __future__ import annotations
from typing import TYPE_CHECKING
import os, sys

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 3
"""How few."""

def unlock(rows: int, *, deep: bool = False) -> int:
    """Count."""
    # why
    return rows + LEAST

class Chain:
    """A chain."""

    length: int = 2

    def grow(self) -> None:
        """Grow."""
        self.length += 1

    def rest(self):
        """Nothing."""
'''


def changed(old: str, new: str, before: str = BEFORE) -> set[str]:
    assert old in before
    one, two = outline(before).definitions, outline(before.replace(old, new)).definitions
    return {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}


@pytest.mark.parametrize(("old", "new"), [
    ("# why", "# because"), ("    # why\n", ""), ('    """Count."""\n', ""), ('"""A module."""', '"""Another."""'), ('"""How few."""', ""),
    ("rows: int, *, deep: bool = False", "\n    rows: int,\n    *,\n    deep: bool = False,\n"),
    ("rows + LEAST", "(rows\n        + LEAST)"),
    ("import os, sys", "import sys\nimport os"), ("    from pathlib import Path", "    from pathlib import PurePath"),
    ("rest(self):\n        \"\"\"Nothing.\"\"\"", "rest(self):\n        pass"), ("LEAST = 3", "LEAST   =   3  # three")])
def test_how_it_is_written_changes_nothing(old, new):
    assert changed(old, new) == set()
    assert outline(BEFORE.replace(old, new)).digest == outline(BEFORE).digest


@pytest.mark.parametrize(("old", "new", "names"), [
    ("rows + LEAST", "rows - LEAST", {"unlock"}),
    ("LEAST = 3", "LEAST = 4", {"LEAST"}),
    ("deep: bool = False", "deep: bool = True", {"unlock"}),
    ("self.length += 1", "self.length += 2", {"Chain.grow"}),
    ("length: int = 2", "length: int = 3", {"Chain"}),
    ("class Chain:", "class Chain(list):", {"Chain"}),
    ("import os, sys", "import os", {IMPORTS}),
    ("import os, sys", "import os, sys\nprint()", {BODY}),
    ("def unlock", "@cache\ndef unlock", {"unlock"}),
    ("def unlock", "def lock(): ...\n\ndef unlock", {"lock"}),
    ("rest", "relax", {"Chain.rest", "Chain.relax"})])
def test_what_it_does_is_named(old, new, names):
    assert changed(old, new) == names
    assert outline(BEFORE.replace(old, new)).digest != outline(BEFORE).digest


def test_definitions_in_another_order_are_another_module():
    one, other = "def a(): return 1\n", "def b(): return 2\n"
    assert outline(one + other).definitions == outline(other + one).definitions
    assert outline(one + other).digest != outline(other + one).digest


@settings(max_examples=60, deadline=None)
@given(some.sampled_from(SOURCES), some.data())
def test_reformatting_changes_no_hash_and_a_constant_does(path, data):
    source = path.read_text(encoding="utf-8")
    before = outline(source, "m")
    tree = ast.parse(source)
    assert outline(ast.unparse(tree), "m").definitions == before.definitions
    constants = [node for node in told(tree) if isinstance(node, ast.Constant)]
    if constants:
        picked = data.draw(some.sampled_from(constants))
        picked.value = f"{picked.value}x" if not isinstance(picked.value, bytes) else picked.value + b"x"
        assert outline(ast.unparse(tree), "m").digest != before.digest, ast.dump(picked)


def told(tree: ast.AST):
    """The nodes that do something: neither documentation, nor what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        documents = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if not documents and not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)):
            yield node
            yield from told(node)


def test_what_is_no_python_is_hashed_as_it_is_written():
    assert outline("def (").digest != outline("def  (").digest
    assert outline("def (").runs


def test_imports_are_found_wherever_they_stand_and_relative_ones_are_spelt_out():
    told = outline("from . import a\nfrom .b import c as d\ndef f():\n    from ..e import *\n    import g.h\n", "p.q.m").taken
    assert told == {"g.h": [""], "p.e": ["*"], "p.q": ["a"], "p.q.b": ["c"]}
    assert outline("from . import a", "p.q", is_package=True).taken == {"p.q": ["a"]}
    assert imports("import liantu.tables as t; from liantu import Report") == {"liantu": ["Report"], "liantu.tables": [""]}


def test_in_a_cell_every_expression_counts_but_no_comment():
    assert code_digest("f(1)  # one") == code_digest("# two\nf( 1 )")
    assert code_digest("'shown'") != code_digest("'shown too'")
