"""One HTML file with the front page and all pages of a report inside, which opens from disk and asks nothing of anybody.

The front page is the document; every other page lies in a `<template>`, which is inert: its ids, pictures and scripts are not there until
share.js shows it in the front page's place. So no two pages ever share a document, printing prints the shown page, and no frame
needs an origin, which files on disk do not have. Styles, scripts, pictures and downloads are held once each; the Chinese fonts once, cut
down to the characters in use. A Content-Security-Policy forbids every request. With scripts off the front page is all there is.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import yaml

from liantu.suite.site.rendering import INDEX

LARGEST_FILE = 1_000_000
"""Downloads of more bytes are left to the zip."""
_LEFT_TO_ZIP = (".ipynb",)  # an executed notebook holds every picture of its page once more
_POLICY = ("default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
           "base-uri 'none'; form-action 'none'")
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_PAPER = re.compile(r"@page[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}")
_FONT_FILE = re.compile(r"""url\(["']?(fonts/[^"')]+)["']?\)\s*format\(["']truetype["']\)""")
_INLINE = re.compile(r"data:([\w/+.-]+);base64,(.*)", re.DOTALL)


@dataclass(frozen=True)
class SingleFile:
    """The file's bytes, how many pages are inside (front pages not counted) and the files that only the zip has."""

    html: bytes
    pages: int
    left_out: tuple[str, ...]


@dataclass
class Store:
    """What pages share, each held once under the hash of its content: styles, scripts, and files as (type, base64, packed or not)."""

    sheets: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    fonts: dict[str, None] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def sheet(self, style: str) -> list[str]:
        """Keep a style sheet; its font faces are kept for the whole file, its `@page` rules apart, for they name the page."""
        self.fonts.update(dict.fromkeys(_FONT_FACE.findall(style)))
        bare, paper = _PAPER.sub("", _FONT_FACE.sub("", style)).strip(), "\n".join(_PAPER.findall(style))
        return [_keep(self.sheets, text) for text in (bare, paper) if text]

    def file(self, kind: str, content: str) -> str:
        """Keep a file, given as base64; text is packed (gzip)."""
        packed = kind.startswith("text/")
        if packed:
            content = base64.b64encode(gzip.compress(base64.b64decode(content), mtime=0)).decode()
        return _keep(self.files, (kind, content, packed))


@dataclass
class Held:
    """One page as it is held inside: its language, title, keys of its styles, attributes of its body, and the body's content."""

    lang: str = ""
    title: str = ""
    sheets: list[str] = field(default_factory=list)
    body: dict[str, str] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)


class PageReader(HTMLParser):
    """Reads one page of the report and fills a `Held`: what stands unchanged is copied as written, links and pictures are turned inward.

    A page that is shown with scripts off (`still`) keeps pictures and downloads in place; all others refer to the store.
    """

    def __init__(self, report: Path, names: Iterable[str], store: Store, still: bool, words: dict[str, str]) -> None:
        super().__init__(convert_charrefs=False)
        self.held = Held()
        self._report, self._names, self._store, self._still, self._words = report, frozenset(names), store, still, words
        self._within, self._type, self._left = "", "", False
        self._aside: list[str] = []
        self._note = f'<noscript><p class="caveat">{escape(words["no_script"])}</p></noscript>' if still else ""
        self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of what the store keeps, turn links and pictures, copy everything else."""
        told = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.held.lang = told.get("lang", "")
        elif tag == "body":
            self.held.body, self._in_body = told, True
        elif tag in ("style", "script", "title") and (tag != "title" or not self._in_body):
            self._within, self._type = tag, told.get("type", "")
            if tag == "script" and not self._runs:
                self._put(str(self.get_starttag_text()))
        elif self._in_body:
            self._put(self._turned(tag, str(self.get_starttag_text()), told))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element closed in itself (`<path/>` of an SVG) is copied as any other."""
        if self._in_body:
            self._put(self._turned(tag, str(self.get_starttag_text()), {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Copy the end; a link that was left out ends as plain text with a note."""
        if tag == self._within:
            self._keep_held()
            copied, self._within = tag == "script" and not self._runs, ""
            if not copied:
                return
        if not self._in_body or tag in ("body", "html"):
            return
        if tag == "a" and self._left:
            self._left = False
            self._put(f" ({escape(self._words['in_zip'])})</a>")
            return
        self._put(f"</{tag}>")
        if tag == "header" and self._note:
            self._put(self._note)
            self._note = ""

    def handle_data(self, data: str) -> None:
        """Copy text; styles and scripts go to the store, the title aside."""
        if self._within in ("style", "title") or self._runs:
            self._aside.append(data)
        elif self._in_body:
            self._put(data)

    def _keep_held(self) -> None:
        """What stood in a style, a script or the title goes where it belongs."""
        text, self._aside = "".join(self._aside).strip(), []
        if self._within == "style":
            self.held.sheets += self._store.sheet(text)
        elif self._within == "title":
            self.held.title = text
        elif self._runs:
            self._put(f'<script type="text/plain" data-code="{_keep(self._store.codes, text)}"></script>')

    def handle_entityref(self, name: str) -> None:
        """Copy `&amp;` and its like."""
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Copy `&#39;` and its like."""
        self.handle_data(f"&#{name};")

    @property
    def _runs(self) -> bool:
        return self._within == "script" and self._type in ("", "module", "text/javascript")

    def _put(self, text: str) -> None:
        self.held.content.append(text)

    def _turned(self, tag: str, written: str, told: dict[str, str]) -> str:
        """A start tag with its link or picture turned inward."""
        if tag == "a" and "href" in told:
            return self._link(written, told["href"])
        if tag == "img" and "src" in told:
            kept = _inline(told["src"]) or self._file(told["src"])
            if kept is not None:
                return _with(written, "src", *self._kept(kept[:2], "data:,"))
        return written

    def _link(self, written: str, href: str) -> str:
        parts = urlsplit(href)
        if parts.scheme or parts.netloc or not parts.path:
            return written
        path = unquote(parts.path)
        stem, _, ending = path.rpartition(".")
        # the index links a page that was not rendered by its notebook; here it has a page that says so
        if stem in self._names and (ending == "html" or not (self._report / f"{stem}.html").is_file()):
            at = f"&at={parts.fragment}" if parts.fragment else ""
            return _with(written, "href", f"#page={quote(stem)}{at}")
        kept = self._file(href)
        if kept is None:
            self._store.left_out.add(path)
            self._left = True
            return '<a class="left-out">'  # without an address it is text, and what scripts look for is still there
        bare = re.sub(r"\sdownload(=\"[^\"]*\")?", "", written)
        return _with(bare, "href", *self._kept(kept[:2], "#"), f'download="{escape(kept[2])}"')

    def _kept(self, file: tuple[str, str], empty: str) -> tuple[str, str]:
        """The address to stand in the page, and what refers to the store."""
        return (f"data:{file[0]};base64,{file[1]}", "") if self._still else (empty, f'data-file="{self._store.file(*file)}"')

    def _file(self, link: str) -> tuple[str, str, str] | None:
        """A file of the report folder as (type, base64, name); None when it is not there, too large, or left to the zip."""
        path = (self._report / unquote(urlsplit(link).path)).resolve()
        inside = path.is_relative_to(self._report.resolve()) and path.is_file()
        if not inside or path.suffix in _LEFT_TO_ZIP or path.stat().st_size > LARGEST_FILE:
            return None
        kind = "text/csv" if path.suffix == ".csv" else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return kind, base64.b64encode(path.read_bytes()).decode(), path.name


def single_file(report: Path) -> SingleFile:
    """The single file of a report folder; the Chinese front page comes first where there is one."""
    store, lost = Store(), _not_rendered(report)
    fronts = [name.removesuffix(".html") for name in INDEX.values() if (report / name).is_file()]
    names = sorted({path.stem for path in report.glob("*.html")} - set(fronts) | set(lost))
    known = [*fronts, *names]

    def read(name: str, still: bool = False) -> Held:
        return lost[name] if name in lost else _read(report / f"{name}.html", known, store, still)

    front = read(fronts[0], still=True)
    others = {name: read(name) for name in known[1:]}
    marks = [_template(fronts[0], front, "", front=True)]
    marks += [_template(name, held, "".join(held.content), front=name in fronts) for name, held in others.items()]
    html = _document(fronts[0], front, store, "\n".join(marks), _fonts(report, store, _characters([front, *others.values()])))
    return SingleFile(html.encode("utf-8"), len(names), tuple(sorted(store.left_out)))


def _read(path: Path, names: Iterable[str], store: Store, still: bool) -> Held:
    html = path.read_text(encoding="utf-8")
    english = re.search(r'<html lang="en', html[:200]) is not None
    reader = PageReader(path.parent, names, store, still, _words("en" if english else "zh"))
    reader.feed(html)
    reader.close()
    return reader.held


def _not_rendered(report: Path) -> dict[str, Held]:
    """Pages of run.json of which there is no HTML: each says so, with its error."""
    run = report / "run.json"
    told = json.loads(run.read_text(encoding="utf-8")).get("pages", []) if run.is_file() else []
    return {str(page["id"]): _error_page(page) for page in told if not (report / f"{page['id']}.html").is_file()}


def _error_page(page: Mapping[str, Any]) -> Held:
    english, error = page.get("lang") == "en", page.get("error") or {}
    words, title = _words("en" if english else "zh"), f"{page.get('title') or page['id']} · {page.get('place') or ''}".strip(" ·")
    front = INDEX["en" if english else "zh"].removesuffix(".html")
    text = (f'<nav><a href="#page={front}">{escape(words["back"])}</a></nav><main><h1>{escape(title)}</h1>'
            f'<p role="alert">{escape(words["not_rendered"])} <code>{escape(str(error.get("name", "")))}: '
            f"{escape(str(error.get('value', '')))}</code></p></main>")
    return Held("en" if english else "zh-CN", escape(title), content=[text])


def _template(name: str, held: Held, content: str, front: bool) -> str:
    body = escape(json.dumps(held.body, ensure_ascii=False))
    return (f'<template data-page="{escape(name)}" data-lang="{held.lang}" data-title="{held.title}" data-body="{body}" '
            f'data-sheets="{" ".join(held.sheets)}"{" data-front" if front else ""}>{content}</template>')


def _document(name: str, front: Held, store: Store, templates: str, fonts: str) -> str:
    unworn = ' media="not all"'
    sheets = "\n".join(f'<style data-sheet="{key}"{"" if key in front.sheets else unworn}>\n{text}\n</style>'
                       for key, text in store.sheets.items())
    files = "\n".join(f'<script type="text/plain" id="file-{key}" data-type="{kind}"{" data-packed" if packed else ""}>{content}</script>'
                      for key, (kind, content, packed) in store.files.items())
    codes = "\n".join(f'<script type="text/plain" id="code-{key}">{code}</script>' for key, code in store.codes.items())
    body = "".join(f' {key}="{escape(value)}"' for key, value in front.body.items())
    router = (Path(__file__).parent / "share.js").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="{front.lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{front.title}</title>
<link rel="icon" href="data:,">
<style>{fonts}</style>
{sheets}
</head>
<body{body}>
{"".join(front.content)}
<div id="liantu-inside" data-first="{name}" hidden>
{templates}
{files}
{codes}
</div>
<script>
{router}</script>
</body>
</html>
"""


def _characters(pages: list[Held]) -> set[int]:
    """Every character that any page may show."""
    return {ord(character) for held in pages for character in set().union(held.title, *held.content)}


def _fonts(report: Path, store: Store, characters: set[int]) -> str:
    """The font faces of the pages with each font file inside, cut down to the characters in use."""
    def inside(match: re.Match[str]) -> str:
        path = report / match[1]
        if not path.is_file():
            return match[0]
        return f'url(data:font/woff;base64,{base64.b64encode(subset_font(path, characters)).decode()}) format("woff")'

    return "\n".join(_FONT_FILE.sub(inside, face) for face in store.fonts)


def subset_font(path: Path, characters: set[int]) -> bytes:
    """A TrueType font cut down to `characters` (code points), as WOFF; the same input gives the same bytes."""
    from fontTools import subset

    options = subset.Options(flavor="woff", notdef_outline=True, hinting=False)
    font = subset.load_font(str(path), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    target = io.BytesIO()
    subset.save_font(font, target, options)
    return target.getvalue()


def _inline(source: str) -> tuple[str, str] | None:
    found = _INLINE.fullmatch(source)
    return (found[1], found[2]) if found else None


def _with(written: str, attribute: str, value: str, *more: str) -> str:
    """A start tag as written, but for one attribute's value and some attributes more."""
    start = re.search(rf'\s{attribute}="', written)
    if start is None:
        return written
    end = written.index('"', start.end())
    added = "".join(f" {one}" for one in more if one)
    return f"{written[:start.end()]}{escape(value)}{written[end:end + 1]}{added}{written[end + 1:]}"


def _keep(where: dict[str, Any], content: Any) -> str:
    key = hashlib.sha256(repr(content).encode()).hexdigest()[:12]
    where[key] = content
    return key


@cache
def _words(lang: str) -> dict[str, str]:
    return yaml.safe_load((Path(__file__).parent / "share.yml").read_text(encoding="utf-8"))[lang]
