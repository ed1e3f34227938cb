"""The audit: every stated figure recomputed within what rounding allows."""

from helpers.audit.findings import build
from helpers.audit.questioned import question, questioned_facts

__all__ = ["build", "question", "questioned_facts"]
