"""The nbconvert exporter `liantu`: an executed notebook as a page that opens from disk, with no request to any host."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bleach
from jinja2 import Environment, pass_context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from traitlets import Int, default
from traitlets.config import Config

from liantu.suite.matrix import LANGUAGES, sister
from liantu.suite.pages.facts import Facts, facts
from liantu.suite.pages.outputs import (
    FIGURE,
    PAGE,
    SHOWN,
    TABLE,
    WORKBOOK,
    as_csv,
    as_text,
    cell_classes,
    file_names,
    png_bytes,
    png_size,
    share,
    workbook_paths,
)
from liantu.suite.pages.words import TEMPLATES, words
from liantu.suite.pages.workbooks import workbook_bytes

_FOLDED_TAGS = frozenset({"parameters", "injected-parameters", "setup"})
_HTML_TAGS = ("div", "p", "span", "br", "pre", "code", "b", "strong", "i", "em", "sub", "sup", "ul", "ol", "li", "a", "h3", "h4", "h5",
              "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "details", "summary")


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


class PageRenderer(IPythonRenderer):
    """Markdown of our own notebooks: the first H1 becomes the page's title, headings get anchors, tables scroll in their own box."""

    def __init__(self, view: PageView, **options: Any) -> None:
        super().__init__(exclude_anchor_links=True, **options)
        self._view = view

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """A heading with an anchor, noted for the contents list."""
        if level == 1 and not self._view.title:
            self._view.title = Markup(text).striptags()
            return ""
        anchor = f"s{len(self._view.headings) + 1}"
        depth = max(2, level)
        self._view.headings.append((depth, anchor, Markup(text).striptags()))
        return f'<h{depth} id="{anchor}">{text}</h{depth}>\n'

    def table(self, text: str) -> str:
        """A table in a box that scrolls by itself on a narrow screen."""
        return f'<div class="scroll"><table>\n{text}</table></div>\n'


class LiantuExporter(HTMLExporter):
    """A page of the suite: prose of one language, code folded, figures and tables with their data beside them.

    Reads language, place, data set and provenance from the notebook (see `liantu.suite.pages.facts`). Figures and tables are also written
    beside the page, as nbconvert's `outputs`: figures/<page>/<name>.png, tables/<page>/<name>.csv; workbooks as tables/<page>/<name>.xlsx.
    """

    export_from_notebook = "Liantu page"
    rows_shown = Int(400, help="Rows of a table that are shown; the CSV has all.").tag(config=True)

    @default("template_name")
    def _template_name_default(self) -> str:
        return "liantu"

    @default("extra_template_basedirs")
    def _default_extra_template_basedirs(self) -> list[str]:
        return [str(TEMPLATES), str(Path.cwd())]

    @property
    def default_config(self) -> Config:
        """nbconvert's configuration with the suite's MIME types before all others."""
        settings = super().default_config.copy()
        usual = [mime for mime in settings.NbConvertBase.display_data_priority if not mime.startswith("application/")]
        settings.NbConvertBase.display_data_priority = [*SHOWN, PAGE, *usual]
        return settings

    def default_filters(self) -> Any:
        """nbconvert's filters with those of the page template."""
        yield from super().default_filters()
        yield "markdown2html", _markdown
        yield "untrusted_markdown", _untrusted_markdown
        yield "untrusted_html", _untrusted_html
        yield "highlight_code", Highlight2HTML(pygments_lexer="python3", parent=self)
        yield "as_text", as_text
        yield "share", share

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        # nbconvert leaves escaping to each template; here text is escaped unless a filter says it is HTML
        environment.autoescape = True
        return environment

    def from_notebook_node(self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, dict[str, Any]]:
        """The page of an executed notebook, and nbconvert's resources with the files that lie beside it."""
        resources = self._init_resources(resources)
        stem = resources.get("metadata", {}).get("name") or "page"
        told = facts(nb, stem)
        notebook = self._of_language(nb, told.lang, resources)
        resources["page"] = _view(told, resources)
        _fold_logs(notebook)
        notebook.cells = list(_joined(notebook.cells))
        resources.setdefault("outputs", {}).update(self._files(notebook, stem, told.lang))
        # HTMLExporter would parse the page again, only to add alt text and tab stops that the template has already
        return super(HTMLExporter, self).from_notebook_node(notebook, resources, **kw)

    def _of_language(self, nb: NotebookNode, lang: str, resources: dict[str, Any]) -> NotebookNode:
        others = {other for other in LANGUAGES if other != lang}
        remover = TagRemovePreprocessor(parent=self, enabled=True, remove_cell_tags={*others, "papermill-error-cell-tag"})
        return remover.preprocess(deepcopy(nb), resources)[0]

    def _files(self, notebook: NotebookNode, stem: str, lang: str) -> dict[str, bytes]:
        """Names every figure and table of the page, and gives the files that lie beside it."""
        files: dict[str, bytes] = {}
        for mime in (FIGURE, TABLE):
            found = [output for cell in notebook.cells for output in cell.get("outputs", ()) if mime in output.get("data", {})]
            for output, name in zip(found, file_names(output.data[mime].get("name") for output in found), strict=True):
                payload, png = output.data[mime], png_bytes(output.data)
                page = {"csv": f"tables/{stem}/{name}.csv", "classes": cell_classes(payload, lang), "rows_shown": self.rows_shown}
                files[page["csv"]] = as_csv(payload)
                if mime == FIGURE and png:
                    files[f"figures/{stem}/{name}.png"] = png
                    size = _shown_size(output) or png_size(png)
                    page |= {"png": f"figures/{stem}/{name}.png", "size": size, "base64": base64.b64encode(png).decode()}
                output.metadata = NotebookNode({**output.get("metadata", {}), "page": page})
        return files | _workbooks(notebook, stem)


