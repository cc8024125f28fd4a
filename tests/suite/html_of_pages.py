"""What every page must be as HTML: no parse error, well nested, unique ids, links that lead somewhere, no other host."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import html5lib

VOID = {"meta", "link", "img", "br", "hr", "input", "col", "wbr"}
NO_BLOCK_INSIDE = {"p", "span", "a", "b", "code", "h1", "h2", "h3", "pre", "summary", "caption", "dt"}
BLOCK = {"p", "div", "section", "table", "figure", "ul", "ol", "dl", "details", "pre", "h1", "h2", "h3", "nav", "main"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.flaws: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in BLOCK and (inside := NO_BLOCK_INSIDE.intersection(self.open)):
            self.flaws.append(f"<{tag}> inside {sorted(inside)}")
        self.elements.append((tag, dict(attrs)))
        if len({name for name, _ in attrs}) != len(attrs):
            self.flaws.append(f"<{tag}> repeats an attribute")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.flaws.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()


def elements(html: str) -> list[tuple[str, dict]]:
    """Every element with its attributes; raises AssertionError for markup that is not well formed."""
    assert html.startswith("<!DOCTYPE html>\n")
    html5lib.HTMLParser(strict=True).parse(re.sub(r"(base64,)[\w+/=]+", r"\1", html))
    reader = _Reader()
    reader.feed(html)
    assert not reader.flaws, reader.flaws
    assert not reader.open, reader.open
    found = reader.elements
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(set(ids)) == len(ids), "an id stands twice"
    links = [attrs["href"] for tag, attrs in found if tag == "a"]
    assert all(link[1:] in ids for link in links if link.startswith("#")), links
    for tag, attrs in found:
        for name in ("src", "href"):
            assert not re.match(r"(https?:)?//", attrs.get(name) or ""), (tag, attrs)
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)
        if tag == "img":
            assert attrs["alt"].strip()
    assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", html)
    return found
