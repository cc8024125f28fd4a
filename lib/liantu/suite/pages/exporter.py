"""The nbconvert exporter `liantu`: an executed notebook as a page that opens from disk, with no request to any host."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from traitlets import Int, default
from traitlets.config import Config

from liantu.suite.matrix import LANGUAGES, sister
from liantu.suite.pages.facts import Facts, county_name, facts
from liantu.suite.pages.fonts import font_files
from liantu.suite.pages.outputs import (
    FIGURE,
    PAGE,
    SHOWN,
    TABLE,
    WORKBOOK,
    as_csv,
    as_text,
    css_text,
    file_names,
    png_bytes,
    png_size,
    share,
    workbook_paths,
)
from liantu.suite.pages.prose import own_markdown, untrusted_html, untrusted_markdown
from liantu.suite.pages.tables import bars, body_rows, column_classes, great_table, texts, without_bar
from liantu.suite.pages.trend import trend
from liantu.suite.pages.words import TEMPLATES, words
from liantu.suite.pages.workbooks import workbook_bytes
from liantu.suite.runs.outcomes import STAMP

_FOLDED_TAGS = frozenset({"parameters", "injected-parameters", "setup"})


@dataclass
class PageView:
    """What the template of one page needs beside the cells; `title` and `headings` fill while the cells are rendered."""

    facts: Facts
    words: dict[str, str]
    title: str = ""
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    sister: str = ""
    index: str = ""
    places: list[tuple[str, str]] = field(default_factory=list)
    notebook: str = ""
    present: frozenset[str] = frozenset()

    def take_title(self, text: str) -> bool:
        """True for the first H1, which becomes the page's title."""
        if self.title:
            return False
        self.title = text
        return True

    def add_heading(self, depth: int, text: str) -> str:
        """Note a heading for the contents list; gives its anchor."""
        anchor = f"s{len(self.headings) + 1}"
        self.headings.append((depth, anchor, text))
        return anchor

    def page_of(self, notebook: str, county: str = "") -> str:
        """The page of a notebook in this language, of a county where there is one; empty when the report has none."""
        name = notebook.removesuffix(".ipynb")
        stems = (f"{name}.{county}.{self.facts.lang}", f"{name}.{self.facts.lang}")
        return next((f"{stem}.html" for stem in stems if name and stem in self.present), "")


