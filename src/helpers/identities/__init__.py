"""Identities between stated figures: rows of the catalogue with their evaluator.

Used by the audit and by the reader of broken tables; depends on the catalogue only.
"""

from helpers.identities.figures import Interval, Printed, printed, stated_interval
from helpers.identities.propagate import Equation, Outcome, propagate
from helpers.identities.rows import Identity, Key, Term, identities
from helpers.identities.system import System, build_system, contradictions

__all__ = [
    "Equation", "Identity", "Interval", "Key", "Outcome", "Printed", "System", "Term",
    "build_system", "contradictions", "identities", "printed", "propagate", "stated_interval",
]
