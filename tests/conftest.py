"""What tests of several floors share: a small simulated data set, cleaned once for each worker."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """A data root with a simulated data set of a tenth of the size (seed 11), and reports beside it; the environment points there."""
    from liantu.simulation import simulate

    root = tmp_path_factory.mktemp("liantu")
    simulate(root / "data" / "raw" / "simulated", seed=11, scale=0.1)
    card = Path(__file__).parents[1] / "data" / "raw" / "simulated" / "dataset.yml"
    (root / "data" / "raw" / "simulated" / "dataset.yml").write_bytes(card.read_bytes())
    before = {name: os.environ.get(name) for name in ("LIANTU_DATA", "LIANTU_REPORTS")}
    os.environ |= {"LIANTU_DATA": str(root / "data"), "LIANTU_REPORTS": str(root / "reports")}
    yield root
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
