"""All tables for spreadsheets and programs: whole, in Chinese, with nothing live in a cell and no person named."""

from __future__ import annotations

import csv

import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from helpers.catalogue import read_rows
from helpers.report import exports
from helpers.report.download import is_live
from helpers.schema import TABLES
from helpers.workspace import Workspace


@pytest.fixture(scope="module")
def exported(hostile_data, tmp_path_factory):
    """The exports of the county whose every text is an attack."""
    return exports.write(Workspace(data=hostile_data), tmp_path_factory.mktemp("exports"))


def test_every_column_has_a_chinese_name_and_every_name_a_column():
    for table in TABLES.values():
        header = exports.chinese_header(table)
        assert len(set(header)) == len(header) and not [name for name in header if name.isascii()], table.name
    known = {column.name for table in TABLES.values() for column in table.columns}
    assert not [row["column"] for row in read_rows("columns") if row["column"] and row["column"] not in known]


def test_csv_opens_in_excel_and_holds_no_formula(exported):
    data = (exported / "places.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    for name in ("places", "facts", "findings", "documents"):
        with (exported / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert len(cells) > 20 and not [cell for cell in cells if is_live(cell)]


def test_the_workbook_is_in_chinese_and_holds_no_formula(exported):
    book = load_workbook(exported / "township.xlsx")
    assert "地方" in book.sheetnames and "数据字典" in book.sheetnames
    assert [cell.value for cell in book["地方"][1]][:2] == ["地方编号", "名称"]
    assert not [cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_parquet_fields_carry_their_meaning(exported, hostile_data):
    table = pq.read_table(exported / "rates.parquet")
    field = table.schema.field("denominator")
    assert field.metadata[b"name_zh"].decode() == "分母" and b"person-years" in field.metadata[b"meaning"]
    pd.testing.assert_frame_equal(TABLES["rates"].conform(table.to_pandas()), Workspace(data=hostile_data).read("rates"))


def test_persons_in_the_words_of_documents_are_covered(county_data, tmp_path):
    import shutil

    shutil.copytree(county_data, tmp_path / "data")
    workspace = Workspace(data=tmp_path / "data")
    findings = workspace.read("findings")
    findings["statement"] = "镇长王建国称自然增长12人"
    workspace.write("findings", findings)
    folder = exports.write(workspace, tmp_path / "out")
    told = "".join((folder / name).read_text(encoding="utf-8") for name in ("findings.csv",))
    assert "王建国" not in told and "镇长×××称自然增长12人" in told
    assert "王建国" not in pd.read_parquet(folder / "findings.parquet").to_string()


def test_nothing_is_written_again_where_nothing_changed(county_data, tmp_path):
    workspace = Workspace(data=county_data)
    folder = exports.write(workspace, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert exports.write(workspace, tmp_path) == folder and before == {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert not [name for name in before if name.startswith(".")]


def test_the_dictionary_covers_tables_and_indicators():
    told = exports.dictionary()
    assert set(TABLES) <= set(told["table"]) and "births" in set(told.loc[told["table"] == "indicators", "column"])
    assert not told[["中文", "meaning"]].eq("").any().any()
