"""A real browser (headless Chromium) for the tests that open pages."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from page_checks import watched_page

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


def _chromium() -> str | None:
    named = os.environ.get("LIANTU_CHROMIUM")
    return named or next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = _chromium()
    if program is None:  # which tests/conftest.py turns into a failure where LIANTU_REQUIRE_BROWSER=1
        pytest.skip("no Chromium on this machine (LIANTU_CHROMIUM may name one)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=program, args=FLAGS, viewport={"width": 1280, "height": 900})
        yield context
        context.close()


@pytest.fixture
def visit(browser):
    """Open a file; the test fails on any console error, script error, failed request or request to a host."""
    page, wrong = watched_page(browser)

    def goto(path: Path, width: int = 1280, height: int = 900):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path.as_uri())
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(150)
        return page

    yield goto
    page.close()
    assert not wrong
