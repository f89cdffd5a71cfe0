"""What the consent screen says, for the uses that one request asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from catalog.scopes.languages import spoken
from catalog.scopes.models import DataCluster
from consent.arrangements.access import current_items
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Duration,
    Management,
)
from consent.arrangements.periods import periods_for
from consent.arrangements.picking import questions
from consent.arrangements.terms import clusters_of
from consent.arrangements.wording import line_of_item, notice_of, sign_in_words
from consent.minors.questions import kept_from, opened
from consent.notices import actions as notices
from consent.notices.models import FALLBACK
from consent.oauth.amending import mark_differences
from consent.oauth.children import put, stage_for, waits_for_another
from consent.oauth.limits import types_for
from consent.oauth.rar import tell
from consent.oauth.wishes import Wishes
from partners.applications.models import Client
from partners.subscriptions.access import Use

_UNSEEN_SHOWN = 3
OWN_NOTICE = "privacy_notice"


def notice_for(
    client: Client,
    uses: Sequence[Use],
    wishes: Wishes | None = None,
    *,
    at: datetime,
    customer: Customer,
    running: ArrangementVersion | None = None,
    signs_in: bool = False,
) -> dict[str, Any]:
    """Return the words for the uses, with the most telling data that is not asked for.

    With details, what each comes to stands under its scope; with a grant that is added to, what is
    shared already stands beside the question. `at` is when the screen was drawn, from which its
    periods count, `running` what the customer shares with the client then. `signs_in` says that
    the client also wants to know who signed in.
    """
    clusters = clusters_of(uses)
    kept = kept_from(customer.user, opened(uses, clusters), at=at)
    child = stage_for(customer, client, uses, wishes, signs_in=signs_in, kept=kept, at=at)
    uses = child.uses if child is not None else [use for use in uses if use.scope not in kept]
    clusters = {
        use.cluster_code: clusters[use.cluster_code] for use in uses if use.cluster_code in clusters
    }
    notice = _words_for(client, uses, clusters)
    notice["periods"] = periods_shown(uses, wishes, at=at, running=running)
    if asked_for := questions(customer, opened(uses, clusters), application=client.application):
        notice["resources"] = asked_for
    if signs_in:
        notice |= sign_in_words(client, is_all=not clusters)
    if wishes is not None and wishes.details:
        _add_details(notice, wishes)
    if wishes is not None and wishes.management == Management.MERGE:
        asked = {use.scope for use in uses}
        grant = Arrangement.objects.get(pk=wishes.grant_id)
        notice["already"] = [
            line_of_item(item) for item in current_items(grant) if item.scope.name not in asked
        ]
    _add_ticks(notice)
    if child is not None:
        notice = put(notice, child, wishes, at=at, running=running)
    if waits_for_another(notice):
        running = None  # To ask changes nothing of what runs.
    if running is not None and _leaves_as_it_is(notice, wishes):
        notice["leaves"] = "paused" if running.arrangement.paused_at else "running"
    elif running is not None:
        adds = wishes is not None and wishes.management == Management.MERGE
        notice = mark_differences(notice, running, keeps_the_rest=adds)
    own = notices.reference_to(language=get_language() or FALLBACK, at=timezone.now())
    return notice | {OWN_NOTICE: own} if own else notice


def is_another_question(shown: Mapping[str, Any], now: Mapping[str, Any], *, at: datetime) -> bool:
    """Whether who read the one cannot have answered the other.

    A new version of our own notice makes it so only if it is material; what is kept is the version
    that was shown.
    """
    if shown.get(OWN_NOTICE) != now.get(OWN_NOTICE) and notices.is_outdated(
        shown.get(OWN_NOTICE), at=at
    ):
        return True
    return {**shown, OWN_NOTICE: None} != {**now, OWN_NOTICE: None}


def periods_shown(
    uses: Sequence[Use],
    wishes: Wishes | None,
    *,
    at: datetime,
    running: ArrangementVersion | None,
) -> list[dict[str, Any]]:
    """Return the choices of how long on a screen that was drawn at that instant."""
    management = wishes.management if wishes is not None else ""
    until = None
    adds = management == Management.MERGE
    if (
        running is not None
        and management != Management.CREATE
        and running.duration == Duration.FIXED
    ):
        # As it was agreed to: an answer that is missing may have brought the end nearer.
        until = running.arrangement.ends_at if adds else running.ends_at
    offered = periods_for(uses, at=at, agreed_until=until, is_added=adds)
    if adds and running is not None and running.arrangement.reconsent_by is not None:
        # Adding answers no question about the rest, so it lasts no longer than that question.
        offered = [period for period in offered if period.ends_at <= running.arrangement.ends_at]
    return [period.as_json() for period in offered]


def _leaves_as_it_is(notice: Mapping[str, Any], wishes: Wishes | None) -> bool:
    """Whether a yes only signs in and changes nothing of what is shared already."""
    management = wishes.management if wishes is not None else ""
    is_all = "signs_in" in notice and not notice["needed"] and not notice["optional"]
    return is_all and management in {"", Management.MERGE}


def _add_ticks(notice: Mapping[str, Any]) -> None:
    """Let what is needed and of a special category be agreed to by a tick (GDPR Art. 9 (2) (a))."""
    for line in notice["needed"]:
        line["needs_tick"] = bool(line["special_category"])


def _add_details(notice: dict[str, Any], wishes: Wishes) -> None:
    types = types_for(wishes.scopes)
    for line in (*notice["needed"], *notice["optional"]):
        blocks = [
            tell(detail, types[detail.type])
            for detail in wishes.details
            if detail.scope == line["scope"]
        ]
        if blocks:
            line["details"] = blocks


def _words_for(
    client: Client,
    uses: Sequence[Use],
    clusters: dict[str, DataCluster],
) -> dict[str, Any]:
    unseen = (
        DataCluster.objects.filter(superseded_at=None)
        .exclude(code__in=clusters)
        .order_by("-depth", "label")
        .values_list("label", "translations")[:_UNSEEN_SHOWN]
    )
    told = [spoken({"label": label}, translations) for label, translations in unseen]
    notice = notice_of(client, uses, clusters=clusters, unseen=[each["label"] for each in told])
    # Marked on the page where it speaks another language.
    notice["unseen_in_english"] = [each["label"] for each in told if each.language == FALLBACK]
    return notice
