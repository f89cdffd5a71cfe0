from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from catalog.plans.models import Plan
from partners.organizations.words import plain_text
from portal.ui.forms import Choice

WINDOWS = {1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}


class AccessForm(forms.Form):
    purpose = forms.CharField(
        label="What will your application do with it?",
        help_text="Two or three sentences for the people who review it. Customers do not see this.",
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, plans: list[Plan], initial: str = ""
    ) -> None:
        super().__init__(data)
        self.plans = {str(plan.pk): plan for plan in plans}
        self.fields["plan"] = forms.ChoiceField(
            label="Plan",
            choices=[
                (key, Choice(f"{plan.api.name}, {plan.name.lower()}", _terms(plan)))
                for key, plan in self.plans.items()
            ],
            widget=forms.RadioSelect,
            initial=initial or next(iter(self.plans), ""),
        )
        self.order_fields(["plan", "purpose"])

    def clean_plan(self) -> Plan:
        return self.plans[self.cleaned_data["plan"]]


def _terms(plan: Plan) -> str:
    limits = [
        f"{limit.call_count:,} calls {WINDOWS.get(limit.window_seconds, 'a window')}"
        for limit in plan.limits.all()
    ]
    return "; ".join([*limits, f"for {plan.grant_days} days"])
