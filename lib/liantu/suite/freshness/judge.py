"""Whether pages are fresh: the ingredients that each was made from, held against those of now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from liantu.ledger.freshness import up_to_date
from liantu.reference import city
from liantu.reference.folders import notebooks_root
from liantu.suite.freshness.code import Library, said
from liantu.suite.freshness.environment import environment
from liantu.suite.freshness.executed import Executed, executed, page_ids
from liantu.suite.freshness.kept import FOLDER, Kept
from liantu.suite.freshness.notebooks import cell_digests, imported, read_notebook
from liantu.suite.freshness.reasons import changes
from liantu.suite.freshness.rendering import Renderings
from liantu.suite.freshness.syntax import hashed
from liantu.suite.matrix import Page

Record = Mapping[str, str]
Digests = Callable[[Path, Sequence[Record]], list[str]]
_OPENS = "liantu.report.report"
"""A page that reaches this module opens tables; if its run told of none, the run did not tell."""


@dataclass(frozen=True)
class Verdict:
    """Whether a page is fresh, and why not, the most specific reason first.

    `run` is False where its cells need not run: the page is fresh, or only its HTML is to be made again.
    """

    fresh: bool
    reasons: tuple[str, ...] = ()
    run: bool = False


class Judge:
    """Judges the pages of one report folder; made once for a run, before its first kernel.

    `tables` is the folder of the tidy tables, up to date with the ledgers; `reference` the folder of the city's reference data. Code,
    notebooks, environment and reference files are read when the judge is made, so that what is edited while pages run is seen by the next
    run, and not written down as what these pages were made from. `digests` gives the content of opened partitions (default:
    `liantu.report.partitions.digests`). Nothing is written but `.liantu/` in the report folder, and that only where the folder is there.
    """

    def __init__(self, out: Path, tables: Path, reference: Path, pages: Iterable[Page], digests: Digests | None = None,
                 package: str = "liantu", checkout: Path | None = None) -> None:
        self._out, self._tables, self._reference = out, tables, reference
        self._kept = Kept(out / FOLDER / "freshness.json")
        self._library = Library(self._kept, package)
        self._environment = environment(checkout or notebooks_root().parent)
        self._digests = digests or _partitions
        self._made_from = _content(tables / "inputs.json")
        self._files = {path.relative_to(reference).as_posix(): path.read_bytes() for path in sorted(reference.rglob("*")) if path.is_file()}
        self._sources = {path: self._source(path) for path in sorted({page.notebook for page in pages})}
        self._known: dict[str, str] = {}
        self._one_at_a_time = Lock()  # pages are sealed from the threads that ran them
        self.renderings = Renderings(out, self._library)
        self._kept.save()

    def verdict(self, page: Page) -> Verdict:
        """Whether `page` is fresh; a page that has to run again is not asked whether its HTML stands."""
        found = self.executed(page.id)
        if found is None:
            return Verdict(False, ("it was not made yet",), run=True)
        reasons = self._run_reasons(page, found)
        if reasons:
            return Verdict(False, tuple(reasons), run=True)
        reasons = self.renderings.reasons(page.id, found.digest, self._ids)
        return Verdict(not reasons, tuple(reasons))

    def seal(self, page: Page, opened: Sequence[Record] | None) -> dict[str, Any]:
        """What goes into the metadata of the executed notebook: `key`, the hash of all ingredients, and the `ingredients`.

        `opened` are the records of what the page opened (`liantu.reference.opened`). Tables that were cleaned anew while the page ran
        leave it `unsure`, so that the next run makes it again.
        """
        with self._one_at_a_time:
            ingredients = self._ingredients(page, list(opened or ()))
        if _content(self._tables / "inputs.json") != self._made_from:
            ingredients |= {"opened": None, "unsure": "the tables were cleaned anew while it ran"}
        elif not opened and _OPENS in ingredients["code"]:
            ingredients |= {"opened": None, "unsure": "it does not tell which tables it opened"}
        return {"key": _key(ingredients), "ingredients": ingredients}

    def executed(self, page: str) -> Executed | None:
        """The executed notebook of a page as it lies in the report folder."""
        return executed(self._out, page, self._kept)

    def to_render(self, pages: Iterable[str]) -> list[str]:
        """The pages among `pages` (ids) whose HTML does not stand; to be asked after the run, when all executed notebooks are in place."""
        ids = page_ids(self._out)
        found = {page: self.executed(page) for page in pages}
        return [page for page, one in found.items() if one is not None and self.renderings.reasons(page, one.digest, ids)]

    def rendered(self, pages: Iterable[str]) -> None:
        """Note that these pages (ids) have just been rendered, and write down what is known now."""
        ids = page_ids(self._out)
        for page in pages:
            found = self.executed(page)
            if found is not None:
                self.renderings.note(page, found.digest, ids)
        self.renderings.save()
        self._kept.save()

    def index_reasons(self) -> list[str]:
        """Why the front page has to be written again; empty when it stands."""
        return self.renderings.index_reasons(self._index_made_from())

    def index_written(self) -> None:
        """Note that the front page has just been written; to be called after `rendered`."""
        self.renderings.note_index(self._index_made_from())
        self.renderings.save()
        self._kept.save()

    def close(self) -> None:
        """Write what was learnt, so that the next judge is quick."""
        self._kept.save()

    def _run_reasons(self, page: Page, found: Executed) -> list[str]:
        if found.state and found.state != "done":
            error = found.stamp.get("error") or {}
            why = ": ".join(str(error[part]) for part in ("name", "value") if error.get(part)).split("\n")[0]
            cell = f", cell {error['cell']}" if error.get("cell") else ""
            return [f"it did not end well: {found.state.replace('_', ' ')}{cell}{f': {why}' if why else ''}"]
        before = found.stamp.get("ingredients")
        if not isinstance(before, dict):
            return ["it does not tell what it was made from"]
        if before.get("opened") is None:
            return [str(before.get("unsure") or "it does not tell which tables it opened")]
        now = self._ingredients(page, [record for record, _ in before["opened"]])
        if found.stamp.get("key") == _key(now):
            return []
        return changes(before, now, self._library) or ["its ingredients are not those of its key"]

    def _ingredients(self, page: Page, opened: list[Record]) -> dict[str, Any]:
        if page.notebook not in self._sources:
            self._sources[page.notebook] = self._source(page.notebook)
        cells, code = self._sources[page.notebook]
        return {
            "notebook": cells, "parameters": dict(page.parameters), "code": code,
            "opened": [[dict(record), digest] for record, digest in zip(opened, self._opened(opened), strict=True)],
            "environment": self._environment}

    def _source(self, path: Path) -> tuple[list[list[str]], dict[str, str]]:
        notebook = read_notebook(path)
        return [list(cell) for cell in cell_digests(notebook)], self._library.reached(imported(notebook))

    def _opened(self, records: list[Record]) -> list[str]:
        """The hash of each opened thing; each is looked at once, the first time it is asked for."""
        names = [json.dumps(record, sort_keys=True) for record in records]
        unknown = {name: record for name, record in zip(names, records, strict=True) if name not in self._known}
        reference = {name: record for name, record in unknown.items() if record.get("kind") == "reference"}
        tables = {name: record for name, record in unknown.items() if name not in reference}
        self._known |= {name: self._reference_digest(record["name"]) for name, record in reference.items()}
        if tables:
            self._known |= dict(zip(tables, self._digests(self._tables, list(tables.values())), strict=True))
        return [self._known[name] for name in names]

    def _reference_digest(self, name: str) -> str:
        """What a reference file says; of a name that ends with `/` the names of the files in it; empty where there is none."""
        if name.endswith("/"):
            held = sorted(path for path in self._files if path.startswith(name) and "/" not in path[len(name):])
            return hashlib.sha256("\n".join(held).encode()).hexdigest()[:20] if held else ""
        return said(self._files[name], name, self._kept) if name in self._files else ""

    def _index_made_from(self) -> dict[str, str]:
        found = {page: self.executed(page) for page in page_ids(self._out)}
        return {
            "an executed notebook": hashed([(page, one.digest) for page, one in found.items() if one is not None]),
            "suite.yml": hashed(_content(notebooks_root() / "suite.yml")), "reference data": hashed(list(self._files.items()))}

    @cached_property
    def _ids(self) -> list[str]:
        return page_ids(self._out)


def judge_report(out: Path, dataset: str, pages: Iterable[Page], city_name: str = "chaoyang") -> Judge:
    """The judge of a report folder, its data set cleaned first where ledgers, reference data or code changed.

    Where nothing changed, neither pandas nor anything else that cleans is imported.
    """
    tables = up_to_date(dataset, city_name)
    if tables is None:
        from liantu.ledger.cleaning import fresh_tables

        tables = fresh_tables(dataset, city_name)
    return Judge(out, tables, city(city_name).folder, pages)


def _key(ingredients: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(ingredients, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _partitions(folder: Path, opened: Sequence[Record]) -> list[str]:
    from liantu.report.partitions import digests

    return digests(folder, opened)
