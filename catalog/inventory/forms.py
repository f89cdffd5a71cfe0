from __future__ import annotations

from typing import Any

from django import forms

from catalog.apis.actions import Service, staff_people
from catalog.apis.audience import Audience, possible_guests
from catalog.apis.models import Api, ApiVersion
from catalog.inventory.actions import Place
from catalog.inventory.gateways.routes import LABELS, MAX_CONFIGURATION
from catalog.plans.models import Environment
from portal.accounts.models import User
from portal.ui.forms import Choice

KINDS = [("nginx", "nginx"), ("envoy", "Envoy"), ("kong", "Kong, declarative")]


class PlaceForm(forms.Form):
    gateway = forms.SlugField(
        label="Gateway", help_text="Its name among yours, such as edge-1.", max_length=60
    )
    environment = forms.ChoiceField(label="Environment", choices=Environment.choices)

    def place(self, kind: str) -> Place:
        said = self.cleaned_data
        return Place(said["gateway"], kind, said["environment"])


class ConfigurationForm(PlaceForm):
    kind = forms.ChoiceField(label="Kind", choices=KINDS)
    file = forms.FileField(
        label="Configuration",
        help_text="Up to 1 MB. It is read and not kept; what stands in it is not shown to anybody.",
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > MAX_CONFIGURATION:
            raise forms.ValidationError("The configuration is larger than one megabyte.")
        try:
            text: str = file.read().decode()
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The configuration is not UTF-8.") from error
        return text


class DeploymentForm(PlaceForm):
    version = forms.ModelChoiceField(
        label="Version", queryset=ApiVersion.objects.none(), empty_label=None
    )
    base_url = forms.URLField(label="Base address", max_length=400, assume_scheme="https")
    policies = forms.MultipleChoiceField(
        label="What is applied there",
        required=False,
        choices=[(policy.value, label) for policy, label in LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, api: Api, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions: Any = self.fields["version"]
        versions.queryset = api.versions.order_by("-pk")
        versions.label_from_instance = lambda version: version.label


class ServiceForm(forms.Form):
    technical_contact = forms.EmailField(
        label="Technical contact", required=False, help_text="Partners who sign in can read it."
    )
    support_url = forms.URLField(
        label="Where help is", required=False, max_length=300, assume_scheme="https"
    )
    slo_percent = forms.DecimalField(
        label="Answers, percent of a month",
        required=False,
        min_value=50,
        max_value=100,
        max_digits=6,
        decimal_places=3,
    )
    slo_latency_ms = forms.IntegerField(
        label="95 of 100 calls within, in milliseconds",
        required=False,
        min_value=1,
        max_value=600_000,
    )

    @classmethod
    def of(cls, api: Api) -> dict[str, Any]:
        return {name: getattr(api, name) for name in Service.__slots__}

    def service(self) -> Service:
        return Service(**self.cleaned_data)


class AudienceForm(forms.Form):
    audience = forms.ChoiceField(
        label="Who may know about it",
        choices=[
            (Audience.PUBLIC.value, Choice("Everybody", "Found by anybody, without an account.")),
            (Audience.PARTNER.value, Choice("Partners", "Everybody whose company has joined.")),
            (Audience.NAMED.value, Choice("Named partners", "The companies chosen below.")),
            (Audience.INTERNAL.value, Choice("Our staff", "Nobody outside hears of it.")),
        ],
        widget=forms.RadioSelect,
    )
    organizations = forms.TypedMultipleChoiceField(
        label="Named partners",
        help_text="They count where it is for named partners.",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(label="Why", help_text="It stands in the log.", max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organizations: Any = self.fields["organizations"]
        organizations.choices = possible_guests()

    @classmethod
    def of(cls, api: Api) -> dict[str, Any]:
        return {
            "audience": api.audience,
            "organizations": list(api.guests.values_list("organization_id", flat=True)),
        }

    def wanted(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {**said, "audience": Audience(said["audience"])}


class OwnerForm(forms.Form):
    owner = forms.ChoiceField(label="Owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in staff_people()}
        choice: Any = self.fields["owner"]
        choice.choices = [(key, person.name) for key, person in self.people.items()]

    def person(self) -> User:
        return self.people[self.cleaned_data["owner"]]


class OperationOwnersForm(OwnerForm):
    operations = forms.MultipleChoiceField(label="Operations", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, version: ApiVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.choices = [("", "Whoever owns the API"), *owner.choices]
        owner.required = False
        operations: Any = self.fields["operations"]
        rows = version.operations.select_related("owner").order_by("position", "pk")
        operations.choices = [
            (row.slug, f"{row}{f', {row.owner.name}' if row.owner else ''}") for row in rows
        ]

    def person_or_nobody(self) -> User | None:
        return self.people.get(self.cleaned_data["owner"])
