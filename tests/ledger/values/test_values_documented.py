"""The tables of docs/values.md say what the readers do."""

import datetime as dt
import re
from pathlib import Path

import pytest

from liantu.ledger import values
from liantu.reference import city

CITY = city()
SNAPSHOT = dt.date(2022, 6, 30)
PAGE = (Path(__file__).parents[3] / "docs" / "values.md").read_text(encoding="utf-8")


def tables():
    for section in re.split(r"\n## ", PAGE)[1:]:
        title = section.partition("\n")[0]
        for cell, unit, expected, rule in re.findall(r"^\| `([^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$", section, flags=re.MULTILINE):
            yield title.split()[0].strip(","), cell, unit.strip(), expected.strip(), rule.strip()


def read(section, cell, unit):
    if section == "Amounts":
        return values.read_amount(cell, unit or None)
    if section == "Dates":
        return values.read_date(cell, SNAPSHOT)
    if section == "Places":
        return values.read_county(cell, CITY.divisions)
    if section == "Stages":
        return values.read_stage(cell, CITY.vocabulary)
    kinds = {"number": values.read_number, "yes/no": values.read_yes_no, "亩": lambda text: values.read_area(text, "亩"),
    "%": lambda text: values.read_share(text, "%")}
    return kinds[unit](cell)


@pytest.mark.parametrize(("section", "cell", "unit", "expected", "rule"), list(tables()))
def test_every_row_of_the_page(section, cell, unit, expected, rule):
    reading = read(section, cell, unit)
    assert (reading.rule or "") == rule
    shown = "" if reading.value is None else f"{reading.value:g}" if isinstance(reading.value, float) else str(reading.value)
    assert " ".join(filter(None, (shown, reading.precision))) == expected


def test_the_page_shows_every_kind():
    assert {section for section, *_ in tables()} == {"Amounts", "Dates", "Places", "Stages", "Numbers"}
    assert len(list(tables())) > 80
