"""A PDF of ours can be read by eyes, by a screen reader and by a program, and is the same twice."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from portal.ui import pdf

WRITTEN_AT = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


def a_document(**changes):
    blocks = (
        pdf.Heading("What is shared"),
        pdf.Paragraph("Halden Refill may see this."),
        pdf.Bullets(("Medicines", "Doses")),
        pdf.Terms((("Why", "To order in time"), ("Kept for", "90 days"))),
        pdf.Table(("When", "What"), (("Today", "Medicines"), ("Before", "Doses"))),
        pdf.Code("3f9a 0c41"),
        pdf.qr_code("https://portal.example/verify/", alt="The page that checks this receipt"),
    )
    described = {"title": "Receipt MR-2026-000001", "language": "en", "blocks": blocks}
    return pdf.Document(**{"written_at": WRITTEN_AT, **described, **changes})


def read(document):
    return PdfReader(io.BytesIO(pdf.render(document)))


def text_of(document):
    return "\n".join(page.extract_text() for page in read(document).pages)


def test_every_word_can_be_read_back_in_its_order():
    text = text_of(a_document(footer="Meridian", author="Meridian"))

    words = [
        "Receipt MR",
        "What is shared",
        "Halden",
        "Medicines",
        "Why",
        "To order",
        "When",
        "3f9a",
    ]
    places = [text.index(word) for word in words]
    assert places == sorted(places)
    assert "Meridian" in text
    assert "1 / 1" in text


def test_it_says_what_it_is_and_in_which_language():
    reader = read(a_document(author="Meridian"))

    assert reader.metadata.title == "Receipt MR-2026-000001"
    assert reader.metadata.author == "Meridian"
    assert reader.metadata.creation_date == WRITTEN_AT
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_it_is_tagged_and_claims_both_standards():
    reader = read(a_document())
    root = reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert {"/H1", "/H2", "/P", "/L", "/Table", "/TH", "/Figure"} <= set(tags(root))
    claims = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part>1<", claims)
    assert re.search(r"pdfaid:part>2<", claims)


def test_every_font_is_in_the_file():
    fonts = [
        font.get_object()
        for page in read(a_document()).pages
        for font in page["/Resources"]["/Font"].values()
    ]

    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(inner)


def test_the_same_document_is_the_same_bytes():
    assert pdf.render(a_document()) == pdf.render(a_document())
    assert pdf.render(a_document()) != pdf.render(a_document(title="Another"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Où, comment et jusqu’à quand : données protégées"),
        ("el", "Δεδομένα υγείας"),
        ("ar", "الأدوية والجرعات"),
    ],
    ids=["french", "greek", "arabic"],
)
def test_other_writing_is_text_too(language, words):
    reader = read(a_document(language=language, blocks=[pdf.Paragraph(words)]))
    text = reader.pages[0].extract_text()

    assert set(words.split()) <= set(text.split())
    assert reader.trailer["/Root"]["/Lang"] == language


def test_nothing_that_a_person_wrote_is_read_as_markup():
    hostile = '#panic("x") *bold* $1/0$ #import "@preview/x:1.0.0" \\ <label> @ref //'

    assert "".join(hostile.split()) in "".join(text_of(a_document(title=hostile)).split())


@pytest.mark.parametrize(
    "words",
    ["Café \N{GRINNING FACE} 漢字", "bell\a, nothing\0, half \ud83d"],
    ids=["no font", "no sign"],
)
def test_what_cannot_be_printed_never_stops_a_document(words):
    document = a_document(blocks=[pdf.Paragraph(words)])

    assert words.split()[0].rstrip("\a,") in text_of(document)
    assert read(document).trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_a_long_table_repeats_its_head_on_each_page():
    rows = [(f"Row {number}", "Medicines") for number in range(200)]
    reader = read(a_document(blocks=[pdf.Table(("When", "What"), rows)]))

    assert len(reader.pages) > 3
    assert all("When" in page.extract_text() for page in reader.pages)


def tags(root):
    waiting, found = [root["/StructTreeRoot"]], []
    while waiting:
        node = waiting.pop().get_object()
        if not hasattr(node, "get"):
            continue
        found.append(node.get("/S"))
        children = node.get("/K", [])
        waiting += list(children) if isinstance(children, list) else [children]
    return found
