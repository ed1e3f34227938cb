"""The audit: every stated figure recomputed within what rounding allows."""

from helpers.audit.findings import build

__all__ = ["build"]
