"""Pages of a report, or the whole quarter, as PDF: printed by Chromium as their style sheets say, joined with bookmarks by pypdf."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pypdf
from pypdf.annotations import Link
from pypdf.generic import Fit

from liantu.errors import LiantuError, UnknownValueError
from liantu.suite.matrix import LANGUAGES, sister
from liantu.suite.site.chromium import Browser, chromium
from liantu.suite.site.rendering import INDEX
from liantu.tables.store import write_whole

_INSIDE = "https://liantu.invalid/"  # stands for a page of the same PDF until all are joined
# Paths of this machine do not go into a PDF: links to pages inside are marked, other links to files are dropped. Pictures further down load
# only when they are seen, and fonts only when they are used: both are waited for.
_READY = """(async (inside, prefix, style) => {
  for (const link of document.querySelectorAll("a[href]")) {
    const url = new URL(link.href), name = decodeURIComponent(url.pathname.split("/").pop());
    if (url.protocol !== "file:") continue;
    if (inside.includes(name)) link.href = prefix + encodeURIComponent(name);
    else if (inside.length || url.pathname !== location.pathname) link.removeAttribute("href");
  }
  document.head.append(Object.assign(document.createElement("style"), {textContent: style}));
  await Promise.all(Array.from(document.images, image => { image.loading = "eager"; return image.decode().catch(() => 0); }));
  await document.fonts.ready;
  return document.title;
})"""


def print_pages(report: Path, names: Iterable[str], dataset: str, quarter: str, out: Path | None = None,
                on_done: Callable[[str], None] | None = None) -> list[Path]:
    """Print each named page (as `20_chain_overview.zh`, or `index`) to `liantu-<dataset>-<quarter>.<page>.pdf` in `out`.

    `out` is the report folder's parent by default; `on_done` is called with each page's name. Raises LiantuError when the folder holds no
    report, a page is unknown (with the nearest match), or there is no Chromium; then nothing is written.
    """
    _check_report(report, quarter, dataset)
    wanted, known = [name.removesuffix(".html") for name in names], sorted(path.stem for path in report.glob("*.html"))
    for name in wanted:
        if name not in known:
            raise UnknownValueError("page", name, known)
    written = []
    with chromium() as browser:
        for name in wanted:
            content, _ = _printed(browser, report / f"{name}.html")
            written.append((out or report.parent) / f"liantu-{dataset}-{quarter}.{name}.pdf")
            write_whole(written[-1], content)
            if on_done:
                on_done(name)
    return written


def print_quarter(report: Path, lang: str, dataset: str, quarter: str, out: Path | None = None,
                  on_done: Callable[[str], None] | None = None) -> Path:
    """Print the front page and all pages of one language, in the order of the index, to `liantu-<dataset>-<quarter>.<lang>.pdf`.

    Paper pages are numbered throughout; each page has a bookmark, with its headings below; links between pages lead inside the file.
    `out`, `on_done` and errors as for `print_pages`.
    """
    if lang not in LANGUAGES:
        raise UnknownValueError("language", lang, LANGUAGES)
    _check_report(report, quarter, dataset)
    names = pages_of(report, lang)
    files = [f"{name}.html" for name in names]
    whole, starts, title = pypdf.PdfWriter(), dict[str, int](), ""
    with chromium() as browser:
        for name, file in zip(names, files, strict=True):
            starts[file] = len(whole.pages)
            content, said = _printed(browser, report / file, files, starts[file] + 1)
            title = title or said
            whole.append(io.BytesIO(content), outline_item=said)
            if on_done:
                on_done(name)
    _lead_inside(whole, starts)
    whole.add_metadata({"/Title": title, "/Creator": "liantu"})
    whole.root_object[pypdf.generic.NameObject("/Lang")] = pypdf.generic.TextStringObject("zh-CN" if lang == "zh" else "en")
    target, held = (out or report.parent) / f"liantu-{dataset}-{quarter}.{lang}.pdf", io.BytesIO()
    whole.write(held)
    write_whole(target, held.getvalue())
    return target


def pages_of(report: Path, lang: str) -> list[str]:
    """The pages of one language that a report folder holds: its front page, then all in the index's order.

    A page that exists only in the other language is among them, as on the index.
    """
    ids = [str(page["id"]) for page in json.loads((report / "run.json").read_text(encoding="utf-8")).get("pages", [])]
    spoken = [name for name in ids if name.endswith(f".{lang}") or sister(name) not in ids]
    return [name for name in [INDEX[lang].removesuffix(".html"), *spoken] if (report / f"{name}.html").is_file()]


def _check_report(report: Path, quarter: str, dataset: str) -> None:
    if not (report / "run.json").is_file():
        raise LiantuError(f"{report}: holds no report to print; make it with `liantu report {quarter} --dataset {dataset}`")


def _printed(browser: Browser, path: Path, inside: Iterable[str] = (), first: int = 0) -> tuple[bytes, str]:
    """A page as PDF, and its title; `first` is the number of its first sheet of paper in a longer document."""
    browser.open(path)
    numbers = f"@page{{@bottom-right{{content:counter(page)}}}}@page:first{{counter-increment:page {first}}}" if first else ""
    title = browser.run(f"{_READY}({json.dumps(list(inside))}, {json.dumps(_INSIDE)}, {json.dumps(numbers)})")
    return browser.pdf(), str(title)


def _lead_inside(whole: pypdf.PdfWriter, starts: dict[str, int]) -> None:
    """Turn the marked links into links to the first sheet of the page they name."""
    from urllib.parse import unquote

    for number, sheet in enumerate(whole.pages):
        kept, turned = [], []
        for reference in sheet.get("/Annots") or []:
            uri = _uri(reference.get_object())
            if uri.startswith(_INSIDE):
                target = starts[unquote(uri.removeprefix(_INSIDE))]
                turned.append(Link(rect=tuple(reference.get_object()["/Rect"]), target_page_index=target, fit=Fit.fit_horizontally()))
            else:
                kept.append(reference)
        if turned:
            sheet[pypdf.generic.NameObject("/Annots")] = pypdf.generic.ArrayObject(kept)
            for link in turned:
                whole.add_annotation(number, link)


def _uri(annotation: Any) -> str:
    action = annotation.get("/A")
    return str(action.get_object().get("/URI", "")) if action else ""
