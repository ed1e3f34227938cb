"""The same report as text, Word, Excel, PDF and web page states the same figures; each kind is read as its page shows it."""

import datetime
import io
import re

import making
import pytest
from making import W, blocks_of, docx_of, paragraph
from openpyxl import Workbook, load_workbook

from helpers.documents.files import kind_of
from helpers.documents.files.numbering import written
from helpers.documents.files.rows import Span, laid_out, lines_of
from helpers.documents.files.shown import shown
from helpers.extract import extract
from helpers.workspace import SAMPLE

REPORT = """栖霞镇2014年人口和计划生育工作总结
2014年，全镇上下认真落实人口和计划生育各项政策，工作取得了较好成绩，现将一年来的情况总结如下，请予审阅，不当之处请指正。
一、基本情况
年末总人口30317人，育龄妇女8012人。全年共出生336人，出生率11.10‰，其中男孩172人，女孩164人，出生人口性别比104.88。
各村情况见下表：
单位 | 总人口 | 出生人数 | 死亡人数 | 政策符合率
东河村 | 2510 | 30 | 15 | 96.67%
西河村 | 3020 | 36 | 17 | 94.44%
二、2015年工作目标
出生率控制在12‰以内，政策符合率达到96%以上。
"""
# In every state the simulator knows, and every style of the restated ones.
SAMPLES = [*sorted((SAMPLE / "restated").glob("*.txt")), *sorted((SAMPLE / "simulated_county").glob("*.txt"))[::11]]
KINDS = [suffix for suffix in making.MAKERS if suffix != ".txt"]


def stated(text: str) -> list[tuple]:
    return sorted((fact.code, str(fact.dims), fact.value, fact.unit, fact.status, fact.place, fact.level, fact.period, fact.section)
                  for fact in extract(text).facts)


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("text", [pytest.param(REPORT, id="table in prose"), *(pytest.param(path.read_text(encoding="utf-8"), id=path.stem) for path in SAMPLES)])
def test_a_report_states_the_same_figures_in_every_kind_of_file(read, suffix, text):
    blocks = blocks_of(text)
    raw = read(making.MAKERS[suffix](blocks), f"report{suffix}")
    assert raw.kind == suffix.strip(".") and not raw.notes
    assert stated(raw.text) == stated(making.txt(blocks).decode())


@pytest.mark.parametrize("suffix", KINDS)
def test_every_figure_stands_where_the_fact_says_in_the_text_taken_out(read, suffix):
    raw = read(making.MAKERS[suffix](blocks_of(REPORT)), f"report{suffix}")
    facts = extract(raw.text).facts
    assert len(facts) == 17 and all(raw.text[fact.start:fact.end] == fact.quote for fact in facts)


@pytest.mark.parametrize(("made", "name", "kind"), [
    (making.web, "report.doc", "html"), (making.web, "report.xls", "html"), (making.docx, "report.doc", "docx"),
    (making.pdf, "report.txt", "pdf"), (making.xlsx, "report.dat", "xlsx"), (making.docx, "report", "docx"),
])
def test_what_a_file_is_decides_and_not_its_ending(read, made, name, kind):
    raw = read(made(blocks_of(REPORT)), name)
    assert raw.kind == kind and stated(raw.text) == stated(REPORT)


def test_text_in_a_text_file_stays_as_it_is_whatever_it_looks_like(read):
    text = "<html><body><p>出生336人</p></body></html>\n"
    assert read(text.encode(), "report.txt").text == text
    assert kind_of(b"a,b\n", ".txt") == "" and kind_of(b"a,b\n", ".csv") == "csv"


# --- Word ---

