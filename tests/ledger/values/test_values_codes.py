"""National project codes and unified social credit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.ledger.values import read_credit_code, read_national_code, region_of

CODE = "2205-211302-04-01-123456"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Published codes of listed companies and agencies: their check digits are an independent reference.
PUBLISHED = ["91100000100003962T", "914403001922038216", "91350100M000100Y43", "91330100799655058B"]


@pytest.mark.parametrize("cell",
[CODE, "2205-211302-04-01-123456 ", "22052113020401123456", "２２０５-211302-04-01-123456", "2205—211302—04—01—123456",
    "2205 - 211302 - 04 - 01 - 123456", 22052113020401123456])
def test_national_codes_that_are_read(cell):
    assert (read_national_code(cell).value, read_national_code(cell).rule) == (CODE, None)


@pytest.mark.parametrize(("cell", "rule"), [
    ("2205-211302-04-01-12345", "national_code_form"), ("2205-211302-04-01-1234567", "national_code_form"),
    ("待办", "national_code_form"), (2.2052113020401123e19, "code_digits_lost"),
    ("2.20521E+19", "code_digits_lost"), (12345, "national_code_form"), (True, "national_code_form"), (float("inf"), "code_digits_lost"),
    (f"{CODE}、{CODE}", "national_code_form"),
])
def test_national_codes_that_are_refused(cell, rule):
    assert (read_national_code(cell).value, read_national_code(cell).rule) == (None, rule)


def test_the_region_of_a_code():
    assert region_of(CODE) == "211302"
    assert region_of("not a code") is None


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_credit_codes_check(code):
    assert (read_credit_code(code).value, read_credit_code(code).rule) == (code, None)
    assert read_credit_code(code.lower()).value == code
    assert read_credit_code(f" {code[:6]} {code[6:]} ").value == code


@pytest.mark.parametrize(("cell", "rule"), [
    ("9111000010000396", "credit_code_form"), ("91110000I00003962T", "credit_code_form"), ("办理中", "credit_code_form"),
    (9.1211302123456e17, "code_digits_lost"),
    ("9.12113E+17", "code_digits_lost"), ("211302198001011234", "credit_code_form"), (True, "credit_code_form"),
])
def test_credit_codes_that_are_refused(cell, rule):
    assert (read_credit_code(cell).value, read_credit_code(cell).rule) == (None, rule)


@given(st.sampled_from(PUBLISHED), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(code, place, letter):
    """31 is prime and no weight is 0 in it, so every single slip changes the check digit."""
    slipped = code[:place] + letter + code[place + 1 :]
    reading = read_credit_code(slipped)
    if letter == code[place]:
        assert reading.rule is None
    else:
        assert reading.rule in ("credit_code_check", "credit_code_form")


@pytest.mark.parametrize("read", [read_national_code, read_credit_code])
@pytest.mark.parametrize("cell", [None, "", "/", "无", float("nan")])
def test_cells_without_a_code(read, cell):
    assert (read(cell).value, read(cell).rule) == (None, None)
