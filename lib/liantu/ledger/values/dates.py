"""Dates as ledgers write them: a day, or the last day of the period named, with its precision."""

from __future__ import annotations

import datetime as dt
import re

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import is_number, open_cell
from liantu.ledger.values.numerals import FORMAL, read_numeral
from liantu.ledger.values.periods import BARE_FORMS, FIRST_YEAR, LAST_YEAR, PLAIN_FORMS, day, resolve
from liantu.ledger.values.quantities import joined, peel
from liantu.ledger.values.reading import Reading
from liantu.ledger.values.wording import WORDING, any_of

SERIALS = range(30_000, 60_001)
"""Day numbers of the 1900 system that are read as dates (1982 to 2064); smaller and larger ones are years, months or days in digits."""
_EPOCH = dt.date(1899, 12, 30)

_CHINESE = "〇零○一二三四五六七八九十廿卅元"
_CHINESE_DATE = re.compile(rf"([{_CHINESE}OoＯ0-9]+)(?=年|月|日|号|季)")
_CHINESE_YEAR = re.compile(r"(?<![〇零○一二三四五六七八九十])[一二][〇零○Oo0一二三四五六七八九]{3}(?![〇零○一二三四五六七八九十])")
_DIGIT_OF = str.maketrans("〇零○Oo一二三四五六七八九", "00000123456789")
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4"}
_ROMAN_QUARTER = re.compile(r"(?<![A-Za-z])(IV|I{1,3})(?=季)")
_TIME = re.compile(
    rf"[ T]?(?:{any_of(WORDING.times_of_day)} ?)?(?:[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?(?: ?[AaPp][Mm])?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?|[0-9]{1,2}[时点](?:[0-9]{1,2}分?|半|整)?)(?=(?:[之以]?前|止)?$)"
)
_DIGITS_THEN_TIME = re.compile(r"[0-9日号]$")
_FORMAL_DATE = re.compile(r"[壹贰貳叁參肆伍陆陸柒捌玖拾零〇]+(?=年|月|日|号|季)")
_SMALL = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_EITHER = re.compile(rf"(?<![0-9]){_SMALL}[、,和及与或]{_SMALL}(?=月|季)")
_DOTS = re.compile(r"(?<=[0-9])\s*(?:[.,/\\、。·•_]|\s)\s*(?=[0-9])")
_DASHES = re.compile(r"\s*[-—]+\s*")
_WHOLE = re.compile(r"\A([0-9]{4,6}|[0-9]{8})\.0+\Z")
_BEFORE = re.compile(any_of(WORDING.date_before) + r"[:： ]*")
_AFTER = re.compile(any_of(WORDING.date_after) + r"\Z")
_LATER = re.compile(any_of(WORDING.date_later))
_WEEKDAY = re.compile(any_of(WORDING.weekdays) + r"\Z")
_LUNAR = re.compile(any_of(WORDING.date_lunar))
_DENIED = re.compile(any_of(WORDING.date_denied))
_NOT_LATER = re.compile("不[晚迟]于")
_UNDECIDED = re.compile(any_of((*WORDING.undecided, *WORDING.date_undecided)), re.IGNORECASE)
_TWO_SHORT = re.compile(
    r"[0-9]{1,2}[-.][0-9]{1,2}(?:[-.][0-9]{2}|[-.][0-9]{4})?|[0-9]{4}\.[0-9]{1,2}-[0-9]{1,2}"
    r"|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[-. ]?[0-9]{2}|[0-9]{7}")
"""What could be two dates: 3.15 (a month and day, or a number), 2022.3-12 (a span of months, or a day), Mar-22 (a year, or a day)."""
_YEAR_BESIDE = re.compile(r"(?:19|20)[0-9]{2}年?度?")
_PART_OF = re.compile(any_of(WORDING.date_parts))
_UNTIL = re.compile(r"[-~至到]")
_MONTH_SPAN = re.compile(r"(?P<before>.*?)(?P<a>[0-9]{1,2})[-~至到](?P<b>[0-9]{1,2})(?P<unit>月份?|季度?)")
_WIDE = ("quarter", "half", "year")
_OPEN_END = re.compile(r"(?:今|现在|目前)\Z")