def _workbooks(notebook: NotebookNode, stem: str) -> dict[str, bytes]:
    """The Excel files of the page; the page itself keeps a link and how many rows each sheet has."""
    found = [output for cell in notebook.cells for output in cell.get("outputs", ()) if WORKBOOK in output.get("data", {})]
    files = {}
    for output, path in zip(found, workbook_paths(notebook, stem), strict=True):
        files[path] = workbook_bytes(output.data[WORKBOOK])
        page = {"xlsx": path, "size": max(1, round(len(files[path]) / 1000))}
        output.metadata = NotebookNode({**output.get("metadata", {}), "page": page})
    return files


def _view(told: Facts, resources: dict[str, Any]) -> PageView:
    """Links are made to what lies beside the page, or to what the site says will."""
    site = resources.get("site", {})
    folder = Path(resources.get("metadata", {}).get("path") or ".")
    present = site.get("stems") or {path.stem for path in folder.glob("*.ipynb")}
    other = sister(told.stem)
    index = site.get("index") or ("index.html" if (folder / "index.html").is_file() else "")
    return PageView(told, words(told.lang), sister=f"{other}.html" if other in present else "", index=index,
                    places=site.get("places", []), notebook=f"{told.stem}.ipynb" if told.stem in present else "")


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


@pass_context
def _markdown(context: Any, source: str) -> Markup:
    """Markdown that stands in the notebook: ours, so HTML in it is kept."""
    view = context["resources"]["page"]
    attachments = (context.get("cell") or {}).get("attachments", {})
    return Markup(MarkdownWithMath(renderer=PageRenderer(view, escape=False, attachments=attachments)).render(source))


def _untrusted_markdown(source: str) -> Markup:
    """Markdown that a cell displayed: it may quote ledgers, so HTML in it shows as text."""
    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return Markup(MarkdownWithMath(renderer=renderer).render(source))


def _untrusted_html(source: str) -> Markup:
    """HTML that a cell displayed, cut down to text, tables and links; style sheets and scripts are dropped with what is in them."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(source, "html.parser")
    for element in soup(["style", "script", "link", "iframe", "object"]):
        element.decompose()
    allowed = {"*": ["class", "colspan", "rowspan", "scope", "title"], "a": ["href"]}
    return Markup(bleach.clean(str(soup), tags=_HTML_TAGS, attributes=allowed, protocols=["https", "mailto"], strip=True))
