"""What is made ready once for an edition of the chains and then asked many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from liantu.reference import Chains

_Made = TypeVar("_Made")


def prepared(make: Callable[[Chains], _Made]) -> Callable[[Chains], _Made]:
    """`make`, but what it made of the chains given last is kept."""
    kept: list[tuple[Chains, _Made]] = []

    def ready(chains: Chains) -> _Made:
        found = next((made for of, made in kept if of is chains), None)
        if found is None:
            found = make(chains)
            kept[:] = [(chains, found)]
        return found

    return ready
