"""How a run goes about its pages: how many at a time, how long, with how much memory, in which kernels."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from liantu.errors import LiantuError
from liantu.suite.kernels.memory import share_of_memory

KernelChoice = Literal["warm", "plain"]
TIME_LIMIT_SECONDS = 300.0
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_LEAST_MEMORY = 64 * 2**20


@dataclass(frozen=True)
class RunOptions:
    """Options of a run.

    `jobs` pages run at a time (None: the number of cores); a page may take `time_limit` seconds in all, and its kernel `memory_limit`
    bytes (None: its share of the machine's memory; 0: no cap); `kernel` is `warm` (forked with the imports done, where the system can) or
    `plain`. `environment` are variables for the kernels that go before those of this process.
    """

    jobs: int | None = None
    time_limit: float = TIME_LIMIT_SECONDS
    memory_limit: int | None = None
    kernel: KernelChoice = "warm"
    environment: Mapping[str, str] = field(default_factory=dict)

    def workers(self, pages: int) -> int:
        """Pages that run at a time when there are `pages`."""
        return max(1, min(self.jobs or os.cpu_count() or 1, pages))

    def memory(self, workers: int) -> int:
        """Bytes that each of `workers` kernels may use, 0 for no cap."""
        return share_of_memory(workers) if self.memory_limit is None else self.memory_limit


def memory_size(text: str) -> int:
    """Bytes of a size such as `2G`, `1.5GiB`, `800M` (powers of 1024); `0` is no limit.

    Raises LiantuError that names the text when it is no size, or too small for any kernel.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise LiantuError(f"memory limit {text!r} is not a size; write it as 2G or 800M, or 0 for no limit")
    size = round(float(found[1]) * 1024 ** _POWERS[found[2].upper()])
    if 0 < size < _LEAST_MEMORY:
        raise LiantuError(f"memory limit {text!r} is too small for any kernel; give at least 64M (2G is usual), or 0 for no limit")
    return size
