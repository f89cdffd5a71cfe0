from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from partners.applications.profiles import MEANINGS, Profile, strictest
from partners.reviews.models import Kind, Review, Verdict
from partners.subscriptions.conditions import Term
from partners.subscriptions.models import Condition, Tier
from portal.ui.forms import Choice
from portal.waiting import Wanted

_ROW = re.compile(r"[0-9]{1,12}:[0-9a-f]{64}")
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
    """What to show of the inbox; a value that means nothing narrows nothing."""

    q = forms.CharField(required=False, max_length=80)
    kind = forms.ChoiceField(required=False)
    tier = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Any tier"), *((tier.value, tier.label) for tier in Tier)],
    )
    age = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, choices=AGES)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "All"), *kinds]  # type: ignore[attr-defined] # it is a ChoiceField

    def wanted(self, *, at: datetime) -> Wanted:
        self.full_clean()
        chosen = self.cleaned_data
        age = chosen.get("age")
        return Wanted(
            q=chosen.get("q", ""),
            kind=chosen.get("kind", ""),
            tier=chosen.get("tier"),
            opened_before=at - timedelta(days=age) if age else None,
        )


class TogetherForm(forms.Form):
    """One verdict and one reason for the rows that were ticked."""

    verdict = forms.ChoiceField(
        choices=[(Verdict.APPROVE.value, "Approve"), (Verdict.REJECT.value, "Refuse")]
    )
    reason = forms.CharField(
        label="One reason for all",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    row = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self.data.getlist("row") if self.is_bound else []  # type: ignore[attr-defined] # a QueryDict
        self.fields["row"].choices = [(one, one) for one in ticked if _ROW.fullmatch(one)]  # type: ignore[attr-defined] # it is a ChoiceField

    def seen(self) -> dict[int, str]:
        """Return the digest that was shown for each review."""
        pairs = (one.split(":") for one in self.cleaned_data["row"])
        return {int(pk): digest for pk, digest in pairs}


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
    owed = forms.ChoiceField(
        label="Condition: something they owe",
        required=False,
        choices=[("", "Nothing"), *((kind.value, kind.label) for kind in Condition.DUE)],
    )
    owed_by = forms.DateField(
        label="Owed by",
        required=False,
        help_text="Access rests from the start of that day, UTC, until we have it.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    daily_calls = forms.IntegerField(
        label="Condition: calls a day at most",
        required=False,
        min_value=1,
        max_value=1_000_000_000,
        help_text="Empty: as the plan says.",
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
            for name in ("profile", "owed", "owed_by", "daily_calls"):
                del self.fields[name]
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("owed")) != bool(cleaned.get("owed_by")):
            self.add_error("owed_by", "Choose both what they owe and by when.")
        elif cleaned.get("owed_by") and _midnight(cleaned["owed_by"]) <= timezone.now():
            self.add_error("owed_by", "Choose a day to come.")
        return cleaned

    def terms(self) -> list[Term]:
        """Return the conditions that were chosen."""
        chosen, terms = self.cleaned_data, []
        if chosen.get("owed"):
            due_at = _midnight(chosen["owed_by"])
            terms.append(Term(Condition.Kind(chosen["owed"]), due_at=due_at))
        if chosen.get("daily_calls"):
            count = chosen["daily_calls"]
            terms.append(Term(Condition.Kind.DAILY_CALLS, call_count=count))
        return terms


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