def read_date(cell: Cell, snapshot: dt.date, order_hint: None = None) -> Reading:
    """Read a date; the value is the last day of the period stated, `precision` tells the period.

    `snapshot` gives the year to a date without one and the anchor to 今年, 明年, 下月. A span of two dates is date_range (see
    read_date_range). Dates that cannot be, that could be two, or that lie outside 1990 to 2049 are not read.
    """
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    if isinstance(opened, dt.date):
        return day(opened)
    if is_number(opened):
        return _of_number(opened, snapshot)
    if not isinstance(opened, str):
        return Reading(None, "date_unreadable")
    core, insides = peel(opened)
    if any(map(_YEAR_BESIDE.fullmatch, insides)) and not re.search("[0-9]{4}", core):
        return Reading(None, "date_ambiguous")
    return _noted(_of_text(core, snapshot), insides)


def read_date_range(cell: Cell, snapshot: dt.date) -> tuple[Reading, Reading] | None:
    """Start and end of a cell that states a span (2022.3-2023.10, 2022年3-10月, 2022年3月至今); None when it states none.

    Both are readings as of read_date: each the last day of its own period. The end of an open span (至今) has no value.
    """
    opened = open_cell(cell)
    if not isinstance(opened, str):
        return None
    return _span(_spelled(peel(opened)[0]), snapshot)


def _noted(reading: Reading, insides: list[str]) -> Reading:
    if not insides:
        return reading
    return Reading(reading.value, reading.rule, joined([reading.note or "", *insides]), reading.precision)


def _of_number(number: float, snapshot: dt.date) -> Reading:
    """A numeric cell: a serial day, or digits of a date; 2022.1 is not read, it may have been 2022.10."""
    if not 0 < number < 1e9:
        return Reading(None, "date_unreadable")
    if int(number) in SERIALS:
        return day(_EPOCH + dt.timedelta(days=int(number)))
    if number == int(number):
        return _of_text(str(int(number)), snapshot)
    if not FIRST_YEAR <= number < LAST_YEAR + 1:
        return Reading(None, "date_unreadable")
    digits = f"{number:.6f}".rstrip("0").partition(".")[2]
    if digits == "1":
        return Reading(None, "date_ambiguous")
    if len(digits) > 2:
        return Reading(None, "date_unreadable")
    return _of_text(f"{int(number)}.{digits}", snapshot)


def _of_text(text: str, snapshot: dt.date) -> Reading:
    """A canonical text without its trailing parentheses."""
    if _UNDECIDED.search(text) and not re.search(r"[0-9]", text):
        return Reading(None, "date_undecided")
    if _LUNAR.search(text):
        return Reading(None, "date_unreadable")
    if _EITHER.search(text):
        return Reading(None, "date_several")
    text = _spelled(text)
    if re.fullmatch(r"[0-9]{5}", text) and int(text) in SERIALS:
        return day(_EPOCH + dt.timedelta(days=int(text)))
    core, around = _strip_around(text)
    reading = _bare(core, snapshot)
    if reading is not None:
        return Reading(reading.value, reading.rule, joined(around), reading.precision)
    if _span(text, snapshot):
        return Reading(None, "date_range")
    if _TWO_SHORT.fullmatch(core):
        return Reading(None, "date_ambiguous")
    return _within(text, snapshot)


def _spelled(text: str) -> str:
    """Digits Arabic, separators '.' or '-', no blanks, no time of day, no day of the week."""
    if found := _TIME.search(text):
        head = text[: found.start()]
        text = head + text[found.end():] if _DIGITS_THEN_TIME.search(head) else text
    text = _WEEKDAY.sub("", text.strip())
    if not text.isascii():
        text = _FORMAL_DATE.sub(lambda found: found[0].translate(FORMAL), text)
        text = _CHINESE_YEAR.sub(lambda found: found[0].translate(_DIGIT_OF), text)
        text = _CHINESE_DATE.sub(_arabic, text)
        text = _ROMAN_QUARTER.sub(lambda found: _ROMAN[found[1]], text)
    text = _DASHES.sub("-", _WHOLE.sub(r"\1", text))
    text = re.sub(r"(?<![0-9]) | (?![0-9])", "", text) if not re.search(r"[A-Za-z]{3}", text) else text
    return _DOTS.sub(".", text).upper() if text.isascii() and not re.search(r"[A-Za-z]{3}", text) else _DOTS.sub(".", text)


