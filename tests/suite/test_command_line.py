"""The `liantu` command: exit codes, one-line errors, and nothing written for a wrong argument."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import lxml.html
import pytest
from click.testing import CliRunner
from synthetic_pages import write_source

from liantu.cli import main

WRONG = [
    (["report", "2022Q9"], "write it as 2022Q2"),
    (["report", "2031Q2"], "did you mean"),
    (["report", "2022Q2", "--only", "30_quaterly"], "did you mean 30_quarterly_milestones?"),
    (["report", "2022Q2", "--county", "凌原市"], "did you mean 凌源市?"),
    (["report", "2022Q2", "--chain", "橡胶轮台"], "did you mean 橡胶轮胎?"),
    (["report", "2022Q2", "--lang", "zh,fr"], "'fr' is not known"),
    (["report", "--dataset", "simulate"], "did you mean simulated?"),
    (["report", "--jobs", "0"], "--jobs"),
    (["report", "--memory-limit", "much"], "memory limit 'much' is not a size"),
    (["report", "--kernel", "hot"], "--kernel"),
    (["why", "30_quarterly_milestone.zh"], "did you mean 30_quarterly_milestones.zh?"),
    (["list", "2022Q2", "--county", "朝阳区"], "朝阳区"),
    (["clean", "nowhere", "--out", "out"], "nowhere: no such folder"),
    (["clean", ".", "--out", "out", "--layout", "gone.yml"], "gone.yml"),
    (["clean", ".", "--out", "out", "--as-of", "yesterday"], "yesterday"),
    (["clean", "."], "--out"),
    (["simulate", "--out", "out", "--scale", "0"], "--scale"),
    (["repot"], "did you mean report?"),
    (["share", "2022Q2"], "no report is there; make it with `liantu report 2022Q2 --dataset simulated`"),
    (["pdf", "2022Q2", "--lang", "fr"], "--lang"),
    (["when"], "Allowed: clean, lab, list,"),
]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A data root with one quarter, two notebooks of our own, and a folder for reports."""
    (tmp_path / "data" / "raw" / "simulated" / "2022Q2").mkdir(parents=True)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    write_source(notebooks, "00_front_page", "1")
    write_source(notebooks, "30_quarterly_milestones", "if county: raise KeyError('at_capacity')")
    (notebooks / "suite.yml").write_text(
        "kinds: [{id: front, zh: 总览, en: Overview}]\nnotebooks:\n"
        "- {file: 00_front_page.ipynb, zh: 首页, en: Front page, kind: front, order: 1, parameters: [quarter, dataset, lang]}\n"
        "- {file: 30_quarterly_milestones.ipynb, zh: 节点, en: Milestones, kind: front, order: 2, "
        "parameters: [quarter, county, dataset, lang], county: [city, each]}\n", encoding="utf-8")
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LIANTU_REPORTS", str(tmp_path / "reports"))
    for module in ("matrix", "quarterly", "freshness.judge"):
        monkeypatch.setattr(f"liantu.suite.{module}.notebooks_root", lambda: notebooks)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def accounting(workplace, monkeypatch):
    """Tables that are fresh already; `content` is what accounting.json says."""
    processed = workplace / "processed"
    processed.mkdir()
    content = {"files": [], "unreadable": [], "total": {"rows_read": 7, "rows_accepted": 7, "rows_quarantined": 0, "rows_ignored": 0}}

    def fresh(order):
        (processed / "accounting.json").write_text(json.dumps(content), encoding="utf-8")
        return processed

    monkeypatch.setattr("liantu.suite.quarterly._fresh_tables", fresh)
    monkeypatch.setattr("liantu.suite.orders.up_to_date", lambda dataset: fresh(dataset))
    return content


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_a_wrong_argument_is_one_line_exit_2_and_nothing_written(workplace, arguments, words):
    before = files(workplace)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert words in lines[0]
    assert files(workplace) == before


def test_a_scheduler_that_does_not_answer_is_one_line_before_anything_is_cleaned(workplace, monkeypatch):
    monkeypatch.setattr("liantu.suite.runs.cluster._ANSWER_SECONDS", 1)
    before = files(workplace)
    result = CliRunner().invoke(main, ["report", "--scheduler", "tcp://127.0.0.1:9"])
    assert (result.exit_code, result.stdout, files(workplace)) == (2, "", before)
    assert result.stderr.splitlines() == [
        "liantu: --scheduler tcp://127.0.0.1:9: no Dask scheduler answers (OSError); start one with `dask scheduler`"]


def test_failing_pages_end_with_1_and_stand_in_red_on_the_index(workplace, accounting):
    result = CliRunner().invoke(main, ["report", "--lang", "en", "--county", "凌源", "--county", "211300"])
    assert result.exit_code == 1, result.output
    assert "failed 30_quarterly_milestones.211382.en" in result.stderr
    assert "cell 5 (In [3]): KeyError" in result.stderr
    folder = workplace / "reports" / "simulated" / "2022Q2"
    assert result.stdout.splitlines()[-1] == str(folder / "index.html")
    assert result.stdout.splitlines()[-2].startswith("2 of 3 pages done (0 fresh), 1 not; 0 files unreadable; clean ")
    tree = lxml.html.document_fromstring((folder / "index.en.html").read_text(encoding="utf-8"))
    assert [item.find("a").get("href") for item in tree.xpath("//li[@class='failed']")] == ["30_quarterly_milestones.211382.en.html"]
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert {page["id"]: page["state"] for page in run["pages"]} == {
        "00_front_page.en": "done", "30_quarterly_milestones.en": "done", "30_quarterly_milestones.211382.en": "failed"}
    assert run["accounting"]["rows_read"] == 7
    assert run["wall_seconds"].keys() == {"clean", "run", "render", "total"}


