"""What a run shows while it works: a bar on a terminal, a line for each page elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from liantu.suite.runs.outcomes import Outcome


def outcome_line(number: int, total: int, outcome: Outcome) -> str:
    """One line for one page, such as `[ 3/22] done  30_quarterly_milestones.211382.zh  3.1 s`."""
    why = f"  {outcome.error}" if outcome.error else ""
    return f"[{number:>{len(str(total))}}/{total}] {outcome.state:<5} {outcome.page.id}  {outcome.seconds:.1f} s{why}"


class Screen:
    """Counts pages as they end and shows them; pages that did not end well get a line of their own beside the bar."""

    def __init__(self, total: int, stream: TextIO) -> None:
        from tqdm import tqdm

        self._total, self._stream, self._number = total, stream, 0
        self._bar = tqdm(total=total, unit="page", file=stream, dynamic_ncols=True, disable=not stream.isatty())

    def page(self, outcome: Outcome) -> None:
        """Show that a page ended."""
        self._number += 1
        line = outcome_line(self._number, self._total, outcome)
        if self._bar.disable:
            if outcome.state != "fresh":
                print(line, file=self._stream, flush=True)
            return
        if not outcome.ok:
            self._bar.write(line, file=self._stream)
        self._bar.set_postfix_str(outcome.page.id, refresh=False)
        self._bar.update()

    @property
    def done(self) -> int:
        """Pages that have ended."""
        return self._number

    def close(self) -> None:
        """End the bar."""
        self._bar.close()


@contextmanager
def screen(total: int, stream: TextIO | None = None) -> Iterator[Screen]:
    """A screen for `total` pages on standard error."""
    shown = Screen(total, stream or sys.stderr)
    try:
        yield shown
    finally:
        shown.close()
