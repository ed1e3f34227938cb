"""Extract: cleaned text to facts, one row per stated figure with its evidence span."""

from helpers.documents.clean import clean
from helpers.documents.sections import split_sections
from helpers.extract.article import read_article
from helpers.extract.records import Doubt, Extraction, Fact

__all__ = ["Doubt", "Extraction", "Fact", "extract"]


def extract(raw: str, doc: str = "") -> Extraction:
    """The facts stated in a raw text, in order of appearance.

    >>> [(f.code, f.value, f.unit) for f in extract("2014年全镇出生336人,出生率11.1‰。").facts]
    [('births', '336', 'person'), ('cbr', '11.1', 'permille')]
    """
    text = clean(raw)
    sections = split_sections(text.text)
    result = Extraction(doc, sections=len(sections))
    for section in sections:
        facts, doubts = read_article(text, section)
        result.facts += facts
        result.doubts += doubts
    result.facts.sort(key=lambda fact: (fact.start, fact.end, fact.code))
    return result
