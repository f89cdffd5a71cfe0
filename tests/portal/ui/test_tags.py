from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.paginator import Paginator
from django.template import Context, Template
from django.utils import timezone

from portal.access.actors import ANONYMOUS, Actor, Role
from portal.ui import charts, icons

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def rendered(source, **values):
    return Template(source).render(Context(values))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("{% depth 4 %}", '<span class="depth" data-level="4">Sensitive</span>'),
        ("{% depth nothing %}", ""),
        ("{% depth 9 %}", ""),
        ("{% tier 3 %}", '<span class="tier" data-level="3">3 · High</span>'),
        ("{% badge text 'info' %}", '<span class="badge" data-tone="info">&lt;b&gt;</span>'),
        ("{% method 'get' %}", '<span class="method" data-method="get">GET</span>'),
        (
            "{% method 'POST' boxed=True %}",
            '<span class="method method--boxed" data-method="post">POST</span>',
        ),
        (
            "{{ noon|when }}",
            '<time datetime="2026-03-12T12:00:00+00:00">12 March 2026, 12:00 UTC</time>',
        ),
        ("{{ noon|day }}", '<time datetime="2026-03-12">12 March 2026</time>'),
        ("{{ date|day }}", '<time datetime="2026-03-12">12 March 2026</time>'),
        ("{{ nothing|when }}{{ nothing|day }}", ""),
    ],
)
def test_a_tag_renders(source, html):
    assert rendered(source, noon=NOON, date=date(2026, 3, 12), text="<b>", nothing=None) == html


def test_an_instant_is_told_in_the_zone_that_is_active():
    with timezone.override("Europe/Berlin"):
        assert "12 March 2026, 13:00 CET" in rendered("{{ noon|when }}", noon=NOON)


@pytest.mark.parametrize("name", ["Halden Refill", "Kestrel", "", " ", "<script>", "Ægir Ø"])
def test_a_monogram_keeps_its_colour_and_escapes_its_letters(name):
    html = rendered("{% monogram name %}", name=name)

    assert html == rendered("{% monogram name %}", name=name)
    assert re.fullmatch(
        r'<span class="monogram" data-hue="[1-6]" aria-hidden="true">[^<]+</span>', html
    )


def test_a_monogram_is_round_and_small_for_a_person_in_a_list():
    html = rendered("{% monogram 'Priya Raman' size='small' person=True %}")

    assert "monogram monogram--small monogram--person" in html
    assert ">PR<" in html


def test_an_icon_that_nobody_drew_is_a_file():
    assert rendered("{% icon 'no-such' %}") == rendered("{% icon 'file' %}")
    assert len(icons.ICONS) > 60


def test_an_icon_holds_no_markup_from_its_caller():
    assert "<b>" not in rendered("{% icon 'pill' extra %}", extra='"><b>')


@pytest.mark.parametrize(("value", "width"), [(-5, "0%"), (42.125, "42.12%"), (250, "100%")])
def test_a_meter_stays_between_nothing_and_full(value, width):
    assert f'<rect width="{width}"' in rendered("{% meter value 'Used' %}", value=value)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("start", "end", "place", "word"),
    [
        (-10, 10, "50%", "Ends"),
        (-20, -10, "100%", "Ended"),
        (5, 10, "0.8%", "Ends"),
        (0, 0, "0.8%", "Ends"),
    ],
)
def test_a_ruler_marks_today(start, end, place, word):
    html = rendered(
        "{% ruler_one start end 'Sharing' %}",
        start=NOON + timedelta(days=start),
        end=NOON + timedelta(days=end),
    )

    assert f'class="ruler-now" x1="{place}"' in html
    assert f"<span>{word} <time" in html


@pytest.mark.parametrize("values", [[], [1], [3, 3], [1, 5, 2]])
def test_a_spark_of_any_length_is_drawn_or_left_out(values):
    assert rendered("{% spark values %}", values=values).count("<svg") == (len(values) > 1)


def test_may_asks_the_matrix():
    security = Actor(id="user:1", name="Priya Raman", roles=frozenset({Role.SECURITY}))

    assert rendered("{{ actor|may:'audit:read' }}", actor=security) == "True"
    assert rendered("{{ actor|may:'audit:read' }}", actor=ANONYMOUS) == "False"
    assert rendered("{{ actor|may:'audit:read' }}", actor=None) == "False"


def test_pages_leaves_a_gap_where_there_are_many():
    page = Paginator(range(1000), 10).page(50)

    assert rendered("{% for number in page|pages %}{{ number }} {% endfor %}", page=page) == (
        "1 … 48 49 50 51 52 … 100 "
    )


def test_the_scale_of_a_chart_reads_as_people_write_numbers():
    scale = charts.Scale(0, 1500, ticks=(0, 750.0, 1500.0))

    drawn = charts.line("Calls a day", [charts.Series([10, 20])], scale)

    assert re.findall(r"<text[^>]*>([^<]*)<", drawn) == ["0", "750", "1,500"]
