"""The panel: place × period × indicator, one value each, rivals kept."""

from helpers.panel.build import build

__all__ = ["build"]
