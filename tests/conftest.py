"""What tests of several floors share: a small simulated data set for each worker, one small report for all, a browser where CI asks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from small_reports import make_once


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


@pytest.fixture(scope="session")
def small_report(tmp_path_factory) -> Path:
    """The folder of the report of 2022Q2 on a tenth of the data, made by the command itself: the city and one county, zh and en.

    Made once for all workers, so leave it as it is (copy what a test changes). Its data lie in `small_report.parents[2] / "data"`, what the
    command printed in `small_report.parents[2] / "printed.txt"`.
    """
    base = tmp_path_factory.getbasetemp()
    return make_once((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "small-report")


@pytest.fixture(scope="module")
def reported_data(small_report):
    """The data of `small_report` as those of the suite, for the tests of one module: what its pages took seconds to make is made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANTU_DATA", str(small_report.parents[2] / "data"))
        patch.setenv("LIANTU_REPORTS", str(small_report.parents[1].parent / "nothing"))
        yield small_report.parents[2]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A browser test that skips is a failure where a browser is asked for."""
    report = yield
    asked = os.environ.get("LIANTU_REQUIRE_BROWSER") == "1" and item.get_closest_marker("browser")
    if asked and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"LIANTU_REQUIRE_BROWSER=1, but the test was skipped: {reason}"
    return report
