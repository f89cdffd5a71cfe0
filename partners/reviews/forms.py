from __future__ import annotations

from typing import Any

from django import forms

from partners.applications.profiles import MEANINGS, Profile, strictest
from partners.reviews.models import Kind, Review, Verdict
from partners.subscriptions.models import Tier
from portal.ui.forms import Choice

AGES = (("", "Any age"), ("1", "A day or more"), ("3", "Three days or more"))
HINTS = {
    Kind.ACCESS: {
        Verdict.APPROVE: "Access opens at once when nobody else has to agree",
        Verdict.REJECT: "The partner reads your reason",
    },
    Kind.QUESTIONNAIRE: {
        Verdict.APPROVE: "The partner may then ask for production",
        Verdict.RETURN: "The partner can change the answers and send them again",
        Verdict.REJECT: "The partner reads your reason",
    },
}


class QueueForm(forms.Form):
    """What to show of the queue; a value that means nothing filters nothing."""

    q = forms.CharField(required=False, max_length=80)
    kind = forms.ChoiceField(required=False, choices=[("", "All"), *Kind.choices])
    tier = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Any tier"), *((tier.value, tier.label) for tier in Tier)],
    )
    age = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, choices=AGES)

    def wanted(self) -> dict[str, Any]:
        self.full_clean()
        return self.cleaned_data


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(label="Decision", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        error_messages={
            "required": "Say why. The partner reads it, and the next person after you."
        },
        help_text="The partner reads it. It is kept with your name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    profile = forms.TypedChoiceField(
        label="What the client must do",
        coerce=Profile,
        empty_value=None,
        choices=[
            (one.value, Choice(one.label, words))
            for one, words in MEANINGS.items()
            if one != Profile.SANDBOX
        ],
        help_text="It holds from the client’s next request on. Refusing changes nothing.",
        widget=forms.RadioSelect,
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = HINTS[Kind(review.kind)]
        self.fields["verdict"].choices = [  # type: ignore[attr-defined] # it is a ChoiceField
            (verdict.value, Choice(verdict.label, hint)) for verdict, hint in hints.items()
        ]
        self.fields["digest"].initial = review.digest
        if review.access_request is None:
            del self.fields["profile"]
        else:
            client = review.access_request.client
            chosen = [vote.profile for vote in review.votes.all() if vote.profile]
            self.fields["profile"].initial = strictest([Profile.FAPI2, client.profile, *chosen])
            self.fields["profile"].required = self.data.get("verdict") != Verdict.REJECT
            if review.needs_two:
                self.fields["profile"].help_text += " Of two choices the stricter one counts."
        self.fields["reason"].required = review.needs_two
        if not review.needs_two:
            self.fields["reason"].help_text += " Needed unless you approve."
