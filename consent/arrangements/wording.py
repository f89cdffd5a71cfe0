"""The one wording of a consent: the same on the screen, the pages, the receipt and in mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from catalog.scopes.models import DataCluster, Depth
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import Arrangement, Item
from partners.applications.models import Application, Client
from partners.organizations.countries import NAME_OF
from partners.subscriptions.access import Use

# (days, words): the shortest comes first and is the one that is chosen beforehand.
PERIODS: tuple[tuple[int, str], ...] = ((90, "90 days"), (365, "1 year"))
# What the terms of every application say: a day to delete what a customer no longer shares.
DELETE_WITHIN = timedelta(hours=24)
NEVER_SEEN = ("Your name, e-mail address or phone number", "Your Meridian password")

# Where somebody signs in to an application that asks for nothing else.
NO_DATA = "None of your data. It only signs you in."

_ENDINGS = {
    "customer": "You stopped it",
    "account_closed": "You closed your account",
    "nothing_left": "You switched off the last thing you shared",
    "replaced": "You agreed anew",
    "application": "The app gave it back",
    "unclaimed": "The app did not finish connecting",
    "expired": "It ended by itself",
    "security": "Meridian ended it to keep your data safe",
    "privacy": "Meridian ended it to protect your privacy",
}

_PROOF = "A record of what you agreed to, for you to keep."
_PROOF_OF_END = "A record of the end of this sharing, for you to keep."
# (title, lead, what happened, whether sharing ended)
_RECEIPTS = {
    ArrangementEvent.GIVEN: ("Receipt for your consent", _PROOF, "Given", False),
    ArrangementEvent.RENEWED: ("Receipt for your consent", _PROOF, "Given again", False),
    ArrangementEvent.NARROWED: ("Receipt for your change", _PROOF, "Changed", False),
    ArrangementEvent.WITHDRAWN: ("Receipt for stopping", _PROOF_OF_END, "Stopped by you", True),
    ArrangementEvent.REVOKED: ("Receipt for the end", _PROOF_OF_END, "Ended by Meridian", True),
    ArrangementEvent.EXPIRED: ("Receipt for the end", _PROOF_OF_END, "Ended by itself", True),
}

_HAPPENED = {
    "replaced": "Replaced by what you agreed to next",
    "application": "Given back by the app",
    "unclaimed": "Ended, as the app did not finish connecting",
}


def receipt_words(kind: str, *, reason: str = "") -> dict[str, str | bool]:
    """Return what a receipt of that event is called and how its lines begin."""
    title, lead, happened, is_end = _RECEIPTS[ArrangementEvent(kind)]
    happened = _HAPPENED.get(reason, happened)
    return {
        "title": title,
        "lead": lead,
        "with": "Was shared with" if is_end else "Shared with",
        "happened": happened,
        "is_end": is_end,
    }


def why(words: str) -> str:
    """Return the reason as a sentence that follows “Why:”."""
    return words if words.endswith((".", "!", "?", "”")) else f"{words}."


def kept_for(days: int) -> str:
    """Return how long fetched data is kept, as it follows “Kept for:”."""
    if days == 0:
        return "no time. It is shown, never stored."
    return f"{days} {'day' if days == 1 else 'days'}, then deleted."


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name, or UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(instant: datetime, zone: str, *, seconds: bool = False) -> str:
    """Return an instant in a person's zone: “12 March 2026, 10:38 (Europe/Vilnius)”."""
    local = instant.astimezone(zone_of(zone))
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{day(instant, zone)}, {clock} ({local.tzinfo})"


def day(instant: datetime, zone: str) -> str:
    local = instant.astimezone(zone_of(zone))
    return f"{local.day} {local.strftime('%B %Y')}"


def until(instant: datetime, zone: str) -> str:
    return f"Until {moment(instant, zone)}"


def ending(reason: str) -> str:
    """Return who ended a sharing, without the full stop."""
    return _ENDINGS.get(reason, "Meridian ended it")


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
    return f"{', '.join(inside[:-1])} and {inside[-1]}"


