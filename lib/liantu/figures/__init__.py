"""Figures and what else a notebook shows: one style and font, and each figure with its alt text and tidy data, in zh or en."""

from liantu.figures.chain_charts import gap_chart, heat_map
from liantu.figures.display import Answer, Headline, PageTable, Picture
from liantu.figures.empty import empty_picture
from liantu.figures.ledger_charts import accounting_chart, reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.style import figure_style, new_figure, stamp

__all__ = [
    "Answer", "Headline", "PageTable", "Picture", "accounting_chart", "county_chart", "empty_picture", "figure_style", "gap_chart",
    "heat_map", "new_figure", "pace_chart", "reporting_delay_chart", "stamp", "target_chart",
]
