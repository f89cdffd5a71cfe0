from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.arrangements.periods import Period
from consent.oauth.models import AuthorizationIntent
from consent.oauth.pickers import pickers_of, ticked_before


class DecisionForm(forms.Form):
    """What the customer chose on the screen; `notice` is what the screen showed."""

    decision = forms.ChoiceField(choices=[("allow", "Allow"), ("deny", "Don’t allow")])
    g = forms.MultipleChoiceField(required=False)
    s = forms.MultipleChoiceField(required=False, label=gettext_lazy("Sensitive data"))
    until = forms.ChoiceField(required=False, label=gettext_lazy("For how long?"))
    r = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, notice: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(line["scope"], line["label"]) for line in notice["optional"]]
        self.fields["g"].choices = choices  # type: ignore[attr-defined] # a choice field
        self.to_tick = [line["scope"] for line in notice["needed"] if line.get("needs_tick")]
        ticks = [(scope, scope) for scope in self.to_tick]
        self.fields["s"].choices = ticks  # type: ignore[attr-defined] # so is this
        self.pickers = pickers_of(notice)
        self.fields["r"].choices = [  # type: ignore[attr-defined] # and this one
            (choice.value, choice.value)
            for picker in self.pickers
            for choice in picker.choices
            if not choice.why_not
        ]
        self.periods = [Period.from_json(period) for period in notice["periods"]]
        periods = [(period.code, period.label) for period in self.periods]
        self.fields["until"].choices = periods  # type: ignore[attr-defined] # and this
        # A child who asks a guardian chooses no period yet.
        self.fields["until"].required = self.data.get("decision") == "allow" and bool(periods)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        is_ticked = set(self.to_tick) <= set(said.get("s", ()))
        if said.get("decision") == "allow" and not is_ticked:
            self.add_error("s", _("Tick that you agree to this, too, or choose “Don’t allow”."))
        return said

    @property
    def picks(self) -> dict[str, list[str]]:
        """Return the references that were picked, by kind."""
        picks: dict[str, list[str]] = {}
        for value in self.cleaned_data["r"]:
            kind, _, reference = value.partition(":")
            picks.setdefault(kind, []).append(reference)
        return picks


def first_form(
    intent: AuthorizationIntent, choices: Mapping[str, Any] | None = None
) -> DecisionForm:
    """Return the form before it was answered, with the choices that were kept of it.

    Of things, only those that are shared already are ticked beforehand.
    """
    asks = bool(intent.notice.get("resources")) and not choices
    ticked = ticked_before(intent.stands_on) if asks else []
    return DecisionForm(notice=intent.notice, initial={"r": ticked, **(choices or {})})


class IntentForm(forms.Form):
    """Which screen was answered."""

    intent = forms.UUIDField()
