"""The memory a kernel may use: the machine's share, the cap on its process, and what the machine tells when memory runs out."""

from __future__ import annotations

import contextlib
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None

_LEAST = 2 * 2**30
_SHARE = 0.8
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def machine_memory() -> int:
    """Bytes of memory that this machine, or the container around this process, has."""
    import psutil

    total = psutil.virtual_memory().total
    for path in _CGROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int(path.read_text()))
    return total


def share_of_memory(jobs: int) -> int:
    """Bytes that one of `jobs` kernels may use by default: its part of four fifths of the memory, at least 2 GiB.

    The least is what a page over a large data set needs.
    """
    return max(_LEAST, int(machine_memory() * _SHARE) // max(1, jobs))


def can_cap() -> bool:
    """True where a process's memory can be capped from outside (Linux)."""
    return resource is not None and hasattr(resource, "prlimit")


def cap(process: int, limit: int) -> int:
    """Let a process have at most `limit` bytes of data (heap and private mappings); a request over it fails inside the process.

    What it has set aside already without touching it (an allocator's reserve, a gigabyte with Arrow's) does not count. Returns the cap as
    it stands in the system; 0 where the system has no such call, or when the process has ended.
    """
    if not can_cap():
        return 0
    sizes = memory_of(process)
    whole = limit + max(0, sizes.get("VmData", 0) - sizes.get("RssAnon", 0))
    with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
        resource.prlimit(process, resource.RLIMIT_DATA, (whole, whole))
        return whole
    return 0


def memory_of(process: int) -> dict[str, int]:
    """A process's memory by the system's own names (`VmData` counts against the cap), in bytes; empty where that is not told."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = (line.split() for line in Path(f"/proc/{process}/status").read_text().splitlines())
        return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if words[-1:] == ["kB"]}
    return {}


def killed_for_memory() -> int:
    """How many processes the machine has killed since it started because memory ran out; 0 where that is not told (not Linux)."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
