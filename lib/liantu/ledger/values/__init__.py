"""What one cell says: amounts, dates, places, terms, numbers, codes and text; read or refused by a named rule, never guessed."""

from liantu.ledger.values.amounts import read_amount
from liantu.ledger.values.codes import read_credit_code, read_national_code, region_of
from liantu.ledger.values.dates import read_date, read_date_range
from liantu.ledger.values.encoding import Cells, encode
from liantu.ledger.values.numbers import read_area, read_number, read_share, read_yes_no
from liantu.ledger.values.places import read_county
from liantu.ledger.values.plain import plain_amounts, plain_areas, plain_codes, plain_numbers
from liantu.ledger.values.plain_dates import plain_dates
from liantu.ledger.values.plain_texts import plain_texts
from liantu.ledger.values.privacy import scrub
from liantu.ledger.values.reading import NOTHING, Column, Reader, Reading, read_all, read_column
from liantu.ledger.values.stages import read_stage
from liantu.ledger.values.terms import read_term
from liantu.ledger.values.text import clean_text, read_text

__all__ = [
    "NOTHING", "Cells", "Column", "Reader", "Reading", "clean_text", "encode", "plain_amounts", "plain_areas", "plain_codes", "plain_dates",
    "plain_numbers", "plain_texts", "read_all", "read_amount", "read_area", "read_column", "read_county", "read_credit_code", "read_date",
    "read_date_range", "read_national_code", "read_number", "read_share", "read_stage", "read_term", "read_text", "read_yes_no",
    "region_of", "scrub",
]