def run(text, properties=""):
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.mark.parametrize(("inside", "text", "why"), [
    (run("出生") + "<w:ins>" + run("336") + "</w:ins><w:del><w:r><w:delText>363</w:delText></w:r></w:del>" + run("人"), "出生336人", "revision mode"),
    (run("出生336人") + run("密", "<w:rPr><w:vanish/></w:rPr>"), "出生336人", "hidden text is not on the page"),
    (run("密", '<w:rPr><w:vanish w:val="0"/></w:rPr>'), "密", "hiding switched off"),
    ("<w:sdt><w:sdtContent>" + run("出生336人") + "</w:sdtContent></w:sdt>", "出生336人", "a content control"),
    ("<w:hyperlink>" + run("出生336人") + "</w:hyperlink>", "出生336人", "a link"),
    ("<w:r><w:ruby><w:rt>" + run("xiàn") + "</w:rt><w:rubyBase>" + run("县") + "</w:rubyBase></w:ruby></w:r>", "县", "a pinyin guide"),
    ("<w:r><w:instrText>PAGE 7</w:instrText></w:r>" + run("出生336人"), "出生336人", "the code of a field"),
    ("<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>" + paragraph("框内336人") + "</w:txbxContent></w:drawing></mc:Choice>"
     "<mc:Fallback><w:pict><w:txbxContent>" + paragraph("框内336人") + "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>" + run("正文"),
     "正文\n框内336人", "a text box once, after its paragraph"),
])
def test_word_is_read_as_its_page_shows_it(read, inside, text, why):
    assert read(docx_of(f"<w:p>{inside}</w:p>"), "report.docx").text == text + "\n", why


def test_numbers_that_word_writes_by_itself_are_read(read):
    numbering = (f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="3"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
                 '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>'
                 '<w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num></w:numbering>')
    styles = f'<w:styles xmlns:w="{W}"><w:style w:styleId="h"><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style><w:style w:styleId="sub"><w:basedOn w:val="h"/></w:style></w:styles>'

    def item(level, text):
        return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr></w:pPr>{run(text)}</w:p>'
    body = (item(0, "基本情况") + item(1, "出生") + item(1, "死亡") + f'<w:p><w:pPr><w:pStyle w:val="sub"/></w:pPr>{run("工作目标")}</w:p>' + item(1, "奖励") + paragraph("落款"))
    assert read(docx_of(body, numbering=numbering, styles=styles), "report.docx").text.split() == ["一、基本情况", "1.出生", "2.死亡", "二、工作目标", "1.奖励", "落款"]


@pytest.mark.parametrize(("number", "kind", "text"), [
    (1, "chineseCounting", "一"), (10, "chineseCounting", "十"), (20, "chineseCountingThousand", "二十"), (35, "ideographDigital", "三十五"), (4, "lowerRoman", "iv"),
    (3, "upperLetter", "C"), (100, "chineseCounting", "100"), (7, "ordinal", "7"),
])
def test_numbers_of_lists_are_written_as_word_writes_them(number, kind, text):
    assert written(number, kind) == text


def test_merged_cells_of_a_word_table_are_repeated_so_that_columns_keep_their_names(read):
    def cell(text, properties=""):
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = ("<w:tr>" + cell("单位", down) + cell("出生人数", '<w:gridSpan w:val="2"/>') + cell("死亡人数", down) + "</w:tr><w:tr>" + cell("", on) + cell("男") + cell("女") + cell("", on)
             + "</w:tr><w:tr>" + cell("东河村") + cell("16") + cell("14") + cell("15") + "</w:tr><w:tr>" + cell("西河村") + cell("18") + cell("") + cell("17") + "</w:tr>")
    raw = read(docx_of(paragraph("2014年各村情况") + f"<w:tbl>{table}</w:tbl>"), "report.docx")
    assert raw.text.splitlines()[1:] == ["单位 | 出生人数 | 出生人数 | 死亡人数", "单位 | 男 | 女 | 死亡人数", "东河村 | 16 | 14 | 15", "西河村 | 18 | — | 17"]
    facts = [(fact.place, fact.code, fact.dims.get("sex"), fact.value) for fact in extract(raw.text).facts]
    assert facts == [("东河村", "births", "male", "16"), ("东河村", "births", "female", "14"), ("东河村", "deaths", None, "15"),
                     ("西河村", "births", "male", "18"), ("西河村", "deaths", None, "17")]


