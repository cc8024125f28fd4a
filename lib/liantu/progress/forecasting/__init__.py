"""How many stage ends a programme will report by a date: plan, flow and a model side by side, back-tested, from plain tables."""

from liantu.progress.forecasting.forecasts import Forecast, forecast_counts
from liantu.progress.forecasting.simulating import Ends, simulate_ends

__all__ = ["Ends", "Forecast", "forecast_counts", "simulate_ends"]
