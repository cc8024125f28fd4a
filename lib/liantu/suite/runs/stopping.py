"""Ctrl-C and SIGTERM: heard at any moment of a run, and acted upon where that can be done cleanly."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_DEAF_SECONDS = 2.0


class Stop:
    """While entered, Ctrl-C and SIGTERM both ask to stop: KeyboardInterrupt, or a call of the hearer where there is one.

    `asked` stays True afterwards. A second signal within two seconds of the first is the same wish, so it cannot break the tidying up.
    Outside the main thread, where no signal arrives, it does nothing.
    """

    def __init__(self) -> None:
        self.asked = False
        self._hearer: Callable[[], object] | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._deaf_until = 0.0

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._hear) for number in _SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextlib.contextmanager
    def heard_by(self, hearer: Callable[[], object]) -> Iterator[None]:
        """Within, a signal calls `hearer` (in the main thread, between two of its steps) and raises nothing.

        Called at once when there was a wish already: what was raised for it may have been swallowed, as in a destructor.
        """
        self._hearer = hearer
        try:
            if self.asked:
                hearer()
            yield
        finally:
            self._hearer = None

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._hearer is not None:
            self.asked = True
            self._hearer()
        elif time.monotonic() >= self._deaf_until:
            self.asked, self._deaf_until = True, time.monotonic() + _DEAF_SECONDS
            raise KeyboardInterrupt
