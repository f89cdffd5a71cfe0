"""What ends of the things that the partners' own slices keep."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet
from django.utils import timezone

from partners.applications.ending import close_left_behind
from partners.applications.models import Application, Client, Credential, CredentialQuerySet
from partners.endings.carrying import ask_for_the_data
from partners.endings.models import Ending
from partners.endings.steps import Step, ends, ends_rows
from partners.organizations.models import Membership, Organization
from partners.reviews.actions import close_review
from partners.reviews.models import Review
from partners.subscriptions.actions import drop_request, revoke_subscription
from partners.subscriptions.models import AccessRequest, Subscription
from partners.webhooks.models import Endpoint, Message
from portal.access.actors import SYSTEM
from portal.accounts.models import StaffRole, User

REASON = "The relationship has ended."


def _working(organization: Organization) -> int:
    clients = Client.objects.filter(application__organization=organization)
    return sum(one.is_live for one in clients.select_related("application__organization"))


@ends(Step.STOP, left=_working)
def stop(organization: Organization) -> int:  # noqa: ARG001 - it was the first transaction
    """Do nothing: the closing of the organization is the stop, and clients compare with it."""
    return 0


def _secrets(organization: Organization) -> CredentialQuerySet:
    live = CredentialQuerySet(Credential).live(at=timezone.now())
    return live.filter(client__application__organization=organization)


@ends_rows(Step.SECRETS, _secrets)
def revoke_secrets(live: QuerySet[Any]) -> int:
    return live.update(revoked_at=timezone.now())


def _keys(organization: Organization) -> QuerySet[Any]:
    has_one = Q(client_jwks__isnull=False) | ~Q(client_jwks_uri="", tls_client_auth_subject_dn="")
    found: QuerySet[Any] = Client.objects.filter(has_one, application__organization=organization)
    return found


@ends_rows(Step.SECRETS, _keys)
def remove_keys(live: QuerySet[Any]) -> int:
    return live.update(client_jwks=None, client_jwks_uri="", tls_client_auth_subject_dn="")


def _waiting(organization: Organization) -> QuerySet[Any]:
    return Message.objects.waiting().filter(endpoint__organization=organization)


@ends_rows(Step.WEBHOOKS, _waiting)
def drop_messages(live: QuerySet[Any]) -> int:
    """Send nothing more, and keep nothing of what would have been sent."""
    return live.update(status=Message.Status.FAILED, body="")


def _endpoints(organization: Organization) -> QuerySet[Any]:
    off = Q(status=Endpoint.Status.DISABLED, sealed_secret="", previous_secret="")
    return Endpoint.objects.filter(organization=organization).exclude(off)


@ends_rows(Step.WEBHOOKS, _endpoints)
def switch_off(live: QuerySet[Any]) -> int:
    return live.update(
        status=Endpoint.Status.DISABLED,
        disabled_at=timezone.now(),
        disabled_reason="relationship_ended",
        sealed_secret="",
        previous_secret="",
        previous_ends_at=None,
    )


def _subscriptions(organization: Organization) -> QuerySet[Subscription]:
    return Subscription.objects.live().filter(client__application__organization=organization)


@ends(Step.SUBSCRIPTIONS, left=lambda organization: _subscriptions(organization).count())
def revoke_subscriptions(organization: Organization) -> int:
    live = list(_subscriptions(organization).select_related("client__application").order_by("pk"))
    for subscription in live:
        revoke_subscription(subscription, by=SYSTEM, reason=REASON)
    return len(live)


def _only_here(organization: Organization) -> QuerySet[User]:
    """Return the members to whom nothing else of the portal is open."""
    elsewhere = Membership.objects.exclude(organization__status=Organization.Status.CLOSED)
    return (
        User.objects.filter(memberships__organization=organization)
        .exclude(pk__in=elsewhere.values("user"))
        .exclude(pk__in=StaffRole.objects.values("user"))
    )


def _sessions(organization: Organization) -> QuerySet[UserSession]:
    """Return their sessions of before the end; later they sign in to say what became of the data.

    Whoever belongs to another organization too stays signed in: the next request finds that one.
    """
    found: QuerySet[Any] = UserSession.objects.filter(
        user__in=_only_here(organization), created_at__lte=organization.closed_at
    )
    return found


@ends(Step.PEOPLE, left=lambda organization: _sessions(organization).count())
def sign_members_out(organization: Organization) -> int:
    live = list(_sessions(organization))
    for session in live:
        session.end()
    return len(live)


def _requests(organization: Organization) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.open().filter(client__application__organization=organization)


@ends(Step.WAITING, left=lambda organization: _requests(organization).count())
def drop_requests(organization: Organization) -> int:
    open_ones = list(_requests(organization).select_related("client__application").order_by("pk"))
    for request in open_ones:
        drop_request(request, by=SYSTEM, reason=REASON)
    return len(open_ones)


def _reviews(organization: Organization) -> QuerySet[Review]:
    return Review.objects.filter(organization=organization, status=Review.Status.OPEN)


@ends(Step.WAITING, left=lambda organization: _reviews(organization).count())
def close_reviews(organization: Organization) -> int:
    open_ones = list(_reviews(organization).order_by("pk"))
    for review in open_ones:
        close_review(review, by=SYSTEM)
    return len(open_ones)


def _applications(organization: Organization) -> QuerySet[Application]:
    return organization.applications.exclude(status=Application.Status.CLOSED)


@ends(Step.APPLICATIONS, left=lambda organization: _applications(organization).count())
def close_applications(organization: Organization) -> int:
    open_ones = list(_applications(organization).order_by("pk"))
    for application in open_ones:
        close_left_behind(application, by=SYSTEM)
    return len(open_ones)


def _unasked(organization: Organization) -> int:
    return Ending.objects.filter(organization=organization, data_due_at=None).count()


ends(Step.DATA_RETURN, left=_unasked)(ask_for_the_data)
