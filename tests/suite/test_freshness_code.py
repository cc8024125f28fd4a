"""Which code a page reaches: names are followed to where they live, what cleans is not counted, and a change is named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

import liantu
from liantu.suite.freshness import code
from liantu.suite.freshness.code import Library
from liantu.suite.freshness.kept import Kept

_NUMBERS = count(1)
FILES = {
    "__init__.py": "",
    "report/__init__.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from PACKAGE.report.report import Report\n",
    "report/report.py":
        "from PACKAGE.cleaning import clean\nfrom PACKAGE.words import said\n\nclass Report:\n    def open(self):\n        return clean\n",
    "cleaning.py": "from PACKAGE.reader import read\n\ndef clean():\n    return read\n",
    "reader.py": "def read():\n    return 1\n",
    "words.py": "def said():\n    return open('messages.yml')\n",
    "messages.yml": "a: 1  # one\nb: [x, y]\n",
    "charts/__init__.py": "from PACKAGE.charts.bars import bar\nfrom PACKAGE.charts.lines import line\n",
    "charts/bars.py": "def bar():\n    return 1\n",
    "charts/lines.py": "def line():\n    from PACKAGE import deep\n    return deep\n",
    "charts/palette.txt": "red\n",
    "deep.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from PACKAGE.unreached import nothing\n\nDEPTH = 3\n",
    "unreached.py": "def nothing():\n    return 0\n",
}


class Copy:
    """A small package of its own in a folder that Python finds."""

    def __init__(self, root: Path) -> None:
        self.name, self.root = f"tiny{next(_NUMBERS)}", root
        self.kept = root / "report" / ".liantu" / "freshness.json"
        self.kept.parent.parent.mkdir()
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        target = self.root / self.name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace("PACKAGE", self.name), encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        before = FILES[path]
        assert old in before
        self.write(path, before.replace(old, new))

    def reached(self, **taken: list[str]) -> dict[str, str]:
        kept = Kept(self.kept)
        library = Library(kept, self.name)
        found = library.reached({f"{self.name}.{module}": names for module, names in taken.items()})
        kept.save()
        return {name.removeprefix(self.name)[1:]: digest for name, digest in found.items()}

    def changes(self, before: dict[str, str]) -> list[str]:
        library = Library(Kept(self.kept), self.name)
        now = self.reached(report=["Report"], charts=["line"])
        sign = {name: "/" if "/" in name or name.endswith((".yml", ".txt")) else "." for name in now}
        return [said.replace(f"{self.name}{sign[name]}", "") for name in now if name in before and now[name] != before[name]
                for said in library.changes(f"{self.name}{sign[name]}{name}", before[name])]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    copy = Copy(tmp_path)
    monkeypatch.setattr(code, "CUT", ((f"{copy.name}.report", f"{copy.name}.cleaning"),))
    return copy


def test_names_are_followed_to_the_modules_where_they_live(tiny):
    found = tiny.reached(report=["Report"], charts=["line"])
    assert set(found) == {"", "report", "report.report", "words", "messages.yml", "charts", "charts.lines", "charts/palette.txt", "deep"}


def test_what_cleans_counts_only_where_it_is_reached_another_way(tiny):
    assert "cleaning" not in tiny.reached(report=["Report"])
    assert {"cleaning", "reader"} <= tiny.reached(report=["Report"], cleaning=["clean"]).keys()


@pytest.mark.parametrize("names", [["*"], [""], ["unknown"], []])
def test_a_package_taken_as_a_whole_leads_to_all_it_offers(tiny, names):
    assert {"charts.bars", "charts.lines"} <= tiny.reached(charts=names).keys()


def test_a_package_that_does_something_when_imported_leads_to_all_it_imports(tiny):
    assert "charts.bars" not in tiny.reached(**{"charts.lines": ["line"]})
    tiny.write("charts/__init__.py", FILES["charts/__init__.py"] + "bar()\n")
    assert "charts.bars" in tiny.reached(**{"charts.lines": ["line"]})


@pytest.mark.parametrize(("path", "old", "new", "told"), [
    ("words.py", "def said", "# a comment\ndef said", []),
    ("words.py", "def said():\n", "def said():\n\n    '''Says.'''\n", []),
    ("messages.yml", "a: 1  # one", "# two\na:   1", []),
    ("unreached.py", "return 0", "return 1", []),
    ("cleaning.py", "return read", "return None", []),
    ("reader.py", "return 1", "return 2", []),
    ("charts/bars.py", "return 1", "return 2", []),
    ("words.py", "messages.yml", "other.yml", ["words.said changed"]),
    ("report/report.py", "return clean", "return 1", ["report.report.Report.open changed"]),
    ("deep.py", "DEPTH = 3", "DEPTH = 4", ["deep.DEPTH changed"]),
    ("deep.py", "DEPTH = 3", "DEPTH = 3\nLEAST = 1", ["deep.LEAST is new"]),
    ("deep.py", "DEPTH = 3", "", ["deep.DEPTH is gone"]),
    ("messages.yml", "a: 1", "a: '1'", ["messages.yml changed"]),
    ("messages.yml", "[x, y]", "[y, x]", ["messages.yml changed"]),
    ("charts/palette.txt", "red", "blue", ["charts/palette.txt changed"])])
def test_an_edit_is_named_where_a_page_reaches_it_and_else_is_none(tiny, path, old, new, told):
    before = tiny.reached(report=["Report"], charts=["line"])
    tiny.edit(path, old, new)
    assert tiny.changes(before) == told


def test_without_what_the_folder_keeps_the_module_is_named(tiny):
    before = tiny.reached(report=["Report"], charts=["line"])
    tiny.edit("deep.py", "DEPTH = 3", "DEPTH = 4")
    tiny.kept.write_text("{broken", encoding="utf-8")
    assert tiny.changes(before) == ["deep changed"]


def test_what_is_kept_saves_the_work_and_gives_the_same(tiny, monkeypatch):
    before = tiny.reached(report=["Report"], charts=["line"])
    monkeypatch.setattr(Library, "_built", lambda library: pytest.fail("the graph was made again"))
    monkeypatch.setattr(Library, "_drawn", lambda library, *_: pytest.fail("a module was parsed again"))
    assert tiny.reached(report=["Report"], charts=["line"]) == before


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"form": "0"}', b'{"modules": 3}'])
def test_a_damaged_file_of_what_is_kept_counts_as_empty(tiny, content):
    before = tiny.reached(charts=["line"])
    tiny.kept.write_bytes(content)
    assert tiny.reached(charts=["line"]) == before
    assert json.loads(tiny.kept.read_bytes())["modules"]


def test_a_lazy_package_of_the_suite_says_where_each_of_its_names_lives():
    library = Library(Kept(None))
    for package in ("liantu", "liantu.report", "liantu.tables", "liantu.ledger", "liantu.figures"):
        module = __import__(package, fromlist=["__all__"])
        for name in module.__all__:
            home = getattr(getattr(module, name), "__module__", None)
            found = library.reached({package: [name]})
            assert home is None or not home.startswith("liantu") or home in found, (package, name)


EDITS = """
import json, sys
from pathlib import Path
from liantu.suite.freshness.code import Library
from liantu.suite.freshness.kept import Kept
import liantu
home, out = Path(liantu.__file__).parent, Path(sys.argv[1])
taken = {"liantu": ["Report"], "liantu.figures": ["milestones"]}
def reached():
    kept = Kept(out / ".liantu" / "freshness.json")
    library = Library(kept)
    found = library.reached(taken)
    kept.save()
    return library, found
