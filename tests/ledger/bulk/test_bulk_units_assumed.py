"""A unit told nowhere is told with the same count whether a ledger is read in pieces or from memory."""

from large_ledgers import rows, written

from liantu.ledger import pipeline
from liantu.ledger.bulk.run import clean_bulk


def test_units_assumed_are_summed_over_the_pieces(tmp_path, small_pieces):
    told = [[cell.replace("（万元）", "") if isinstance(cell, str) else cell for cell in line] for line in rows(3, 300)[2:]]
    path = tmp_path / "raw/2022Q2/全市.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(written(told))
    bulk = clean_bulk(tmp_path / "raw", tmp_path / "out", scheduler="synchronous")
    assert bulk.findings == pipeline.run(tmp_path / "raw").findings
    counts = {finding["field"]: finding["cells"] for finding in bulk.findings if finding["kind"] == "unit_assumed"}
    assert set(counts) == {"total_investment_wan", "plan_year_wan"} and all(60 < count < 300 for count in counts.values())
