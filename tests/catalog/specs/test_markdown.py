from __future__ import annotations

from html.parser import HTMLParser

import pytest

from catalog.specs.markdown import first_sentence, to_html, to_text


class Elements(HTMLParser):
    """What a browser would make of it."""

    def __init__(self):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value for name, value in attrs if name in {"href", "src"}}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<p style='position:fixed' onclick=alert(1) class=badge id=main>x</p>",
        "<iframe src=https://kestrel.example></iframe>",
        "<form action=/sign-in/><input name=password></form>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "![x](https://kestrel.example/pixel.gif)",
        "</p></main><h1>x</h1>",
        "<style>*{display:none}</style>",
        "<!-- <script>alert(1)</script> -->",
    ],
)
def test_what_could_act_is_taken_out(hostile):
    page = Elements()

    page.feed(to_html(f"Read this: {hostile}"))

    assert page.tags <= {"p", "a", "li", "ul", "blockquote", "h3"}
    assert page.attributes <= {"rel", "href"}
    assert all(address.startswith("https://") for address in page.addresses)


def test_markdown_becomes_html_below_the_headings_of_the_page():
    made = to_html(
        "# Title\n\nSome *words* and a [link](https://meridian.example).\n\n|a|\n|-|\n|1|"
    )

    assert "<h3>Title</h3>" in made
    assert "<em>words</em>" in made
    assert 'rel="nofollow noopener noreferrer"' in made
    assert "<table>" in made


@pytest.mark.parametrize("text", ["Plain words.", "Ünïcode, (commas) 'quotes'", "5 pieces; more"])
def test_plain_words_take_the_short_way_to_the_same_html(text):
    assert to_html(text) == f"<p>{text}</p>"


@pytest.mark.parametrize("text", ["- a list", "1. a list", "a\n\nb", "a & b"])
def test_what_markdown_could_mean_goes_the_long_way(text):
    assert to_html(text) != f"<p>{text}</p>"


def test_text_is_one_line_without_marks():
    assert to_text("**Bold** <br> `code`\n\nmore", max_length=40) == "Bold code more"
    assert to_text("word " * 50, max_length=10) == "word word…"
    assert first_sentence("One thing. And another.", max_length=40) == "One thing."
