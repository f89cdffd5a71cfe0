from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.reminders.models import Rhythm


class RhythmForm(forms.Form):
    first_days = forms.TypedChoiceField(
        label=_("Before a sharing ends"),
        choices=Rhythm.FirstDays.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )
    summary_days = forms.TypedChoiceField(
        label=_("A list of all that you share"),
        choices=Rhythm.SummaryDays.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )
