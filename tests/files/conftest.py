"""What tests of files share: the text of a file's bytes, and the process that reads them ended afterwards."""

import pytest

from helpers.documents import files
from helpers.documents.read import Source, read_source


@pytest.fixture(scope="module", autouse=True)
def ended():
    """No reading process is left behind."""
    yield
    files.close()


@pytest.fixture
def read(tmp_path):
    """Bytes under a file name -> the raw document."""
    def reading(data: bytes, name: str):
        path = tmp_path / name
        path.write_bytes(data)
        return read_source(Source(path.stem, path, name))
    return reading
