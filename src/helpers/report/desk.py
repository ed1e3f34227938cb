"""A document on the analyst's desk: its figures marked in place, those of one indicator or one kind of doubt at a time."""

from __future__ import annotations

import ipywidgets
import pandas as pd

from helpers.curate import in_force
from helpers.figures.labels import Labels
from helpers.report.sections import marked

ALL = ""
# What the second control chooses: every figure, those read with a doubt, those a person ruled on, those not read.
KINDS = ("all", "doubted", "ruled", "unread")
SHOWN = ("code", "dims", "value", "unit", "status", "period", "place", "doubts", "ruling", "fact")


class Desk:
    """A raw text with its facts and doubts; `view` is what a notebook shows, `rows` the figures shown now.

    `facts`: FACTS rows of this text, ruled or not (what is not in force is not marked); `doubts`: DOUBTS rows of it.
    """

    def __init__(self, text: str, facts: pd.DataFrame, doubts: pd.DataFrame, language: str = "zh") -> None:
        self.words = Labels(language)
        self.text, self.facts, self.doubts = text, in_force(facts), doubts
        self.rows = self.facts
        wide = {"style": {"description_width": "6em"}, "layout": ipywidgets.Layout(width="24em")}
        codes = sorted((self.words.indicator(code), code) for code in self.facts["code"].unique())
        self.indicator = ipywidgets.Dropdown(options=[(self.words("desk.all"), ALL), *codes], description=self.words("desk.indicator"), **wide)
        self.kind = ipywidgets.Dropdown(options=[(self.words(f"desk.{kind}"), kind) for kind in KINDS], description=self.words("desk.kind"), **wide)
        self.page, self.table = ipywidgets.HTML(), ipywidgets.HTML()
        self.indicator.observe(self._follow, names="value")
        self.kind.observe(self._follow, names="value")
        self.view = ipywidgets.VBox([ipywidgets.HBox([self.indicator, self.kind]), self.page, self.table])
        self._follow()

    def _follow(self, change: object = None) -> None:
        """Mark and list what is chosen now."""
        if self.kind.value == "unread":
            self.rows = self.doubts
            self.page.value = str(marked(self.text, self.facts.iloc[:0], self.words.language, unread=self.doubts).html)
        else:
            self.rows = self._chosen()
            self.page.value = str(marked(self.text, self.rows, self.words.language).html)
        shown = [name for name in SHOWN if name in self.rows] or ["quote", "reason"]
        self.table.value = self.rows[shown].to_html(index=False, border=0, escape=True) if len(self.rows) else f"<p>{self.words('desk.none')}</p>"

    def _chosen(self) -> pd.DataFrame:
        """The facts of the chosen indicator and kind."""
        rows = self.facts
        if self.indicator.value != ALL:
            rows = rows[rows["code"] == self.indicator.value]
        if self.kind.value == "doubted":
            rows = rows[rows["doubts"] != ""]
        if self.kind.value == "ruled":
            rows = rows[(rows["ruling"] != "") | (rows["state"] == "corrected")]
        return rows

