"""README.md and README.zh.md say the same: as many headings, the same commands, links that lead somewhere; the documents exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))


def _blocks(text: str) -> list[str]:
    return [re.sub(r"#.*", "", block).split() for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)]


def test_the_same_headings_level_by_level():
    levels = [[len(mark) for mark in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)]
              for text in (ENGLISH, CHINESE)]
    assert levels[0] == levels[1]
    assert len(levels[0]) > 8


def test_the_same_commands():
    assert _blocks(ENGLISH) == _blocks(CHINESE)
    assert ["make", "report", "make", "test"] in _blocks(ENGLISH)


def test_the_same_notebooks_and_documents():
    for pattern in (r"^\| `(\w+)` \|", r"\((docs/[\w./-]+\.md)\)"):
        assert re.findall(pattern, ENGLISH, re.MULTILINE) == re.findall(pattern, CHINESE, re.MULTILINE)
    listed = re.findall(r"^\| `(\w+)` \|", ENGLISH, re.MULTILINE)
    assert listed == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


PAGES = sorted([ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (path.parent / target).exists()] == []


def test_every_command_of_the_readme_is_a_command():
    from liantu.cli import main

    assert {line.split()[1] for line in re.findall(r"^liantu .*", ENGLISH, re.MULTILINE)} <= set(main.commands)
