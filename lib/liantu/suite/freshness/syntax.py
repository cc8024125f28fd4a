"""Python source as what it does: hashes by definition that comments, docstrings and formatting leave alone, and what it imports."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

IMPORTS = "imports"
"""The name under which an outline holds the names that a module imports."""
BODY = "statements"
"""The name under which an outline holds what a module does when it is imported, besides definitions and imports."""
_FILE_NAME = re.compile(r"[\w.-]+\.[a-zA-Z0-9]{1,5}")


@dataclass(frozen=True)
class Outline:
    """What one module defines and takes.

    `definitions` has a hash for each function, method, class and assignment (`Report.known_at`), in the order of the source. `taken` has
    the names that it imports from each module, `*` for all and an empty text for the module itself. `files` are the file names that stand
    in it. `runs` is True when importing it does more than to define names.
    """

    definitions: dict[str, str]
    taken: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    runs: bool = False

    @property
    def digest(self) -> str:
        """The hash of the whole module; the order of definitions counts."""
        return hashed(list(self.definitions.items()))


def hashed(content: object) -> str:
    """Twenty hexadecimal digits for text, bytes, or plain lists and dicts of them."""
    raw = content if isinstance(content, bytes) else repr(content).encode()
    return hashlib.sha256(raw).hexdigest()[:20]


def outline(source: str | bytes, name: str = "", is_package: bool = False) -> Outline:
    """The outline of a module called `name`; source that is no Python is one definition, hashed as it is written."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Outline({BODY: hashed(source)}, runs=True)
    taken = _taken(tree, name, is_package)
    files = sorted({node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and _is_file_name(node.value)})
    parts: dict[str, list[str]] = {}
    for part, text in _parts(_without_documentation(tree).body):
        parts.setdefault(part, []).append(text)
    if IMPORTS in parts:  # in which order and on how many lines names are imported changes nothing
        parts[IMPORTS] = sorted(set(parts[IMPORTS]))
    short = {part: hashed(texts)[:12] for part, texts in parts.items()}
    return Outline(short, taken, files, runs=BODY in parts)


def code_digest(source: str) -> str:
    """The hash of one piece of Python, such as a cell: neither comments nor formatting count, every expression does."""
    return hashed(ast.dump(ast.parse(source)))


def imports(source: str) -> dict[str, list[str]]:
    """The modules that a script imports, each with the names it takes from it."""
    return _taken(ast.parse(source), "", False)


class _Documentation(ast.NodeTransformer):
    """Drops texts that stand alone as a statement, and what only a type checker reads."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """A docstring, or the text under an attribute."""
        return None if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else node

    def visit_If(self, node: ast.If) -> Any:
        """`if TYPE_CHECKING:` goes, its else branch stays."""
        self.generic_visit(node)
        return node.orelse if _is_type_checking(node.test) else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """A body that held nothing else is empty, as one with `pass` is."""
        super().generic_visit(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            node.body = [part for part in node.body if not isinstance(part, ast.Pass)]
        return node


def _without_documentation(tree: ast.Module) -> ast.Module:
    return _Documentation().visit(tree)


def _parts(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Name and text of each definition; a class by its methods and the rest of it."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((IMPORTS, text) for text in _import_texts(node))
        elif isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))]
            yield from ((f"{node.name}.{method.name}", ast.dump(method)) for method in methods)
            node.body = [part for part in node.body if part not in methods]
            yield node.name, ast.dump(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, ast.dump(node)
        else:
            yield _assigned(node) or BODY, ast.dump(node)


def _assigned(node: ast.stmt) -> str:
    """The names that an assignment gives values to; empty for other statements."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return ", ".join(names)


def _import_texts(node: ast.Import | ast.ImportFrom) -> list[str]:
    origin = f"{'.' * node.level}{node.module or ''}:" if isinstance(node, ast.ImportFrom) else ""
    return [f"{origin}{alias.name} as {alias.asname or alias.name}" for alias in node.names]


def _taken(tree: ast.Module, name: str, is_package: bool) -> dict[str, list[str]]:
    """What is imported anywhere in the module; also for a type checker, which is how a lazy package says where its names live."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name, set()).add("")
        elif isinstance(node, ast.ImportFrom):
            found.setdefault(_origin(node, name, is_package), set()).update(alias.name for alias in node.names)
    return {module: sorted(names) for module, names in sorted(found.items())}


def _origin(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    """The absolute name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    above = name.split(".")[: len(name.split(".")) - node.level + is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING")


def _is_file_name(value: object) -> bool:
    return isinstance(value, str) and len(value) < 100 and _FILE_NAME.fullmatch(value) is not None
