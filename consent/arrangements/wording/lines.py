"""What is said about one kind of data, wherever it is said."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from catalog.scopes.languages import FALLBACK
from catalog.scopes.models import DataCluster, Depth, Purpose
from catalog.scopes.special import Special
from consent.arrangements.models import Item

_DEPTHS = {
    Depth.PUBLIC: later("Public"),
    Depth.INTERNAL: later("Internal"),
    Depth.PERSONAL: later("Personal"),
    Depth.SENSITIVE: later("Sensitive"),
}


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


def line_of_item(item: Item) -> dict[str, Any]:
    return line_of(
        item.cluster,
        scope=item.scope.name,
        reason=item.why,
        days=item.retention_days,
        purpose=item.purpose,
        look_back_days=item.look_back_days,
    ) | {"is_required": item.is_required}


def why(words: str) -> str:
    """Return the reason as a sentence that follows “Why:”."""
    return words if words.endswith((".", "!", "?", "”")) else f"{words}."


def kept_for(days: int) -> str:
    """Return how long fetched data is kept, as it follows “Kept for:”."""
    if days == 0:
        return _("no time. It is shown, never stored.")
    words = ngettext("%(count)d day, then deleted.", "%(count)d days, then deleted.", days)
    return words % {"count": days}


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
