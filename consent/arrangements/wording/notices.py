"""The text of the consent screen, which a version keeps as proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from catalog.scopes.languages import FALLBACK
from catalog.scopes.models import DataCluster, Purpose
from consent.arrangements.periods import Period
from consent.arrangements.wording.lines import line_of
from partners.applications.models import Application, Client
from partners.organizations.countries import NAME_OF
from partners.subscriptions.access import Use

NEVER_SEEN = (
    later("Your name, e-mail address or phone number"),
    later("Your Meridian password"),
)

# Where somebody signs in to an application that asks for nothing else.
NO_DATA = later("None of your data. It only signs you in.")


def notice_of(
    client: Client,
    uses: Sequence[Use],
    *,
    clusters: Mapping[str, DataCluster],
    periods: Iterable[Period] = (),
    unseen: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the text of the consent screen: what it shows, and what the version keeps as proof.

    `clusters` comes from `terms.clusters_of(uses)`, `periods` from `periods.periods_for`; `unseen`
    are labels of data that the application does not ask for. Uses that open no customer data are
    not part of the question.
    """
    application = client.application
    asked = [use for use in uses if use.cluster_code in clusters]
    purposes = Purpose.objects.in_bulk({use.purpose_id for use in asked if use.purpose_id})
    lines = {
        use.scope: line_of(
            clusters[use.cluster_code],
            scope=use.scope,
            reason=use.why,
            days=use.retention_days,
            purpose=purposes.get(use.purpose_id or 0),
            look_back_days=clusters[use.cluster_code].look_back(use.look_back_days),
        )
        | {"is_required": use.is_required}
        for use in asked
    }
    return {
        "title": _("%(app)s asks to see some of your data") % {"app": application.name},
        "application": application.name,
        "language": get_language() or FALLBACK,
        "by": by_whom(application),
        "country": NAME_OF.get(application.organization.country, ""),
        "purposes": _titles(purposes.values()),
        "privacy_url": application.privacy_url,
        "needed": [lines[use.scope] for use in asked if use.is_required],
        "optional": [lines[use.scope] for use in asked if not use.is_required],
        "unseen": [*unseen, *map(str, NEVER_SEEN)],
        "periods": [period.as_json() for period in periods],
        "stopping": _("You can change or stop this at any time in Connected apps."),
    }


def sign_in_words(client: Client, *, is_all: bool) -> dict[str, str]:
    """Return what a notice says where an application signs the customer in, or does only that."""
    name = client.application.name
    words = {
        "signs_in": _(
            "%(app)s learns that it is you who comes back, by a name made for it alone. It tells"
            " nobody else who you are."
        )
        % {"app": name}
    }
    title = _("Sign in to %(app)s with Meridian") % {"app": name}
    return {**words, "title": title} if is_all else words


def narrowed_notice(notice: Mapping[str, Any], keep: Collection[str]) -> dict[str, Any]:
    """Return the text that is left when only some scopes are kept."""
    left = dict(notice)
    for part in ("needed", "optional", "already"):
        if part in notice:
            left[part] = [line for line in notice.get(part, ()) if line.get("scope") in keep]
    return left


def by_whom(application: Application) -> str:
    organization = application.organization
    return ", ".join(part for part in (organization.name, organization.city) if part)


def place(address: str) -> str:
    """Return “Vilnius, LT”, as a record holds it, with the country's name."""
    *city, country = address.split(", ")
    return ", ".join([*city, NAME_OF.get(country, country)])


def _titles(purposes: Iterable[Purpose]) -> list[dict[str, str]]:
    """Return for what it asks, each thing once, and the language in which it is said."""
    told = [purpose.spoken() for purpose in sorted(purposes, key=lambda each: each.pk)]
    once = {str(each["title"]): each.language for each in told}
    return [{"title": title, "language": language} for title, language in once.items()]
