"""Screenshots of a report's index and of a page of each notebook for docs/images, zh and en: tools/take_screenshots.py REPORT_FOLDER.

The city's page, else one chain's or one county's (maps, wall charts and scorecards from the figure on); and the maps of three chains.

Needs Chromium; run by `make images`. Pages are cut at a height that shows what a reader sees first.
"""

import io
import itertools
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
SAMPLES = {"21_chain_profile": "steel", "22_county_opportunities": "211382", "32_schedule_risk": "211322", "40_county_scorecard": "211382"}
FROM_THE_FIGURE = ("21_", "32_", "40_")
MAPS = ("steel", "storage_equipment", "bentonite")


def main(report: Path) -> None:
    """Take them."""
    pages = {"index.zh": "index.html", "index.en": "index.en.html"}
    pages |= {path.stem: path.name for path in report.glob("*.html") if re.fullmatch(r"\d\d_\w+\.(zh|en)", path.stem)}
    pages |= {f"{stem}.{lang}": f"{stem}.{of}.{lang}.html" for stem, of in SAMPLES.items() for lang in ("zh", "en")}
    for chain, lang in itertools.product(MAPS, ("zh", "en")):
        shutil.copyfile(report / "figures" / f"21_chain_profile.{chain}.{lang}" / "chain_map.png", IMAGES / f"map_{chain}.{lang}.png")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as profile:
        browser = driver.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=FLAGS, viewport={"width": WIDTH, "height": HEIGHT})
        for name, file in sorted(pages.items()):
            page = browser.new_page()
            page.goto((report / file).resolve().as_uri())
            page.evaluate("document.fonts.ready")
            if name.startswith(FROM_THE_FIGURE):
                page.evaluate("document.querySelector('figure').scrollIntoView()")
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.convert("RGB").quantize(128).save(IMAGES / f"{name}.png", optimize=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