class SharedPayload(NotebookNode):
    """What a notebook hands to its page, or its run to both. Nothing changes it, so nbconvert's three copies of a notebook share it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> SharedPayload:
        return self


class LiantuExporter(HTMLExporter):
    """A page of the suite: prose of one language, code folded, figures and tables with their data beside them.

    Reads language, place, data set and provenance from the notebook (see `liantu.suite.pages.facts`). Figures and tables are also written
    beside the page, as nbconvert's `outputs`: figures/<page>/<name>.png, tables/<page>/<name>.csv; workbooks as tables/<page>/<name>.xlsx,
    or <name>.xlsx for those that say so.
    """

    export_from_notebook = "Liantu page"
    rows_shown = Int(200, help="Rows of a table that are shown; the CSV has all.").tag(config=True)

    @default("template_name")
    def _template_name_default(self) -> str:
        return "liantu"

    @default("extra_template_basedirs")
    def _default_extra_template_basedirs(self) -> list[str]:
        return [str(TEMPLATES), str(Path.cwd())]

    @property
    def default_config(self) -> Config:
        """nbconvert's configuration with the suite's MIME types before all others, and one check of the notebook instead of one a step."""
        settings = super().default_config.copy()
        usual = [mime for mime in settings.NbConvertBase.display_data_priority if not mime.startswith("application/")]
        settings.NbConvertBase.display_data_priority = [*SHOWN, PAGE, *usual]
        settings.Exporter.optimistic_validation = True
        return settings

    def default_filters(self) -> Any:
        """nbconvert's filters with those of the page template."""
        yield from super().default_filters()
        yield "markdown2html", own_markdown
        yield "untrusted_markdown", untrusted_markdown
        yield "untrusted_html", untrusted_html
        # the pages of a report share their code
        yield "highlight_code", lru_cache(1000)(Highlight2HTML(pygments_lexer="python3", parent=self))
        yield "as_text", as_text
        yield "share", share
        yield "trend", trend
        yield "css_text", css_text
        yield "county_name", county_name

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        # nbconvert leaves escaping to each template; here text is escaped unless a filter says it is HTML
        environment.autoescape = True
        return environment

    def _init_preprocessors(self) -> None:
        """Ours comes last, so that nbconvert's own options (`--execute`, tags to remove) have been heeded."""
        super()._init_preprocessors()
        self._removers = {lang: TagRemovePreprocessor(parent=self, enabled=True, remove_cell_tags={
            *(other for other in LANGUAGES if other != lang), "papermill-error-cell-tag"}) for lang in LANGUAGES}
        self.register_preprocessor(self._make_page)

    def from_notebook_node(self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, dict[str, Any]]:
        """The page of an executed notebook, and nbconvert's resources with the files that lie beside it."""
        # HTMLExporter would parse the page again, only to add alt text and tab stops that the template has already
        return super(HTMLExporter, self).from_notebook_node(_with_payloads_shared(nb), resources, **kw)

    def _make_page(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The last preprocessor: keeps one language, folds code, names the files beside the page. Works on nbconvert's copy."""
        stem = resources.get("metadata", {}).get("name") or "page"
        told = facts(nb, stem)
        notebook = self._removers[told.lang].preprocess(nb, resources)[0]
        resources["page"] = _view(told, resources)
        _fold_logs(notebook)
        notebook.cells = list(_joined(notebook.cells))
        resources.setdefault("outputs", {}).update(self._files(notebook, stem, told.lang))
        if "site" not in resources:  # made by itself: nobody else puts the fonts beside it
            resources["outputs"].update({f"fonts/{font.name}": font.read_bytes() for font in font_files()})
        return notebook, resources

    def _files(self, notebook: NotebookNode, stem: str, lang: str) -> dict[str, bytes]:
        """Names every figure and table of the page, and gives the files that lie beside it."""
        outputs = {mime: _outputs(notebook, mime) for mime in (FIGURE, TABLE)}
        figures = file_names(output.data[FIGURE].get("name") for output in outputs[FIGURE])
        behind = [f"{name}-projects" for name in figures]
        # all their rows lie in one folder: a table called like a figure gets a number
        tables = file_names([*figures, *behind, *(output.data[TABLE].get("name") for output in outputs[TABLE])])[2 * len(figures):]
        files: dict[str, bytes] = {}
        for output, name in zip(outputs[FIGURE], figures, strict=True):
            files |= self._figure_files(output, name, stem, lang)
        for number, (output, name) in enumerate(zip(outputs[TABLE], tables, strict=True), 1):
            payload = output.data[TABLE]
            files[f"tables/{stem}/{name}.csv"] = as_csv(payload)
            rows = texts(payload, lang, self.rows_shown)
            html = great_table(payload, rows, number)
            _tell_page(output, columns_are=column_classes(payload, rows), rows_shown=self.rows_shown, csv=f"tables/{stem}/{name}.csv",
                       html=html, body=None if html else body_rows(rows))
        return files | _workbooks(notebook, stem)

    def _figure_files(self, output: NotebookNode, name: str, stem: str, lang: str) -> dict[str, bytes]:
        payload, png = output.data[FIGURE], png_bytes(output.data)
        files = {f"tables/{stem}/{name}.csv": as_csv(payload)}
        rows = texts(payload, lang, self.rows_shown)
        page = {"columns_are": column_classes(payload, rows), "rows_shown": self.rows_shown, "body": body_rows(rows),
                "csv": f"tables/{stem}/{name}.csv"}
        if png:
            files[f"figures/{stem}/{name}.png"] = png
            page |= {"png": f"figures/{stem}/{name}.png", "size": _shown_size(output) or png_size(png),
                     "base64": base64.b64encode(png).decode()}
        if behind := payload.get("behind"):
            files[f"tables/{stem}/{name}-projects.csv"] = as_csv(behind)
            rest = without_bar(behind)
            page["behind"] = {"columns_are": column_classes(rest, texts(rest, lang, self.rows_shown)), "columns": rest["columns"],
                              "csv": f"tables/{stem}/{name}-projects.csv", "bars": bars(behind, name, lang, self.rows_shown),
                              "count": len(behind.get("rows") or [])}
        _tell_page(output, **page)
        return files


def _with_payloads_shared(notebook: NotebookNode) -> NotebookNode:
    """The notebook, itself unchanged, with what its cells and its run handed on in payloads that are not copied."""
    cells = [NotebookNode({**cell, "outputs": [_sharing(output) for output in cell.outputs]}) if cell.get("outputs") else cell
             for cell in notebook.cells]
    metadata = {**notebook.metadata}
    if isinstance(metadata.get(STAMP), dict):
        metadata[STAMP] = SharedPayload(metadata[STAMP])
    return NotebookNode({**notebook, "metadata": NotebookNode(metadata), "cells": cells})


def _sharing(output: NotebookNode) -> NotebookNode:
    data = output.get("data") or {}
    shared = {mime: SharedPayload(data[mime]) for mime in SHOWN if isinstance(data.get(mime), dict)}
    return NotebookNode({**output, "data": NotebookNode({**data, **shared})}) if shared else output


def _outputs(notebook: NotebookNode, mime: str) -> list[NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ()) if mime in output.get("data", {})]


