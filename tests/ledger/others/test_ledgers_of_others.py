"""Ledgers as county offices, bureaus and development zones write them, each with what a careful reader takes from it."""

import pytest
from written_ledgers import ledgers, score, write

from liantu.ledger import clean_tables
from liantu.ledger.layout.known import known_forms
from liantu.reference import city

KNOWN = known_forms(city())
LEDGERS = ledgers()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every ledger as a file, and the tables that cleaning makes of them all."""
    raw = tmp_path_factory.mktemp("raw")
    return {ledger.id: write(ledger, raw) for ledger in LEDGERS}, clean_tables(raw)


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.id)
def test_a_ledger_of_others_is_understood(ledger, written):
    paths, tables = written
    assert score(ledger, paths[ledger.id], KNOWN, tables).wrong == []


def test_every_ledger_tells_what_it_is_and_no_two_are_the_same():
    assert len({ledger.what for ledger in LEDGERS}) == len(LEDGERS) == len({ledger.source_file for ledger in LEDGERS})
    assert {ledger.file for ledger in LEDGERS} == {"xlsx", "xls", "ods", "csv", "tsv", "html"}
