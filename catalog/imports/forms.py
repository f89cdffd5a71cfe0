from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from catalog.imports import git
from catalog.imports.models import ImportDocument, ImportJob, Source
from catalog.specs.naming import slug_of_file
from catalog.specs.sources import SUFFIXES, printable
from portal import outbound
from portal.errors import Refused

READ = "OpenAPI, Swagger 2.0 or AsyncAPI as JSON or YAML, a GraphQL schema or a proto file."


def vetted(url: str) -> str:
    """Return the address if it is one of the public internet; raises `Refused`."""
    outbound.vet(url)
    return url


class ImportForm(forms.Form):
    """A file or an address, whichever is at hand; cleaned, it says what to ask for."""

    file = forms.FileField(
        required=False,
        label="File",
        help_text=READ,
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(SUFFIXES))}),
    )
    url = forms.URLField(
        required=False,
        label="Address",
        max_length=2000,
        assume_scheme="https",
        help_text="We fetch it once, now. It begins with https:// and is on the public internet.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, url = cleaned.get("file"), str(cleaned.get("url") or "")
        if self.errors:
            return cleaned
        if bool(file) == bool(url):
            raise forms.ValidationError("Give a file or an address, not both.", code="one")
        if file:
            if file.size > settings.SPEC_MAX_BYTES:
                self.add_error("file", f"Choose a file under {settings.SPEC_MAX_BYTES:,} bytes.")
                return cleaned
            name = printable(file.name or "upload")
            return {
                "origin": ImportJob.Origin.UPLOAD,
                "wanted": {
                    "name": name,
                    "body": file.read(),
                    "slug": slug_of_file(name.rpartition(".")[0]) or "",
                },
            }
        try:
            vetted(url)
        except Refused as refusal:
            self.add_error("url", str(refusal))
            return cleaned
        kind = ImportDocument.Kind.ADDRESS
        return {
            "origin": ImportJob.Origin.ADDRESS,
            "wanted": {"name": url, "url": url, "kind": kind},
        }


class SourceForm(forms.Form):
    """A place that is read again; a folder and a branch only a repository has."""

    kind = forms.ChoiceField(
        choices=Source.Kind, label="What it is", widget=forms.RadioSelect, initial="address"
    )
    url = forms.URLField(
        label="Address",
        max_length=2000,
        assume_scheme="https",
        help_text="It begins with https:// and is on the public internet, without a user name.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    folder = forms.CharField(
        required=False,
        max_length=300,
        label="Folder",
        help_text="Of a repository: where the descriptions are. Empty is all of it.",
    )
    branch = forms.CharField(
        required=False,
        max_length=100,
        label="Branch or tag",
        help_text="Of a repository. Empty is the one it is read at by default.",
    )
    interval_hours = forms.TypedChoiceField(
        choices=Source.Interval, coerce=int, label="How often", initial=Source.Interval.DAILY
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if cleaned["kind"] != Source.Kind.GIT:
            cleaned |= {"folder": "", "branch": ""}
        checks = {"url": vetted, "folder": git.checked_folder, "branch": git.checked_branch}
        for name, check in checks.items():
            try:
                cleaned[name] = check(cleaned[name])
            except Refused as refusal:
                self.add_error(name, str(refusal))
        return cleaned


class IntervalForm(forms.Form):
    interval_hours = forms.TypedChoiceField(choices=Source.Interval, coerce=int, label="How often")
