from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

from portal.ui.forms import Choice


class Registration(forms.Form):
    name = forms.CharField(
        help_text="Customers see it when they are asked to agree.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    website = forms.URLField(required=False, assume_scheme="https")
    secret = forms.CharField(widget=forms.PasswordInput(attrs={"class": "input--code"}))
    who = forms.ChoiceField(
        label="Who will use it?",
        widget=forms.RadioSelect,
        choices=[("all", Choice("Our customers", "Needs their consent")), ("us", "Only our staff")],
    )
    news = forms.BooleanField(required=False, label="Tell me about new versions")
    kind = forms.ChoiceField(choices=[("a", "A")])
    about = forms.CharField(widget=forms.Textarea, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def html_of(field):
    return render_to_string("components/field.html", {"field": field})


def test_a_field_ties_its_input_to_hint_and_error_in_the_order_of_reading():
    html = html_of(Registration({})["name"])

    parts = ["<label", "field-hint", "field-error", "<input"]
    assert sorted(parts, key=html.index) == parts
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'autocomplete="organization"' in html
    assert 'class="input"' in html


def test_an_optional_field_says_so():
    assert "optional" in html_of(Registration()["website"])
    assert "optional" not in html_of(Registration()["name"])


def test_a_widget_keeps_the_classes_it_was_given():
    html = html_of(Registration()["secret"])

    assert 'class="input input--code"' in html
    assert html_of(Registration()["secret"]) == html


def test_selects_and_text_areas_are_inputs_too():
    form = Registration()

    assert '<select name="kind" class="input"' in html_of(form["kind"])
    assert 'class="input"' in html_of(form["about"])


def test_radio_buttons_are_cards_with_their_meaning():
    html = html_of(Registration({})["who"])

    assert "<legend>" in html
    assert html.count('class="choice"') == 2
    assert "<small>Needs their consent</small>" in html
    assert 'aria-describedby="id_who_error"' in html
    assert "input " not in html.replace("<input ", "")


def test_a_tick_box_has_its_words_beside_it():
    html = html_of(Registration()["news"])

    assert '<label class="check" for="id_news">' in html
    assert 'class="input"' not in html


def test_a_hidden_field_shows_nothing():
    assert html_of(Registration()["token"]).strip().startswith('<input type="hidden"')


def test_the_summary_leads_to_every_field_that_needs_fixing():
    form = Registration({"website": "x y"})
    form.is_valid()
    form.add_error(None, "The <form> is not complete.")

    html = render_to_string("components/error_summary.html", {"form": form})

    assert 'role="alert"' in html
    assert "The &lt;form&gt; is not complete." in html
    for target in ("#id_name", "#id_website", "#id_who", "#id_kind"):
        assert f'href="{target}"' in html


def test_there_is_no_summary_before_there_are_errors():
    assert not render_to_string("components/error_summary.html", {"form": Registration()}).strip()


def test_a_whole_form_is_its_summary_and_its_fields():
    html = str(Registration({}))

    assert 'role="alert"' in html
    assert html.count('class="field"') >= 4


def test_what_a_person_typed_is_kept_and_escaped():
    html = html_of(Registration({"name": '"><script>'})["name"])

    assert "<script>" not in html


def test_pagination_keeps_the_rest_of_the_query():
    request = RequestFactory().get("/apis/?q=refill&page=2")
    page = Paginator(range(30), 10).page(2)

    html = render_to_string("components/pagination.html", {"page": page}, request)

    assert 'href="?q=refill&amp;page=3" rel="next"' in html
    assert "11 to 20 of 30" in html
    assert 'aria-current="page"' in html
