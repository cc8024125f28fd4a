"""Codes that carry a check or a region: social credit codes (GB 32100-2015) and national project codes."""

from __future__ import annotations

import datetime as dt

import numpy as np

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGAN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGAN_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_code(body: str) -> str:
    """The nine characters of an organisation code (GB 11714-1997) for its first eight."""
    check = 11 - sum(_ORGAN.index(char) * weight for char, weight in zip(body, _ORGAN_WEIGHTS, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(county: str, rng: np.random.Generator) -> str:
    """A unified social credit code of a firm registered in `county`, with a correct check character."""
    body = "91" + county + organisation_code("MA" + "".join(_ORGAN[i] for i in rng.integers(0, 10, 6)))
    total = sum(_CREDIT.index(char) * weight for char, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return body + _CREDIT[(31 - total % 31) % 31]


def project_code(county: str, filed: dt.date, industrial: bool, rng: np.random.Generator) -> str:
    """A national project code (24 characters: year and month, region, kind, procedure, serial)."""
    kind = "04" if industrial else "47"
    procedure = "02" if rng.random() < 0.4 else "01"
    return f"{filed:%y%m}-{county}-{kind}-{procedure}-{rng.integers(100000, 999999)}"
