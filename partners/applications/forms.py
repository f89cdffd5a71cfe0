from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms

from catalog.apis.models import Api
from catalog.scopes.models import DataCluster, Scope
from partners.applications.credentials import LEAKED
from partners.applications.models import Application, DataUse
from partners.applications.redirects import MAX_COUNT, MAX_LENGTH, validate_redirect_uris
from partners.applications.rotation import OVERLAP
from partners.applications.uses import (
    MAX_DAYS,
    MAX_LOOK_BACK_DAYS,
    MAX_WHY,
    WantedUse,
    offered_scopes,
)
from partners.organizations.words import https_address, plain_line
from portal.ui.forms import Choice


class RedirectsForm(forms.Form):
    redirect_uris = forms.CharField(
        label="Redirect URIs",
        help_text="Where customers come back to: one on each line, exactly as your application "
        "sends it. Use https; in the sandbox 127.0.0.1 and [::1] may use http, on any port.",
        max_length=MAX_COUNT * (MAX_LENGTH + 2),
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "input--code", "spellcheck": "false", "autocomplete": "off"}
        ),
    )

    def clean_redirect_uris(self) -> list[str]:
        lines = self.cleaned_data["redirect_uris"].splitlines()
        uris = [line.strip() for line in lines if line.strip()]
        validate_redirect_uris(uris)
        return uris


