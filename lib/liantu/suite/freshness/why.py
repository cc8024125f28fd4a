"""What `liantu why` and `liantu list` say of pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from liantu.errors import UnknownValueError
from liantu.suite.freshness.executed import Executed, page_ids
from liantu.suite.freshness.judge import Judge, Verdict, judge_report
from liantu.suite.matrix import Page

_NOT_MADE = "not made"
_RUN_TIME = re.compile(r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")


def page_of(name: str, pages: Iterable[Page]) -> Page:
    """The page with this id, also when it is named by one of its files; an unknown one is an error with the nearest match."""
    known = {page.id: page for page in pages}
    asked = name.rpartition("/")[2].removesuffix(".html").removesuffix(".ipynb")
    if asked not in known:
        raise UnknownValueError("page", name, known)
    return known[asked]


def states(out: Path, dataset: str, pages: Sequence[Page]) -> list[str]:
    """The state of each page of a report folder, as of `state`; a data set whose ledgers changed is cleaned first, to know what changed."""
    if not page_ids(out):
        return [_NOT_MADE for _ in pages]
    with closing(judge_report(out, dataset, pages)) as judge:
        return [state(page, judge) for page in pages]


def reasons(out: Path, dataset: str, page: Page) -> list[str]:
    """What `why` says of one page of a report folder; a data set whose ledgers changed is cleaned first, to know what changed."""
    if not page_ids(out):
        return ["stale: it was not made yet"]
    with closing(judge_report(out, dataset, [page])) as judge:
        return why(page, judge)


def why(page: Page, judge: Judge) -> list[str]:
    """Why a page is stale, one reason a line and the most specific first; or when and by which run a fresh one was made."""
    verdict, found = judge.verdict(page), judge.executed(page.id)
    if verdict.fresh and found is not None:
        by = f" by run {found.stamp['run_id']}" if found.stamp.get("run_id") else ""
        return [f"fresh: made {_made(found)}{by}"]
    after = [] if verdict.run else ["its cells need not run; only its HTML is made again"]
    first, *more = [*verdict.reasons, *after]
    return [f"stale: {first}", *(f"       {reason}" for reason in more)]


def state(page: Page, judge: Judge) -> str:
    """One word for the list of pages: `fresh`, `stale`, `not made`, or how the last run of a page ended that did not end well."""
    verdict: Verdict = judge.verdict(page)
    found = judge.executed(page.id)
    if found is None:
        return _NOT_MADE
    if found.state not in ("", "done"):
        return found.state.replace("_", " ")
    return "fresh" if verdict.fresh else "stale"


def _made(found: Executed) -> str:
    """The time at which the page ended, else at which its run began; UTC to the second."""
    if found.ended:
        return f"{found.ended[:19]}Z"
    begun = _RUN_TIME.match(str(found.stamp.get("run_id") or ""))
    return "{}-{}-{}T{}:{}:{}Z".format(*begun.groups()) if begun else "at an unknown time"
