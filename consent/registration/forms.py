from __future__ import annotations

from django import forms

from consent.registration.actions import MAX_COUNT, MAX_DAYS


class IssueForm(forms.Form):
    """`after` is the newest token that the page showed, so that a reload makes no second one."""

    count = forms.IntegerField(
        label="Applications it may register",
        help_text=f"At most {MAX_COUNT}.",
        min_value=1,
        max_value=MAX_COUNT,
        initial=1,
    )
    days = forms.IntegerField(
        label="Days it works",
        help_text=f"At most {MAX_DAYS}.",
        min_value=1,
        max_value=MAX_DAYS,
        initial=7,
    )
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
