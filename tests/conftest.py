"""What tests of several floors share: a small simulated data set, made and cleaned once for each worker."""

import pytest


@pytest.fixture(scope="session")
def small_root(tmp_path_factory):
    """A folder with `data/` of a tenth of the default size (simulated, seed 11); the environment is left alone."""
    from liantu.simulation import simulate

    root = tmp_path_factory.mktemp("liantu")
    simulate(root / "data" / "raw" / "simulated", seed=11, scale=0.1)
    return root


@pytest.fixture(scope="module")
def small_data(small_root):
    """`small_root` as the data and reports of the suite, for the tests of one module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANTU_DATA", str(small_root / "data"))
        patch.setenv("LIANTU_REPORTS", str(small_root / "reports"))
        yield small_root