def test_footnotes_stand_at_the_end_and_a_table_that_lays_out_the_page_is_text(read):
    notes = f'<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator">{paragraph("-")}</w:footnote><w:footnote w:id="2">{paragraph("户籍口径。")}</w:footnote></w:footnotes>'
    long = "2014年全镇共出生336人，出生率11.10‰，其中男孩172人，女孩164人，出生人口性别比104.88。"
    table = f"<w:tbl><w:tr><w:tc>{paragraph('基本情况')}</w:tc><w:tc>{paragraph(long)}</w:tc></w:tr></w:tbl>"
    assert read(docx_of(table, footnotes=notes), "report.docx").text.splitlines() == ["基本情况", long, "户籍口径。"]


# --- Excel and CSV ---

@pytest.mark.parametrize(("value", "form", "text"), [
    (0.8512, "0.00%", "85.12%"), (0.8512, "0%", "85%"), (57727, "#,##0", "57,727"), (11.1, "0.00", "11.10"), (0.1 + 0.2, "General", "0.3"), (1e16, "General", "10000000000000000"),
    (-40, "0;(0)", "(40)"), (-40, "0_ ;[Red]-0", "-40"), (7, '0"人"', "7人"), (2.5, "0.##", "2.5"), (3.0, "0.##", "3"), (12, "@", "12"), (0.5, "# ?/?", "0.5"), (12345.0, "0.00E+00", "12345"),
    (True, "General", "是"), (None, "General", ""), ("336人", "0.00", "336人"), (datetime.date(2014, 6, 30), "yyyy-mm", "2014年6月"), (datetime.date(2014, 6, 30), 'yyyy"年"m"月"d"日"', "2014年6月30日"),
    (datetime.datetime(2014, 6, 30), "General", "2014年6月30日"), (1234.5, "#,##0.0_);(#,##0.0)", "1,234.5"), (0, "0;-0;—", "—"),
])
def test_a_cell_says_what_its_format_shows(value, form, text):
    assert shown(value, form) == text


