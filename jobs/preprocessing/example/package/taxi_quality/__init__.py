"""Rules for trips of yellow cabs, as NYC's TLC publishes them."""

from .rules import fault_of
from .zones import summarize

__all__ = ["fault_of", "summarize"]
