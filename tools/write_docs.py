"""Write the documents that are made from code: docs/dictionary.md. Run by `make docs`; a test fails when they are out of date."""

from pathlib import Path

from liantu.tables.dictionary import dictionary_page

if __name__ == "__main__":
    (Path(__file__).parents[1] / "docs" / "dictionary.md").write_text(dictionary_page(), encoding="utf-8")
