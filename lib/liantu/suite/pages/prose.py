"""Markdown and HTML of notebooks on their page: our own prose with headings and mathematics, and what cells displayed, made harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import bleach
from jinja2 import pass_context
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathInlineParser

_SIGNS = re.compile(r"[\\^_={}+*/<>|()\[\]-]")
_BRACES = re.compile(r"(?<!\\)[{}]")
_HTML_TAGS = ("div", "p", "span", "br", "pre", "code", "b", "strong", "i", "em", "sub", "sup", "ul", "ol", "li", "a", "h3", "h4", "h5",
              "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "details", "summary")


class ProseParser(MathInlineParser):
    """Inline Markdown in which a price stays a price: `$5 to $8` is text, `$x$` a formula.

    As pandoc has it, the first `$` has no space after it, the last none before it and no digit after it. `\\(x\\)` is a formula too.
    """

    SPECIFICATION: ClassVar[dict[str, str]] = {
        **MathInlineParser.SPECIFICATION,
        "inline_math_tex": r"(?<![$\\])\$(?=[^\s$])(?P<math_inline_tex>[^$]*?[^\s$\\])\$(?![\d$])",
        "inline_math_latex": r"(?<!\\)\\{1,2}\((?P<math_inline_latex>[^\n]*?)\\{1,2}\)",
    }


class PageRenderer(IPythonRenderer):
    """Markdown of our own notebooks: the first H1 becomes the page's title, headings get anchors, tables scroll in their own box.

    `on_title` is called with an H1 and says whether it takes it; `on_heading` gets level and text of the others and gives the anchor.
    """

    def __init__(self, on_title: Callable[[str], bool], on_heading: Callable[[int, str], str], **options: Any) -> None:
        super().__init__(exclude_anchor_links=True, **options)
        self._on_title, self._on_heading = on_title, on_heading

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """A heading with an anchor, noted for the contents list."""
        told = Markup(text).striptags()
        if level == 1 and self._on_title(told):
            return ""
        depth = max(2, level)
        return f'<h{depth} id="{self._on_heading(depth, told)}">{text}</h{depth}>\n'

    def table(self, text: str) -> str:
        """A table in a box that scrolls by itself on a narrow screen."""
        return f'<div class="scroll" tabindex="0"><table>\n{text}</table></div>\n'

    def inline_math(self, body: str) -> str:
        """A formula in a line; several words without any sign of mathematics are none (`$5 to 8$`)."""
        words_only = " " in body.strip() and not _SIGNS.search(body)
        return super().inline_math(body) if words_only else formula(body, "inline")

    def block_math(self, body: str) -> str:
        """A formula in a line of its own."""
        return formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """`\\begin{align}` and its like."""
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def formula(source: str, display: str) -> Markup:
    """LaTeX as MathML (`display` is inline or block); what cannot be read is shown as it is written, as code."""
    from latex2mathml.converter import convert

    braces = _BRACES.findall(source)
    try:
        # the converter closes what is left open, as if it had been meant so
        made = convert(source.strip(), display=display) if braces.count("{") == braces.count("}") else ""
    except Exception:  # the converter raises whatever it stumbles over; a page is never lost to a formula
        made = ""
    # a command that the converter does not know stands in its result with its backslash
    return Markup(made) if made and "\\" not in made else Markup(f"<code>{escape(source.strip())}</code>")


@pass_context
def own_markdown(context: Any, source: str) -> Markup:
    """Markdown that stands in the notebook: ours, so HTML in it is kept and formulas are set."""
    view = context["resources"]["page"]
    attachments = (context.get("cell") or {}).get("attachments", {})
    renderer = PageRenderer(view.take_title, view.add_heading, escape=False, attachments=attachments)
    return Markup(MarkdownWithMath(renderer=renderer, inline=ProseParser(hard_wrap=False)).render(source))


def untrusted_markdown(source: str) -> Markup:
    """Markdown that a cell displayed: it may quote ledgers, so HTML in it shows as text, and so do formulas."""
    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return Markup(MarkdownWithMath(renderer=renderer).render(source))


def untrusted_html(source: str) -> Markup:
    """HTML that a cell displayed, cut down to text, tables and links; style sheets and scripts are dropped with what is in them."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(source, "html.parser")
    for element in soup(["style", "script", "link", "iframe", "object"]):
        element.decompose()
    allowed = {"*": ["class", "colspan", "rowspan", "scope", "title"], "a": ["href"]}
    return Markup(bleach.clean(str(soup), tags=_HTML_TAGS, attributes=allowed, protocols=["https", "mailto"], strip=True))
