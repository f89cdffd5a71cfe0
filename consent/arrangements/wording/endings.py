"""What an end came of, and what it asks of the application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from consent.arrangements.models import Arrangement
from consent.arrangements.moments import moment
from consent.arrangements.wording.lists import several

# What the terms of every application say: a day to delete what a customer no longer shares.
DELETE_WITHIN = timedelta(hours=24)

_ENDINGS = {
    "customer": later("You stopped it"),
    "account_closed": later("You closed your account"),
    "nothing_left": later("You switched off the last thing you shared"),
    "replaced": later("You agreed anew"),
    "guardian": later("Your parent or guardian stopped it"),
    "support": later("Meridian stopped it, as you asked"),
    "minor_without_guardian": later("You were too young to agree to it alone"),
    "too_young": later("You were too young to share some of it"),
    "application": later("The app gave it back"),
    "unclaimed": later("The app did not finish connecting"),
    "expired": later("It ended by itself"),
    "policy_superseded": later("You were asked again and had not answered"),
    "partner_terminated": later("Meridian no longer works with this company"),
    "security": later("Meridian ended it to keep your data safe"),
    "privacy": later("Meridian ended it to protect your privacy"),
}


def ending(reason: str) -> str:
    """Return who ended a sharing, without the full stop."""
    return str(_ENDINGS.get(reason) or _("Meridian ended it"))


def is_of_the_app(reason: str) -> bool:
    """Whether a revocation came of what the application did, and not of Meridian."""
    return reason in {"application", "unclaimed"}


def delete_by(ended_at: datetime) -> datetime:
    """Return until when an application has to delete what it had read."""
    return ended_at + DELETE_WITHIN


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
