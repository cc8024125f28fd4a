"""Pages one after another by papermill's API and the exporter in one process: `python series.py OUT`, pages as JSON lines on its input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import papermill

from liantu.suite.pages.exporter import LiantuExporter


def main(out: Path) -> None:
    """Run, export and write every page."""
    exporter = LiantuExporter()
    for told in map(json.loads, sys.stdin):
        made, notebook = out / f"{told['id']}.ipynb", Path(told["notebook"])
        papermill.execute_notebook(str(notebook), str(made), parameters=told["parameters"], progress_bar=False, cwd=str(notebook.parent))
        html, resources = exporter.from_filename(str(made))
        for name, content in resources["outputs"].items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
        (out / f"{told['id']}.html").write_text(html, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