_, before = reached()
told = [str(home)]
for path, old, new in json.load(sys.stdin):
    was = (home / path).read_text("utf-8")
    assert old in was, (path, old)
    (home / path).write_text(was.replace(old, new, 1), "utf-8")
    library, now = reached()
    told.append([said for name in now if now[name] != before.get(name) for said in library.changes(name, before.get(name, ""))])
    (home / path).write_text(was, "utf-8")
print(json.dumps(told))
"""


def test_edits_of_the_suite_s_own_package_are_named(tmp_path):
    shutil.copytree(Path(liantu.__file__).parent, tmp_path / "lib" / "liantu", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "out").mkdir()
    edits = [
        ("progress/counts.py", "def events(", "# how often\ndef events("), ("progress/counts.py", "def events(", "def events_(")]
    edits += [("ledger/rows/readers.py", "\ndef ", "\nX = 1\n\n\ndef "), ("assess/intervals.py", "\ndef ", "\nX = 1\n\n\ndef ")]
    edits += [("tables/snapshots.py", r"Q[1-4]", r"Q[1-5]"), ("figures/messages.yml", "\n", "\nan_unused_word: x\n")]
    ran = subprocess.run([sys.executable, "-c", EDITS, str(tmp_path / "out")], input=json.dumps(edits), text=True, capture_output=True,
                         env={**os.environ, "PYTHONPATH": str(tmp_path / "lib")}, check=False)
    assert ran.returncode == 0, ran.stderr
    home, *told = json.loads(ran.stdout)
    assert home == str(tmp_path / "lib" / "liantu")
    assert told == [
        [], ["liantu.progress.counts.events_ is new", "liantu.progress.counts.events is gone"], [], [],
        ["liantu.tables.snapshots.snapshot_of changed"], ["liantu/figures/messages.yml changed"]]
