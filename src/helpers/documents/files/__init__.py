"""Files that hold their text in a container: Word, Excel, PDF, web pages, CSV. What they say becomes plain text.

The text taken out of a file is its raw text: every offset of the suite points into it, and it is kept in
`data/interim/text`. Paragraphs are lines; a row of a table is a line with its cells between bars.
"""

from helpers.documents.files.apart import close, take_text
from helpers.documents.files.kinds import SUFFIXES, TEXT, kind_of
from helpers.documents.files.taken import Taken, Unreadable

__all__ = ["SUFFIXES", "TEXT", "Taken", "Unreadable", "close", "kind_of", "take_text"]
