"""Where the year stands: what counts toward a target and when, by quarter and county, and the theme questions answered."""

from liantu.progress.counts import events
from liantu.progress.delays import reporting_delays
from liantu.progress.originals import originals
from liantu.progress.targets import against_targets, by_county, by_quarter, investment_by_county, investment_progress
from liantu.progress.themes import answer, theme

__all__ = [
    "against_targets", "answer", "by_county", "by_quarter", "events", "investment_by_county", "investment_progress", "originals",
    "reporting_delays", "theme",
]
