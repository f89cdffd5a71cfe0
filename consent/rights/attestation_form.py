from __future__ import annotations

from django import forms

from consent.rights.models import Task
from partners.organizations.words import plain_text
from portal.ui.forms import Choice

DONE = "done"


class AttestationForm(forms.Form):
    exemption = forms.ChoiceField(
        label="What you did",
        widget=forms.RadioSelect,
        choices=[
            (DONE, Choice("It is done", "Everywhere, backups and processors on their schedule.")),
            *(
                (value, Choice(str(label), "You need not do it."))
                for value, label in Task.Exemption.choices
            ),
        ],
    )
    evidence = forms.CharField(
        label="Your reference",
        help_text="Such as the number of a ticket. No personal data.",
        max_length=300,
        required=False,
        validators=[plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_exemption(self) -> str:
        """Return the exemption, empty where it was done."""
        chosen: str = self.cleaned_data["exemption"]
        return "" if chosen == DONE else chosen
