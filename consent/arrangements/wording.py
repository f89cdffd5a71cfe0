"""The one wording of a consent: the same on the screen, the pages, the receipt and in mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from catalog.scopes.languages import FALLBACK
from catalog.scopes.models import DataCluster, Depth, Purpose
from catalog.scopes.special import Special
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import Arrangement, Item
from consent.arrangements.moments import moment
from consent.arrangements.periods import Period
from partners.applications.models import Application, Client
from partners.organizations.countries import NAME_OF
from partners.subscriptions.access import Use

# What the terms of every application say: a day to delete what a customer no longer shares.
DELETE_WITHIN = timedelta(hours=24)
NEVER_SEEN = (
    later("Your name, e-mail address or phone number"),
    later("Your Meridian password"),
)

# Where somebody signs in to an application that asks for nothing else.
NO_DATA = later("None of your data. It only signs you in.")

_ENDINGS = {
    "customer": later("You stopped it"),
    "account_closed": later("You closed your account"),
    "nothing_left": later("You switched off the last thing you shared"),
    "replaced": later("You agreed anew"),
    "guardian": later("Your parent or guardian stopped it"),
    "support": later("Meridian stopped it, as you asked"),
    "minor_without_guardian": later("You were too young to agree to it alone"),
    "application": later("The app gave it back"),
    "unclaimed": later("The app did not finish connecting"),
    "expired": later("It ended by itself"),
    "policy_superseded": later("You were asked again and had not answered"),
    "partner_terminated": later("Meridian no longer works with this company"),
    "security": later("Meridian ended it to keep your data safe"),
    "privacy": later("Meridian ended it to protect your privacy"),
}

_PROOF = later("A record of what you agreed to, for you to keep.")
_PROOF_OF_END = later("A record of the end of this sharing, for you to keep.")
_GIVEN = later("Receipt for your consent")
_CHANGED = later("Receipt for your change")
_ENDED = later("Receipt for the end")
# (title, lead, what happened, whether sharing ended)
_RECEIPTS: dict[ArrangementEvent, tuple[Promise, Promise, Promise, bool]] = {
    ArrangementEvent.GIVEN: (_GIVEN, _PROOF, later("Given"), False),
    ArrangementEvent.AMENDED: (_GIVEN, _PROOF, later("Changed"), False),
    ArrangementEvent.EXTENDED: (_GIVEN, _PROOF, later("Made longer"), False),
    ArrangementEvent.RENEWED: (_GIVEN, _PROOF, later("Given again"), False),
    ArrangementEvent.NARROWED: (_CHANGED, _PROOF, later("Changed"), False),
    ArrangementEvent.SHORTENED: (_CHANGED, _PROOF, later("Made shorter"), False),
    ArrangementEvent.PAUSED: (
        later("Receipt for the pause"),
        later("A record of the pause, for you to keep. While it lasts, the app sees nothing."),
        later("Paused"),
        False,
    ),
    ArrangementEvent.RESUMED: (
        later("Receipt for the end of the pause"),
        later("A record that the app goes on, for you to keep."),
        later("Resumed"),
        False,
    ),
    ArrangementEvent.WITHDRAWN: (
        later("Receipt for stopping"),
        _PROOF_OF_END,
        later("Stopped by you"),
        True,
    ),
    ArrangementEvent.REVOKED: (_ENDED, _PROOF_OF_END, later("Ended by Meridian"), True),
    ArrangementEvent.EXPIRED: (_ENDED, _PROOF_OF_END, later("Ended by itself"), True),
    ArrangementEvent.INVALIDATED: (_ENDED, _PROOF_OF_END, later("Ended by Meridian"), True),
}

_HAPPENED = {
    "replaced": later("Replaced by what you agreed to next"),
    "guardian": later("Stopped by a parent or guardian"),
    "support": later("Stopped by Meridian, as you asked"),
    "application": later("Given back by the app"),
    "unclaimed": later("Ended, as the app did not finish connecting"),
}
_DEPTHS = {
    Depth.PUBLIC: later("Public"),
    Depth.INTERNAL: later("Internal"),
    Depth.PERSONAL: later("Personal"),
    Depth.SENSITIVE: later("Sensitive"),
}


def receipt_words(kind: str, *, reason: str = "") -> dict[str, str | bool]:
    """Return what a receipt of that event is called and how its lines begin."""
    title, lead, happened, is_end = _RECEIPTS[ArrangementEvent(kind)]
    happened = _HAPPENED.get(reason, happened)
    return {
        "title": str(title),
        "lead": str(lead),
        "with": _("Was shared with") if is_end else _("Shared with"),
        "happened": str(happened),
        "is_end": is_end,
    }


def why(words: str) -> str:
    """Return the reason as a sentence that follows “Why:”."""
    return words if words.endswith((".", "!", "?", "”")) else f"{words}."


def kept_for(days: int) -> str:
    """Return how long fetched data is kept, as it follows “Kept for:”."""
    if days == 0:
        return _("no time. It is shown, never stored.")
    words = ngettext("%(count)d day, then deleted.", "%(count)d days, then deleted.", days)
    return words % {"count": days}


def ending(reason: str) -> str:
    """Return who ended a sharing, without the full stop."""
    return str(_ENDINGS.get(reason) or _("Meridian ended it"))


def is_of_the_app(reason: str) -> bool:
    """Whether a revocation came of what the application did, and not of Meridian."""
    return reason in {"application", "unclaimed"}


def by_whom(application: Application) -> str:
    organization = application.organization
    return ", ".join(part for part in (organization.name, organization.city) if part)


def place(address: str) -> str:
    """Return “Vilnius, LT”, as a record holds it, with the country's name."""
    *city, country = address.split(", ")
    return ", ".join([*city, NAME_OF.get(country, country)])