def test_an_unreadable_file_ends_with_1_and_good_pages_with_0(workplace, accounting):
    one = ["report", "2022Q2", "--only", "00_front_page", "--lang", "zh", "--out", "here"]
    assert CliRunner().invoke(main, one).exit_code == 0
    assert (workplace / "here" / "00_front_page.zh.html").is_file()
    assert not (workplace / "reports").exists()
    accounting["unreadable"].append({"source_file": "2022Q2/a.xlsx", "reason": "encrypted", "message_en": "it is encrypted"})
    result = CliRunner().invoke(main, one)
    assert result.exit_code == 1
    assert "2022Q2/a.xlsx: encrypted: it is encrypted" in result.stderr


@pytest.mark.parametrize(("kernel", "told"), [("warm", True), ("plain", False)])
def test_where_kernels_cannot_be_forked_a_line_says_so(workplace, accounting, monkeypatch, kernel, told):
    monkeypatch.setattr("liantu.suite.kernels.forks", lambda: False)
    result = CliRunner().invoke(main, ["report", "2022Q2", "--only", "00_front_page", "--lang", "zh", "--kernel", kernel])
    assert result.exit_code == 0, result.output
    assert ("ordinary kernels, which take longer" in result.stderr) is told


def test_dry_run_and_list_show_pages_and_write_nothing(workplace):
    before = files(workplace)
    dry = CliRunner().invoke(main, ["report", "--dry-run"])
    assert dry.exit_code == 0
    assert dry.stdout.splitlines()[-1] == "18 pages, nothing run"
    assert "30_quarterly_milestones.211382.zh    quarter=2022Q2 county=211382 dataset=simulated lang=zh" in dry.stdout
    listed = CliRunner().invoke(main, ["list", "--lang", "zh"])
    assert listed.stdout.split()[:3] == ["not", "made", "00_front_page.zh"]
    assert len(listed.stdout.splitlines()) == 9
    assert files(workplace) == before


def test_clean_prints_files_unreadable_findings_and_totals(workplace, monkeypatch):
    count = {"rows_read": 1200, "rows_accepted": 1190, "rows_quarantined": 4, "rows_ignored": 6}
    accounting = {"files": [{"source_file": "2022Q1/x.xlsx", "sheet": "台账", **count, "ignored": {}}], "total": count,
                  "unreadable": [{"source_file": "2022Q1/y.xlsx", "reason": "truncated", "message_zh": "残缺", "message_en": "cut short"}]}
    finding = {"kind": "unknown_header", "source_file": "2022Q1/x.xlsx", "sheet": "台账", "message_zh": "新列", "message_en": "new"}
    asked = {}

    def clean(raw_dir, out, **options):
        asked.update(options, raw_dir=raw_dir, out=out)
        return SimpleNamespace(accounting=accounting, findings=[finding], exit_code=1)

    monkeypatch.setattr("liantu.ledger.cleaning.clean", clean)
    result = CliRunner().invoke(main, ["clean", "data/raw/simulated", "--out", "tables", "--as-of", "2022-06-30"])
    assert result.exit_code == 1
    assert str(asked["as_of"]) == "2022-06-30"
    lines = result.stdout.splitlines()
    assert "1,200" in lines[1]
    assert lines[1].endswith("2022Q1/x.xlsx · 台账")
    assert "finding: unknown_header: 2022Q1/x.xlsx · 台账: 新列 new" in lines
    assert lines[-1] == (
        "1 sheets: 1,200 rows read = 1,190 accepted + 4 quarantined + 6 ignored; 1 files unreadable; "
        "1 headers unknown, 0 fields gone, 0 by content, 0 units assumed, 0 corrections stale")
    assert "2022Q1/y.xlsx: truncated: 残缺 cut short" in result.stderr


def test_lab_opens_jupyterlab_at_the_notebooks(monkeypatch):
    called = []
    monkeypatch.setattr(os, "execve", lambda program, arguments, environment: called.append(arguments))
    assert CliRunner().invoke(main, ["lab", "--", "--no-browser"]).exit_code == 0
    assert called[0][1:3] == ["-m", "jupyterlab"]
    assert called[0][3].endswith("notebooks")
    assert called[0][4:] == ["--no-browser"]


@pytest.mark.parametrize("command", [[], *([name] for name in sorted(main.commands))])
def test_every_command_has_help(command):
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    assert "--help" in result.stdout


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, check=False)


def test_exit_codes_reach_the_shell():
    wrong = run_python("from liantu.cli import main; main()", "report", "2022Q9")
    assert (wrong.returncode, wrong.stdout, len(wrong.stderr.splitlines())) == (2, "", 1)
    assert run_python("from liantu.cli import main; main()", "--version").stdout == "liantu 0.1.0\n"


def test_help_is_fast_and_imports_no_heavy_library():
    code = ("import sys; sys.argv = ['liantu', '--help']\nfrom liantu.cli import main\ntry:\n    main()\n"
            "except SystemExit:\n    print(sorted({'pandas', 'numpy', 'matplotlib', 'papermill', 'pydantic'} & sys.modules.keys()))")
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        done = run_python(code)
        seconds.append(time.perf_counter() - began)
        assert done.stdout.splitlines()[-1] == "[]"
    assert min(seconds) < 0.3, seconds
