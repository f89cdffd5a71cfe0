from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from catalog.apis.constraints import with_limits
from catalog.apis.models import Operation
from consent.arrangements.models import Customer
from partners.applications.models import Client
from portal.sandbox.trying.calling import Asked

MAX_VALUE = 500
MAX_BODY = 20_000
MAX_CUSTOMERS = 50


class TryForm(forms.Form):
    """An operation's own parameters and body as fields, filled with the description's examples."""

    def __init__(
        self,
        sent: Mapping[str, Any] | None,
        *,
        operation: Operation,
        clients: Iterable[Client],
        customers: Iterable[Customer],
        app: str = "",
    ) -> None:
        super().__init__(sent, auto_id="try-%s")
        self.clients = {one.application.slug: one for one in clients}
        self.customers = {str(one.public_id): one for one in customers}
        self.places: dict[str, tuple[str, str]] = {}
        self.fields["app"] = forms.ChoiceField(
            label="Application",
            choices=[(slug, one.application.name) for slug, one in self.clients.items()],
            initial=app,
        )
        if self.customers:
            self.fields["customer"] = forms.ChoiceField(
                label="Test customer",
                choices=[(key, one.user.name) for key, one in self.customers.items()],
            )
        for number, stated in enumerate(map(with_limits, operation.parameters)):
            if stated.get("in") in {"path", "query"}:
                self._add(f"p{number}", stated)
        if operation.request_body:
            self.fields["body"] = forms.CharField(
                label="Body",
                required=False,
                max_length=MAX_BODY,
                strip=False,
                initial=_body_of(operation),
                widget=forms.Textarea(
                    attrs={"class": "input--code", "rows": 8, "spellcheck": "false"}
                ),
            )

    def _add(self, key: str, stated: Mapping[str, Any]) -> None:
        """Add a parameter; one that may be left out starts empty, its example in the background."""
        name, is_required = str(stated["name"]), bool(stated.get("required"))
        example = str(stated["such_as"])[:MAX_VALUE]
        self.places[key] = (str(stated["in"]), name)
        self.fields[key] = forms.CharField(
            label=name,
            required=is_required,
            max_length=MAX_VALUE,
            initial=example if is_required else "",
            help_text=str(stated["limits"])[:200],
            widget=forms.TextInput(
                attrs={
                    "class": "input--code",
                    "placeholder": "" if is_required else example,
                    "autocomplete": "off",
                    "spellcheck": "false",
                }
            ),
        )

    def client(self) -> Client:
        return self.clients[self.cleaned_data["app"]]

    def customer(self) -> Customer | None:
        return self.customers.get(self.cleaned_data.get("customer", ""))

    def asked(self) -> Asked:
        values = {
            place: {
                name: str(self.cleaned_data[key])
                for key, (where, name) in self.places.items()
                if where == place
            }
            for place in ("path", "query")
        }
        return Asked(values["path"], values["query"], str(self.cleaned_data.get("body", "")))


def _body_of(operation: Operation) -> str:
    example = operation.examples.get("request", operation.request_body.get("example"))
    text = json.dumps({} if example is None else example, ensure_ascii=False, indent=2)
    return text if len(text) <= MAX_BODY else "{}"
