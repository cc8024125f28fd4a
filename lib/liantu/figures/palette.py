"""Colours by what they mean, safe for colour-blind readers and in greyscale; hatches say the same a second time.

Hues follow Okabe and Ito's palette (2008, "Color Universal Design"); lightness is stepped so that the meanings that stand side by side
stay apart on a black and white print. tests/figures/test_palette.py measures both.
"""

from __future__ import annotations

from types import MappingProxyType

from matplotlib.colors import to_rgb

INK = "#1A1A1A"
GREY = "#595959"
RULE = "#BFBFBF"
PAPER = "#FFFFFF"
EMPTY = "#EFEFEF"

# Counts: what was reported in time, what came late, and what time demands.
IN_TIME = "#0B4A7D"
LATE = "#E8B04A"
DEMAND = "#C44601"

# States of a chain's links, worst first, as liantu.chains names them. Each touches its neighbours in a stacked bar, so every pair must
# differ in lightness too.
GAPS = MappingProxyType({
    "broken_open": "#A63A00", "broken_in_repair": "#F0A830", "blocked": "#6A1B8A", "weak": "#6F9FC8", "held": "#08283F",
    "unasked": "#B7DCAB", "unknown": "#FFFFFF",
})
GAP_HATCHES = MappingProxyType({
    "broken_open": "", "broken_in_repair": "////", "blocked": "xxx", "weak": "....", "held": "", "unasked": "", "unknown": "",
})

# Rows of ledgers: used, quarantined, ignored.
ROWS = MappingProxyType({"accepted": "#0B4A7D", "quarantined": "#E0701A", "ignored": "#DDDDDD"})
ROW_HATCHES = MappingProxyType({"accepted": "", "quarantined": "////", "ignored": ""})

# Findings in ledgers: errors keep a row out, warnings flag a cell.
FINDINGS = MappingProxyType({"error": "#A63A00", "warning": "#F0A830"})
FINDING_HATCHES = MappingProxyType({"error": "", "warning": "////"})

# What became of projects that said they would fill a gap; neighbours in one stacked bar.
PROMISES = MappingProxyType({"kept": IN_TIME, "late": LATE, "not_due": PAPER, "gone": "#B5502A"})
PROMISE_HATCHES = MappingProxyType({"kept": "", "late": "////", "not_due": "", "gone": "xxx"})

# Schedules: what became of the work that the latest dates ask for, and the verdict on a project; neighbours in one bar.
WORK = MappingProxyType({"done": IN_TIME, "overdue": DEMAND, "to_do": "#A9CDE6"})
WORK_HATCHES = MappingProxyType({"done": "", "overdue": "////", "to_do": ""})
VERDICTS = MappingProxyType({"late": DEMAND, "tight": LATE, "on_track": IN_TIME, "unknown": PAPER})
VERDICT_HATCHES = MappingProxyType({"late": "xxx", "tight": "////", "on_track": "", "unknown": ""})

# Where the projects of a cohort are: gone on to the next stage, waiting in this one, suspended, terminated; neighbours in one bar.
STAYS = MappingProxyType({"onward": IN_TIME, "waiting": "#CFE3F2", "suspended": LATE, "terminated": "#B5502A"})
STAY_HATCHES = MappingProxyType({"onward": "", "waiting": "", "suspended": "////", "terminated": "xxx"})

# Grades of firms by results per mu, best first, and what becomes of the tax of enclave projects; neighbours in one bar.
GRADES = MappingProxyType({"A": "#08283F", "B": "#6F9FC8", "C": "#F0A830", "D": "#A63A00"})
GRADE_HATCHES = MappingProxyType({"A": "", "B": "....", "C": "////", "D": "xxx"})
ENCLAVES = MappingProxyType({"host": IN_TIME, "moved": "#A9CDE6", "leaves": DEMAND, "unresolved": PAPER})
ENCLAVE_HATCHES = MappingProxyType({"host": "", "moved": "....", "leaves": "////", "unresolved": ""})

# Claims held against the evidence, and how heavy a finding is; neighbours in one bar.
CLAIMS = MappingProxyType({"supported": IN_TIME, "unsupported": "#CFE3F2", "contradicted": "#B5502A"})
CLAIM_HATCHES = MappingProxyType({"supported": "", "unsupported": "", "contradicted": "xxx"})
SEVERITIES = MappingProxyType({"high": "#A63A00", "medium": "#F0A830", "low": "#CFE3F2"})
SEVERITY_HATCHES = MappingProxyType({"high": "", "medium": "////", "low": ""})

# What a gate says of a project, what became of what was wanted, and how it fits the chains; neighbours in one bar.
GATES = MappingProxyType({"pass": IN_TIME, "attention": LATE, "stop": "#A63A00", "unknown": PAPER})
GATE_HATCHES = MappingProxyType({"pass": "", "attention": "////", "stop": "xxx", "unknown": ""})
KINDS = MappingProxyType({"spill_over": IN_TIME, "ordinary": "#A9CDE6", "squeezed_out": "#B5502A", "unknown": PAPER})
KIND_HATCHES = MappingProxyType({"spill_over": "", "ordinary": "", "squeezed_out": "xxx", "unknown": ""})
FITS = MappingProxyType({"missing": IN_TIME, "gap": "#6F9FC8", "chain": "#CFE3F2", "off": LATE})
FIT_HATCHES = MappingProxyType({"missing": "", "gap": "....", "chain": "", "off": "////"})

# Forecasts: the band that holds 90 %, the one that holds 50 %, and the mean.
FORECAST = MappingProxyType({"band90": "#A9CDE6", "band50": "#5E97C2", "mean": IN_TIME})

# Lines of groups that have no meaning of their own (counties, size classes): three at most, and each is named at its line.
GROUPS = ("#08283F", "#2E8B57", "#E39AC0")

# One hue from nearly white to nearly black: lightness alone tells more from less.
SEQUENTIAL = ("#EAF3FA", "#B9D9EE", "#7DB5DB", "#3C86BD", "#0B5791", "#062F52")


def gap_dress(state: str) -> dict[str, str]:
    """How a patch of a link's state is dressed: its colour, an outline of ink, and a hatch in the ink that reads on the colour."""
    colour = GAPS[state]
    return {"facecolor": colour, "edgecolor": INK, "hatch": GAP_HATCHES[state], "hatchcolor": ink_on(colour)}


def ink_on(colour: tuple[float, ...] | str) -> str:
    """Black or white ink, whichever has the higher contrast on `colour` (WCAG 2.2 relative luminance)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) else PAPER