def _tell_page(output: NotebookNode, **told: Any) -> None:
    """What the template needs for one output, in the output's own metadata."""
    output.metadata = NotebookNode({**output.get("metadata", {}), "page": told})


def _workbooks(notebook: NotebookNode, stem: str) -> dict[str, bytes]:
    """The Excel files of the page; the page itself keeps a link and how many rows each sheet has."""
    files = {}
    for output, path in zip(_outputs(notebook, WORKBOOK), workbook_paths(notebook, stem), strict=True):
        files[path] = workbook_bytes(output.data[WORKBOOK])
        _tell_page(output, xlsx=path, size=max(1, round(len(files[path]) / 1000)))
    return files


def _view(told: Facts, resources: dict[str, Any]) -> PageView:
    """Links are made to what lies beside the page, or to what the site says will."""
    site = resources.get("site", {})
    folder = Path(resources.get("metadata", {}).get("path") or ".")
    present = site.get("stems") or {path.stem for path in folder.glob("*.ipynb")}
    other = sister(told.stem)
    index = site.get("index") or ("index.html" if (folder / "index.html").is_file() else "")
    return PageView(told, words(told.lang), sister=f"{other}.html" if other in present else "", index=index,
                    places=site.get("places", []), notebook=f"{told.stem}.ipynb" if told.stem in present else "",
                    present=frozenset(present))


def _shown_size(output: NotebookNode) -> tuple[int, int] | None:
    """Width and height in CSS pixels where the output tells them (a picture drawn for dense screens has more pixels than that)."""
    told = output.get("metadata", {}).get("image/png", {})
    return (int(told["width"]), int(told["height"])) if told.get("width") and told.get("height") else None


def _fold_logs(notebook: NotebookNode) -> None:
    """Move warnings, and all that set-up cells print, beside the folded code; drop the payload that only header and footer show."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        folded = bool(_FOLDED_TAGS.intersection(cell.metadata.get("tags", [])))
        log = [output.text for output in cell.outputs if output.output_type == "stream" and (folded or output.name == "stderr")]
        cell.metadata["log"] = "".join("".join(text) for text in log)
        cell.outputs = [output for output in cell.outputs if not _is_log(output, folded)]


def _joined(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Cells with each code cell that shows nothing joined to the code cell right after it: one fold instead of many."""
    held: NotebookNode | None = None
    for cell in cells:
        if held is not None and cell.cell_type == "code":
            cell.source = f"{held.source}\n\n{cell.source}"
            cell.metadata["log"] = held.metadata["log"] + cell.metadata["log"]
        elif held is not None:
            yield held
        held = cell if cell.cell_type == "code" and not cell.outputs else None
        if held is None:
            yield cell
    if held is not None:
        yield held


def _is_log(output: NotebookNode, folded: bool) -> bool:
    if output.output_type == "stream":
        return folded or output.name == "stderr"
    data = output.get("data", {})
    return PAGE in data or (folded and output.output_type != "error" and not any(mime in data for mime in SHOWN))