def looked_at(labels: Sequence[str]) -> str:
    """Return what an application did with data: it looks at things and uses abilities."""
    if all(label.startswith("Your ") for label in labels):
        return f"looked at {several(labels) or 'your data'}"
    return f"used {several(labels)}"


def _inside(label: str) -> str:
    return label.replace("Your ", "your ", 1) if label.startswith("Your ") else f"“{label}”"


def line_of(cluster: DataCluster, *, scope: str, reason: str, days: int) -> dict[str, Any]:
    """Return everything that is said about one cluster of data, wherever it is said."""
    return {
        "scope": scope,
        "cluster": f"{cluster.code}@{cluster.version}",
        "label": cluster.label,
        "summary": cluster.summary,
        "permissions": list(cluster.permissions),
        "depth": cluster.depth,
        "depth_label": Depth(cluster.depth).label,
        "icon": cluster.icon,
        "why": why(reason),
        "kept_for": kept_for(days),
    }


def line_of_item(item: Item) -> dict[str, Any]:
    return line_of(
        item.cluster, scope=item.scope.name, reason=item.why, days=item.retention_days
    ) | {"is_required": item.is_required}


def notice_of(
    client: Client,
    uses: Sequence[Use],
    *,
    clusters: Mapping[str, DataCluster],
    unseen: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the text of the consent screen: what it shows, and what the version keeps as proof.

    `clusters` comes from `terms.clusters_of(uses)`; `unseen` are labels of data that the
    application does not ask for. Uses that open no customer data are not part of the question.
    """
    application = client.application
    asked = [use for use in uses if use.cluster_code in clusters]
    lines = {
        use.scope: line_of(
            clusters[use.cluster_code], scope=use.scope, reason=use.why, days=use.retention_days
        )
        for use in asked
    }
    return {
        "title": f"{application.name} asks to see some of your data",
        "application": application.name,
        "by": by_whom(application),
        "privacy_url": application.privacy_url,
        "needed": [lines[use.scope] for use in asked if use.is_required],
        "optional": [lines[use.scope] for use in asked if not use.is_required],
        "unseen": [*unseen, *NEVER_SEEN],
        "periods": [{"days": days, "label": label} for days, label in PERIODS],
        "stopping": "You can change or stop this at any time in Connected apps.",
    }


def sign_in_words(client: Client, *, is_all: bool) -> dict[str, str]:
    """Return what a notice says where an application signs the customer in, or does only that."""
    name = client.application.name
    words = {
        "signs_in": f"{name} learns that it is you who comes back, by a name made for it alone. "
        "It tells nobody else who you are."
    }
    return {**words, "title": f"Sign in to {name} with Meridian"} if is_all else words


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
        return "Nothing was changed."
    limit = moment(delete_by(at), zone)
    return (
        f"Saved. {application} loses at once: {several(labels)}. "
        f"It has until {limit} to delete what it had read."
    )


def all_stopped(ended: Sequence[Arrangement], zone: str) -> str:
    """Return what stopping everything came to."""
    if not ended:
        return "Nothing was shared any more."
    first = ended[0]
    at = moment(first.ended_at or first.ends_at, zone, seconds=True)
    apps = {arrangement.client.application.name for arrangement in ended}
    return f"Stopped at {at}: {', '.join(sorted(apps))} can no longer see your data."


def delete_by(ended_at: datetime) -> datetime:
    """Return until when an application has to delete what it had read."""
    return ended_at + DELETE_WITHIN


def period(start: datetime, end: datetime, zone: str) -> str:
    """Return how long something was allowed for, in days where they are whole."""
    days, rest = divmod(end - start, timedelta(days=1))
    # The two instants are a moment apart from the choice that made them.
    if timedelta(days=1) - rest < timedelta(minutes=1):
        days, rest = days + 1, timedelta(0)
    if days and rest < timedelta(minutes=1):
        return f"for {days} {'day' if days == 1 else 'days'}"
    return f"until {moment(end, zone)}"


def sentence(words: str) -> str:
    """Return words that stand inside a sentence as one of their own."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
