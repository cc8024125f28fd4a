"""What a browser and a parser are asked about a page: glyphs that are drawn, accessibility, links that lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
from axe_playwright_python.sync_playwright import Axe

HAN = "\u2e80-\u2fdf\u3007\u3400-\u9fff"
DRAWN = """async ([characters, nobody]) => {
  const family = getComputedStyle(document.body).fontFamily;
  await document.fonts.load("32px " + family, characters.join(""));
  const canvas = Object.assign(document.createElement("canvas"), { width: 44, height: 44 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const draw = character => {
    context.clearRect(0, 0, 44, 44);
    context.font = "32px " + family;
    context.fillText(character, 4, 36);
    return context.getImageData(0, 0, 44, 44).data.join();
  };
  const box = draw(nobody), empty = draw(" "), seen = new Map(), bad = [];
  for (const character of characters) {
    const image = draw(character);
    if (image === box || image === empty || seen.has(image)) bad.push(character);
    seen.set(image, character);
  }
  return bad;
}"""
NOBODY_S = "\U0010fffd"
"""A character that no font has: what is drawn for it is the box of a missing glyph."""


def watched_page(browser):
    """A new tab and the list that fills with console errors and warnings, script errors, failed requests and requests to any host."""
    wrong: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:200]}"))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(f"asked: {request.url}"))
    return page, wrong


def not_drawn(page, characters: list[str]) -> list[str]:
    """Those characters for which the page's font gives the box of a missing glyph, nothing, or what another character looks like."""
    return page.evaluate(DRAWN, [characters, NOBODY_S])


def chinese_on(page) -> list[str]:
    """Each Chinese character of the page's text, once."""
    return sorted(set(re.findall(f"[{HAN}]", page.evaluate("document.body.textContent"))))


def accessibility(page, **options) -> list[tuple[str, str, str]]:
    """axe-core's findings that are serious or critical: rule, how often, the first element."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(entry["id"], str(len(entry["nodes"])), entry["nodes"][0]["html"][:200]) for entry in found
            if entry["impact"] in ("serious", "critical")]


def dead_links(path: Path) -> list[str]:
    """Links of an HTML file to files or anchors that are not there, or to a host."""
    dead = []
    for element in _read(path).xpath("//*[@href or @src]"):
        link = element.get("href") or element.get("src")
        parts = urlsplit(link)
        if parts.scheme == "data":
            continue
        target = path.parent / unquote(parts.path) if parts.path else path
        if parts.scheme or parts.netloc or not target.is_file() or not _has_anchor(target, unquote(parts.fragment)):
            dead.append(link)
    return dead


def _has_anchor(target: Path, anchor: str) -> bool:
    return not anchor or anchor in {element.get("id") for element in _read(target).xpath("//*[@id]")}


@cache
def _read(path: Path) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(path.read_text(encoding="utf-8"))


def besides_figures_and_tables(html: str) -> int:
    """Bytes of a page without its pictures and tables."""
    bare = re.sub(r"data:image/[\w+]+;base64,[\w+/=]+", "", html)
    return len(re.sub(r"<table.*?</table>", "", bare, flags=re.DOTALL).encode("utf-8"))