def several(labels: Iterable[str]) -> str:
    """Join labels as they stand in a sentence: “your prescriptions and your delivery area”."""
    inside = [_inside(label) for label in labels]
    if len(inside) < 2:
        return "".join(inside)
    some = _(", ").join(inside[:-1])
    return _("%(some)s and %(last)s") % {"some": some, "last": inside[-1]}


def listed(labels: Iterable[str]) -> str:
    """Join labels as they stand in a list of their own."""
    return _(", ").join(labels)


def looked_at(labels: Sequence[str]) -> str:
    """Return what an application did with data: it looks at things and uses abilities."""
    if not labels:
        return _("looked at your data")
    if get_language() != FALLBACK or all(label.startswith("Your ") for label in labels):
        return _("looked at %(what)s") % {"what": several(labels)}
    return _("used %(what)s") % {"what": several(labels)}


def _inside(label: str) -> str:
    """Return a label as it stands inside a sentence: what is not English stays as it is, quoted."""
    if label.startswith("Your ") and get_language() == FALLBACK:
        return label.replace("Your ", "your ", 1)
    return _("“%(label)s”") % {"label": label}


def line_of(
    cluster: DataCluster,
    *,
    scope: str,
    reason: str,
    days: int,
    purpose: Purpose | None = None,
    look_back_days: int | None = None,
) -> dict[str, Any]:
    """Return everything that is said about one cluster of data, wherever it is said.

    The company gives its reason in English. Who reads another language gets our words for the
    purpose, too, where we have them.
    """
    told = cluster.spoken()
    return {
        "scope": scope,
        "cluster": f"{cluster.code}@{cluster.version}",
        "language": told.language,
        "label": told["label"],
        "summary": told["summary"],
        "permissions": list(told["permissions"]),
        "depth": cluster.depth,
        "depth_label": str(_DEPTHS[Depth(cluster.depth)]),
        "special_category": cluster.special_category,
        "special_label": special_label(cluster.special_category),
        "icon": cluster.icon,
        "purpose": _purpose(purpose),
        "why": why(reason),
        "kept_days": days,
        "kept_for": kept_for(days),
        "look_back": look_back(look_back_days),
    }


def special_label(category: str) -> str:
    """Return what the data tells of that the law protects more, or nothing where it does not."""
    if not category:
        return ""
    return _("Tells of %(what)s: the law protects this more.") % {"what": Special(category).label}


def look_back(days: int | None) -> str:
    """Return how far back data goes when it is agreed to, or nothing where it has no dates."""
    if days is None:
        return ""
    words = ngettext("the last %(count)d day", "the last %(count)d days", days)
    return words % {"count": days}


def _purpose(purpose: Purpose | None) -> str:
    if purpose is None or (told := purpose.spoken()).language == FALLBACK:
        return ""
    return str(told["title"])


def line_of_item(item: Item) -> dict[str, Any]:
    return line_of(
        item.cluster,
        scope=item.scope.name,
        reason=item.why,
        days=item.retention_days,
        purpose=item.purpose,
        look_back_days=item.look_back_days,
    ) | {"is_required": item.is_required}


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


def _titles(purposes: Iterable[Purpose]) -> list[dict[str, str]]:
    """Return for what it asks, each thing once, and the language in which it is said."""
    told = [purpose.spoken() for purpose in sorted(purposes, key=lambda each: each.pk)]
    once = {str(each["title"]): each.language for each in told}
    return [{"title": title, "language": language} for title, language in once.items()]


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


def switched_off(application: str, labels: Sequence[str], at: datetime, zone: str) -> str:
    """Return what a change came to, for the page that follows it."""
    if not labels:
        return _("Nothing was changed.")
    return _(
        "Saved. %(app)s loses at once: %(what)s. It has until %(limit)s to delete what it had read."
    ) % {"app": application, "what": several(labels), "limit": moment(delete_by(at), zone)}


def all_stopped(ended: Sequence[Arrangement], zone: str) -> str:
    """Return what stopping everything came to."""
    if not ended:
        return _("Nothing was shared any more.")
    first = ended[0]
    apps = {arrangement.client.application.name for arrangement in ended}
    return _("Stopped at %(moment)s: %(apps)s can no longer see your data.") % {
        "moment": moment(first.ended_at or first.ends_at, zone, seconds=True),
        "apps": _(", ").join(sorted(apps)),
    }


def delete_by(ended_at: datetime) -> datetime:
    """Return until when an application has to delete what it had read."""
    return ended_at + DELETE_WITHIN


def sentence(words: str) -> str:
    """Return words that stand inside a sentence as one of their own."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
