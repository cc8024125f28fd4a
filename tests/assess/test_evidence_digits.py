"""Digit patterns: published shares, chi-square against hand and scipy, and no word on a ledger where a test does not apply."""

import numpy as np
import pytest
from evidence_cases import known, row
from scipy import stats

from liantu.assess.evidence import evidence_rules
from liantu.assess.evidence.digits import benford_shares, first_digit_test, last_digit_test, orders_of_magnitude, reporters


def test_benford_as_published():
    # Benford 1938, table: first digits 1 to 9 in per cent
    assert np.round(100 * benford_shares(), 1).tolist() == [30.1, 17.6, 12.5, 9.7, 7.9, 6.7, 5.8, 5.1, 4.6]
    assert benford_shares().sum() == pytest.approx(1)


def test_powers_of_two_keep_benfords_law_and_equal_digits_do_not():
    powers = 2.0 ** np.arange(1, 1001)
    n, counts, _, p, deviation = first_digit_test(powers[:1000])
    assert n == 1000 and counts[0] == 301 and p > 0.99 and deviation < 0.006  # the classical example: 301 of the first 1000 powers of two
    even = first_digit_test(np.repeat(np.arange(1, 10), 50).astype(float))
    assert even[3] < 1e-6 and even[4] > 0.015


def test_last_digits_by_hand():
    # 10 sums end in 0, 5 in each of the other nine digits: expected 5.5 each; (4.5² + 9 x 0.5²) / 5.5 = 22.5 / 5.5
    amounts = np.concatenate([np.full(10, 120.0), np.repeat(np.arange(131, 140), 5).astype(float)])
    n, digits, statistic, p = last_digit_test(amounts)
    assert n == 55 and digits.tolist() == [10, 5, 5, 5, 5, 5, 5, 5, 5, 5]
    assert statistic == pytest.approx(22.5 / 5.5) and p == pytest.approx(stats.chi2.sf(22.5 / 5.5, 9))
    assert last_digit_test([])[0] == 0


def test_last_digits_agree_with_scipy():
    amounts = np.random.default_rng(5).integers(100, 9999, 400).astype(float)
    want = stats.chisquare(np.bincount(amounts.astype(int) % 10, minlength=10))
    assert last_digit_test(amounts)[2:] == (pytest.approx(want.statistic), pytest.approx(want.pvalue))


def test_a_single_slip_of_unit_does_not_widen_the_span():
    sums = np.full(1000, 500.0)
    assert orders_of_magnitude(sums) == 0
    assert orders_of_magnitude(np.append(sums, 5e9)) == 0
    assert orders_of_magnitude(10.0 ** np.linspace(0, 4, 1000)) == pytest.approx(3.92, abs=0.01)


def patterns(rows):
    rules = evidence_rules()
    given = [rules.rule(name).parameters for name in ("last_digits", "round_totals", "first_digits")]
    return reporters(known(rows), *given).set_index(["county", "measure"])


def ledger(county, file, sums, totals):
    return [row(f"P{n}", county=county, source_file=file, done_total_wan=float(done), total_investment_wan=float(total))
            for n, (done, total) in enumerate(zip(sums, totals, strict=True), 1 if county == "211382" else 1001)]


def test_a_ledger_of_round_sums_is_flagged_and_one_of_booked_sums_is_not():
    draw = np.random.default_rng(3)
    round_sums = ledger("211382", "2022-09-30/a.xlsx", draw.integers(2, 90, 80) * 100, draw.integers(1, 40, 80) * 1000)
    booked = ledger("211381", "2022-09-30/b.xlsx", draw.integers(200, 9000, 80), draw.integers(1001, 40000, 80))
    table = patterns(round_sums + booked)
    assert bool(table.loc[("211382", "last_digit"), "flagged"]) and not table.loc[("211381", "last_digit"), "flagged"]
    assert bool(table.loc[("211382", "round_total"), "flagged"]) and not table.loc[("211381", "round_total"), "flagged"]
    assert table.loc[("211382", "last_digit"), "share"] == 1.0
    first = table.loc[("211382", "first_digit")]
    assert first["why"] == "few" and np.isnan(first["p"]) and not first["flagged"]  # 80 sums are too few for Benford


def test_benford_is_not_asked_where_the_sums_span_too_little():
    draw = np.random.default_rng(4)
    narrow = ledger("211382", "2022-09-30/a.xlsx", draw.integers(1000, 9000, 400), draw.integers(9000, 9900, 400))
    assert patterns(narrow).loc[("211382", "first_digit"), "why"] == "narrow_span"
    wide = ledger("211382", "2022-09-30/a.xlsx", np.round(10 ** draw.uniform(0, 5, 400)), np.full(400, 10.0**6))
    found = patterns(wide).loc[("211382", "first_digit")]
    assert found["why"] == "" and not found["flagged"]


def test_few_sums_are_not_tested():
    table = patterns(ledger("211382", "2022-09-30/a.xlsx", [500.0] * 20, [1000.0] * 20))
    assert set(table["why"]) == {"few"} and table["p"].isna().all() and not table["flagged"].any()
