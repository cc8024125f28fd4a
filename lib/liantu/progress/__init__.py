"""Where the year stands: what counts toward a target and when, by quarter and county, and the theme questions answered."""

from liantu.progress.counts import events
from liantu.progress.delays import reporting_delays
from liantu.progress.originals import originals
from liantu.progress.since import bridges, first_told, restatements, since_last_quarter
from liantu.progress.targets import against_targets, by_county, by_quarter, investment_by_county, investment_progress
from liantu.progress.themes import answer, theme
from liantu.progress.trends import held_quarters, trends

__all__ = [
    "against_targets", "answer", "bridges", "by_county", "by_quarter", "events", "first_told", "held_quarters", "investment_by_county",
    "investment_progress", "originals", "reporting_delays", "restatements", "since_last_quarter", "theme", "trends",
]