def _arabic(found: re.Match[str]) -> str:
    """三 → 3, 二十五 → 25, 二〇二二 → 2022, 元 (月) → 1; what is no numeral stays, and so does 十年, a span of ten years."""
    text = found[1]
    if text.isdigit() and text.isascii():
        return text
    if text == "元":
        return "1" if found.string[found.end():].startswith("月") else text
    spelled = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in spelled:
        return spelled.translate(_DIGIT_OF) if "元" not in spelled else text
    numeral = None if found.string[found.end():].startswith("年") else read_numeral(spelled)
    return str(numeral.number) if numeral else text


def _strip_around(text: str) -> tuple[str, list[str]]:
    """Without words such as 预计 before and 前 or 开工 behind; these are told."""
    around: list[str] = []
    while text:
        if found := _BEFORE.match(text):
            around.append(found[0])
            text = text[found.end():]
        elif (found := _AFTER.search(text)) and found.start():
            around.append(found[0])
            text = text[: found.start()]
        else:
            break
    return text, around


def _bare(text: str, snapshot: dt.date, year: int | None = None) -> Reading | None:
    """The date that a text is from end to end, None when it is none; of several forms that fit, the first that can be."""
    failed = None
    for form in BARE_FORMS:
        if found := form.fullmatch(text):
            reading = resolve(found, snapshot, year)
            if reading.value is not None:
                return reading
            failed = failed or reading
    return failed


def _span(text: str, snapshot: dt.date) -> tuple[Reading, Reading] | None:
    """Two dates with a dash, 至 or 到 between: the only place where both sides read, the second not before the first."""
    text, _ = _strip_around(text.strip())
    found = []
    if (months := _MONTH_SPAN.fullmatch(text)) and not months["before"].endswith("-"):
        first, last = (f"{months['before']}{months[name]}{months['unit']}" for name in ("a", "b"))
        found.append((_bare(first, snapshot), _bare(last, snapshot)))
    else:
        found.extend(_sides(text[: cut.start()], text[cut.end():], snapshot) for cut in _UNTIL.finditer(text))
    spans = [(start, end) for start, end in found if start and end and start.value and (end.value or end.note)]
    spans = [(start, end) for start, end in spans if end.value is None or start.value <= end.value]
    return spans[0] if len(spans) == 1 else None


def _sides(left: str, right: str, snapshot: dt.date) -> tuple[Reading | None, Reading | None]:
    left, right = left.strip(".-~至到从自由 "), right.strip(".-~至到 ")
    start = _bare(_strip_around(left)[0], snapshot)
    if start is None or start.value is None:
        return None, None
    if _OPEN_END.fullmatch(right):
        return start, Reading(None, None, right)
    if start.precision == "day" and re.fullmatch(r"[0-9]{1,2}[日号]", right):
        right = f"{start.value.month}月{right}"
    return start, _bare(_strip_around(right)[0], snapshot, start.value.year)


def _within(text: str, snapshot: dt.date) -> Reading:
    """The one date inside other words; more than one, digits left over or a denial, and none is read."""
    found = _search(text)
    if not found:
        return Reading(None, "date_undecided" if _UNDECIDED.search(text) else "date_unreadable")
    rest = "".join(text[start:end] for start, end in zip(
        [0, *(match.end() for match in found)], [*(match.start() for match in found), len(text)], strict=True))
    if len(found) > 1:
        return Reading(None, "date_several")
    if _LATER.match(text, found[0].end()):
        return Reading(None, "date_after")
    if re.search(r"[-~0-9]", rest) or text[: found[0].start()].endswith("前"):
        return Reading(None, "date_unreadable")
    if _DENIED.search(_NOT_LATER.sub("", rest)):
        return Reading(None, "date_denied")
    reading = resolve(found[0], snapshot)
    if "旬" in rest or (reading.precision in _WIDE and _PART_OF.search(rest)):
        return Reading(None, "date_unreadable")
    return Reading(reading.value, reading.rule, joined([rest.strip(".,;、。:： ")]), reading.precision)


def _search(text: str) -> list[re.Match[str]]:
    """Dates in plain form inside a text, the longest at each place, none that begins or ends in the middle of a number."""
    found: list[re.Match[str]] = []
    position = 0
    while position < len(text):
        matches = [match for form in PLAIN_FORMS if (match := form.match(text, position)) and _stands_alone(match)]
        if matches and (not position or not text[position - 1].isdigit() or not text[position].isdigit()):
            longest = max(matches, key=lambda match: match.end())
            found.append(longest)
            position = longest.end()
        else:
            position += 1
    return found


def _stands_alone(found: re.Match[str]) -> bool:
    return not (found[0][-1].isdigit() and found.string[found.end():found.end() + 1].isdigit())
