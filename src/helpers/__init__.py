"""Township Notebooks: work reports in, one trustworthy HTML report per township out.

The packages follow the data: documents → extract → curate → panel → rates → audit → figures, report.
Each imports only the catalogue, the schema, the identities and the stages before it.
"""

__version__ = "0.1.0"
