"""Messages are complete in both languages; text breaks where Chinese and English allow it."""

import re
import string
from pathlib import Path

import pytest

from liantu.figures.fonts import width
from liantu.figures.wording import FILES, LANGUAGES, messages, number, percent, say, wrap

FLOOR = Path(__file__).parents[2] / "lib" / "liantu" / "figures"


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same():
    for key, entry in messages().items():
        assert set(entry) == set(LANGUAGES), key
        # English leaves the unit out where it would stand twice, and counts "and 2 more" where Chinese counts all
        unlike = fields(entry["zh"]) ^ fields(entry["en"])
        assert unlike <= ({"n", "more"} if key == "county.many" else {"unit"}), key


def test_no_key_stands_twice():
    lines = [line for name in FILES for line in (FLOOR / name).read_text(encoding="utf-8").splitlines()]
    keys = [line.split(":")[0] for line in lines if line and not line.startswith("#")]
    assert len(keys) == len(set(keys)) == len(messages())


def test_every_message_asked_for_is_there():
    asked = {key for file in FLOOR.glob("*.py") for key in re.findall(r'say\("([a-z_0-9.]+)"', file.read_text(encoding="utf-8"))}
    assert len(asked) > 50
    assert sorted(asked - set(messages())) == []


def test_an_unknown_message_is_an_error():
    with pytest.raises(KeyError):
        say("no.such", "zh")


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (float("nan"), "–"), (0, "0"), (99.96, "100"), (20.1667, "20.2"), (-3, "−3"),
                                             (9999, "9999"), (12345.6, "12,346")])
def test_numbers(value, text):
    assert number(value) == text


def test_tenths():
    assert (number(499, tenths=True), number(20_000.4, tenths=True)) == ("499.0", "20,000")


def test_percent():
    assert (percent(0.395), percent(None), percent(1.06)) == ("40%", "–", "106%")


def test_lines_fit_and_keep_closing_marks_off_their_start():
    text = "喀喇沁左翼蒙古族自治县（简称喀左），一季度开工：目标120个，实际86个，差34个。Harqin Left Wing Mongol Autonomous County"
    for inches in (0.9, 1.7, 3.0):
        lines = wrap(text, inches, 10).split("\n")
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(width(line, 10) <= inches + 0.12 for line in lines)
        assert not any(line[0] in "，。：）" for line in lines)
        assert all("Mongol" in line for line in lines if "Mong" in line)


def test_a_word_wider_than_the_line_is_broken():
    assert len(wrap("Harqinleftwingmongolautonomouscounty", 0.8, 10).split("\n")) > 2
