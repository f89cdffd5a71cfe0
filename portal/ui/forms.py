"""How every Django form looks: one field template, one set of classes."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

from portal.errors import Refused

PLAIN = (
    forms.CheckboxInput,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    forms.FileInput,
    forms.MultiWidget,
)


class Choice(str):
    """The label of a radio card with a line below it that says what choosing it means."""

    __slots__ = ("hint",)
    hint: str

    def __new__(cls, label: str, hint: str = "") -> Self:
        choice = super().__new__(cls, label)
        choice.hint = hint
        return choice


class Field(BoundField):
    """A field whose input carries the classes of the style and is tied to its hint and error."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not widget.is_hidden and not isinstance(widget, PLAIN):
            given = attrs.get("class") or widget.attrs.get("class", "")
            attrs["class"] = f"input {given}".strip()
        return attrs


class Renderer(TemplatesSetting):
    """Draw forms with the portal's own templates, inside and outside of allauth's pages."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = Field


def explain(form: forms.BaseForm, refusal: Refused) -> None:
    """Show a refusal where the person can act on it: beside its fields, or above the form."""
    fields = {name: words for name, words in refusal.errors.items() if name in form.fields}
    for name, words in fields.items():
        form.add_error(name, list(words))
    if not fields:
        form.add_error(None, str(refusal))
