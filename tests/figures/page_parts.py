"""What tests of page modules share: all that a page shows, one kind of it, and the text of one thing with every field filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from liantu import Report
from liantu.figures.display import Picture


def shown_by(parts: Sequence[Callable[[Report], object]], report: Report) -> list:
    """Everything that the functions of a page show of a report, in order."""
    found = []
    for part in parts:
        made = part(report)
        found += made if isinstance(made, list) else [made]
    return found


def of(made: Sequence[object], kind: type, name: str = "") -> list:
    """Those of a kind, and of a name if one is given."""
    return [thing for thing in made if isinstance(thing, kind) and (not name or thing.name == name)]


def text_of(thing: object) -> str:
    """What a thing hands to the page as text; a field of a message that was not filled in fails."""
    bundle = {"payload": thing.payload} if isinstance(thing, Picture) else thing._repr_mimebundle_()
    text = json.dumps(bundle, allow_nan=False, ensure_ascii=False, default=str)
    assert "{" not in text.replace('{"', "").replace("{}", ""), thing
    return text
