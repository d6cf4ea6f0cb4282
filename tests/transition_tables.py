"""The shipped rules under two choices of readings, each with its transition table made once."""

from __future__ import annotations

from functools import lru_cache

from conftest import ROOT
from simsync.app import load_model
from simsync.statespace.transition_table import transition_table

BASE = load_model(ROOT / "machines")
OTHER = BASE.under({reading.name: list(reading.options)[-1] for reading in BASE.policy.readings.values()})
table_of = lru_cache(maxsize=8)(transition_table)
