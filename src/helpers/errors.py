"""The one family of errors the suite raises on purpose.

Every message is a full sentence that names the file, the place in it and the way out.
"""


class TownshipError(Exception):
    """Base class: catch this and you catch everything the suite means to say."""


class InputError(TownshipError):
    """The call cannot be carried out at all (exit code 2): nothing to read, a wrong option."""


class DocumentError(TownshipError):
    """One document cannot be read; the others go on (exit code 1)."""


class CatalogueError(TownshipError):
    """A row of `data/catalogue` or `data/reference` is not valid."""


class CorrectionError(TownshipError):
    """A correction matches nothing, or no longer finds what it expects."""


class ReportError(TownshipError):
    """One report could not be rendered; the others go on (exit code 1)."""
