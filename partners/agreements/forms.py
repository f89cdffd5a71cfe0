from __future__ import annotations

from django import forms

from partners.organizations.words import plain_line


class AcceptForm(forms.Form):
    position = forms.CharField(
        label="What you are there",
        help_text="Such as managing director. It is kept with your name.",
        max_length=80,
        validators=[plain_line],
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    may_sign = forms.BooleanField(
        label="I may sign for this organisation",
        error_messages={"required": "Only somebody who may sign can accept it."},
    )
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