def book_of(fill) -> bytes:
    book = Workbook()
    fill(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_merged_titles_headers_and_sheets_of_a_workbook_are_read(read):
    def fill(book):
        sheet = book.active
        sheet.title = "2014年"
        for row in (["栖霞镇2014年人口情况表"], ["单位", "出生人数", None, "死亡人数"], [None, "男", "女"], ["东河村", 16, 14, 15], ["西河村", 18, None, 17]):
            sheet.append(row)
        for merged in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
            sheet.merge_cells(merged)
        book.create_sheet("附注").append(["以上为户籍口径"])
        hidden = book.create_sheet("旧数")
        hidden.append(["出生人数", 999])
        hidden.sheet_state = "hidden"
    raw = read(book_of(fill), "report.xlsx")
    assert raw.text.splitlines() == ["2014年", "栖霞镇2014年人口情况表", "单位 | 出生人数 | 出生人数 | 死亡人数", "单位 | 男 | 女 | 死亡人数", "东河村 | 16 | 14 | 15",
                                     "西河村 | 18 | — | 17", "附注", "以上为户籍口径"]
    assert raw.notes == ("its hidden sheet 旧数 was not read",)
    assert len(extract(raw.text).facts) == 5


def test_formulas_without_a_stored_value_and_errors_are_no_figures_and_are_told(read):
    def fill(book):
        sheet = book.active
        for row in (["单位", "总人口", "出生人数", "出生率(‰)"], ["东河村", 2510, 30, "=C2/B2*1000"], ["西河村", 3020, 36, "=C3/B3*1000"], ["南坡村", 0, 3, "#DIV/0!"]):
            sheet.append(row)
    raw = read(book_of(fill), "report.xlsx")
    assert raw.text.splitlines()[1:] == ["东河村 | 2510 | 30 | —", "西河村 | 3020 | 36 | —", "南坡村 | 0 | 3 | —"]
    assert [re.sub(r"\(.*?\)", "()", note) for note in raw.notes] == [
        "2 formulas of its sheet Sheet have no stored value () and were not read: open the file in Excel or WPS and save it",
        "1 cells of its sheet Sheet hold an error () and were not read"]
    assert "D2, D3" in raw.notes[0] and "#DIV/0!" in raw.notes[1]


def test_a_stray_cell_at_the_end_of_a_sheet_costs_that_sheet_only(read):
    def fill(book):
        book.active.append(["栖霞镇2014年出生336人"])
        book.create_sheet("远").cell(1_000_000, 500, "x")
    raw = read(book_of(fill), "report.xlsx")
    assert raw.text == "栖霞镇2014年出生336人\n" and "its sheet 远 spreads over 1,000,000 rows" in raw.notes[0]


def test_a_header_stands_again_behind_a_line_that_parts_a_table():
    head, parts = "单位 | 总人口 | 出生人数", ["东河村 | 2510 | 30", "西河村 | 3020 | 36", "南坡村 | 1987 | 21", "北坡村 | 2044 | 25"]
    rows = [head, "一、山区片", *parts[:2], "二、川区片", *parts[2:]]
    lines = lines_of([row.split(" | ") + [""] * (2 - row.count("|")) for row in rows])
    assert lines == [head, "一、山区片", head, *parts[:2], "二、川区片", head, *parts[2:]]
    assert [fact.place for fact in extract("2014年人口情况\n" + "\n".join(lines)).facts[::2]] == ["东河村", "西河村", "南坡村", "北坡村"]


@pytest.mark.parametrize(("rows", "grid"), [
    ([[Span("a", rows=2), Span("b")], [Span("c")]], [["a", "b"], ["a", "c"]]),
    ([[Span("a"), Span("b", columns=2, rows=2)], [Span("c")], [Span("d"), Span("e"), Span("f")]], [["a", "b", "b"], ["c", "b", "b"], ["d", "e", "f"]]),
    ([[Span("a", rows=9)], [Span("b")]], [["a"], ["a", "b"]]),
    ([], []),
])
def test_merged_cells_are_repeated_in_every_place_they_cover(rows, grid):
    assert laid_out(rows) == grid


@pytest.mark.parametrize(("data", "lines"), [
    ('单位,总人口,出生人数\n东河村,"2,510",30\n西河村,3020\n'.encode("gb18030"), ["单位 | 总人口 | 出生人数", "东河村 | 2,510 | 30", "西河村 | 3020 | —"]),
    ("单位\t总人口\t出生人数\n东河村\t2510\t30\n".encode("utf-16"), ["单位 | 总人口 | 出生人数", "东河村 | 2510 | 30"]),
    ("单位;总人口\n东河村;2510\n".encode("utf-8-sig"), ["单位 | 总人口", "东河村 | 2510"]),
])
def test_csv_of_any_office_program_is_a_table(read, data, lines):
    assert read(data, "report.csv").text.splitlines() == lines


def test_an_old_workbook_is_read_with_its_formats_and_merged_cells(read):
    from pathlib import Path
    raw = read((Path(__file__).parent / "old-workbook.xls").read_bytes(), "report.xls")
    assert raw.kind == "xls" and raw.text.splitlines() == ["栖霞镇2014年人口情况表", "单位 | 出生人数 | 出生人数 | 政策符合率", "单位 | 男 | 女 | 政策符合率",
                                                           "东河村 | 16 | 14 | 96.67%", "西河村 | 18 | — | 94.44%"]


def test_a_workbook_is_read_without_its_macros_and_links(read):
    stream = io.BytesIO(book_of(lambda book: book.active.append(["栖霞镇2014年出生336人"])))
    assert load_workbook(stream).vba_archive is None
    import zipfile
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/macrosheets/sheet1.xml", "<x/>")
    raw = read(stream.getvalue(), "report.xlsm")
    assert raw.text == "栖霞镇2014年出生336人\n" and raw.notes == ("its macro sheet was not read, and no macro is ever run",)


# --- web pages and PDF ---

@pytest.mark.parametrize(("page", "lines"), [
    ("<p>出生<b>336</b>人</p><p>死亡178人<br>迁入3人</p>", ["出生336人", "死亡178人", "迁入3人"]),
    ("<script>var a='出生9人'</script><style>p{}</style><p>出生336人</p><p hidden>出生8人</p><p style='display: none'>出生7人</p><!-- 出生6人 --><nav>出生5人</nav>", ["出生336人"]),
    ("<p>全镇出生\n   336人，死亡\n178人</p>", ["全镇出生 336人，死亡 178人"]),
    ("<p>全镇\n上下</p>", ["全镇上下"]),
    ("<ruby>县<rp>(</rp><rt>xiàn</rt><rp>)</rp></ruby>出生<del>363</del><ins>336</ins>人", ["县出生336人"]),
    ("<table><tr><td>左栏</td><td><table><tr><td>出生人数</td><td>336</td></tr><tr><td>死亡人数</td><td>178</td></tr></table></td></tr></table>", ["左栏", "出生人数 | 336", "死亡人数 | 178"]),
    ("<table><caption>表1</caption><tr><th rowspan=2>单位<th colspan=2>出生<tr><th>男<th>女<tr><td>东河村<td>16<td>14</table>",
     ["表1", "单位 | 出生 | 出生", "单位 | 男 | 女", "东河村 | 16 | 14"]),
    ("<pre>出生336人\n死亡178人</pre>&nbsp;&lt;完&gt;", ["出生336人", "死亡178人", "<完>"]),
    ("<title>栖霞镇2014年总结_某某网</title><body><p>全年出生336人</p>", ["栖霞镇2014年总结", "全年出生336人"]),
    ("<title>栖霞镇2014年总结 - 某某网</title><body><h1>栖霞镇2014年总结</h1><p>全年出生336人</p>", ["栖霞镇2014年总结", "全年出生336人"]),
])
def test_a_web_page_is_read_as_a_browser_shows_it(read, page, lines):
    assert read(page.encode(), "report.html").text.splitlines() == lines


def test_page_numbers_and_running_heads_of_a_pdf_are_no_text_and_cells_at_the_edge_are(read):
    blocks = ["栖霞镇2014年人口计生工作总结", *[f"第{i}段，全镇上下认真落实政策，工作有序推进，群众满意，成绩明显，经验值得总结，问题也要正视。" for i in range(60)]]
    text = read(making.pdf(blocks), "report.pdf").text
    assert "- 1 -" not in text and text.splitlines() == blocks
    cells = ["2014年各村出生死亡情况", *[cell for i in range(30) for cell in (f"东{i}村", str(2000 + i), str(20 + i), str(10 + i))]]
    assert read(making.pdf(cells, numbers=False), "report.pdf").text.splitlines() == cells


def test_a_page_that_is_a_picture_among_pages_of_text_is_told(read):
    blocks = blocks_of(REPORT) * 4
    whole = making.pdf(blocks, numbers=False)
    streams = list(re.finditer(rb"stream\n(.*?)\nendstream", whole, re.DOTALL))
    blank = whole[:streams[1].start(1)] + b" " * len(streams[1].group(1)) + whole[streams[1].end(1):]
    raw = read(blank, "report.pdf")
    assert raw.notes == (f"its page 2 of {len(streams)} has no text (a picture, or empty) and was not read: a scanned page needs OCR",)
