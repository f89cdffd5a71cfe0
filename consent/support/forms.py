from __future__ import annotations

from django import forms

from consent.minors.models import Guardianship
from consent.support.actions import MAX_NOTE
from consent.support.models import SupportCase

_REFERENCE = {"invalid": "A reference has 32 digits and letters with dashes between."}


class CaseForm(forms.Form):
    """What is written down before anything is done."""

    reference = forms.UUIDField(
        label="Customer’s reference",
        help_text="They read it to you from “Your rights” or “Children”. No name is shown here.",
        error_messages=_REFERENCE,
    )
    ticket = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]{1,39}$",
        label="Ticket",
        help_text="Its number at the helpdesk, such as HD-4711.",
        error_messages={"invalid": "Letters, digits and dashes, up to 40."},
    )
    identity = forms.ChoiceField(
        label="How do you know who it is?",
        choices=SupportCase.Identity.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=MAX_NOTE,
        help_text="What was asked. It is sealed with the customer’s own key.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class KeepForm(forms.Form):
    keep = forms.MultipleChoiceField(required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: object, scopes: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # as a form is made
        self.fields["keep"].choices = [(scope, scope) for scope in scopes]  # type: ignore[attr-defined] # a choice field


class BirthDateForm(forms.Form):
    day = forms.DateField(
        label="Date of birth",
        help_text="As the document says. The customer and who decides with them are told.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class GuardianForm(forms.Form):
    guardian = forms.UUIDField(
        label="Guardian’s reference",
        help_text="They read it to you from “Children”.",
        error_messages=_REFERENCE,
    )


class EndForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why it ends",
        choices=[
            (reason.value, reason.label)
            for reason in Guardianship.End
            if reason not in {Guardianship.End.OF_AGE, Guardianship.End.ACCOUNT_CLOSED}
        ],
    )
