"""Screenshots of a report's index and of each notebook's city page for docs/images, zh and en: tools/take_screenshots.py REPORT_FOLDER.

Needs Chromium; run by `make images`. Pages are cut at a height that shows what a reader sees first.
"""

import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WIDTH, HEIGHT = 1180, 1500


def main(report: Path) -> None:
    """Take them."""
    pages = {"index.zh": "index.html", "index.en": "index.en.html"}
    pages |= {path.stem: path.name for path in report.glob("*.html") if re.fullmatch(r"\d\d_\w+\.(zh|en)", path.stem)}
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as profile:
        browser = driver.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=FLAGS, viewport={"width": WIDTH, "height": HEIGHT})
        for name, file in sorted(pages.items()):
            page = browser.new_page()
            page.goto((report / file).resolve().as_uri())
            page.evaluate("document.fonts.ready")
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.convert("RGB").quantize(128).save(IMAGES / f"{name}.png", optimize=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
