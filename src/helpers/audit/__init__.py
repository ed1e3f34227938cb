"""The audit: every stated figure recomputed within what rounding allows."""

from helpers.audit.build import build

__all__ = ["build"]
