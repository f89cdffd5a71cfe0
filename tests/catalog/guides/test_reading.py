from __future__ import annotations

from catalog.guides.history import Line, lines_between
from catalog.guides.reading import read


def test_headings_are_sections_below_the_page_s_own_title():
    made = read("# One & *two*\n\nWords.\n\n## One & two\n\n### Deeper\n\n## <b>Main</b>")

    assert made.sections == (
        ("s-one-two", "One & two"),
        ("s-one-two-", "One & two"),
        ("s-main", "Main"),
    )
    assert made.html.startswith('<h2 id="s-one-two">One &amp; <em>two</em></h2>')
    assert "<h3>Deeper</h3>" in made.html


def test_operations_that_the_text_leads_to_are_listed_once_in_its_order():
    made = read(
        "First [book](/apis/parcels/v1/bookParcel/#f.id), then [get](/apis/parcels/v1/getParcel/),"
        " [book](/apis/parcels/v1/bookParcel/) again; see the [log](/apis/parcels/changelog/3/)"
        " and [elsewhere](https://x.example/apis/a/v1/b/)."
    )

    assert made.operations == (
        ("parcels", "v1", "bookParcel"),
        ("parcels", "v1", "getParcel"),
    )


def test_nothing_in_a_guide_can_act():
    made = read(
        '[x](javascript:alert(1)) <img src=x onerror=alert(1)> <a href="/x" onclick="y">z</a>'
    )

    assert 'href="javascript' not in made.html
    assert "<img" not in made.html
    assert "onclick" not in made.html


def test_the_history_shows_what_went_and_came():
    old = "\n".join(f"line {number}" for number in range(30))
    new = old.replace("line 3\n", "line three\n").replace("\nline 29", "")

    lines = lines_between(old, new)

    changed = [line for line in lines if line.kind in {"gone", "new", "cut"}]
    assert changed == [
        Line("gone", "line 3"),
        Line("new", "line three"),
        Line("cut", "…"),
        Line("gone", "line 29"),
    ]
    assert lines_between(new, new) == []
    assert lines_between("a\n" * 2000, new) is None
