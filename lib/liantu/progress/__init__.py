"""Where the year stands and where it will end: counts, funnel, forecasts with their back-tests, schedules, slips, pace and money."""

from liantu.progress.counts import events
from liantu.progress.delays import reporting_delays
from liantu.progress.earned_schedule import earned_schedule, schedule_performance
from liantu.progress.forecasting import forecast_counts
from liantu.progress.investment_curve import investment_curve
from liantu.progress.nowcasts import nowcast
from liantu.progress.originals import originals
from liantu.progress.pace import county_pace, left_out, should_have, started_early
from liantu.progress.pipeline import pipeline_of
from liantu.progress.plan_versions import plan_versions
from liantu.progress.scheduling.back_schedule import back_schedule
from liantu.progress.scheduling.project_schedules import project_schedules
from liantu.progress.since import bridges, first_told, restatements, since_last_quarter
from liantu.progress.slips import reference_class, slip_summary, slips
from liantu.progress.target_forecasts import project_chances, target_forecasts
from liantu.progress.targets import against_targets, by_county, by_quarter, investment_by_county, investment_progress
from liantu.progress.themes import answer, theme
from liantu.progress.trends import held_quarters, trends

__all__ = [
    "against_targets", "answer", "back_schedule", "bridges", "by_county", "by_quarter", "county_pace", "earned_schedule", "events",
    "first_told", "forecast_counts", "held_quarters", "investment_by_county", "investment_curve", "investment_progress", "left_out",
    "nowcast", "originals", "pipeline_of", "plan_versions", "project_chances", "project_schedules", "reference_class",
    "reporting_delays", "restatements", "schedule_performance", "should_have", "since_last_quarter", "slip_summary", "slips",
    "started_early", "target_forecasts", "theme", "trends",
]
