"""Dates as ledgers write them, held against a table written by hand and against another parser (jionlp, which only tests use).

date_forms.csv: `form` (as `kind` says a text or a number) read at `snapshot` gives `date` with `precision`, or breaks `rule`.
The rows of the list `first` were written before any of them was read; those of `second` after the mending that the first made
necessary. `jionlp` says whether jionlp's last day is the same (none for what is refused); where it differs, `reason` says why.
"""

import contextlib
import csv
import datetime as dt
import io
import logging
from pathlib import Path

import pytest

from liantu.ledger.values import read_date

with Path(__file__).with_name("date_forms.csv").open(encoding="utf-8", newline="") as table:
    FORMS = list(csv.DictReader(table))


def label(form):
    return f"{form['form']}@{form['snapshot']}"


def ours(form):
    cell = float(form["form"]) if form["kind"] == "number" else form["form"]
    reading = read_date(cell, dt.date.fromisoformat(form["snapshot"]))
    return str(reading.value or ""), reading.precision or "", reading.rule or ""


@pytest.fixture(scope="module")
def parse():
    """jionlp's last day of a text as seen from a date, '' where it reads no day; loaded once, its banner and its logs kept quiet."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import jionlp

    def last_day(text, snapshot):
        base = dict(zip(("year", "month", "day"), map(int, snapshot.split("-")), strict=True))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                told = jionlp.parse_time(text, time_base=base)
            except Exception:
                return ""
        return str(told["time"][1])[:10] if told["type"] in ("time_point", "time_span") else told["type"]

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield last_day
    logging.disable(before)


def test_the_table_is_long_enough_and_names_each_form_once():
    assert len(FORMS) >= 120
    assert len({(form["form"], form["kind"], form["snapshot"]) for form in FORMS}) == len(FORMS)
    assert all(bool(form["date"]) == bool(form["precision"]) and not (form["date"] and form["rule"]) for form in FORMS)


def test_every_form_reads_as_the_table_says():
    wrong = {label(form): ours(form) for form in FORMS if ours(form) != (form["date"], form["precision"], form["rule"])}
    assert wrong == {}


def test_jionlp_agrees_but_where_the_table_gives_a_reason(parse):
    same = {label(form): parse(form["form"], form["snapshot"]) == form["date"] for form in FORMS}
    assert {label(form): form["jionlp"] for form in FORMS} == {name: "agrees" if agrees else "differs" for name, agrees in same.items()}
    assert all(bool(form["reason"]) == (form["jionlp"] == "differs") for form in FORMS)