class RegisterForm(RedirectsForm):
    name = forms.CharField(
        label="Name",
        help_text="Customers see it whenever you ask for their data.",
        max_length=60,
        validators=[plain_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    tagline = forms.CharField(
        label="What it does, in one line",
        help_text="Such as: Reminds you before your medicine runs out",
        max_length=120,
        validators=[plain_line],
    )
    homepage_url = forms.URLField(
        label="Home page",
        max_length=200,
        required=False,
        assume_scheme="https",
        validators=[https_address],
    )
    privacy_url = forms.URLField(
        label="Privacy notice",
        max_length=200,
        required=False,
        assume_scheme="https",
        validators=[https_address],
    )

    field_order = ["name", "tagline", "redirect_uris", "homepage_url", "privacy_url"]


class UseForm(forms.Form):
    """Whether and why one scope is wanted; the answers about an unwanted scope do not count."""

    # What is hidden must not keep the browser from sending the form.
    use_required_attribute = False

    is_wanted = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        scope: Scope,
        cluster: DataCluster | None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=f"scope-{scope.pk}", initial=dict(initial or {}))
        self.scope = scope
        self.cluster = cluster
        self.fields["is_wanted"].label = scope.name
        self.fields["is_wanted"].widget.attrs["data-reveals"] = ""
        if cluster is not None:
            self.fields.update(_explanations(cluster))

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.cleaned_data.get("is_wanted"):
            self._errors = forms.utils.ErrorDict()

    @property
    def wanted(self) -> WantedUse | None:
        if not self.cleaned_data.get("is_wanted"):
            return None
        return WantedUse(
            scope=self.scope.name,
            purpose=self.cleaned_data.get("purpose") or None,
            why=self.cleaned_data.get("why") or "",
            is_required=self.cleaned_data.get("is_required") == "yes",
            retention_days=self.cleaned_data.get("retention_days") or 0,
            max_days=self.cleaned_data.get("max_days") or MAX_DAYS,
            look_back_days=self.cleaned_data.get("look_back_days"),
        )


def _explanations(cluster: DataCluster) -> dict[str, forms.Field]:
    """Return what has to be said about a scope that opens this cluster."""
    purposes = [(purpose.code, purpose.title) for purpose in cluster.purposes.all()]
    return {
        "purpose": forms.ChoiceField(
            label="Purpose",
            choices=[("", "Choose a purpose"), *purposes],
            error_messages={"required": "Choose what you need it for."},
        ),
        "why": forms.CharField(
            label="Why, in a sentence that customers read",
            help_text="It follows the word “Why:”, such as: to remind you before you run out.",
            max_length=MAX_WHY,
            validators=[plain_line],
            error_messages={"required": "Tell customers why."},
        ),
        "is_required": forms.ChoiceField(
            label="Is it needed?",
            choices=[
                ("no", Choice("Optional", "Customers may leave it out and still use you")),
                ("yes", Choice("Needed", "Without it the application cannot work")),
            ],
            initial="no",
            widget=forms.RadioSelect,
        ),
        "retention_days": forms.IntegerField(
            label="Days you keep it",
            help_text=f"At most {cluster.max_retention_days} days; 0 if you never store it.",
            min_value=0,
            max_value=cluster.max_retention_days,
            error_messages={"required": "Say how long you keep it."},
        ),
        "max_days": forms.IntegerField(
            label="Days customers share it at most",
            help_text=f"Then you ask again. Nobody is asked for more than {MAX_DAYS} days.",
            min_value=1,
            max_value=MAX_DAYS,
            required=False,
        ),
        "look_back_days": forms.IntegerField(
            label="Days it may go back",
            help_text="How old dated data may be when customers agree. Empty if it has no dates.",
            min_value=0,
            max_value=MAX_LOOK_BACK_DAYS,
            required=False,
        ),
    }


def use_forms(
    data: Mapping[str, Any] | None,
    *,
    organization_id: int,
    application: Application | None = None,
) -> list[UseForm]:
    """Return one form for each scope that may be asked for, filled with what is declared."""
    scopes = offered_scopes(organization_id).order_by("api_slug", "pk")
    clusters = {
        cluster.code: cluster
        for cluster in DataCluster.objects.filter(superseded_at=None).prefetch_related("purposes")
    }
    declared = (
        {use.scope_id: use for use in application.data_uses.select_related("purpose")}
        if application
        else {}
    )
    forms_ = []
    for scope in scopes:
        use = declared.get(scope.pk)
        cluster = clusters.get(scope.cluster_code)
        initial = _said(use) if use else None
        forms_.append(UseForm(data, scope=scope, cluster=cluster, initial=initial))
    return forms_


def _said(use: DataUse) -> dict[str, Any]:
    return {
        "is_wanted": True,
        "purpose": use.purpose.code if use.purpose else "",
        "why": use.why,
        "is_required": "yes" if use.is_required else "no",
        "retention_days": use.retention_days,
        "max_days": use.max_days,
        "look_back_days": use.look_back_days,
    }


@dataclass(frozen=True, slots=True)
class UseGroup:
    """The scopes of one API, shown as soon as one of them is wanted."""

    slug: str
    name: str
    uses: list[UseForm]

    @property
    def is_open(self) -> bool:
        return any(use["is_wanted"].value() for use in self.uses)


def by_api(uses: Iterable[UseForm]) -> list[UseGroup]:
    names = dict(Api.objects.values_list("slug", "name"))
    return [
        UseGroup(slug, names.get(slug, slug), list(group))
        for slug, group in groupby(uses, key=lambda use: use.scope.api_slug)
    ]


def wanted_of(uses: Iterable[UseForm]) -> list[WantedUse]:
    return [use.wanted for use in uses if use.wanted is not None]


class IssueForm(forms.Form):
    """`after` is the newest secret that the page showed, so that a reload makes no second one."""

    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    overlap = forms.ChoiceField(
        label="The one before works on for",
        choices=[("1", "1 day"), ("7", "7 days"), ("30", "30 days"), ("0", "Not at all: stop it")],
        initial=str(OVERLAP.days),
        required=False,
    )

    def clean_overlap(self) -> int:
        return int(self.cleaned_data["overlap"] or OVERLAP.days)


class RevokeForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why",
        choices=[
            ("rotated", Choice("Rotated", "Our servers use the other one now")),
            (LEAKED, Choice("Leaked", "Somebody else may have seen it. Its tokens end, too")),
            ("unused", Choice("Not needed", "Nothing uses it")),
        ],
        widget=forms.RadioSelect,
    )


class CloseForm(forms.Form):
    name = forms.CharField(
        label="Type the application’s name to close it",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, application: Application) -> None:
        super().__init__(data)
        self.application = application

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.application.name:
            raise forms.ValidationError(f"Type {self.application.name} exactly.", code="other_name")
        return name
