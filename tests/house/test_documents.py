"""Documents made from code are up to date."""

from pathlib import Path

from liantu.tables.dictionary import dictionary_page

ROOT = Path(__file__).parents[2]


def test_the_dictionary_page_is_that_of_the_contracts():
    assert (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == dictionary_page(), "run make docs"
