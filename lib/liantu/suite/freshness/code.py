"""The library's code that a notebook reaches: which modules, and the hash of every definition in them.

The modules come from the import graph of grimp, imports inside functions included. Three things are read more closely than a graph of
modules can say:

- A name that is taken from a package's `__init__` leads to the module the package takes it from, not to all that the package offers.
- Importing a module also runs the `__init__` of the packages it stands in. These count with their own statements; what they only import
  to offer it does not, unless they do something with it.
- What cleans does not count as what the page reaches (`CUT`): cleaning reaches a page only by the tables it makes, and their content is an
  ingredient of the page by itself. Otherwise every change to a reader of cells would run every page, whether a table changed or not.

Files of a package that are no code (words, fonts) belong to the modules that name them, else to every module of their package.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from liantu.errors import LiantuError
from liantu.suite.freshness.kept import Kept
from liantu.suite.freshness.syntax import BODY, IMPORTS, Outline, hashed, outline

CUT = (("liantu.report", "liantu.ledger.cleaning"), ("liantu.report", "liantu.ledger.freshness"), ("liantu.report", "liantu.ledger"))
"""Imports that lead from what a notebook opens to what cleans: the importer's package and the module imported."""


class Library:
    """The code of a package as it lies on disk when this is made: what is edited later is not seen.

    Files are told by the hash of their content; outlines and the graph are kept in `kept`.
    """

    def __init__(self, kept: Kept, package: str = "liantu") -> None:
        self._kept, self._package = kept, package
        self._folder = _folder_of(package)
        files = sorted(path for path in self._folder.rglob("*") if path.is_file() and _counts(path.relative_to(self._folder)))
        self._content = {path.relative_to(self._folder).as_posix(): path.read_bytes() for path in files}
        self._hashes = {name: hashed(content) for name, content in self._content.items()}
        self._modules = {self._module(name): name for name in self._content if name.endswith(".py")}
        self._outlines: dict[str, Outline] = {}

    def reached(self, start: Mapping[str, Iterable[str]]) -> dict[str, str]:
        """The hash of each module and file that is reached by who takes these names from these modules.

        `start` is as `liantu.suite.freshness.syntax.imports` gives it; modules of other packages are passed over. A file is named with the
        package's folder: `liantu/figures/messages.yml`.
        """
        found: set[str] = set()
        todo = [module for taken, names in start.items() for module in self._homes(taken, names)]
        while todo:
            module = todo.pop()
            if module in found:
                continue
            found.add(module)
            todo += self._next(module)
        modules = sorted(found | self._above(found))
        return {module: self._outline(module).digest for module in modules} | self._files(found)

    def changes(self, name: str, before: str) -> list[str]:
        """What is not as it was in a module or file whose hash was `before`: `liantu.chains.gaps.unlock changed`.

        Definitions are told apart while the report folder keeps what the module was; else the module is named.
        """
        then = self._known(name, before)
        if name not in self._modules or then is None:
            return [f"{name} {'changed' if name in self._modules or name.partition('/')[2] in self._content else 'is gone'}"]
        now = self._outline(name).definitions
        told = [f"{name}.{part} {_change(then.get(part), now.get(part))}" for part in [*now, *then.keys() - now.keys()]
                if then.get(part) != now.get(part) and part not in (IMPORTS, BODY)]
        rest = [f"{name}: its {part} changed" for part in (IMPORTS, BODY) if then.get(part) != now.get(part)]
        return told + rest or [f"{name}: the order of its definitions changed"]

    def _known(self, module: str, digest: str) -> dict[str, str] | None:
        """The definitions of a module as it was when its hash was `digest`."""
        drawn = (Outline(**held) for key, held in self._kept.section("modules").items() if key.startswith(f"{module} "))
        return next((one.definitions for one in drawn if one.digest == digest), None)

    def _next(self, module: str) -> list[str]:
        taken = self._outline(module).taken
        following = []
        for imported in self._graph.get(module, ()):
            if not any(_within(module, importer) and imported == cut for importer, cut in CUT):
                following += self._homes(imported, taken.get(imported, ())) if self._is_package(imported) else [imported]
        if self._is_package(module):
            following += [home for name, origin in self._offered(module).items() for home in self._homes(origin, [name])]
        # an __init__ above that does something may do it to what is below
        return following + [package for package in self._above([module]) if self._outline(package).runs]

    def _homes(self, module: str, names: Iterable[str]) -> list[str]:
        """The modules where the names that are taken from `module` live; the module itself where that cannot be told."""
        if not self._is_package(module):
            return [module] if module in self._modules else []
        homes: list[str] = []
        offered = self._offered(module)
        for name in names:
            if f"{module}.{name}" in self._modules:
                homes.append(f"{module}.{name}")
            elif _within(offered.get(name, ""), self._package) and offered[name] != module:
                homes += self._homes(offered[name], [name])
            else:
                homes.append(module)
        return homes or [module]

    def _offered(self, package: str) -> dict[str, str]:
        """The names that an `__init__` imports, with the modules it takes them from; lazy ones stand under TYPE_CHECKING."""
        taken = self._outline(package).taken
        return {name: origin for origin, names in taken.items() for name in names if name not in ("", "*")}

    @cached_property
    def _graph(self) -> dict[str, list[str]]:
        key = hashed([(name, self._hashes[path]) for name, path in sorted(self._modules.items())])
        return self._kept.get("graph", key, self._built)

    def _built(self) -> dict[str, list[str]]:
        import grimp

        graph = grimp.build_graph(self._package, exclude_type_checking_imports=True, cache_dir=None)
        return {module: sorted(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)}

    def _outline(self, module: str) -> Outline:
        if module not in self._outlines:
            path = self._modules[module]
            drawn = self._kept.get("modules", f"{module} {self._hashes[path]}", lambda: self._drawn(module, path))
            self._outlines[module] = Outline(**drawn)
        return self._outlines[module]

    def _drawn(self, module: str, path: str) -> dict[str, Any]:
        drawn = outline(self._content[path], module, self._is_package(module))
        return {"definitions": drawn.definitions, "taken": drawn.taken, "files": drawn.files, "runs": drawn.runs}

    def _files(self, modules: Iterable[str]) -> dict[str, str]:
        """The files that belong to these modules, with the hash of what they say."""
        known, found = sorted(modules), {}
        for path, owner in self._owners.items():
            of_owner = [module for module in self._modules if self._home(module) == owner]
            naming = [module for module in of_owner if path.rpartition("/")[2] in self._outline(module).files]
            if any(module in known for module in naming or of_owner):
                found[f"{self._package}/{path}"] = said(self._content[path], path, self._kept)
        return found

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The package of each file that is no code: the nearest folder above it that is one."""
        owners = {}
        for path in self._content:
            if path not in self._modules.values():
                parts = [self._package, *path.split("/")[:-1]]
                while not self._is_package(".".join(parts)):
                    parts.pop()
                owners[path] = ".".join(parts)
        return owners

    def _above(self, modules: Iterable[str]) -> set[str]:
        parts = [module.split(".") for module in modules]
        return {".".join(part[:depth]) for part in parts for depth in range(1, len(part))} & self._modules.keys()

    def _module(self, path: str) -> str:
        return ".".join([self._package, *path.removesuffix(".py").removesuffix("__init__").strip("/").split("/")]).rstrip(".")

    def _is_package(self, module: str) -> bool:
        return self._modules.get(module, "").endswith("__init__.py")

    def _home(self, module: str) -> str:
        return module if self._is_package(module) else module.rpartition(".")[0]


def said(content: bytes, name: str, kept: Kept) -> str:
    """The hash of what a file says; of YAML without comments and formatting."""
    raw = hashed(content)
    return kept.get("yaml", raw, lambda: _yaml_digest(content)) if name.endswith((".yml", ".yaml")) else raw


def _yaml_digest(content: bytes) -> str:
    """The hash of the values as they are written and of what kind they are; of the bytes where it is no YAML."""
    import yaml

    try:
        return hashed(_node(yaml.compose(content, Loader=yaml.CSafeLoader)))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return hashed(content)


def _node(node: Any) -> Any:
    if node is None:
        return None
    if isinstance(node.value, str):
        return node.tag, node.value
    return node.tag, [[_node(part) for part in item] if isinstance(item, tuple) else _node(item) for item in node.value]


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LiantuError(f"package {package}: not found; install it into the environment that runs `liantu`")
    return Path(next(iter(spec.submodule_search_locations)))


def _change(before: str | None, now: str | None) -> str:
    return "is new" if before is None else "is gone" if now is None else "changed"


def _counts(path: Path) -> bool:
    return "__pycache__" not in path.parts and not any(part.startswith(".") for part in path.parts) and path.suffix != ".pyc"


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
