"""Names of files and sheets as they are shown: without personal data, and as text even where a name is none.

A name that reaches a table must neither tell a telephone number nor break what writes it. So a personal number in it is replaced by
[removed], bytes that are no text and control characters stand as escapes (\\xb1, \\n), and names that become the same are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from liantu.ledger.values.privacy import scrub

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def shown_names(names: Iterable[str]) -> dict[str, str]:
    """Each name → the name that is shown; most are themselves. Two names are never shown as one: the later in order has (2) behind it."""
    ordered = sorted(set(names), key=lambda name: (_shown(name) != name, name))
    return dict(zip(ordered, shown_in_order(ordered), strict=True))


def shown_in_order(names: Iterable[str]) -> list[str]:
    """The names as they are shown, in their order; a name that is shown already has (2) behind it."""
    shown: dict[str, None] = {}
    for name in names:
        plain, number = _shown(name), 1
        while (told := plain if number == 1 else _numbered(plain, number)) in shown:
            number += 1
        shown[told] = None
    return list(shown)


def _shown(name: str) -> str:
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", scrub(text))


def _numbered(name: str, number: int) -> str:
    stem, dot, kind = name.rpartition(".")
    return f"{stem}({number}){dot}{kind}" if dot and "/" not in kind else f"{name}({number})"
