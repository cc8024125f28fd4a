"""Simulated ledgers of a city's project year, with the truth beside them; only the command and the tests import this."""

from liantu.simulation.parameters import DEFAULT_SCALE, DEFAULT_SEED, Parameters
from liantu.simulation.run import default, simulate

__all__ = ["DEFAULT_SCALE", "DEFAULT_SEED", "Parameters", "default", "simulate"]
